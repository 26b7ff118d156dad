"""Reminding deciders of what waits."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Exercise
from accounts.selectors import leadership_group
from incidents.levels import RATIFY_WITHIN
from incidents.models import LevelRequest
from incidents.services.telling import tell_deciders, tell_of_request
from incidents.services.timeline import note_on

State = LevelRequest.State


def requests_overdue(now: datetime, exercise: Exercise | None = None) -> list[LevelRequest]:
    """Requests that should have been decided by now: an ordinary one is reminded of once, a provisional start again
    and again until somebody decides."""
    waiting = LevelRequest.objects.filter(due_again(now), incident__exercise=exercise)
    return [request for request in waiting.select_related("incident", "requested_by") if request.due_at <= now]


def due_again(now: datetime) -> Q:
    return Q(state=State.REQUESTED, reminded_at__isnull=True) | Q(state=State.PROVISIONAL) & (
        Q(reminded_at__isnull=True) | Q(reminded_at__lte=now - RATIFY_WITHIN)
    )


@transaction.atomic
def remind_of(request: LevelRequest, *, now: datetime) -> bool:
    """Tell the deciders again; a provisional start climbs: the whole leadership group is told.

    That widens who is asked to fetch the 组长 or a 副组长, not who may decide. False when another sweep, or a decision,
    was faster.
    """
    still = LevelRequest.objects.filter(due_again(now), pk=request.pk)
    if still.update(reminded_at=now) != 1:
        return False
    if request.is_provisional:
        people = list(leadership_group())
        tell_of_request(request, people, "incidents.deciders_reminded")
    else:
        people = tell_deciders(request, reminder=True)
    note_on(
        request.incident,
        "incidents.ratification_climbed" if request.is_provisional else "incidents.deciders_reminded",
        actor=None,
        now=now,
        detail={"to_level": request.to_level, "people": [str(person) for person in people]},
        url=request.get_absolute_url(),
    )
    return True
