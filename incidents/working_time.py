"""Working time: 三级 deadlines run on the working calendar, with its moved holidays (调休)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

DAY_MINUTES = 1440
# Two halves of a working day, eight hours together.
HALVES = ((time(9), time(12)), (time(13), time(18)))


def is_workday(day: date) -> bool:
    """Whether people work on this day, 调休 included.

    The State Council announces a year's holidays in the autumn before; until the calendar knows them, Monday to Friday.
    """
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def add_working_minutes(start: datetime, minutes: int, zone: ZoneInfo, *, in_days: bool = True) -> datetime:
    """When `minutes` of the plan have passed on the working calendar of `zone`; an aware time, in `zone`.

    Whole days (multiples of 1440) are working days: the same time of day, so many working days later. What is less than
    a day is counted in working hours, 09:00-12:00 and 13:00-18:00. A start outside of them counts from the next one.
    With `in_days` false every minute is one of working hours, as `working_minutes_between` counts them.
    Raises ValueError for a naive start or negative minutes.
    """
    if start.tzinfo is None or minutes < 0:
        raise ValueError("start must be aware and minutes must not be negative")
    days, rest = divmod(minutes, DAY_MINUTES) if in_days else (0, minutes)
    moment = _advance(start.astimezone(zone), timedelta(minutes=rest))
    day = moment.date()
    for _ in range(days):
        day = _next_workday(day)
    return moment.replace(year=day.year, month=day.month, day=day.day)


def working_minutes_between(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    """Whole minutes of working hours from `start` to `end`, both aware; 480 a working day."""
    start, end = start.astimezone(zone), end.astimezone(zone)
    worked, day = timedelta(0), start.date()
    while day <= end.date():
        for begins, ends in HALVES if is_workday(day) else ():
            begin = max(start, datetime.combine(day, begins, zone))
            worked += max(min(end, datetime.combine(day, ends, zone)) - begin, timedelta(0))
        day += timedelta(days=1)
    return int(worked.total_seconds() // 60)


def _advance(moment: datetime, left: timedelta) -> datetime:
    """Walk half-days of work from `moment` until `left` is used up."""
    day = moment.date() if is_workday(moment.date()) else _next_workday(moment.date())
    while True:
        for begins, ends in HALVES:
            begin = max(moment, datetime.combine(day, begins, moment.tzinfo))
            room = datetime.combine(day, ends, moment.tzinfo) - begin
            # Half-open: work that ends exactly at noon is due at noon, but work starts again only at one.
            if room >= left and room > timedelta(0):
                return begin + left
            left -= max(room, timedelta(0))
        day = _next_workday(day)


def _next_workday(day: date) -> date:
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day
