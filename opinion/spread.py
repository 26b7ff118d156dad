"""How a story travelled: who was first, which posts carried it on, how fast it faded, platform by platform. Pure.

A figure that nobody knows is None, never 0. Every figure is the same in whatever order the posts are handed over.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

HOUR = timedelta(hours=1)
RISE = HOUR  # a post's rise: the posts in the hour after it, less those in the hour before it
MOST_RELAYS = 10
SETTLED = 3 * HOUR  # a peak younger than that may still be overtaken: the story still grows
MOST_POINTS = 120  # of the cumulative curve
STEPS = (1, 2, 3, 6, 12, 24)  # hours; a longer story takes whole days


@dataclass(frozen=True, slots=True)
class Voice:
    """One post of a story, as far as its way through the platforms goes.

    key         the caller's name of it     original  the key of the post it repeats; None where it is an original
    author      "" where unknown            since     when the account was opened; None where nobody told
    followers … reads   None means that the source did not say
    is_press    of mainstream media or an own channel: it speaks for itself, not as an account among others
    folded      its words as engines read them (opinion.text.fold)    is_forward  it hands another post on and says so
    """

    key: int
    at: datetime
    platform: str = ""
    author: str = ""
    original: int | None = None
    followers: int | None = None
    since: datetime | None = None
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    reads: int | None = None
    is_press: bool = False
    folded: str = ""
    is_forward: bool = False

    @property
    def account(self) -> tuple[str, str] | None:
        """The same name on two platforms is two accounts; None where the author is unknown."""
        return (self.platform, self.author) if self.author else None

    @property
    def interactions(self) -> int | None:
        """Reposts, comments and likes together, those that are known."""
        return known_sum((self.reposts, self.comments, self.likes))


@dataclass(frozen=True, slots=True)
class Relay:
    """A post that carried the story on.

    rise     posts in the hour after it, less those in the hour before it; may be below 0
    copies   posts of the story that repeat it
    weight   its rise, interactions and followers, each as a share of the largest in the story, added up: 0 to 3
    """

    key: int
    rise: int
    copies: int
    interactions: int | None
    followers: int | None
    weight: float


@dataclass(frozen=True, slots=True)
class Platform:
    """delay_seconds: from the first voice of all to the first one here, 0 where it began."""

    name: str
    first: int
    first_at: datetime
    posts: int
    share: float
    delay_seconds: int


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Posts up to the end of each step, oldest first, without gaps."""

    step_hours: int
    starts: list[datetime]
    totals: list[int]


@dataclass(frozen=True, slots=True)
class Spread:
    """first: key of the first voice. accounts: how many different ones; None where no post names its author."""

    first: int
    first_at: datetime
    last_at: datetime
    posts: int
    accounts: int | None
    nameless: int
    peak_at: datetime
    peak_posts: int
    grows: bool
    half_life_hours: float | None
    relays: list[Relay]
    platforms: list[Platform]
    curve: Cumulative


def work_out(voices: Collection[Voice], now: datetime, earliest: Collection[Voice] = ()) -> Spread | None:
    """The whole picture; None without posts.

    earliest  the first posts of a story that is too long to be handed over whole: only the first voices look at them
    """
    ordered = sorted(voices, key=_in_time)
    if not ordered:
        return None
    first = min((*ordered, *earliest), key=_in_time)
    times = [voice.at for voice in ordered]
    peak_at, peak_posts = peak(times)
    accounts = {voice.account for voice in ordered} - {None}
    return Spread(
        first=first.key,
        first_at=first.at,
        last_at=times[-1],
        posts=len(ordered),
        accounts=len(accounts) or None,
        nameless=sum(voice.account is None for voice in ordered),
        peak_at=peak_at,
        peak_posts=peak_posts,
        grows=now < peak_at + HOUR + SETTLED,
        half_life_hours=half_life(times, now),
        relays=relays(ordered, first.key),
        platforms=platforms(ordered, earliest),
        curve=cumulative(times),
    )


def _in_time(voice: Voice) -> tuple[datetime, int]:
    return voice.at, voice.key


