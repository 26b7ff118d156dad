"""Numbers about an incident's posts: which they are, how many, how negative, from where. Reads only.

An incident's posts are the originals attached to it and those of its topics, without the ones a person took out.
Reposts count through their original; but who said it and where is asked of reposts too: central media weigh
no less because it repeats a post. What is measured for the severity leaves posts of arranged bursts out and counts
them apart. Every number here can be followed to its posts: `filtered` takes the same words as the address of the posts
page (`incidents:posts`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, TruncHour, TruncMinute
from django.utils import timezone

from incidents.models import Incident, IncidentPost
from opinion.models import Match, MediaTier, Post, PostQuerySet, Sentiment, SourceClass

WINDOW = timedelta(hours=24)  # what is measured is the last day
BIG_ACCOUNT = 1_000_000  # followers
HOT_RANK = 50
VIDEO_PLATFORMS = frozenset({"抖音", "快手", "哔哩哔哩", "B站", "视频号", "西瓜视频"})
FILTERS: dict[str, Q] = {
    "neg": Q(sentiment=Sentiment.NEG),
    "media": Q(source__source_class=SourceClass.MEDIA),
    "central": Q(source__tier=MediaTier.CENTRAL),
    "national": Q(source__tier=MediaTier.NATIONAL),
    "trade": Q(source__tier=MediaTier.TRADE),
    "ordinary": Q(source__tier=MediaTier.ORDINARY),
    "big": Q(followers__gte=BIG_ACCOUNT),
    "hot": Q(rank__gte=1, rank__lte=HOT_RANK),
    # an original counts unless all of it is arranged: what a burst began, others may pass on in earnest
    "organic": Q(is_coordinated=False)
    | Q(Exists(Post.everywhere.filter(original=OuterRef("pk"), is_coordinated=False))),
    "arranged": Q(is_coordinated=True),
}
ONE_BY_ONE = frozenset(FILTERS) - {"neg", "organic"}


SAID_ON = Coalesce(NullIf("platform", Value("")), "source__platform")  # a post may know better than its source


def posts_of(incident: Incident) -> PostQuerySet:
    """The originals that make up an incident."""
    attachments = IncidentPost.objects.filter(incident=incident)
    attached = attachments.filter(detached_at__isnull=True).values("post")
    taken_out = attachments.filter(detached_at__isnull=False, voided_at__isnull=True).exclude(post__in=attached)
    of_topics = Match.objects.filter(topic__incidents=incident).values("post")
    return (
        Post.everywhere.filter(Q(pk__in=attached) | Q(pk__in=of_topics), original__isnull=True)
        .exclude(pk__in=taken_out.values("post"))
        .select_related("source")
    )


def with_reposts(posts: QuerySet[Post]) -> QuerySet[Post]:
    """The originals and what was folded into them."""
    originals = posts.values("pk")
    return Post.everywhere.filter(Q(pk__in=originals) | Q(original__in=originals)).select_related("source")


def filtered(posts: QuerySet[Post], query: Mapping[str, Any]) -> QuerySet[Post]:
    """Narrow posts by the words of the posts page's address; unknown words narrow nothing.

    since, until  aware times, half-open     only  space-separated keys of FILTERS     platform  as people call it
    category      a class of crisis terms found in the post
    What is counted one by one, reposts too (ONE_BY_ONE), is shown so.
    """
    only = str(query.get("only") or "").split()
    if ONE_BY_ONE.intersection(only):
        posts = with_reposts(posts)
    if query.get("since"):
        posts = posts.filter(published_at__gte=query["since"])
    if query.get("until"):
        posts = posts.filter(published_at__lt=query["until"])
    for name in only:
        posts = posts.filter(FILTERS.get(name, Q()))
    if query.get("platform"):
        posts = posts.alias(where=SAID_ON).filter(where=query["platform"])
    if query.get("category"):
        posts = posts.filter(pk__in=[pk for pk, found in categories_of(posts) if query["category"] in found])
    return posts


def categories_of(posts: QuerySet[Post]) -> list[tuple[int, set[str]]]:
    """Each post's classes of crisis terms, as the pipeline left them."""
    return [(pk, {risk["category"] for risk in risks}) for pk, risks in posts.order_by().values_list("pk", "risks")]


# --- the measured window ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Measured:
    """The posts of one window, counted without those of arranged bursts. None where no post said.

    coordinated  posts of arranged bursts, reposts one by one; None where no source tells of any account
    """

    posts: int
    coordinated: int | None
    copies: int
    reposts: int | None
    reads: int | None
    plays: int | None
    platforms: list[str]
    last_hour: int
    previous_hourly: float
    tiers: dict[str, int]
    negative_tiers: dict[str, int]
    big_accounts: int
    negative_big_accounts: int
    best_rank: int | None
    negative_share: float | None
    negative_posts: int
    categories: dict[str, int]  # crisis-term class: negative posts it was found in


