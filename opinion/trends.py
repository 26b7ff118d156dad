"""What is usual, what is not, and what is talked of more than it was. Pure: counts in, figures out.

Usual     each point is measured against the seven points before it that are like it: the same hours of the seven days
          before, or, for days, the seven days before. Fewer than three of them known: nothing is called usual.
Unusual   from a threshold on, which is never inside what is usual. Like a burst (monitoring/signals/thresholds.py):
          the middle and three deviations, never taken below those of a Poisson stream, four posts at least; but with
          median and MAD, so that one loud day of the seven does not hide the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log2, sqrt
from typing import TypeVar

Key = TypeVar("Key")

PAST = 7  # points like this one that say what is usual
FEWEST_PAST = 3
FEWEST_UNUSUAL = 4  # posts
DEVIATIONS = 3
MAD_TO_DEVIATION = 1.4826  # of a normal distribution
FEWEST_FOR_SHARE = 5  # posts from which a negative share is said
FEWEST_FOR_WORD = 5  # posts in the period that has more of them
WORD_PRIOR = 5  # posts laid on both sides, so that a rare word needs more than luck
WORD_MOVED = log2(1.5)  # half as much again
DAY_HOURS = 24
WEEKDAYS = 7


@dataclass(frozen=True, slots=True)
class Span:
    """A range a person can choose: so many points of so many hours, the last of which may not be over."""

    code: str
    points: int
    hours: int  # 24: a day in the company's zone

    @property
    def a_day(self) -> int:
        """Points in a day."""
        return DAY_HOURS // self.hours

    @property
    def lookback(self) -> int:
        """Points before the first that say what is usual for it."""
        return PAST * self.a_day


SPANS = {span.code: span for span in (Span("24h", 24, 1), Span("7d", 56, 3), Span("30d", 30, 24), Span("90d", 90, 24))}


def edges(span: Span, now: datetime, points: int | None = None) -> list[datetime]:
    """Where the points begin, oldest first, and where the last one ends: half-open, one more than there are points.

    now     aware, in the company's zone; it lies in the last point
    points  how many, if not the span's own
    """
    hour = now.hour - now.hour % span.hours
    last = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    count = span.points if points is None else points
    back = range(count - 1, -2, -1)
    if span.hours == DAY_HOURS:
        return [last - timedelta(days=step) for step in back]  # by the wall clock
    zone = now.tzinfo
    return [(last.astimezone(UTC) - timedelta(hours=span.hours * step)).astimezone(zone) for step in back]


# --- what is usual ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a point, in posts: p10 rounded down, the median, p90 rounded up; from where on it is not."""

    low: int
    median: float
    high: int
    threshold: int


def quantile(numbers: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of some numbers lie below, between neighbours in proportion; at least one number.

    Raises ValueError for no numbers.
    """
    if not numbers:
        raise ValueError("no numbers")
    ordered = sorted(numbers)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def usual(past: Sequence[int]) -> Usual | None:
    """What is usual after such a past, in any order; None where fewer than FEWEST_PAST counts are known."""
    if len(past) < FEWEST_PAST:
        return None
    median = quantile(past, 0.5)
    deviation = max(MAD_TO_DEVIATION * quantile([abs(count - median) for count in past], 0.5), sqrt(median))
    high = ceil(quantile(past, 0.9))
    threshold = max(FEWEST_UNUSUAL, floor(median + DEVIATIONS * deviation) + 1, high + 1)
    return Usual(floor(quantile(past, 0.1)), median, high, threshold)


def usual_of(counts: Sequence[int], span: Span, known_from: int) -> list[Usual | None]:
    """What is usual for each point behind the lookback.

    counts      posts by point, oldest first, the span's lookback in front of its points
    known_from  index of the first count we listened at; what lies before it is unknown, not nothing
    """
    found = []
    for at in range(span.lookback, len(counts)):
        before = [at - span.a_day * day for day in range(1, PAST + 1)]
        found.append(usual([counts[point] for point in before if point >= known_from]))
    return found


def is_unusual(posts: int, what_is_usual: Usual | None) -> bool:
    return what_is_usual is not None and posts >= what_is_usual.threshold


# --- shares and changes ----------------------------------------------------------------------------------------------
def negative_share(negative: int, posts: int) -> float | None:
    """0 to 1; None, unknown, on fewer than FEWEST_FOR_SHARE posts."""
    return negative / posts if posts >= FEWEST_FOR_SHARE else None


def shares(counts: Mapping[Key, int]) -> dict[Key, float | None]:
    """Each count as a share of them all, 0 to 1; None where there is nothing to share."""
    total = sum(counts.values())
    return {key: count / total if total else None for key, count in counts.items()}


def change(now: int, before: int) -> float | None:
    """Growth against the period before (0.5: half as much again); None where there was nothing before."""
    return now / before - 1 if before else None


# --- words -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class WordSums:
    """Posts with a word in the period and in the one before, and the negative ones of the period."""

    now: int
    before: int
    negative: int = 0


@dataclass(frozen=True, slots=True)
class Mover:
    word: str
    sums: WordSums
    score: float  # above 0: talked of more


def word_score(sums: WordSums, weight: float) -> float:
    """How much more a word is said than before: log2 of its posts over those its old share would give, smoothed.

    weight  how much was said in the period for each thing said in the one before; > 0
    1 is twice as much. WORD_PRIOR posts on both sides draw rare words towards 0, so of two words that doubled the
    commoner one comes first.
    """
    return log2((sums.now + WORD_PRIOR) / (sums.before * weight + WORD_PRIOR))


def movers(
    words: Mapping[str, WordSums], *, said_now: int, said_before: int, most: int = 10
) -> tuple[list[Mover], list[Mover]]:
    """The words that rose and the words that fell, those that moved most first; nothing without a past.

    said_now, said_before  all that was counted in either period: a day that is not over is weighed by what it holds
    A word that is said more often than before has not fallen, however much louder all the rest became.
    """
    if not said_now or not said_before:
        return [], []
    weight = said_now / said_before
    scored = [
        Mover(word, sums, word_score(sums, weight))
        for word, sums in words.items()
        if max(sums.now, sums.before) >= FEWEST_FOR_WORD
    ]
    risen = sorted((one for one in scored if one.score >= WORD_MOVED), key=lambda one: (-one.score, one.word))
    falling = (one for one in scored if one.score <= -WORD_MOVED and one.sums.now < one.sums.before)
    fallen = sorted(falling, key=lambda one: (one.score, one.word))
    return risen[:most], fallen[:most]


# --- when posts come -------------------------------------------------------------------------------------------------
def week_table(counts: Mapping[datetime, int]) -> list[list[int]]:
    """Posts by weekday (Monday first) and hour of the day. The hours are aware, in the company's zone."""
    table = [[0] * DAY_HOURS for _ in range(WEEKDAYS)]
    for hour, posts in counts.items():
        table[hour.weekday()][hour.hour] += posts
    return table


def shade(count: int, highest: int) -> int:
    """How dark a cell is, 0 (nothing) to 4 (the highest)."""
    return ceil(4 * count / highest) if count and highest else 0
