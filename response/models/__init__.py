"""The plan, the tasks it opens, facts, rumours, statements and their releases, evidence and legal steps."""

from response.models.attachments import Attachment
from response.models.evidence import Capture, EvidenceNumber, Exhibit, Preservation
from response.models.facts import Fact, FactProof, FactSheet, FactVersion, StatementBasis
from response.models.legal import LegalAction, LegalStep
from response.models.plan import PlanClock, PlanTask, PlanVersion, Task
from response.models.releases import Release, ReleaseAttempt
from response.models.rumours import PublicQuestion, Rumour, RumourPost
from response.models.statements import SignOff, Statement, StatementKind, StatementLook, StatementVersion

__all__ = [
    "Attachment",
    "Capture",
    "EvidenceNumber",
    "Exhibit",
    "Fact",
    "FactProof",
    "FactSheet",
    "FactVersion",
    "LegalAction",
    "LegalStep",
    "PlanClock",
    "PlanTask",
    "PlanVersion",
    "Preservation",
    "PublicQuestion",
    "Release",
    "ReleaseAttempt",
    "Rumour",
    "RumourPost",
    "SignOff",
    "Statement",
    "StatementBasis",
    "StatementKind",
    "StatementLook",
    "StatementVersion",
    "Task",
]
