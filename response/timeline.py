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
    "response.task_given": Words(MARKS["T"], _("%(owner)s got a task: %(title)s")),
    "response.round_missed": Words(MARKS["T"], _("A round was missed: %(title)s")),
    "response.handling_chosen": Words(MARKS["T"], _("The department chose: %(way)s"), group=DECISION),
    "response.progress_reported": Words(MARKS["T"], _("Progress report %(number)s to the leadership group")),
    "response.progress_read": Words(MARKS["T"], _("%(actor)s read progress report %(number)s")),
    "response.progress_answered": Words(MARKS["T"], _("%(actor)s on progress report %(number)s")),
    "response.closing_filed": Words(MARKS["T"], _("The closing form is handed in")),
    "response.closing_accepted": Words(MARKS["T"], _("The closing form is accepted"), group=DECISION),
    "response.closing_returned": Words(MARKS["T"], _("The closing form is returned"), group=DECISION),
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
    "response.rumour_post_linked": Words(MARKS["F"], _("Post put into pair R%(number)s")),
    "response.rumour_post_unlinked": Words(MARKS["F"], _("Post taken off pair R%(number)s")),
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
    "response.contact_logged": Words(MARKS["N"], _("Spoke with %(contact)s"), group=OUTWARD),
    "response.next_step_taken": Words(MARKS["N"], _("Next step taken with %(contact)s"), group=OUTWARD),
    "response.engagement_drafted": Words(MARKS["M"], _("Engagement of %(contact)s drafted")),
    "response.engagement_agreed": Words(MARKS["M"], _("Engagement of %(contact)s agreed"), group=DECISION),
    "response.engagement_ended": Words(MARKS["M"], _("Engagement of %(contact)s ended")),
    "response.advice_recorded": Words(MARKS["N"], _("Advice of %(contact)s written down")),
    "response.guidance_planned": Words(MARKS["D"], _("Guidance planned: %(aim)s")),
    "response.guidance_item_planned": Words(MARKS["D"], _("To be published on %(channel)s: %(title)s")),
    "response.guidance_item_out": Words(MARKS["P"], _("Out on %(channel)s: %(title)s"), group=OUTWARD, tone="say"),
    "response.guidance_item_dropped": Words(MARKS["D"], _("Will not be published: %(title)s")),
    "response.event_planned": Words(MARKS["D"], _("Event planned: %(title)s")),
    "response.event_held": Words(MARKS["P"], _("Event held: %(title)s"), group=OUTWARD, tone="say"),
    "response.event_cancelled": Words(MARKS["D"], _("Event cancelled: %(title)s")),
    # papers, reports to regulators, letters
    "response.plan_of_incident_drafted": Words(MARKS["D"], _("Response plan %(number)s begun")),
    "response.plan_of_incident_submitted": Words(MARKS["D"], _("Response plan %(number)s v%(version)s submitted")),
    "response.plan_of_incident_signed": Words(
        MARKS["D"], _("Response plan %(number)s v%(version)s signed by %(actor)s"), group=DECISION
    ),
    "response.plan_of_incident_returned": Words(
        MARKS["D"], _("Response plan %(number)s v%(version)s returned by %(actor)s"), group=DECISION
    ),
    "response.plan_of_incident_revised": Words(
        MARKS["D"], _("Response plan %(number)s revised: v%(version)s is being written")
    ),
    "response.plan_of_incident_made_tasks": Words(
        MARKS["T"], _("%(count)s tasks made of response plan %(number)s v%(version)s")
    ),
    "response.report_drafted": Words(MARKS["R"], _("Report %(number)s to %(authority)s begun")),
    "response.report_submitted": Words(MARKS["R"], _("Report %(number)s v%(version)s submitted")),
    "response.report_signed": Words(
        MARKS["R"], _("Report %(number)s v%(version)s signed by %(actor)s"), group=DECISION
    ),
    "response.report_returned": Words(
        MARKS["R"], _("Report %(number)s v%(version)s returned by %(actor)s"), group=DECISION
    ),
    "response.report_revised": Words(MARKS["R"], _("Report %(number)s revised: v%(version)s is being written")),
    "response.report_filed": Words(MARKS["R"], _("Report %(number)s filed with %(authority)s"), group=OUTWARD),
    "response.report_answered": Words(MARKS["R"], _("%(authority)s answered report %(number)s")),
    "response.duties_proposed": Words(MARKS["R"], _("Probably to be reported to %(authorities)s")),
    "response.duty_added": Words(MARKS["R"], _("To be reported to %(authority)s")),
    "response.duty_waived": Words(MARKS["R"], _("Need not be reported to %(authority)s"), group=DECISION),
    "response.incoming_entered": Words(MARKS["R"], _("%(number)s came in from %(sender)s")),
    "response.incoming_corrected": Words(MARKS["R"], _("%(number)s from %(sender)s corrected")),
    "response.incoming_handed_over": Words(MARKS["R"], _("%(owner)s answers %(number)s from %(sender)s")),
    "response.incoming_line_proposed": Words(MARKS["R"], _("Line for %(number)s from %(sender)s waits for approval")),
    "response.incoming_line_approved": Words(
        MARKS["R"], _("Line for %(number)s from %(sender)s approved by %(actor)s"), group=DECISION
    ),
    "response.incoming_line_returned": Words(
        MARKS["R"], _("Line for %(number)s from %(sender)s returned by %(actor)s"), group=DECISION
    ),
    "response.incoming_answered": Words(MARKS["R"], _("%(number)s from %(sender)s answered"), group=OUTWARD),
    "response.incoming_closed": Words(MARKS["R"], _("%(number)s from %(sender)s needs no answer")),
}

