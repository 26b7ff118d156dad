"""What waits for a decision of this person, and what they decided."""

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.roles import LEADERS
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


def approvals_waiting_count(user: User) -> int:
    return len(approvals_waiting(user))


def approvals_decided(user: User, limit: int = 10) -> QuerySet[LevelRequest]:
    """What this person decided lately, or somebody did in their name."""
    mine = Q(decided_by=user) | Q(acting_for=user)
    decided = LevelRequest.objects.filter(mine).exclude(state=LevelRequest.State.WITHDRAWN)
    return decided.select_related("incident", "requested_by", "decided_by").order_by("-decided_at")[:limit]
