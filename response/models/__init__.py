"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.facts import Fact
from response.models.guidance import GuidanceItem, GuidancePlan, PressEvent
from response.models.outreach import Advice, Contact, ContactEntry, ContactKind, CostLine, Engagement
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.releases import Release, ReleaseAttempt
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Advice",
    "Contact",
    "ContactEntry",
    "ContactKind",
    "CostLine",
    "Engagement",
    "Fact",
    "GuidanceItem",
    "GuidancePlan",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "PressEvent",
    "Release",
    "ReleaseAttempt",
    "SignOff",
    "Statement",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
