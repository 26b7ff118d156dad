"""Reads of the trend page: counts only, never posts, and the same number of queries whatever is shown."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import TruncDay
from django.utils.timezone import get_current_timezone, localtime

from opinion import trends
from opinion.models import HourCount, Sentiment, Source, Watch, WordCount
from opinion.trends import Mover, Span, Usual, WordSums

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
MOST_WORDS = 5000  # of one page: the most frequent ones; a rarer word cannot have moved far
NEGATIVE = Q(sentiment=Sentiment.NEG)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is looked at: points, half-open, and how far into the last one the clock stands.

    edges   where the points begin, and where the last ends
    until   the end of the hour that runs now: nothing later is counted
    """

    span: Span
    edges: list[datetime]
    until: datetime

    @classmethod
    def up_to(cls, now: datetime, span: Span) -> "Stretch":
        local = localtime(now)
        return cls(span, trends.edges(span, local), local.replace(minute=0, second=0, microsecond=0) + HOUR)

    @property
    def since(self) -> datetime:
        return self.edges[0]

    @property
    def before(self) -> tuple[datetime, datetime]:
        """The same stretch of the period before: as long, and cut off at the same hour."""
        length = self.edges[-1] - self.edges[0]
        return self.since - length, self.until - length


@dataclass(frozen=True, slots=True)
class Point:
    """Posts of one watch from `since` until before `until`; `is_over` False while more may come."""

    since: datetime
    until: datetime
    neg: int
    neu: int
    pos: int
    usual: Usual | None
    is_over: bool

    @property
    def posts(self) -> int:
        return self.neg + self.neu + self.pos

    @property
    def negative_share(self) -> float | None:
        return trends.negative_share(self.neg, self.posts)

    @property
    def is_unusual(self) -> bool:
        return trends.is_unusual(self.posts, self.usual)


@dataclass(frozen=True, slots=True)
class Totals:
    """Posts in the period and in the one before, and the negative ones of the period."""

    posts: int = 0
    before: int = 0
    negative: int = 0

    @property
    def change(self) -> float | None:
        return trends.change(self.posts, self.before)

    @property
    def negative_share(self) -> float | None:
        return trends.negative_share(self.negative, self.posts)


# --- watches and how fresh they are ----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Watched:
    """A watch, the last hour it counted a post in, and whether it heard anything before the past we look at.

    has_past  then a stretch without posts was quiet; without it nobody knows before the first post
    """

    watch: Watch
    newest_hour: datetime | None
    has_past: bool


def watched(stretch: Stretch) -> list[Watched]:
    """Every watch, ours first. One query."""
    hours = HourCount.objects.filter(watch=OuterRef("pk"), hour__lt=stretch.until).values("hour")
    rows = Watch.objects.annotate(  # both ends by the index: an EXISTS was answered by reading the whole table
        oldest_hour=Subquery(hours.order_by("hour")[:1]), newest_hour=Subquery(hours.order_by("-hour")[:1])
    ).order_by("is_rival", "name")
    past = _edges_with_past(stretch)[0]
    return [Watched(row, row.newest_hour, row.oldest_hour is not None and row.oldest_hour < past) for row in rows]


def last_heard_at() -> datetime | None:
    """When any source last answered well."""
    last: datetime | None = Source.objects.aggregate(last=Max("last_good_at"))["last"]
    return last


def _edges_with_past(stretch: Stretch) -> list[datetime]:
    points = stretch.span.lookback + stretch.span.points
    return trends.edges(stretch.span, localtime(stretch.until - HOUR), points)


# --- curves ----------------------------------------------------------------------------------------------------------
def curves(rows: Sequence[Watched], stretch: Stretch) -> dict[int, list[Point]]:
    """The points of each watch by its key, oldest first, without gaps. One query."""
    edges = _edges_with_past(stretch)
    watches = [row.watch for row in rows]
    sums: dict[int, list[tuple[int, int, int]]] = {watch.pk: [(0, 0, 0)] * (len(edges) - 1) for watch in watches}
    for watch, time, *found in _sums_by_point(watches, stretch, edges[0]):
        at = bisect_right(edges, time) - 1
        neg, neu, pos = (one + more for one, more in zip(sums[watch][at], found, strict=True))
        sums[watch][at] = neg, neu, pos
    return {row.watch.pk: _points(sums[row.watch.pk], edges, stretch, row.has_past) for row in rows}


def _sums_by_point(watches: Sequence[Watch], stretch: Stretch, since: datetime) -> list[tuple[Any, ...]]:
    """Watch, time, negative, neutral, positive: by day where a point is a day, else by hour."""
    rows = HourCount.objects.filter(watch__in=watches, hour__gte=since, hour__lt=stretch.until).order_by()
    time = "hour"
    if stretch.span.hours == trends.DAY_HOURS:
        rows, time = rows.annotate(day=TruncDay("hour", tzinfo=get_current_timezone())), "day"
    sums = {f"n_{code}": Sum("posts", filter=Q(sentiment=code), default=0) for code in Sentiment.values}
    return list(rows.values_list("watch", time).annotate(**sums).values_list("watch", time, *sums))


