"""Incidents and what is decided about them."""

from incidents.models.clocks import Clock, ClockChange, ClockPause
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
from incidents.models.timeline import TimelineEntry

__all__ = [
    "AffectedKind",
    "Assessment",
    "Clock",
    "ClockChange",
    "ClockPause",
    "Incident",
    "IncidentPost",
    "IncidentQuerySet",
    "LevelRequest",
    "Membership",
    "MembershipQuerySet",
    "NumberSeries",
    "TimelineEntry",
    "stands_in_for_a_leader",
]
