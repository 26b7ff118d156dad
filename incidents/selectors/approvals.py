"""What waits for a decision of this person, and what they decided. The apps above add what waits for them there."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.module_loading import import_string

from accounts.models import User
from accounts.roles import LEADERS
from accounts.selectors import delegations_in_force
from incidents.levels import LIMITS, OVERTURN_WITHIN, ClockKind, Level
from incidents.models import Incident, LevelRequest, stands_in_for_a_leader
from incidents.permissions import decides_as
from incidents.selectors.lists import waiting_requests


@dataclass(frozen=True, slots=True)
class Waiting:
    """One card of 待我审批, whatever it asks for.

    template  draws it, with `row` and `is_first`
    due_at    by when it is wanted, which says how urgent it is; of two at once the graver level comes first
    """

    template: str
    row: Any
    due_at: datetime
    level: int


def wanted_by(since: datetime, level: int) -> datetime:
    """By when something without a clock of its own is wanted: when a decision of its level would be."""
    return since + timedelta(minutes=LIMITS[ClockKind.DECIDE][level or Level.THREE])


def waiting_for(user: User) -> list[Waiting]:
    """Everything this person is asked to put their name to, the most urgent first."""
    found = [
        Waiting("incidents/_request_waiting.html", row, row.due_at, row.gravest) for row in approvals_waiting(user)
    ]
    found += [
        Waiting("incidents/_countersignature_waiting.html", row, row.oral.due_at, row.gravest)
        for row in countersignatures_waiting(user)
    ]
    for name in settings.APPROVAL_HOOKS:
        found += import_string(name)(user)
    return sorted(found, key=lambda one: (one.due_at, one.level or Level.THREE + 1))


def approvals_waiting(user: User) -> list[LevelRequest]:
    """Requests that wait and that this person may decide, the most urgent first."""
    if not user.holds(*LEADERS) and not stands_in_for_a_leader(user):
        return []
    seen = waiting_requests().filter(incident__in=Incident.everywhere.visible_to(user)).select_related("incident")
    seen = seen.prefetch_related("requested_by__groups")
    return sorted((each for each in seen if decides_as(user, each)), key=lambda each: each.due_at)


def of_my_delegates(user: User, now: datetime) -> list[Waiting]:
    """What waits and comes from who decides in this name: they may not decide it, so it comes back here."""
    found = [
        Waiting("incidents/_delegates_request.html", row, row.due_at, row.gravest)
        for row in asked_by_my_delegates(user, now)
    ]
    for name in settings.DELEGATE_HOOKS:
        found += import_string(name)(user, now)
    return sorted(found, key=lambda one: one.due_at)


def asked_by_my_delegates(user: User, now: datetime) -> list[LevelRequest]:
    delegates = delegations_in_force(now).filter(principal=user).values("delegate")
    seen = waiting_requests().filter(incident__in=Incident.everywhere.visible_to(user), requested_by__in=delegates)
    return list(seen.select_related("incident"))


def countersignatures_waiting(user: User) -> list[LevelRequest]:
    """What this person is said to have approved by word of mouth and has neither countersigned nor denied."""
    theirs = LevelRequest.objects.filter(Q(decided_by=user) | Q(acting_for=user), state=LevelRequest.State.ORAL)
    return list(theirs.select_related("incident", "oral__recorded_by", "requested_by").order_by("oral__recorded_at"))


def approvals_waiting_count(user: User) -> int:
    return len(waiting_for(user))


def approvals_decided(user: User, limit: int = 10) -> QuerySet[LevelRequest]:
    """What this person decided lately, or somebody did in their name."""
    mine = Q(decided_by=user) | Q(acting_for=user)
    decided = LevelRequest.objects.filter(mine).exclude(
        state__in=[LevelRequest.State.WITHDRAWN, LevelRequest.State.LAPSED, LevelRequest.State.ORAL]
    )
    return decided.select_related("incident", "requested_by", "decided_by").order_by("-decided_at")[:limit]


def unsettled(incident: Incident, now: datetime) -> list[LevelRequest]:
    """Decisions in force that still want a word: not countersigned, or to be overturned while there is time."""
    oral = Q(state=LevelRequest.State.ORAL)
    standing = Q(state=LevelRequest.State.APPROVED, way=LevelRequest.Way.STANDING, decided_at__gt=now - OVERTURN_WITHIN)
    return list(incident.level_requests.filter(oral | standing).select_related("decided_by", "oral__recorded_by"))
