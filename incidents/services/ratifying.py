"""A provisional start that nobody ratifies climbs: the whole leadership group is told, again and again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.models import Exercise
from accounts.selectors import leadership_group
from incidents.levels import RATIFY_WITHIN
from incidents.models import LevelRequest
from incidents.services.telling import tell_of_request
from incidents.services.timeline import note_on


def due_again(now: datetime) -> Q:
    late = Q(state=LevelRequest.State.PROVISIONAL, requested_at__lte=now - RATIFY_WITHIN)
    return late & (Q(climbed_at__isnull=True) | Q(climbed_at__lte=now - RATIFY_WITHIN))


def starts_unratified(now: datetime, exercise: Exercise | None = None) -> list[LevelRequest]:
    waiting = LevelRequest.objects.filter(due_again(now), incident__exercise=exercise)
    return list(waiting.select_related("incident__exercise", "requested_by"))


@transaction.atomic
def climb(request: LevelRequest, *, now: datetime) -> bool:
    """Tell the leadership group. That widens who is asked to fetch the 组长 or a 副组长, not who may decide.

    False when another sweep, or a decision, was faster.
    """
    if LevelRequest.objects.filter(due_again(now), pk=request.pk).update(climbed_at=now) != 1:
        return False
    people = list(leadership_group())
    tell_of_request(request, people, "incidents.deciders_reminded")
    note_on(
        request.incident,
        "incidents.ratification_climbed",
        actor=None,
        now=now,
        detail={"to_level": request.to_level, "people": [str(person) for person in people]},
        url=request.get_absolute_url(),
    )
    return True
