"""The plan, the tasks it opens, facts, rumours, statements and their releases, evidence and legal steps."""

from response.models.accounts import WARN_DAYS, ChannelAccount
from response.models.attachments import Attachment
from response.models.department import ClosingForm, Handling, ProgressReport, ReportReply
from response.models.evidence import Capture, EvidenceNumber, Exhibit, Preservation
from response.models.facts import Fact, FactProof, FactSheet, FactVersion, StatementBasis
from response.models.guidance import GuidanceItem, GuidancePlan, PressEvent
from response.models.holding import HoldingSignature, HoldingText
from response.models.incoming import Incoming
from response.models.legal import LegalAction, LegalStep
from response.models.lines import Line
from response.models.outreach import Advice, Contact, ContactEntry, ContactKind, CostLine, Engagement
from response.models.papers import Paper, PaperVersion, PlannedWork
from response.models.plan import ChecklistItem, PlanClock, PlanTask, PlanVersion, Task, Wave, wave_of
from response.models.promises import Promise
from response.models.releases import Release, ReleaseAttempt, StatementImage
from response.models.reporting import ReportDuty, ReportRule
from response.models.rumours import PublicQuestion, Rumour, RumourPost
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
    "Capture",
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
    "EvidenceNumber",
    "Exhibit",
    "Fact",
    "FactProof",
    "FactSheet",
    "FactVersion",
    "GuidanceItem",
    "GuidancePlan",
    "Handling",
    "HoldingSignature",
    "HoldingText",
    "Incoming",
    "LegalAction",
    "LegalStep",
    "Line",
    "Paper",
    "PaperVersion",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "PlannedWork",
    "Preservation",
    "PressEvent",
    "ProgressReport",
    "Promise",
    "PublicQuestion",
    "Release",
    "ReleaseAttempt",
    "ReportDuty",
    "ReportReply",
    "ReportRule",
    "Rumour",
    "RumourPost",
    "SignOff",
    "Signature",
    "Statement",
    "StatementBasis",
    "StatementComment",
    "StatementImage",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
    "Wave",
    "wave_of",
]
