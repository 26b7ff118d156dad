"""When a plan task is due: 一级 and 二级 by the wall clock, nights included; 三级 on the working calendar."""

from datetime import datetime, timedelta

from django.utils import timezone

from incidents.levels import Level
from response.working_time import add_working_minutes

SETTLES_AFTER = timedelta(hours=24)  # from then on a recurring task goes by its slower rhythm


def due(level: int, start: datetime, minutes: int) -> datetime:
    """The moment `minutes` of the plan after `start`, for a task of this level."""
    if level == Level.THREE:
        return add_working_minutes(start, minutes, timezone.get_default_timezone())
    return start + timedelta(minutes=minutes)


def rhythm(every_minutes: int, later_every_minutes: int | None, began_at: datetime, now: datetime) -> int:
    """How many minutes a recurring task now waits until it comes back."""
    settled = now - began_at >= SETTLES_AFTER
    return later_every_minutes if later_every_minutes and settled else every_minutes


def next_due(level: int, last_due: datetime, every_minutes: int, now: datetime) -> datetime:
    """The next slot of a recurring task after the one that was due at `last_due`; slots that passed are left out."""
    slot = due(level, last_due, every_minutes)
    while slot <= now:
        slot = due(level, slot, every_minutes)
    return slot
