"""Stretches of a day that may pass midnight."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from notices.hours import lies_in, over_at

SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = time(22), time(7, 30)


def on(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (on(18, 21, 59), None),
        (on(18, 22), on(19, 7, 30)),
        (on(19, 0), on(19, 7, 30)),
        (on(19, 7, 29), on(19, 7, 30)),
        (on(19, 7, 30), None),  # half-open
    ],
)
def test_a_night(moment, end):
    assert over_at(moment, *NIGHT) == end


def test_a_stretch_within_a_day():
    assert over_at(on(18, 13), time(12), time(14)) == on(18, 14)
    assert over_at(on(18, 14), time(12), time(14)) is None


def test_the_same_time_twice_is_no_stretch():
    assert [lies_in(on(18, hour), time(8), time(8)) for hour in range(24)] == [False] * 24
