"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.accounts import WARN_DAYS, ChannelAccount
from response.models.facts import Fact
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.releases import Release, ReleaseAttempt, StatementImage
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "WARN_DAYS",
    "ChannelAccount",
    "Fact",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "Release",
    "ReleaseAttempt",
    "SignOff",
    "Statement",
    "StatementImage",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
