"""Incidents and what is decided about them."""

from incidents.models.deciding import Assessment, LevelRequest
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
from incidents.models.regrouping import IncidentChange, Proposal
from incidents.models.timeline import TimelineEntry

__all__ = [
    "AffectedKind",
    "Assessment",
    "Incident",
    "IncidentChange",
    "IncidentPost",
    "IncidentQuerySet",
    "LevelRequest",
    "Membership",
    "MembershipQuerySet",
    "NumberSeries",
    "Proposal",
    "TimelineEntry",
    "stands_in_for_a_leader",
]
