"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.facts import Fact
from response.models.holding import HoldingSignature, HoldingText
from response.models.lines import Line
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.promises import Promise
from response.models.releases import Release, ReleaseAttempt
from response.models.statements import (
    CheckOverride,
    CrisisCluster,
    Signature,
    SignOff,
    Statement,
    StatementComment,
    StatementKind,
    StatementLook,
    StatementVersion,
)

__all__ = [
    "CheckOverride",
    "CrisisCluster",
    "Fact",
    "HoldingSignature",
    "HoldingText",
    "Line",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "Promise",
    "Release",
    "ReleaseAttempt",
    "SignOff",
    "Signature",
    "Statement",
    "StatementComment",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
