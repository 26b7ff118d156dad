"""How this app's events read on an incident's timeline."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from incidents.timeline_words import DECISION, MARKS, OUTWARD, Words

WORDS: dict[str, Words] = {
    "response.tasks_opened": Words(
        MARKS["T"], _("Tasks of %(level)s: %(opened)s opened, %(moved)s carried on, %(cancelled)s cancelled")
    ),
    "response.tasks_cancelled": Words(MARKS["T"], _("%(count)s unfinished tasks cancelled")),
    "response.tasks_taken_up_again": Words(MARKS["T"], _("%(count)s cancelled tasks are to do again")),
    "response.task_started": Words(MARKS["T"], _("Task begun: %(title)s")),
    "response.task_finished": Words(MARKS["T"], _("Task done: %(title)s")),
    "response.task_waived": Words(MARKS["T"], _("Task not needed: %(title)s"), group=DECISION),
    "response.task_reassigned": Words(MARKS["T"], _("%(owner)s takes over: %(title)s")),
    "response.fact_added": Words(MARKS["F"], _("Fact F%(number)s is being checked"), tone="fact"),
    "response.fact_verified": Words(MARKS["F"], _("Fact F%(number)s is verified"), tone="fact"),
    "response.fact_checking": Words(MARKS["F"], _("Fact F%(number)s is being checked again"), tone="fact"),
    "response.fact_untrue": Words(MARKS["F"], _("Claim F%(number)s is untrue"), tone="fact"),
    "response.fact_unverifiable": Words(MARKS["F"], _("Claim F%(number)s cannot be verified"), tone="fact"),
    "response.statement_drafted": Words(MARKS["D"], _("Statement %(number)s begun (%(kind)s)")),
    "response.statement_submitted": Words(MARKS["D"], _("%(number)s v%(version)s submitted for sign-off")),
    "response.statement_signed": Words(MARKS["D"], _("%(number)s v%(version)s signed by %(actor)s"), group=DECISION),
    "response.statement_returned": Words(
        MARKS["D"], _("%(number)s v%(version)s returned by %(actor)s"), group=DECISION
    ),
    "response.statement_revised": Words(MARKS["D"], _("%(number)s revised: v%(version)s is being written")),
    "response.statement_releasable": Words(MARKS["D"], _("%(number)s v%(version)s is signed and may be published")),
    "response.checks_overridden": Words(
        MARKS["D"], _("%(number)s v%(version)s: legal and working group head let pass %(covers)s"), group=DECISION
    ),
    "response.override_asked": Words(
        MARKS["D"], _("%(number)s v%(version)s: %(actor)s would let pass %(covers)s; a second word is needed")
    ),
    "response.promise_marked": Words(MARKS["D"], _("%(number)s promises, and %(owner)s keeps it")),
    "response.promise_dropped": Words(MARKS["D"], _("%(number)s: a promise taken out before it was public")),
    "response.line_approved": Words(MARKS["D"], _("Line %(number)s is in force"), group=DECISION),
    "response.release_requested": Words(MARKS["P"], _("%(number)s v%(version)s to be published on %(channels)s")),
    "response.released": Words(
        MARKS["P"], _("Published on %(channel)s: %(title)s"), group=OUTWARD, tone="say", milestone="said"
    ),
    "response.release_refused": Words(MARKS["P"], _("Not published on %(channel)s: %(words)s"), group=OUTWARD),
    "response.release_unknown": Words(
        MARKS["P"], _("Nobody knows whether it is out on %(channel)s: %(words)s"), group=OUTWARD
    ),
    "response.release_not_found": Words(MARKS["P"], _("Looked for and not found on %(channel)s: %(title)s")),
    "response.release_withdrawn": Words(
        MARKS["P"], _("Withdrawn from %(channel)s: %(title)s"), group=OUTWARD, tone="say"
    ),
}

# What stands in the trail and on no incident's timeline.
AUDIT_WORDS: dict[str, str | Promise] = {
    "response.standing_authority_given": _("gave the standing authority for level three"),
    "response.standing_authority_ended": _("ended the standing authority for level three"),
    "response.holding_written": _("wrote a holding text"),
    "response.holding_submitted": _("submitted a holding text for sign-off"),
    "response.holding_signed": _("signed a holding text"),
    "response.holding_returned": _("returned a holding text"),
    "response.holding_retired": _("retired a holding text"),
    "response.promises_exported": _("took an export of the promises"),
    "response.tasks_exported": _("took an export of their tasks"),
}
