"""Stories as pages show them: the list, one with its platforms, sources and originals, and what people did to it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce, Concat, NullIf

from opinion.grouping import likeness
from opinion.headlines import keywords
from opinion.models import Fold, Post, Sentiment, Topic, TopicChange, TopicCount
from opinion.selectors.curves import Curve, curve, topic_curves

SPARK_HOURS = 24
HOUR = timedelta(hours=1)
MOST_HOURS = 7 * 24  # of a curve
OFFERED = 20  # stories another may go into


@dataclass(frozen=True, slots=True)
class Row:
    """One story of the list. platforms: posts by name, the largest first. negative_share: None where nothing is."""

    topic: Topic
    platforms: dict[str, int]
    negative_share: float | None
    spark: list[int]


def topics_for_list(filters: Mapping[str, Any], *, now: datetime) -> "QuerySet[Topic]":
    """Stories of the live desk that have posts, the latest first; those of rivals only where their watch is chosen.

    filters  watch (a Watch), days (int: spoken of within so many days; 0 or nothing: ever)
    """
    topics = Topic.objects.filter(merged_into__isnull=True, size__gt=0).select_related("watch")
    chosen = filters.get("watch")
    topics = topics.filter(watch=chosen) if chosen else topics.filter(watch__is_rival=False)
    if filters.get("days"):
        topics = topics.filter(last_at__gte=now - timedelta(days=filters["days"]))
    return topics.order_by("watch__name", "-last_at", "-pk")


def rows(topics: Sequence[Topic], *, now: datetime) -> list[Row]:
    """Lines of the list. Two queries, however many."""
    lines = topic_curves([topic.pk for topic in topics], until=now, hours=SPARK_HOURS)
    platforms: dict[int, dict[str, int]] = defaultdict(dict)
    negative: dict[int, int] = defaultdict(int)
    sums = TopicCount.objects.filter(topic__in=topics).order_by().values_list("topic", "platform", "sentiment")
    for topic, platform, sentiment, posts in sums.annotate(Sum("posts")):
        platforms[topic][platform] = platforms[topic].get(platform, 0) + posts
        negative[topic] += posts if sentiment == Sentiment.NEG else 0
    return [_row(topic, platforms[topic.pk], negative[topic.pk], lines[topic.pk]) for topic in topics]


def _row(topic: Topic, platforms: dict[str, int], negative: int, spark: list[int]) -> Row:
    posts = sum(platforms.values())
    return Row(
        topic=topic,
        platforms=dict(sorted(platforms.items(), key=lambda item: (-item[1], item[0]))),
        negative_share=negative / posts if posts else None,
        spark=spark,
    )


# --- one story -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Page:
    """platforms, sources: (name, posts, share of all) the largest first; tones: (code, label, posts, share)."""

    keywords: list[str]
    platforms: list[tuple[str, int, float]]
    sources: list[tuple[str, int, float]]
    tones: list[tuple[str, str, int, float]]
    curve: Curve
    history: list[TopicChange]
    first: Post | None


def topic_page(topic: Topic, *, now: datetime) -> Page:
    """Everything about one story but its posts; a fixed number of queries."""
    counts = TopicCount.objects.filter(topic=topic).order_by()
    on = list(counts.values_list("platform").annotate(n=Sum("posts")).order_by("-n", "platform"))
    tones = dict(counts.values_list("sentiment").annotate(Sum("posts")))
    said_by = topic.matches.order_by().values_list("post__source__name").annotate(n=Count("pk"))
    until = min(max(now, topic.last_at), topic.last_at + HOUR * SPARK_HOURS)
    hours = min(int((until - topic.first_at) / HOUR) + 2, MOST_HOURS)
    posts = sum(tones.values())
    changes = TopicChange.objects.filter(Q(topic=topic) | Q(other=topic))
    return Page(
        keywords=keywords(topic.terms),
        platforms=shares(on, posts),
        sources=shares(list(said_by.order_by("-n", "post__source__name")), posts),
        tones=[
            (code, str(label), tones.get(code, 0), tones.get(code, 0) / posts if posts else 0.0)
            for code, label in Sentiment.choices
        ],
        curve=curve(until=until, hours=hours, topics=[topic.pk]),
        history=list(changes.select_related("topic", "other", "by", "undone_by")[:30]),
        first=_of(topic).select_related("source").order_by("published_at", "pk").first(),
    )


def shares(counted: Sequence[tuple[str, int]], posts: int) -> list[tuple[str, int, float]]:
    return [(name, number, number / posts if posts else 0.0) for name, number in counted]


def _of(topic: Topic) -> "QuerySet[Post]":
    return Post.everywhere.filter(matches__topic=topic)


def originals_of(topic: Topic) -> "QuerySet[Post]":
    """The originals of a story, the newest first."""
    return _of(topic).filter(original__isnull=True).select_related("source").order_by("-published_at", "-pk")


@dataclass(slots=True)
class Group:
    """A post and what was folded into it: where it was said, by how many, how loud, and who said it first.

    platforms, sources  that of the post first, then as they came in
    heat         reposts, comments and likes of all of them together; None where no source tells any
    first_voice  a copy that was published before the original, which is the one a person chose; else None
    """

    post: Post
    copies: int = 0
    platforms: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    accounts: int = 0
    heat: int | None = None
    first_voice: Post | None = None


SAID_ON = Coalesce(NullIf("platform", Value("")), "source__platform")
LEAD = Coalesce("original", "pk")


def groups_of(posts: Sequence[Post]) -> list[Group]:
    """The groups of some originals, added up by the database. Four queries, however many and however large."""
    groups = {post.pk: Group(post, platforms=[post.said_on], sources=[post.source.name]) for post in posts}
    members = Post.everywhere.filter(Q(pk__in=groups) | Q(original__in=groups)).order_by().annotate(lead=LEAD)
    places = members.annotate(where=SAID_ON).values_list("lead", "where", "source__name")
    for lead, where, source, number, *metrics in places.annotate(
        Count("pk"), Sum("reposts"), Sum("comments"), Sum("likes"), since=Min("published_at")
    ).order_by("since"):
        group, known = groups[lead], [metric for metric in metrics[:3] if metric is not None]
        group.copies += number
        group.platforms = list(dict.fromkeys([*group.platforms, where]))
        group.sources = list(dict.fromkeys([*group.sources, source]))
        group.heat = (group.heat or 0) + sum(known) if known else group.heat
    voices = members.exclude(author="").values_list("lead")
    account = Concat(SAID_ON, Value("\n"), "author", output_field=TextField())
    for lead, number in voices.annotate(n=Count(account, distinct=True)):
        groups[lead].accounts = number
    earlier = Post.everywhere.filter(original=OuterRef("pk"), published_at__lt=OuterRef("published_at"))
    first = earlier.order_by("published_at", "pk").values("pk")[:1]
    found = dict(Post.everywhere.filter(pk__in=groups).annotate(first=Subquery(first)).values_list("pk", "first"))
    voice_of = Post.everywhere.select_related("source").in_bulk({pk for pk in found.values() if pk is not None})
    for lead, group in groups.items():
        group.copies -= 1
        group.first_voice = voice_of.get(found.get(lead) or 0)
    return list(groups.values())


def stories_nearby(topic: Topic, most: int = OFFERED) -> list[Topic]:
    """Stories of the same watch it could be put together with, the likeliest first; one query."""
    others = Topic.everywhere.filter(
        watch=topic.watch_id, exercise=topic.exercise_id, merged_into__isnull=True, size__gt=0
    )
    found = list(others.exclude(pk=topic.pk).order_by("-last_at", "-pk")[:200])
    return sorted(found, key=lambda other: -likeness(topic.terms, other.terms))[:most]


def folds_of(post: Post) -> list[Fold]:
    """What people folded into a post by hand, or the fold that made it a copy; the newest first. One query."""
    folds = Fold.objects.filter(Q(into=post) | Q(post=post), undone_at__isnull=True)
    return list(folds.select_related("post__source", "into__source", "by").order_by("-at", "-pk"))