def measured(originals: QuerySet[Post], now: datetime) -> Measured:
    """Count the last 24 hours of some posts: those of an incident (`posts_of`), or what may become one."""
    window = {"since": now - WINDOW, "until": now}
    posts = filtered(originals, {**window, "only": "organic"}).annotate(where=SAID_ON)
    video = Q(where__in=VIDEO_PLATFORMS)
    sums = posts.aggregate(
        posts=Count("pk"),
        copied=Sum("copy_count"),
        reposted=Sum("reposts"),
        was_read=Sum("reads", filter=~video),
        played=Sum("reads", filter=video),
        last_hour=Count("pk", filter=Q(published_at__gte=now - timedelta(hours=1))),
        before=Count(
            "pk",
            filter=Q(published_at__gte=now - timedelta(hours=7), published_at__lt=now - timedelta(hours=1)),
        ),
        negative=Count("pk", filter=FILTERS["neg"]),
    )
    found = Counter(
        category for _pk, categories in categories_of(posts.filter(FILTERS["neg"])) for category in categories
    )
    return Measured(
        posts=sums["posts"],
        coordinated=coordinated(originals, window),
        copies=sums["copied"] or 0,
        reposts=sums["reposted"],
        reads=sums["was_read"],
        plays=sums["played"],
        last_hour=sums["last_hour"],
        previous_hourly=sums["before"] / 6,
        negative_share=negative_share(posts),
        negative_posts=sums["negative"],
        categories=dict(found),
        **reach(filtered(with_reposts(originals), {**window, "only": "organic"})),
    )


def reach(posts: QuerySet[Post]) -> dict[str, Any]:
    """Who said it, and where: that part of Measured that reposts have a share in."""
    posts = posts.order_by()
    tiers = Counter[str]()
    negative_tiers = Counter[str]()
    for tier, sentiment, count in posts.values_list("source__tier", "sentiment").annotate(n=Count("pk")):
        tiers[tier] += count
        if sentiment == Sentiment.NEG:
            negative_tiers[tier] += count
    sums = posts.aggregate(
        big_accounts=Count("pk", filter=FILTERS["big"]),
        negative_big_accounts=Count("pk", filter=FILTERS["big"] & FILTERS["neg"]),
        best_rank=Min("rank"),
    )
    platforms = posts.annotate(where=SAID_ON).values_list("where", flat=True).distinct()
    return {**sums, "tiers": dict(tiers), "negative_tiers": dict(negative_tiers), "platforms": sorted(platforms)}


def coordinated(posts: QuerySet[Post], window: Mapping[str, Any]) -> int | None:
    """How many posts of arranged bursts a window holds; None where nothing is told of any account in it."""
    told = Count("pk", filter=Q(followers__isnull=False) | Q(author_since__isnull=False))
    arranged = Count("pk", filter=FILTERS["arranged"])
    sums = filtered(with_reposts(posts), window).aggregate(arranged=arranged, told=told)
    return sums["arranged"] if sums["arranged"] or sums["told"] else None


def negative_share(posts: QuerySet[Post]) -> float | None:
    """How much of what people see is negative: a post weighs 1 and its reposts, comments, likes; None without.

    Reposts in arranged bursts weigh nothing.
    """
    arranged = Coalesce(arranged_copies(), 0) + Case(When(is_coordinated=True, then=1), default=0)
    engagement = Coalesce("reposts", 0) + Coalesce("comments", 0) + Coalesce("likes", 0)
    weight = 1 + F("copy_count") - arranged + engagement
    sums = posts.aggregate(all=Sum(weight), negative=Sum(Case(When(FILTERS["neg"], then=weight), default=0)))
    return sums["negative"] / sums["all"] if sums["all"] else None


def arranged_copies() -> Subquery:
    """How many reposts of an original came in arranged bursts."""
    copies = Post.everywhere.filter(original=OuterRef("pk"), is_coordinated=True).order_by()
    return Subquery(copies.values("original").annotate(n=Count("pk")).values("n"), output_field=BigIntegerField())


# --- the page's figures ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Overview:
    """The four figures on top of an incident, each with what it is compared to, and how old they are."""

    posts: int
    last_hour: int
    hour_before: int
    negative_share: float | None
    peak_share: float | None
    peak_at: datetime | None
    interactions: int | None
    top_post_interactions: int | None
    media: int
    central: int
    national: int
    as_of: datetime | None

    @property
    def hourly_change(self) -> float | None:
        """Last hour against the hour before, as a share; None where there is nothing to compare with."""
        return (self.last_hour - self.hour_before) / self.hour_before if self.hour_before else None


