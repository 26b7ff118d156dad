"""What the events of this app are called on the auditor's page."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import EVENT_WORDS as AUDIT_WORDS

EVENT_WORDS: dict[str, str | Promise] = {
    "notices.channel_added": _("added a notice channel"),
    "notices.channel_changed": _("changed a notice channel"),
    "notices.channel_switched_on": _("switched a notice channel on"),
    "notices.channel_switched_off": _("switched a notice channel off"),
    "notices.channel_tested": _("tested a notice channel"),
    "notices.routes_changed": _("changed who is told on which channel"),
    "notices.rule_changed": _("changed quiet hours and times to acknowledge"),
    "notices.ledger_exported": _("took an export of the ledger of notices"),
    "notices.call_unanswered": _("nobody acknowledged a call"),
}

# What a notice is about, for the ledger; the apps above add theirs in AppConfig.ready().
NOTICE_WORDS: dict[str, str | Promise] = {
    "notices.call_unanswered": _("nobody acknowledged"),
    "notices.channel_switched_off": _("a channel switched off by itself"),
}


def words_of(event: str) -> str:
    """What a notice of this event is about; of what nobody has words for, its code."""
    return str(NOTICE_WORDS.get(event) or AUDIT_WORDS.get(event) or event)
