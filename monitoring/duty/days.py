"""The days, weeks and months of the company, whose clock is the one on its wall (settings.TIME_ZONE)."""

from datetime import date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone, localtime

from audit.dates import is_within_reason


def at(day: date, clock: time = time()) -> datetime:
    """That time on that day, aware; midnight by default."""
    return datetime.combine(day, clock, tzinfo=get_default_timezone())


def bounds(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight."""
    return at(day), at(day + timedelta(days=1))


def today(now: datetime) -> date:
    return localtime(now, get_default_timezone()).date()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def month_of(text: str, now: datetime) -> date:
    """The first day of the month "2026-11" names; of this month where it names none."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = date.min
    return first if is_within_reason(first) else today(now).replace(day=1)


def next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