def overview(incident: Incident, now: datetime) -> Overview:
    posts = posts_of(incident)
    everything = with_reposts(posts)
    hour = timedelta(hours=1)
    engagement = Coalesce("reposts", 0) + Coalesce("comments", 0) + Coalesce("likes", 0)
    counts = everything.aggregate(
        posts=Count("pk"),
        last_hour=Count("pk", filter=Q(published_at__gte=now - hour, published_at__lt=now)),
        hour_before=Count("pk", filter=Q(published_at__gte=now - 2 * hour, published_at__lt=now - hour)),
        as_of=Max("first_seen_at"),
        media=Count("pk", filter=FILTERS["media"]),
        central=Count("pk", filter=FILTERS["central"]),
        national=Count("pk", filter=FILTERS["national"]),
    )
    sums = posts.aggregate(
        known=Count("pk", filter=Q(reposts__isnull=False) | Q(comments__isnull=False) | Q(likes__isnull=False)),
        all=Sum(engagement),
        top=Max(engagement),
    )
    peak = peak_negative_hour(posts)
    return Overview(
        **counts,
        negative_share=negative_share(posts),
        peak_share=peak[1] if peak else None,
        peak_at=peak[0] if peak else None,
        interactions=sums["all"] if sums["known"] else None,
        top_post_interactions=sums["top"] if sums["known"] else None,
    )


def peak_negative_hour(posts: QuerySet[Post]) -> tuple[datetime, float] | None:
    """The hour with the highest negative share among those with at least three posts."""
    hours = (
        posts.order_by()
        .values(hour=TruncHour("published_at"))
        .annotate(all=Count("pk"), negative=Count("pk", filter=FILTERS["neg"]))
    )
    shares = [(row["hour"], row["negative"] / row["all"]) for row in hours if row["all"] >= 3]
    return max(shares, key=lambda each: (each[1], each[0])) if shares else None


@dataclass(frozen=True, slots=True)
class Curve:
    """Volume by sentiment in equal steps, oldest first, no gaps."""

    step: timedelta
    starts: list[datetime]
    counts: dict[str, list[int]]  # sentiment: posts in each step, reposts included


STEPS = (  # spans up to which a step is used: never more than about 50 points
    (timedelta(hours=8), timedelta(minutes=15)),
    (timedelta(hours=48), timedelta(hours=1)),
    (timedelta(days=12), timedelta(hours=6)),
    (timedelta.max, timedelta(days=1)),
)


def curve(incident: Incident, now: datetime) -> Curve | None:
    """How the volume ran since the first post; None without posts. At most the last 60 steps."""
    posts = with_reposts(posts_of(incident)).order_by()
    span = posts.aggregate(first=Min("published_at"), last=Max("published_at"))
    if span["first"] is None:
        return None
    end = max(min(now, span["last"] + timedelta(days=1)), span["last"])
    step = next(step for limit, step in STEPS if end - span["first"] <= limit)
    start = max(floor(span["first"], step), floor(end, step) - 59 * step)
    slots = int((floor(end, step) - start) / step) + 1
    counts = {sentiment: [0] * slots for sentiment in Sentiment.values}
    trunc = TruncMinute if step < timedelta(hours=1) else TruncHour
    rows = posts.filter(published_at__gte=start).values_list(trunc("published_at"), "sentiment").annotate(n=Count("pk"))
    for at, sentiment, count in rows:
        counts[sentiment][int((at - start) / step)] += count
    return Curve(step, [start + i * step for i in range(slots)], counts)


def floor(at: datetime, step: timedelta) -> datetime:
    """The start of the step a time lies in, counted from the company's midnight."""
    at = timezone.localtime(at)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (at - midnight) // step * step


def sparklines(incidents: Iterable[Incident], now: datetime, hours: int = 12) -> dict[int, list[int]]:
    """Posts per hour, reposts included, for many incidents in two queries: pk -> counts, oldest first."""
    lines = {incident.pk: [0] * hours for incident in incidents}
    start = floor(now, timedelta(hours=1)) - timedelta(hours=hours - 1)
    recent = Q(post__published_at__gte=start, post__published_at__lte=now)
    attached = IncidentPost.objects.filter(recent, incident__in=lines, detached_at__isnull=True).exclude(
        post__matches__topic__incidents=F("incident")  # those are counted with the topic
    )
    of_topics = Match.objects.filter(recent, topic__incidents__in=lines, post__original__isnull=True)
    for rows, incident in ((attached, "incident"), (of_topics, "topic__incidents")):
        by_hour = (
            rows.order_by()
            .values_list(incident, TruncHour("post__published_at"))
            .annotate(n=Sum(1 + F("post__copy_count")))
        )
        for pk, hour, count in by_hour:
            if pk in lines:  # a topic may belong to incidents that are not asked for
                lines[pk][int((hour - start) / timedelta(hours=1))] += count
    return lines
