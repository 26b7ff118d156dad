"""The words of this app's notices, a module a noun. In the company's language, whatever the person who acted reads."""

from response.messages.department import closing_answered, closing_filed, progress_answered, progress_reported
from response.messages.evidence import capture_ended, legal_action_given, legal_overdue
from response.messages.incoming import incoming_due, incoming_given, line_decided, line_waits
from response.messages.outreach import contacts_to_check, guidance_url, next_step_late, outreach_url
from response.messages.papers import duties_proposed, paper_returned, paper_signature_wanted, paper_signed, report_due
from response.messages.plan import plan_adopted, plan_proposed, plan_returned, standing_authority
from response.messages.releases import (
    account_troubled,
    authorisation_ends,
    release_ended,
    removed_there,
    second_wanted,
    take_it_down,
)
from response.messages.statements import (
    holding_returned,
    holding_to_sign,
    line_to_approve,
    override_wanted,
    promise_to_keep,
    quoted_fact_changed,
    signature_wanted,
    statement_commented,
    statement_releasable,
    statement_returned,
)
from response.messages.tasks import (
    round_missed,
    task_given,
    tasks_cancelled,
    tasks_need_owner,
    tasks_opened,
    tasks_running_out,
)

__all__ = [
    "account_troubled",
    "authorisation_ends",
    "capture_ended",
    "closing_answered",
    "closing_filed",
    "contacts_to_check",
    "duties_proposed",
    "guidance_url",
    "holding_returned",
    "holding_to_sign",
    "incoming_due",
    "incoming_given",
    "legal_action_given",
    "legal_overdue",
    "line_decided",
    "line_to_approve",
    "line_waits",
    "next_step_late",
    "outreach_url",
    "override_wanted",
    "paper_returned",
    "paper_signature_wanted",
    "paper_signed",
    "plan_adopted",
    "plan_proposed",
    "plan_returned",
    "progress_answered",
    "progress_reported",
    "promise_to_keep",
    "quoted_fact_changed",
    "release_ended",
    "removed_there",
    "report_due",
    "round_missed",
    "second_wanted",
    "signature_wanted",
    "standing_authority",
    "statement_commented",
    "statement_releasable",
    "statement_returned",
    "take_it_down",
    "task_given",
    "tasks_cancelled",
    "tasks_need_owner",
    "tasks_opened",
    "tasks_running_out",
]