# What stands in the trail and on no incident's timeline.
AUDIT_WORDS: dict[str, str | Promise] = {
    "response.account_set_up": _("set up the account of a publication channel"),
    "response.account_switched_on": _("switched a publication channel on"),
    "response.account_switched_off": _("switched a publication channel off"),
    "response.account_tested": _("tested a publication channel"),
    "response.standing_authority_given": _("gave the standing authority for level three"),
    "response.standing_authority_ended": _("ended the standing authority for level three"),
    "response.step_ticked": _("ticked a step of a task, or took that back"),
    "response.plan_drafted": _("began a new version of the plan"),
    "response.plan_edited": _("changed a draft of the plan"),
    "response.plan_imported": _("filled a draft of the plan from a file"),
    "response.plan_proposed": _("laid a draft of the plan before the leadership"),
    "response.plan_returned": _("returned a draft of the plan"),
    "response.plan_adopted": _("adopted a version of the plan"),
    "response.plan_discarded": _("discarded a draft of the plan"),
    "response.plan_exported": _("took an export of the plan"),
    "response.holding_written": _("wrote a holding text"),
    "response.holding_submitted": _("submitted a holding text for sign-off"),
    "response.holding_signed": _("signed a holding text"),
    "response.holding_returned": _("returned a holding text"),
    "response.holding_retired": _("retired a holding text"),
    "response.promises_exported": _("took an export of the promises"),
    "response.report_rule_added": _("added a line to the table of reports to regulators"),
    "response.report_rule_changed": _("changed a line of the table of reports to regulators"),
    "response.report_rule_ended": _("ended a line of the table of reports to regulators"),
    "response.incoming_exported": _("took an export of letters and calls"),
    "response.pairs_exported": _("took an export of the rumours and facts"),
    "response.tasks_exported": _("took an export of their tasks"),
    "response.contact_added": _("added a contact to the directory"),
    "response.contact_changed": _("changed a contact of the directory"),
    "response.contact_checked": _("found a contact of the directory valid"),
    "response.contact_retired": _("took a contact out of the directory"),
    "response.contact_brought_back": _("brought a contact of the directory back"),
    "response.contacts_exported": _("took an export of the directory"),
    "response.cost_recorded": _("wrote down what an adviser cost"),
    "response.engagement_drafted": _("drafted an engagement of an adviser"),
    "response.engagement_agreed": _("agreed to an engagement of an adviser"),
    "response.engagement_ended": _("ended an engagement of an adviser"),
    "response.advice_recorded": _("wrote down the advice of an adviser"),
}

NOTICE_WORDS: dict[str, str | Promise] = {
    "response.tasks_opened": _("tasks given"),
    "response.tasks_need_owner": _("tasks without an owner"),
    "response.tasks_cancelled": _("tasks cancelled"),
    "response.task_reassigned": _("task given to another"),
    "response.tasks_running_out": _("tasks running out of time"),
    "response.tasks_overdue": _("tasks overdue"),
    "response.statement_submitted": _("statement to sign"),
    "response.statement_returned": _("statement returned"),
    "response.statement_releasable": _("statement may be published"),
    "response.release_refused": _("publication refused"),
    "response.release_unknown": _("publication unclear"),
    "response.quoted_fact_changed": _("quoted fact changed"),
    "response.standing_authority": _("standing authority changed"),
    "response.account_troubled": _("trouble with a publishing account"),
    "response.authorisation_ends": _("an account's authorisation ends"),
    "response.capture_ended": _("page not kept"),
    "response.closing_answered": _("closing form answered"),
    "response.closing_filed": _("closing form to accept"),
    "response.contacts_to_check": _("contacts to check"),
    "response.duties_proposed": _("probably to be reported"),
    "response.holding_returned": _("holding text returned"),
    "response.holding_submitted": _("holding text to be signed"),
    "response.incoming_given": _("letter to answer"),
    "response.incoming_line_decided": _("line for a letter decided"),
    "response.incoming_line_waits": _("line for a letter to approve"),
    "response.incoming_overdue": _("letter overdue"),
    "response.incoming_running_out": _("letter running out of time"),
    "response.legal_opened": _("legal step given"),
    "response.legal_overdue": _("legal step overdue"),
    "response.line_written": _("line to be approved"),
    "response.next_step_late": _("next step late"),
    "response.override_asked": _("override of checks asked for"),
    "response.paper_returned": _("paper returned"),
    "response.paper_signed": _("paper signed"),
    "response.paper_submitted": _("paper to sign"),
    "response.plan_adopted": _("plan adopted"),
    "response.plan_proposed": _("plan to adopt"),
    "response.plan_returned": _("plan returned"),
    "response.progress_answered": _("word on a progress report"),
    "response.progress_reported": _("progress report"),
    "response.promise_public": _("promise made in public"),
    "response.release_removed": _("publication removed by the platform"),
    "response.release_second_wanted": _("second yes wanted"),
    "response.release_to_take_down": _("publication to take down"),
    "response.report_filed": _("report filed"),
    "response.report_overdue": _("report overdue"),
    "response.report_running_out": _("report running out of time"),
    "response.round_missed": _("round of a task missed"),
    "response.statement_commented": _("comment on a statement"),
}
