"""The plan, the tasks it opens, facts, statements, and their releases."""

from response.models.accounts import WARN_DAYS, ChannelAccount
from response.models.attachments import Attachment
from response.models.department import ClosingForm, Handling, ProgressReport, ReportReply
from response.models.facts import Fact
from response.models.guidance import GuidanceItem, GuidancePlan, PressEvent
from response.models.holding import HoldingSignature, HoldingText
from response.models.incoming import Incoming
from response.models.lines import Line
from response.models.outreach import Advice, Contact, ContactEntry, ContactKind, CostLine, Engagement
from response.models.papers import Paper, PaperVersion, PlannedWork
from response.models.plan import ChecklistItem, PlanClock, PlanTask, PlanVersion, Task, Wave, wave_of
from response.models.promises import Promise
from response.models.releases import Release, ReleaseAttempt, StatementImage
from response.models.reporting import ReportDuty, ReportRule
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
    "WARN_DAYS",
    "Advice",
    "Attachment",
    "ChannelAccount",
    "CheckOverride",
    "ChecklistItem",
    "ClosingForm",
    "Contact",
    "ContactEntry",
    "ContactKind",
    "CostLine",
    "CrisisCluster",
    "Engagement",
    "Fact",
    "GuidanceItem",
    "GuidancePlan",
    "Handling",
    "HoldingSignature",
    "HoldingText",
    "Incoming",
    "Line",
    "Paper",
    "PaperVersion",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "PlannedWork",
    "PressEvent",
    "ProgressReport",
    "Promise",
    "Release",
    "ReleaseAttempt",
    "ReportDuty",
    "ReportReply",
    "ReportRule",
    "SignOff",
    "Signature",
    "Statement",
    "StatementComment",
    "StatementImage",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
    "Wave",
    "wave_of",
]
