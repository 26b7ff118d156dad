"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.attachments import Attachment
from response.models.department import ClosingForm, Handling, ProgressReport, ReportReply
from response.models.facts import Fact
from response.models.plan import ChecklistItem, PlanClock, PlanTask, PlanVersion, Task, Wave, wave_of
from response.models.releases import Release, ReleaseAttempt
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Attachment",
    "ChecklistItem",
    "ClosingForm",
    "Fact",
    "Handling",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "ProgressReport",
    "Release",
    "ReleaseAttempt",
    "ReportReply",
    "SignOff",
    "Statement",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
    "Wave",
    "wave_of",
]
