"""What waits for a decision of this person, and what they decided."""

from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import LEADERS
from accounts.selectors import delegations_in_force
from incidents.levels import OVERTURN_WITHIN
from incidents.models import Incident, LevelRequest, stands_in_for_a_leader
from incidents.permissions import decides_as
from incidents.selectors.lists import waiting_requests


def approvals_waiting(user: User) -> list[LevelRequest]:
    """Requests that wait and that this person may decide, the most urgent first."""
    if not user.holds(*LEADERS) and not stands_in_for_a_leader(user):
        return []
    seen = waiting_requests().filter(incident__in=Incident.everywhere.visible_to(user)).select_related("incident")
    seen = seen.prefetch_related("requested_by__groups")
    return sorted((each for each in seen if decides_as(user, each)), key=lambda each: each.due_at)


def asked_by_my_delegates(user: User, now: datetime) -> list[LevelRequest]:
    """What waits and was asked for by who decides in this name: they may not decide it, so it comes back here."""
    delegates = delegations_in_force(now).filter(principal=user).values("delegate")
    seen = waiting_requests().filter(incident__in=Incident.everywhere.visible_to(user), requested_by__in=delegates)
    return sorted(seen.select_related("incident"), key=lambda each: each.due_at)


def countersignatures_waiting(user: User) -> list[LevelRequest]:
    """What this person is said to have approved by word of mouth and has neither countersigned nor denied."""
    theirs = LevelRequest.objects.filter(Q(decided_by=user) | Q(acting_for=user), state=LevelRequest.State.ORAL)
    return list(theirs.select_related("incident", "oral__recorded_by", "requested_by").order_by("oral__recorded_at"))


def approvals_waiting_count(user: User) -> int:
    return len(approvals_waiting(user)) + len(countersignatures_waiting(user))


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
