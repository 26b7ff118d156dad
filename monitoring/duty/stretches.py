"""Stretches of time, half-open: what a roster leaves open, and when a source was not heard. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Stretch = tuple[datetime, datetime]


def left_open(covered: Iterable[Stretch], since: datetime, until: datetime) -> list[Stretch]:
    """The parts of `since` to `until` that none of the stretches covers, oldest first."""
    found, reached = [], since
    for start, end in sorted(covered):
        if start > reached:
            found.append((reached, min(start, until)))
        reached = max(reached, end)
        if reached >= until:
            break
    if reached < until:
        found.append((reached, until))
    return [(start, end) for start, end in found if start < end]


def not_heard(
    visits: Sequence[tuple[datetime, bool]], until: datetime, *, quiet: timedelta, troubled: timedelta
) -> list[Stretch]:
    """When a source was not heard: from one good visit to the next, where that took too long.

    visits    (when, went well), oldest first; the stretch begins at the first of them, good or not
    until     where the stretch ends: the end of the day, or now
    quiet     how long nobody need ask: longer without a visit, and our own desk was not there
    troubled  how long visits may fail before it counts
    """
    found: list[Stretch] = []
    if not visits:
        return found
    heard_at, failed = visits[0][0], not visits[0][1]
    for at, is_good in [*visits[1:], (until, True)]:
        if not is_good:
            failed = True
            continue
        if at - heard_at > (troubled if failed else quiet):
            found.append((heard_at, at))
        heard_at, failed = at, False
    return found
