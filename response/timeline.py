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
    "response.release_withdrawn": Words(
        MARKS["P"], _("Withdrawn from %(channel)s: %(title)s"), group=OUTWARD, tone="say"
    ),
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
    "response.standing_authority_given": _("gave the standing authority for level three"),
    "response.standing_authority_ended": _("ended the standing authority for level three"),
    "response.report_rule_added": _("added a line to the table of reports to regulators"),
    "response.report_rule_changed": _("changed a line of the table of reports to regulators"),
    "response.report_rule_ended": _("ended a line of the table of reports to regulators"),
    "response.incoming_exported": _("took an export of letters and calls"),
    "response.tasks_exported": _("took an export of their tasks"),
}
