"""When a limit is reached: 一级 and 二级 by the wall clock, nights included; 三级 on the working calendar."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone

from incidents.levels import Level
from incidents.working_time import add_working_minutes, working_minutes_between

Span = tuple[datetime, datetime]


def due(level: int, start: datetime, minutes: int) -> datetime:
    """The moment `minutes` after `start`, for a limit of this level."""
    if level == Level.THREE:
        return add_working_minutes(start, minutes, timezone.get_default_timezone())
    return start + timedelta(minutes=minutes)


def reached_at(level: int, start: datetime, minutes: int, percent: int, pauses: Iterable[Span] = ()) -> datetime:
    """When this share of a limit is used up; a pause that began before then puts it off by what was left.

    percent  100 is the limit itself, 150 half as long again
    pauses   from when to when it stood still, oldest first; each is over
    """
    moment = due(level, start, minutes * percent // 100)
    for paused_at, resumed_at in pauses:
        if paused_at < moment:
            moment = resumed_at + (moment - paused_at) if level != Level.THREE else later(paused_at, moment, resumed_at)
    return moment


def later(paused_at: datetime, moment: datetime, resumed_at: datetime) -> datetime:
    """As much working time after `resumed_at` as lies between `paused_at` and `moment`."""
    zone = timezone.get_default_timezone()
    return add_working_minutes(resumed_at, working_minutes_between(paused_at, moment, zone), zone, in_days=False)


def share_at(level: int, start: datetime, end: datetime, percent: int) -> datetime:
    """When this share of the time from `start` to `end` is used up, where the end is known and not the minutes."""
    if level != Level.THREE:
        return start + (end - start) * percent / 100
    zone = timezone.get_default_timezone()
    return add_working_minutes(start, working_minutes_between(start, end, zone) * percent // 100, zone, in_days=False)
