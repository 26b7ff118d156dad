"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.attachments import Attachment
from response.models.facts import Fact
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.releases import Release, ReleaseAttempt
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Attachment",
    "Fact",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "Release",
    "ReleaseAttempt",
    "SignOff",
    "Statement",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
