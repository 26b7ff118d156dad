"""Reminding deciders of what waits."""

from datetime import datetime

from django.db import transaction

from accounts.models import Exercise
from incidents.models import LevelRequest
from incidents.services.telling import tell_deciders
from incidents.services.timeline import note_on


def requests_overdue(now: datetime, exercise: Exercise | None = None) -> list[LevelRequest]:
    """Requests that should have been decided by now and nobody was reminded of."""
    waiting = LevelRequest.objects.filter(
        state=LevelRequest.State.REQUESTED, reminded_at__isnull=True, incident__exercise=exercise
    )
    return [request for request in waiting.select_related("incident", "requested_by") if request.due_at <= now]


@transaction.atomic
def remind_of(request: LevelRequest, *, now: datetime) -> bool:
    """Tell the deciders again, once. False when another sweep, or a decision, was faster."""
    still = LevelRequest.objects.filter(pk=request.pk, state=LevelRequest.State.REQUESTED, reminded_at__isnull=True)
    if still.update(reminded_at=now) != 1:
        return False
    people = tell_deciders(request, reminder=True)
    note_on(
        request.incident,
        "incidents.deciders_reminded",
        actor=None,
        now=now,
        detail={"to_level": request.to_level, "people": [str(person) for person in people]},
        url=request.get_absolute_url(),
    )
    return True
