"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.attachments import Attachment
from response.models.department import ClosingForm, Handling, ProgressReport, ReportReply
from response.models.facts import Fact
from response.models.guidance import GuidanceItem, GuidancePlan, PressEvent
from response.models.outreach import Advice, Contact, ContactEntry, ContactKind, CostLine, Engagement
from response.models.plan import ChecklistItem, PlanClock, PlanTask, PlanVersion, Task, Wave, wave_of
from response.models.releases import Release, ReleaseAttempt
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Advice",
    "Attachment",
    "ChecklistItem",
    "ClosingForm",
    "Contact",
    "ContactEntry",
    "ContactKind",
    "CostLine",
    "Engagement",
    "Fact",
    "GuidanceItem",
    "GuidancePlan",
    "Handling",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "PressEvent",
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
