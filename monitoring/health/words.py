"""How a poll went, said so that a person knows what to do about it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from opinion.models import SourceHealth

LONGEST = 300  # characters a source and its polls keep


class FetchError(Exception):
    """The source could not be fetched. `health` is a code of SourceHealth, `words` say what happened."""

    def __init__(self, health: str, words: str) -> None:
        super().__init__(words)
        self.health, self.words = health, words[:LONGEST]


def reading_words(health: str, reason: str, facts: Mapping[str, str | int]) -> str:
    """The sentence for what a reader found; "" where all is well and nothing is worth saying."""
    match reason:
        case "entities":
            return _("The document declares XML entities. No feed needs them, so it was not read.")
        case "too_large":
            return _("More than %(limit)s MB of text in fewer entries than one can read; it was not read.") % facts
        case "json" if facts["where"]:
            return _("The JSON is broken at line:column %(where)s.") % facts
        case "json":
            return _("The JSON is nested too deeply.")
        case "slow_to_read":
            return _("Reading it took more than %(seconds)s seconds and was stopped.") % facts
        case "too_costly":
            return _("Reading it took more memory or time than a feed may take and was stopped.")
        case "left_out":
            return ngettext(
                "%(left_out)s entry beyond the first 500 was left out.",
                "%(left_out)s entries beyond the first 500 were left out.",
                int(facts["left_out"]),
            ) % {"left_out": facts["left_out"]}
        case "blank":
            return ngettext(
                "%(blank)s entry says nothing: it has neither title nor text.",
                "%(blank)s entries say nothing: they have neither title nor text.",
                int(facts["blank"]),
            ) % {"blank": facts["blank"]}
        case "doubtful_encoding":
            return _("Its encoding fits nothing we know; characters that could not be read were replaced.")
        case "undated":
            return _("None of its entries has a date. If it is a hot list, say so in its settings.")
    if health == SourceHealth.NOT_A_FEED:
        return _("It answered with a page, not with a feed: perhaps an error page, or its feed has moved.")
    if health == SourceHealth.CAPTCHA:
        return _("It answered with a page that wants a person: a captcha, a check of the browser or a sign-in.")
    if health == SourceHealth.EMPTY:
        return _("It is a feed, and there is no entry in it.")
    return ""
