"""Incidents and what is decided about them."""

from incidents.models.brief import Brief
from incidents.models.clocks import Clock, ClockChange, ClockPause
from incidents.models.deciding import Assessment, LevelRequest, OralApproval
from incidents.models.incident import (
    AffectedKind,
    Incident,
    IncidentPost,
    IncidentQuerySet,
    Membership,
    MembershipQuerySet,
    NumberSeries,
    stands_in_for_a_leader,
)
from incidents.models.level_proposals import LevelProposal, SeverityHour
from incidents.models.regrouping import IncidentChange, Proposal
from incidents.models.timeline import TimelineEntry

__all__ = [
    "AffectedKind",
    "Assessment",
    "Brief",
    "Clock",
    "ClockChange",
    "ClockPause",
    "Incident",
    "IncidentChange",
    "IncidentPost",
    "IncidentQuerySet",
    "LevelProposal",
    "LevelRequest",
    "Membership",
    "MembershipQuerySet",
    "NumberSeries",
    "OralApproval",
    "Proposal",
    "SeverityHour",
    "TimelineEntry",
    "stands_in_for_a_leader",
]