def known_sum(numbers: Iterable[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


# --- when ------------------------------------------------------------------------------------------------------------
def hour_of(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def peak(times: Sequence[datetime]) -> tuple[datetime, int]:
    """The full hour with the most posts, the earliest of equals, and how many they were."""
    counts = Counter(hour_of(at) for at in times)
    return max(counts.items(), key=lambda item: (item[1], -item[0].timestamp()))


def half_life(times: Sequence[datetime], now: datetime) -> float | None:
    """Hours from the end of the peak hour until half of the posts that came after it had come.

    With n posts after the peak hour it is the time of the ⌈n/2⌉th. None while the story still grows, that is until
    SETTLED has gone by since its peak hour ended, and None where nothing came after the peak.
    """
    if not times:
        return None
    end = peak(times)[0] + HOUR
    after = sorted(at for at in times if at >= end)
    if now < end + SETTLED or not after:
        return None
    return round((after[ceil(len(after) / 2) - 1] - end) / HOUR, 2)


def cumulative(times: Sequence[datetime]) -> Cumulative:
    """The growing number of posts, by the hour; coarser where that would be more than MOST_POINTS points."""
    ordered = sorted(times)
    start = hour_of(ordered[0])
    hours = int((ordered[-1] - start) / HOUR) + 1
    days = ceil(hours / MOST_POINTS / 24)
    step = next((step for step in STEPS if ceil(hours / step) <= MOST_POINTS), 24 * days)
    starts = [start + HOUR * step * point for point in range(ceil(hours / step))]
    return Cumulative(step, starts, [bisect_left(ordered, at + HOUR * step) for at in starts])


# --- where -----------------------------------------------------------------------------------------------------------
def platforms(voices: Collection[Voice], earliest: Collection[Voice] = ()) -> list[Platform]:
    """Each platform with its first voice and its share, in the order the story reached them."""
    counts = Counter(voice.platform for voice in voices)
    firsts: dict[str, Voice] = {}
    for voice in sorted((*voices, *earliest), key=_in_time):
        firsts.setdefault(voice.platform, voice)
    began = min((voice.at for voice in firsts.values()), default=None)
    return [
        Platform(
            name=name,
            first=voice.key,
            first_at=voice.at,
            posts=counts[name],
            share=counts[name] / len(voices),
            delay_seconds=int((voice.at - began).total_seconds()),
        )
        for name, voice in firsts.items()
        if began is not None and counts[name]
    ]


# --- who carried it --------------------------------------------------------------------------------------------------
def relays(voices: Collection[Voice], first: int) -> list[Relay]:
    """The posts after the first voice that carried the story on, the weightiest first, MOST_RELAYS at most.

    Posts of the same minutes are followed by the same rise. It is credited once: to the weightiest of them, and within
    RISE of that one no other.
    """
    ordered = sorted(voices, key=_in_time)
    times = [voice.at for voice in ordered]
    copies = Counter(voice.original for voice in ordered if voice.original is not None)
    rises = {voice.key: _rise(times, voice.at) for voice in ordered}
    most_rise = max(rises.values(), default=0)
    most_interactions = max((voice.interactions or 0 for voice in ordered), default=0)
    most_followers = max((voice.followers or 0 for voice in ordered), default=0)
    carried = {
        voice.key: _share(voice.interactions, most_interactions) + _share(voice.followers, most_followers)
        for voice in ordered
    }
    left = [voice for voice in ordered if voice.key != first]
    chosen: list[tuple[Voice, float]] = []
    weights = {voice.key: carried[voice.key] + _share(rises[voice.key], most_rise) for voice in left}
    while left and len(chosen) < MOST_RELAYS:
        best = max(left, key=lambda voice: (weights[voice.key], copies[voice.key], -voice.at.timestamp(), -voice.key))
        if not weights[best.key]:
            break
        chosen.append((best, weights[best.key]))
        left.remove(best)
        if weights[best.key] > carried[best.key]:  # it took the credit for the rise around it
            for voice in left:
                if abs(voice.at - best.at) < RISE:
                    weights[voice.key] = carried[voice.key]
    return [
        Relay(voice.key, rises[voice.key], copies[voice.key], voice.interactions, voice.followers, round(weight, 4))
        for voice, weight in chosen
    ]


def _rise(times: Sequence[datetime], at: datetime) -> int:
    """`times` in order. Posts of the very same moment count on neither side."""
    after = bisect_right(times, at + RISE) - bisect_right(times, at)
    before = bisect_left(times, at) - bisect_left(times, at - RISE)
    return after - before


def _share(number: int | None, most: int) -> float:
    return max(number or 0, 0) / most if most > 0 else 0.0
