from datetime import timedelta

import pytest

from monitoring.fetching.pace import (
    gap_between,
    learnt_gap,
    pause_after_failure,
    pause_after_success,
    spread,
    stale_after,
)
from tests.factories import NOON

FIVE = timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("every", "gap", "quiet", "wish", "pause"),
    [
        (FIVE, None, None, None, FIVE),
        (FIVE, FIVE, None, None, FIVE),  # never sooner than a person set
        (FIVE, 4 * FIVE, None, None, 2 * FIVE),
        (FIVE, 30 * DAY, None, None, 3 * FIVE),  # never later than three times that for its habits
        (FIVE, FIVE, 8 * HOUR, None, 2 * FIVE),  # quiet for longer than usual
        (FIVE, FIVE, 30 * DAY, None, 3 * FIVE),
        (6 * HOUR, HOUR, HOUR, None, 6 * HOUR),
        (FIVE, None, None, HOUR, HOUR),
        (FIVE, None, None, 30 * DAY, 6 * HOUR),  # a wish is heeded for six hours
        (FIVE, 2 * FIVE, None, DAY, 10 * FIVE),  # and not so long that posts would fall off the end of the feed
        (HOUR, None, None, FIVE, HOUR),
    ],
)
def test_a_source_is_asked_by_its_habits_and_its_wishes(
    every: timedelta, gap: timedelta | None, quiet: timedelta | None, wish: timedelta | None, pause: timedelta
) -> None:
    asked = pause_after_success(every, usual_gap=gap, quiet_for=quiet, wish=wish, is_key=False)
    assert asked == pause
    assert pause_after_success(every, usual_gap=gap, quiet_for=quiet, wish=wish, is_key=True) == every


def test_the_usual_gap_follows_what_comes_and_one_quiet_night_changes_little() -> None:
    gap = FIVE
    assert learnt_gap(None, since=HOUR, new=6) == 2 * FIVE
    assert learnt_gap(gap, since=3 * FIVE, new=3) == gap
    after_a_night = learnt_gap(gap, since=8 * HOUR, new=1)
    assert gap < after_a_night < 2 * gap
    for _poll in range(3):
        after_a_night = learnt_gap(after_a_night, since=timedelta(minutes=50), new=10)
    assert abs(after_a_night - gap) < timedelta(seconds=20)
    slowed = gap
    for _day in range(60):
        slowed = learnt_gap(slowed, since=DAY, new=1)
    assert slowed > 23 * HOUR


def test_a_gap_is_never_nothing() -> None:
    assert learnt_gap(None, since=timedelta(0), new=500) == timedelta(seconds=1)
    assert learnt_gap(timedelta(seconds=1), since=timedelta(0), new=500) == timedelta(seconds=1)


def test_at_first_the_dates_of_a_feed_tell_its_gap() -> None:
    assert gap_between([NOON, NOON - HOUR, NOON - 2 * HOUR, NOON - 30 * DAY]) == HOUR  # the old one is pinned
    assert gap_between([NOON, NOON, NOON - HOUR]) is None
    assert gap_between([]) is None


@pytest.mark.parametrize(
    ("gap", "after"),
    [
        (timedelta(minutes=1), DAY),
        (3 * HOUR, 3 * DAY),
        (DAY, 7 * DAY),
        (7 * DAY, 28 * DAY),
    ],
)
def test_how_long_nothing_new_may_come(gap: timedelta, after: timedelta) -> None:
    assert stale_after(gap) == after


def test_pauses_of_many_sources_come_apart_and_are_the_same_again() -> None:
    pauses = [spread(FIVE, key=key, at=NOON) for key in range(100)]
    assert pauses == [spread(FIVE, key=key, at=NOON) for key in range(100)]
    assert all(FIVE <= pause <= FIVE * 1.1 for pause in pauses)
    assert len(set(pauses)) > 90
    assert spread(FIVE, key=1, at=NOON) != spread(FIVE, key=1, at=NOON + HOUR)


@pytest.mark.parametrize(
    ("failures", "asked_for", "pause"),
    [
        (1, None, FIVE),
        (2, None, FIVE),
        (3, None, 2 * FIVE),
        (4, None, 4 * FIVE),
        (10, None, timedelta(hours=21, minutes=20)),
        (11, None, timedelta(hours=24)),
        (10_000, None, timedelta(hours=24)),
        (1, timedelta(minutes=2), FIVE),
        (1, timedelta(hours=2), timedelta(hours=2)),
        (1, timedelta(hours=24), timedelta(hours=24)),
    ],
)
def test_pauses_double_from_the_third_failure_up_to_a_day(
    failures: int, asked_for: timedelta | None, pause: timedelta
) -> None:
    assert pause_after_failure(FIVE, failures=failures, asked_for=asked_for) == pause


def test_a_source_polled_every_other_day_is_not_asked_more_often_for_failing() -> None:
    assert pause_after_failure(timedelta(days=2), failures=5, asked_for=None) == timedelta(days=2)
