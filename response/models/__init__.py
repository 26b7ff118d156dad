"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.attachments import Attachment
from response.models.facts import Fact
from response.models.incoming import Incoming
from response.models.papers import Paper, PaperVersion, PlannedWork
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.releases import Release, ReleaseAttempt
from response.models.reporting import ReportDuty, ReportRule
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Attachment",
    "Fact",
    "Incoming",
    "Paper",
    "PaperVersion",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "PlannedWork",
    "Release",
    "ReleaseAttempt",
    "ReportDuty",
    "ReportRule",
    "SignOff",
    "Statement",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
