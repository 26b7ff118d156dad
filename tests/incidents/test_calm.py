"""Calm is hours in a row below the threshold less five, no louder than the same hours of other days."""

from datetime import timedelta

import pytest

from incidents.calm import Hour, calm_at, is_calm
from incidents.levels import Level
from tests.factories import NOON

HOUR = timedelta(hours=1)
ONE, TWO, THREE = Level.ONE, Level.TWO, Level.THREE


def hours(count, severity=5.0, posts=2, unusual_from=6):
    return [Hour(NOON - back * HOUR, severity, posts, unusual_from) for back in range(count)]


def calm(rows, level, since=NOON - 100 * HOUR):
    return calm_at(rows, level, NOON, since)


@pytest.mark.parametrize(("level", "needed"), [(ONE, 24), (TWO, 12), (THREE, 6)])
def test_each_level_needs_its_own_hours(level, needed):
    assert not calm(hours(needed - 1), level).is_enough
    found = calm(hours(needed + 5), level)
    assert (found.is_enough, found.hours, found.needed) == (True, needed, needed)


@pytest.mark.parametrize(("level", "edge"), [(ONE, 65.0), (TWO, 35.0), (THREE, 10.0)])
def test_below_the_threshold_less_five(level, edge):
    assert not is_calm(Hour(NOON, edge, 0, None), level)
    assert is_calm(Hour(NOON, edge - 0.01, 0, None), level)


def test_a_night_is_compared_with_nights():
    assert is_calm(Hour(NOON, 5.0, 5, 6), TWO)
    assert not is_calm(Hour(NOON, 5.0, 6, 6), TWO)


def test_one_loud_hour_begins_it_anew():
    rows = hours(12)
    rows[4] = Hour(rows[4].at, 36.0, 2, 6)
    assert calm(rows, TWO).hours == 4


def test_an_hour_nobody_looked_at_is_not_calm():
    rows = [hour for hour in hours(12) if hour.at != NOON - 3 * HOUR]
    assert calm(rows, TWO).hours == 3


def test_what_came_before_the_level_was_decided_says_nothing():
    assert calm(hours(24), TWO, since=NOON - 5 * HOUR).hours == 5


def test_it_tells_the_highest_hour_and_how_many_were_compared():
    rows = [*hours(6, severity=20.0), *[Hour(NOON - back * HOUR, 31.5, 0, None) for back in range(6, 12)]]
    found = calm(rows, TWO)
    assert (found.highest, found.compared, found.below) == (31.5, 6, 35.0)
    assert calm([], TWO).highest is None
