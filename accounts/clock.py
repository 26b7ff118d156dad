"""What time it is: the wall clock for the live desk, an exercise's own clock for its rows."""

from datetime import datetime

from django.utils import timezone

from accounts.models import Exercise


def now(exercise: Exercise | None = None) -> datetime:
    """The current time, aware, in UTC. With an exercise: where its clock stands."""
    real = timezone.now()
    if exercise is None:
        return real
    return exercise.clock_from + (min(real, exercise.ended_at or real) - exercise.started_at) * exercise.speed
