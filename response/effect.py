"""What happened to volume and mood around something we did, beside what happened elsewhere meanwhile. Pure.

Nothing here says that the act caused it. What stands in the way of saying so is part of the answer.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
WINDOW_HOURS = 24
FEW = 30  # posts on either side; below that a share says nothing
MEAN_HOURS = 3  # half-life is read off a mean of so many hours: single hours jump


@dataclass(frozen=True, slots=True)
class Hourly:
    """Posts of one full hour: all of them, and the negative ones among them."""

    posts: int = 0
    negative: int = 0


Counts = Mapping[datetime, Hourly]  # by the start of the hour; an hour that is missing had none


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the act, in full hours: how many there were, what was said in them."""

    hours: int
    posts: int
    negative: int

    @property
    def hourly(self) -> float | None:
        """Posts an hour; None where no full hour has passed."""
        return self.posts / self.hours if self.hours else None

    @property
    def negative_share(self) -> float | None:
        """0 to 1; None where nothing was said."""
        return self.negative / self.posts if self.posts else None


@dataclass(frozen=True, slots=True)
class Effect:
    """Before and after an act. `shift` and `elsewhere`: change of the negative share, -1 to 1, here and in the rest of
    what the same watches heard; None where a side has no posts. `half_life_hours`: from the act until the negative
    posts an hour, as a mean of three, were half of what they were before; None: not reached yet, or there were none.
    """

    before: Side
    after: Side
    shift: float | None
    elsewhere: float | None
    half_life_hours: float | None
    is_few: bool  # too few posts on one side
    is_short: bool  # the hours after it are not over
    was_falling: bool  # the second half of the hours before it had clearly fewer posts than the first
    others: tuple[str, ...]  # what else we did within the same hours

    @property
    def beyond_elsewhere(self) -> float | None:
        """The change here less the change elsewhere: what the counter-trend does not explain."""
        return None if self.shift is None or self.elsewhere is None else self.shift - self.elsewhere

    @property
    def is_attributable(self) -> bool:
        """Nothing we know of stands in the way of reading it as this act's. Still no proof."""
        return not (self.is_few or self.is_short or self.was_falling or self.others) and self.elsewhere is not None


def measure(
    at: datetime, counts: Counts, elsewhere: Counts, *, now: datetime, acts: Iterable[tuple[str, datetime]] = ()
) -> Effect:
    """The effect of what was done at `at`. The hour of the act itself belongs to neither side.

    counts, elsewhere  the incident's stories; the rest of what the same watches heard
    acts               name and time of everything else we did
    """
    here = at.replace(minute=0, second=0, microsecond=0)
    past = [here - HOUR * back for back in range(WINDOW_HOURS, 0, -1)]
    coming = [here + HOUR * ahead for ahead in range(1, WINDOW_HOURS + 1)]
    passed = [hour for hour in coming if hour + HOUR <= now]
    before, after = _side(counts, past), _side(counts, passed)
    half = WINDOW_HOURS // 2
    return Effect(
        before=before,
        after=after,
        shift=_change(before, after),
        elsewhere=_change(_side(elsewhere, past), _side(elsewhere, passed)),
        half_life_hours=_half_life(counts, past, passed),
        is_few=min(before.posts, after.posts) < FEW,
        is_short=len(passed) < WINDOW_HOURS,
        was_falling=_side(counts, past[half:]).posts < 0.7 * _side(counts, past[:half]).posts,
        others=tuple(name for name, when in acts if abs(when - at) < HOUR * WINDOW_HOURS),
    )


def _side(counts: Counts, hours: Sequence[datetime]) -> Side:
    there = [counts.get(hour, Hourly()) for hour in hours]
    return Side(len(hours), sum(each.posts for each in there), sum(each.negative for each in there))


def _change(before: Side, after: Side) -> float | None:
    was, became = before.negative_share, after.negative_share
    return None if was is None or became is None else became - was


def _half_life(counts: Counts, past: Sequence[datetime], passed: Sequence[datetime]) -> float | None:
    level = _side(counts, past[-MEAN_HOURS:]).negative
    if not level:
        return None
    for end in range(MEAN_HOURS, len(passed) + 1):
        if _side(counts, passed[end - MEAN_HOURS : end]).negative * 2 <= level:
            return float(end)
    return None
