"""A finding in a sentence, in the language of whoever reads it: its words come from its kind and its numbers."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from monitoring.models import SignalKind
from monitoring.signals import thresholds
from monitoring.signals.thresholds import Finding
from opinion.categories import label
from opinion.models import Topic


def as_reason(finding: Finding, joined: Topic | None = None) -> dict[str, Any]:
    """A finding as it is kept: kind, numbers, and the sentence that was told at the time.

    joined  the story it was found in, where that has joined the signal of another: kept by key and title
    """
    reason = {"kind": finding.kind, "numbers": finding.numbers, "words": sentence(finding.kind, finding.numbers)}
    if joined is None or finding.numbers.get("of_watch"):
        return reason
    return {**reason, "topic": joined.pk, "story": joined.title}


def in_words(reason: dict[str, Any]) -> str:
    """A kept reason in the language of whoever reads it, with the story it was found in, where that has joined."""
    words = sentence(reason["kind"], reason["numbers"])
    return _("%(words)s (in “%(story)s”)") % {"words": words, "story": reason["story"]} if "story" in reason else words


def sentence(kind: str, numbers: dict[str, Any]) -> str:
    """The finding in words, with the numbers that show it."""
    if kind == thresholds.BURST:
        usual = numbers["usual"]
        if usual is None:
            return _("%(posts)s posts in %(hours)s hours; this watch has no past to compare with") % numbers
        return (
            _("%(posts)s posts in %(hours)s hours; this watch usually has %(usual)s, burst from %(threshold)s")
            % numbers
        )
    if kind == thresholds.NEGATIVE:
        words = {**numbers, "percent": round(numbers["share"] * 100)}
        if numbers["usual"] is None:
            return _("%(percent)s%% of %(posts)s posts in 24 hours are negative") % words
        words["usual_percent"] = round(numbers["usual"] * 100)
        return _("%(percent)s%% of %(posts)s posts in 24 hours are negative; usually %(usual_percent)s%%") % words
    if kind == thresholds.KEY_SOURCE:
        told = ngettext("%(posts)s post of a key source", "%(posts)s posts of key sources", numbers["posts"]) % numbers
        if numbers["negative"]:
            told += _(", %(negative)s of them negative") % numbers
        return told
    comma = pgettext("between items of a list", ", ")
    terms = comma.join(numbers["terms"][:8])
    kinds = comma.join(label(category) for category in numbers["categories"])
    return _("risk words at first sight: %(terms)s (%(kinds)s)") % {"terms": terms, "kinds": kinds}


def kind_label(kind: str) -> str:
    return str(SignalKind(kind).label)
