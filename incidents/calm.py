"""When calm is calm: hours in a row below a level's threshold, no louder than the same hours of other days. Pure.

Source: practice.md C4: a lower level only after 24, 12 or 6 hours (一, 二, 三级) below the threshold less five.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from incidents.levels import CALM_HOURS, CALM_MARGIN, Level
from incidents.severity import THRESHOLDS

HOUR = timedelta(hours=1)
THRESHOLD_OF = {level: threshold for threshold, level in THRESHOLDS}


@dataclass(frozen=True, slots=True)
class Hour:
    """A full hour that was looked at.

    severity      of the 24 hours before `at`, 0 to 100
    posts         in the hour before `at`; unusual_from: how many would be unusual there, None where no other days
                  are known
    """

    at: datetime
    severity: float
    posts: int
    unusual_from: int | None


@dataclass(frozen=True, slots=True)
class Calm:
    """How long it has been calm. highest: the highest index of the calm hours, None without any."""

    hours: int
    needed: int
    below: float
    highest: float | None
    compared: int  # hours that could be compared with other days

    @property
    def is_enough(self) -> bool:
        return self.hours >= self.needed


def is_calm(hour: Hour, level: int) -> bool:
    if hour.severity >= THRESHOLD_OF[level] - CALM_MARGIN:
        return False
    return hour.unusual_from is None or hour.posts < hour.unusual_from


def calm_at(hours: Iterable[Hour], level: int, newest: datetime, since: datetime) -> Calm:
    """Calm hours in a row, counted backwards from the full hour `newest`, at most as many as are needed.

    since  what came before the level was last decided says nothing about it
    Raises KeyError for no level.
    """
    needed, known = CALM_HOURS[Level(level)], {hour.at: hour for hour in hours}
    calm: list[Hour] = []
    at = newest
    while len(calm) < needed and at - HOUR >= since and at in known and is_calm(known[at], level):
        calm.append(known[at])
        at -= HOUR
    return Calm(
        hours=len(calm),
        needed=needed,
        below=THRESHOLD_OF[level] - CALM_MARGIN,
        highest=max((hour.severity for hour in calm), default=None),
        compared=sum(hour.unusual_from is not None for hour in calm),
    )
