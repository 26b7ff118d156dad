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
    "response.release_requested": Words(MARKS["P"], _("%(number)s v%(version)s to be published on %(channels)s")),
    "response.released": Words(
        MARKS["P"], _("Published on %(channel)s: %(title)s"), group=OUTWARD, tone="say", milestone="said"
    ),
    "response.release_refused": Words(MARKS["P"], _("Not published on %(channel)s: %(words)s"), group=OUTWARD),
    "response.release_unknown": Words(
        MARKS["P"], _("Nobody knows whether it is out on %(channel)s: %(words)s"), group=OUTWARD
    ),
    "response.release_not_found": Words(MARKS["P"], _("Looked for and not found on %(channel)s: %(title)s")),
    "response.release_scheduled": Words(
        MARKS["P"], _("%(number)s v%(version)s to be published on %(channels)s at %(at)s")
    ),
    "response.release_cancelled": Words(MARKS["P"], _("Publication on %(channel)s cancelled: %(title)s")),
    "response.release_seconded": Words(
        MARKS["P"], _("%(actor)s agrees that %(number)s v%(version)s goes out on %(channel)s"), group=DECISION
    ),
    "response.release_by_hand": Words(MARKS["P"], _("To be published by hand on %(channel)s: %(words)s")),
    "response.release_halted": Words(MARKS["P"], _("Withdrawal asked for while being sent to %(channel)s: %(title)s")),
    "response.release_taken_down": Words(MARKS["P"], _("Taken down from %(channel)s: %(title)s"), group=OUTWARD),
    "response.release_removed": Words(
        MARKS["P"], _("%(channel)s removed it: %(title)s (%(words)s)"), group=OUTWARD, tone="say"
    ),
    "response.release_withdrawn": Words(
        MARKS["P"], _("Withdrawn from %(channel)s: %(title)s"), group=OUTWARD, tone="say"
    ),
}

# What stands in the trail and on no incident's timeline.
AUDIT_WORDS: dict[str, str | Promise] = {
    "response.account_set_up": _("set up the account of a publication channel"),
    "response.account_switched_on": _("switched a publication channel on"),
    "response.account_switched_off": _("switched a publication channel off"),
    "response.account_tested": _("tested a publication channel"),
    "response.standing_authority_given": _("gave the standing authority for level three"),
    "response.standing_authority_ended": _("ended the standing authority for level three"),
    "response.tasks_exported": _("took an export of their tasks"),
}
