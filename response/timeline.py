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
    "response.proofs_added": Words(MARKS["F"], _("Evidence put beside fact F%(number)s: %(count)s"), tone="fact"),
    "response.sheet_signed": Words(
        MARKS["F"], _("Fact sheet v%(version)s signed by %(actor)s: %(facts)s facts"), group=DECISION, tone="fact"
    ),
    "response.statement_rests_on_sheet": Words(
        MARKS["D"], _("%(number)s v%(version)s rests on fact sheet v%(sheet)s"), tone="fact"
    ),
    "response.question_added": Words(MARKS["F"], _("The public asks: question Q%(number)s")),
    "response.question_answered": Words(MARKS["F"], _("Question Q%(number)s has its answer"), tone="fact"),
    "response.question_reopened": Words(MARKS["F"], _("Question Q%(number)s is open again")),
    "response.rumour_paired": Words(MARKS["F"], _("Untrue information R%(number)s put beside what is so"), tone="fact"),
    "response.rumour_changed": Words(MARKS["F"], _("Pair R%(number)s changed"), tone="fact"),
    "response.post_preserved": Words(MARKS["E"], _("Post preserved as %(number)s, with %(files)s files")),
    "response.exhibits_added": Words(MARKS["E"], _("Files kept with %(number)s: %(files)s")),
    "response.capture_kept": Words(MARKS["E"], _("Page of %(number)s rendered and kept")),
    "response.capture_ended": Words(MARKS["E"], _("Page of %(number)s could not be kept: %(words)s")),
    "response.timestamp_noted": Words(MARKS["E"], _("Trusted timestamp %(given)s for %(number)s")),
    "response.notary_noted": Words(MARKS["E"], _("Notarial certificate %(given)s for %(number)s")),
    "response.evidence_exported": Words(MARKS["E"], _("Evidence handed out: %(count)s preserved posts")),
    "response.legal_opened": Words(
        MARKS["N"], _("Legal step %(number)s: %(title)s, against or before %(counterpart)s")
    ),
    "response.legal_changed": Words(MARKS["N"], _("Legal step %(number)s: %(title)s")),
    "response.legal_filed": Words(MARKS["N"], _("%(number)s filed with %(counterpart)s: %(title)s"), group=OUTWARD),
    "response.legal_accepted": Words(MARKS["N"], _("%(number)s accepted by %(counterpart)s: %(title)s")),
    "response.legal_closed": Words(MARKS["N"], _("%(number)s concluded: %(title)s")),
    "response.legal_dropped": Words(MARKS["N"], _("%(number)s dropped: %(title)s"), group=DECISION),
    "response.legal_overdue": Words(MARKS["N"], _("%(number)s is overdue: %(title)s")),
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
    "response.release_withdrawn": Words(
        MARKS["P"], _("Withdrawn from %(channel)s: %(title)s"), group=OUTWARD, tone="say"
    ),
}

# What stands in the trail and on no incident's timeline.
AUDIT_WORDS: dict[str, str | Promise] = {
    "response.standing_authority_given": _("gave the standing authority for level three"),
    "response.standing_authority_ended": _("ended the standing authority for level three"),
    "response.pairs_exported": _("took an export of the rumours and facts"),
    "response.tasks_exported": _("took an export of their tasks"),
}
