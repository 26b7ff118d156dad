"""三级 deadlines on the working calendar."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from incidents.working_time import add_working_minutes, is_workday, working_minutes_between

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "minutes", "due"),
    [
        ("2026-11-18 12:00", 60, "2026-11-18 14:00"),  # lunch does not count
        ("2026-11-18 10:00", 60, "2026-11-18 11:00"),
        ("2026-11-18 11:00", 60, "2026-11-18 12:00"),  # due exactly at noon, not at one
        ("2026-11-18 17:30", 60, "2026-11-19 09:30"),  # overnight
        ("2026-11-20 17:30", 60, "2026-11-23 09:30"),  # over the weekend
        ("2026-11-21 10:00", 60, "2026-11-23 10:00"),  # a Saturday counts from Monday morning
        ("2026-11-18 03:00", 240, "2026-11-18 14:00"),  # before work counts from nine
        ("2026-11-18 10:00", 480, "2026-11-19 10:00"),  # 480 minutes are one working day of eight hours
        ("2026-11-18 10:00", 1440, "2026-11-19 10:00"),  # so is a day
        ("2026-11-20 10:00", 1440, "2026-11-23 10:00"),
        ("2026-11-18 10:00", 4320, "2026-11-23 10:00"),
        ("2026-11-18 20:00", 1440, "2026-11-20 09:00"),  # the day begins the next morning
        ("2026-11-18 10:00", 0, "2026-11-18 10:00"),
        # National Day 2026: 1-7 October are free, Saturday 10 October is worked (调休).
        ("2026-09-30 17:00", 120, "2026-10-08 10:00"),
        ("2026-10-09 10:00", 1440, "2026-10-10 10:00"),
        ("2026-09-18 17:00", 120, "2026-09-20 10:00"),  # Sunday 20 September 2026 is worked
    ],
)
def test_working_minutes(start: str, minutes: int, due: str) -> None:
    assert add_working_minutes(at(start), minutes, SHANGHAI) == at(due)


def test_a_start_in_another_zone_is_the_same_moment() -> None:
    start = datetime(2026, 11, 18, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
    assert add_working_minutes(start, 60, SHANGHAI) == at("2026-11-18 11:00")


def test_days_the_calendar_does_not_know_yet_are_monday_to_friday() -> None:
    assert [is_workday(date(2031, 1, day)) for day in (6, 11, 12)] == [True, False, False]


@pytest.mark.parametrize(("start", "minutes"), [(datetime(2026, 11, 18), 1), (at("2026-11-18 10:00"), -1)])  # noqa: DTZ001
def test_bad_input_is_refused(start: datetime, minutes: int) -> None:
    with pytest.raises(ValueError):
        add_working_minutes(start, minutes, SHANGHAI)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-18 11:30", "2026-11-18 13:30", 60),  # lunch does not count
        ("2026-11-20 17:00", "2026-11-23 10:00", 120),  # nor does the weekend
        ("2026-09-30 17:00", "2026-10-08 10:00", 120),  # nor National Day
        ("2026-10-09 17:00", "2026-10-10 10:00", 120),  # a Saturday that is worked does
        ("2026-11-18 20:00", "2026-11-19 03:00", 0),
    ],
)
def test_working_minutes_between_two_moments(start: str, end: str, minutes: int) -> None:
    assert working_minutes_between(at(start), at(end), SHANGHAI) == minutes
