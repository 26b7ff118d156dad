"""Reads of what was said: curves from counts, and what a page about one post needs."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.db.models.functions import TruncDay
from django.utils.timezone import localdate, localtime

from accounts.models import Exercise
from opinion.models import HourCount, Post, Sentiment, Topic, TopicCount, Watch

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Curve:
    """Posts by full hour, the oldest first, without gaps; each series is as long as `hours`."""

    hours: list[datetime]
    neg: list[int]
    neu: list[int]
    pos: list[int]

    @property
    def total(self) -> list[int]:
        return [sum(point) for point in zip(self.neg, self.neu, self.pos, strict=True)]


def curve(
    *,
    until: datetime,
    hours: int = 24,
    watches: Collection[int] | None = None,
    topics: Collection[int] | None = None,
    exercise: Exercise | None = None,
) -> Curve:
    """How loud it was in the `hours` hours that end with the one `until` lies in, by sentiment. One query, of counts.

    watches, topics  primary keys; topics win where both are given; neither: every watch. A post that two watches
                     want counts for each of them.
    """
    last = until.replace(minute=0, second=0, microsecond=0)
    first = last - HOUR * (hours - 1)
    rows = counts(watches=watches, topics=topics, exercise=exercise).filter(hour__range=(first, last))
    sums = {
        (hour, sentiment): posts
        for hour, sentiment, posts in rows.values_list("hour", "sentiment").annotate(Sum("posts"))
    }
    points = [first + HOUR * step for step in range(hours)]
    series = {code: [sums.get((point, code), 0) for point in points] for code in Sentiment.values}
    return Curve(points, series["neg"], series["neu"], series["pos"])


def chart_of(curve: Curve) -> dict[str, Any]:
    """The curve as the chart tag takes it."""
    return {
        "labels": [localtime(hour).strftime("%m-%d %H:00") for hour in curve.hours],
        "series": [
            {"name": str(Sentiment(code).label), "tone": code, "values": getattr(curve, code)}
            for code in Sentiment.values
        ],
    }


def counts(
    *,
    watches: Collection[int] | None = None,
    topics: Collection[int] | None = None,
    exercise: Exercise | None = None,
) -> "QuerySet[HourCount] | QuerySet[TopicCount]":
    """The count rows of some topics, of some watches, or of all of them."""
    if topics is not None:
        return TopicCount.objects.filter(topic__in=topics).order_by()
    rows = HourCount.everywhere.filter(exercise=exercise).order_by()
    return rows if watches is None else rows.filter(watch__in=watches)


def topic_curves(topics: Collection[int], *, until: datetime, hours: int = 16) -> dict[int, list[int]]:
    """Posts of each of many topics by hour, the oldest first: the small lines of a list. One query."""
    last = until.replace(minute=0, second=0, microsecond=0)
    first = last - HOUR * (hours - 1)
    lines: dict[int, list[int]] = {topic: [0] * hours for topic in topics}
    rows = TopicCount.objects.filter(topic__in=topics, hour__range=(first, last)).order_by()
    for topic, hour, posts in rows.values_list("topic", "hour").annotate(Sum("posts")):
        lines[topic][int((hour - first) / HOUR)] = posts
    return lines


def watch_days(watches: Sequence[Watch], *, until: datetime, days: int = 14) -> dict[int, list[int]]:
    """Posts of each watch by day in the company's zone, the oldest first. One query."""
    since = until - timedelta(days=days - 1)
    by_day: dict[int, dict[str, int]] = defaultdict(dict)
    rows = HourCount.objects.filter(watch__in=watches, hour__gte=since - timedelta(days=1)).order_by()
    for watch, day, posts in rows.annotate(day=TruncDay("hour")).values_list("watch", "day").annotate(Sum("posts")):
        by_day[watch][day.date().isoformat()] = posts
    names = [_day_name(until - timedelta(days=back)) for back in reversed(range(days))]
    return {watch.pk: [by_day[watch.pk].get(name, 0) for name in names] for watch in watches}


def _day_name(time: datetime) -> str:
    return localdate(time).isoformat()


def similar_posts(post: Post, most: int = 8) -> list[Post]:
    """The others of its group: its reposts, or the original it repeats and that one's reposts. The newest first."""
    lead = post.original_id or post.pk
    others = Post.everywhere.filter(Q(pk=lead) | Q(original=lead)).exclude(pk=post.pk).select_related("source")
    return list(others.order_by("-published_at", "-pk")[:most])


def platforms_of(topic: Topic) -> dict[str, int]:
    """Posts of a topic by platform, the largest first; one query, of counts."""
    rows = TopicCount.objects.filter(topic=topic).order_by().values_list("platform").annotate(n=Sum("posts"))
    return dict(rows.order_by("-n"))