def _points(
    sums: Sequence[tuple[int, int, int]], edges: Sequence[datetime], stretch: Stretch, has_past: bool
) -> list[Point]:
    counts = [sum(point) for point in sums]
    heard = [at for at, posts in enumerate(counts) if posts]
    known_from = 0 if has_past else heard[0] if heard else len(counts)
    usual = trends.usual_of(counts, stretch.span, known_from)
    first = stretch.span.lookback
    return [
        Point(since, min(until, stretch.until), *sums[at], usual=usual[at - first], is_over=until < stretch.until)
        for at, (since, until) in enumerate(pairwise(edges))
        if at >= first
    ]


# --- sums ------------------------------------------------------------------------------------------------------------
def totals(watches: Collection[Watch], stretch: Stretch) -> dict[int, Totals]:
    """Posts of each watch in the period and in the one before. One query."""
    found = {watch: Totals(*sums) for watch, *sums in _summed(watches, stretch, "watch")}
    return {watch.pk: found.get(watch.pk, Totals()) for watch in watches}


def platforms(watch: Watch, stretch: Stretch) -> dict[str, Totals]:
    """The same for one watch by platform, the loudest first. One query."""
    found = {platform: Totals(*sums) for platform, *sums in _summed([watch], stretch, "platform")}
    return dict(sorted(found.items(), key=lambda row: (-row[1].posts, -row[1].before, row[0])))


def _summed(watches: Collection[Watch], stretch: Stretch, by: str) -> list[tuple[Any, ...]]:
    """`by`, posts, posts before, negative posts."""
    since, until = stretch.before
    inside, earlier = Q(hour__gte=stretch.since), Q(hour__gte=since, hour__lt=until)
    rows = HourCount.objects.filter(inside | earlier, watch__in=watches, hour__gte=since, hour__lt=stretch.until)
    return list(
        rows.order_by()
        .values_list(by)
        .annotate(
            now=Sum("posts", filter=inside, default=0),
            before=Sum("posts", filter=earlier, default=0),
            negative=Sum("posts", filter=inside & NEGATIVE, default=0),
        )
    )


def weeks_of(span: Span) -> int:
    """How many whole weeks tell when posts come."""
    return max(span.points * span.hours // (24 * 7), 1)


def week_hours(watch: Watch, stretch: Stretch) -> dict[datetime, int]:
    """Posts by hour, in the company's zone, in the whole weeks that end now. One query."""
    since = stretch.until - WEEK * weeks_of(stretch.span)
    rows = HourCount.objects.filter(watch=watch, hour__gte=since, hour__lt=stretch.until).order_by()
    sums: dict[datetime, int] = defaultdict(int)
    for hour, posts in rows.values_list("hour").annotate(Sum("posts")):
        sums[localtime(hour).replace(minute=0)] += posts
    return dict(sums)


# --- words -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Words:
    """The words of some watches that moved: each with its watch's key. compared: False where a period was empty."""

    risen: list[tuple[int, Mover]]
    fallen: list[tuple[int, Mover]]
    compared: bool


def word_days(stretch: Stretch) -> int:
    """Words are counted by day: how many days, today included, are held against as many before."""
    return max(stretch.span.points * stretch.span.hours // 24, 1)


def words(watches: Sequence[Watch], stretch: Stretch, most: int = 10) -> Words:
    """What is talked of more and less than in as many days before. Two queries."""
    today, days = localtime(stretch.until - HOUR).date(), word_days(stretch)
    first = today - DAY * (days - 1)
    inside, earlier = Q(day__gte=first), Q(day__lt=first)
    rows = WordCount.objects.filter(watch__in=watches, day__gte=first - DAY * days, day__lte=today).order_by()
    sums = {
        "now": Sum("posts", filter=inside, default=0),
        "before": Sum("posts", filter=earlier, default=0),
    }
    said = {watch: tuple(both) for watch, *both in rows.values_list("watch").annotate(**sums)}
    enough = Q(now__gte=trends.FEWEST_FOR_WORD) | Q(before__gte=trends.FEWEST_FOR_WORD)
    counted = rows.values_list("watch", "word").annotate(
        **sums, worse=Sum("negative", filter=inside, default=0), all_posts=Sum("posts")
    )
    by_watch: dict[int, dict[str, WordSums]] = defaultdict(dict)
    for watch, word, now, before, negative, _all in counted.filter(enough).order_by("-all_posts", "word")[:MOST_WORDS]:
        by_watch[watch][word] = WordSums(now, before, negative)
    risen: list[tuple[int, Mover]] = []
    fallen: list[tuple[int, Mover]] = []
    for watch, found in by_watch.items():
        up, down = trends.movers(found, said_now=said[watch][0], said_before=said[watch][1], most=most)
        risen += [(watch, mover) for mover in up]
        fallen += [(watch, mover) for mover in down]
    risen.sort(key=lambda row: -row[1].score)
    fallen.sort(key=lambda row: row[1].score)
    return Words(risen[:most], fallen[:most], any(now and before for now, before in said.values()))
