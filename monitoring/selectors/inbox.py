"""The inbox as people see it: the queue of originals, one of them to read, what is new, what has been done."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet, Subquery
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.models import User
from monitoring.models import Signal
from monitoring.selectors.signals import told
from monitoring.signals.thresholds import RANKS
from opinion.categories import label
from opinion.models import HourCount, Match, Post, PostEdit, Triage, Watch
from opinion.selectors import search
from opinion.selectors.curves import similar_posts, topic_curves
from opinion.text import excerpt, fold_word, pieces

PAGE = 30
SPARK_HOURS = 16
PLATFORM_DAYS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue. say: pieces of text, True where a watch's word stands. size: (what is counted, number)."""

    post: Post
    say: list[tuple[str, bool]]
    size: tuple[str, int] | None
    signal: Signal | None
    spark: list[int]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the queue, and the address of the row after which the next page begins, "" at the end."""

    rows: list[Row]
    after: str


# --- the queue -------------------------------------------------------------------------------------------------------
def queue(user: User, filters: Mapping[str, Any]) -> "QuerySet[Post]":
    """The originals this person may read in the filters' state, the newest first.

    filters  state (always), watch (a Watch), sentiment, source_class, platform, q (words, or @author)
    """
    posts = Post.objects.visible_to(user).leads().in_triage(filters["state"])
    if filters.get("watch"):
        posts = posts.filter(Q(pk__in=Match.objects.filter(watch=filters["watch"]).values("post")))
    if filters.get("sentiment"):
        posts = posts.filter(sentiment=filters["sentiment"])
    if filters.get("source_class"):
        posts = posts.filter(source__source_class=filters["source_class"])
    if filters.get("platform"):
        posts = posts.filter(platform=filters["platform"])
    said = _saying(posts, filters["q"]) if filters.get("q") else posts
    return said.order_by("-published_at", "-pk")


def _saying(posts: "QuerySet[Post]", q: str) -> "QuerySet[Post]":
    """Posts in which every word of `q` stands, by the index; `@name`: those of one account.

    A part of a name is not looked for: that read every post of the state (measured among 490,000: 1.4 s).
    """
    if q.startswith("@"):
        return posts.filter(author=q[1:].strip())
    words = [word for word in q.replace('"', " ").split() if fold_word(word)]  # what shows nothing is no word
    for word in words:
        posts = posts.filter(Q(title__icontains=word) | Q(text__icontains=word))
    return search.candidates(posts, search.query(" ".join(f'"{word}"' for word in words)))


def page_of(posts: "QuerySet[Post]", *, now: datetime, after: UUID | None = None) -> Page:
    """A page of the queue after a row. A fixed number of queries, however long the page."""
    if after is not None:
        before = Post.objects.filter(uuid=after).values_list("published_at", "pk").first()
        if before is not None:
            posts = posts.filter(Q(published_at__lt=before[0]) | Q(published_at=before[0], pk__lt=before[1]))
    found = list(with_matches(posts)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    return Page(rows(found, now=now), str(found[-1].uuid) if more else "")


def with_matches(posts: "QuerySet[Post]") -> "QuerySet[Post]":
    """The posts with what `rows` needs of them."""
    matches = Match.objects.select_related("watch").order_by("pk")
    return posts.select_related("source").prefetch_related(Prefetch("matches", queryset=matches))


def rows(posts: Sequence[Post], *, now: datetime) -> list[Row]:
    """Lines for posts whose matches are there already. Two queries."""
    topics = {match.topic_id for post in posts for match in post.matches.all() if match.topic_id}
    signals = {signal.topic_id: signal for signal in Signal.objects.open().filter(topic__in=topics)}
    lines = topic_curves(topics, until=now, hours=SPARK_HOURS)
    return [_row(post, signals, lines) for post in posts]


def _row(post: Post, signals: Mapping[int, Signal], lines: Mapping[int, list[int]]) -> Row:
    matches = post.matches.all()
    words = [word for match in matches for word in match.words]
    topics = [match.topic_id for match in matches if match.topic_id]
    mine = [signals[topic] for topic in topics if topic in signals]
    return Row(
        post=post,
        say=pieces(excerpt(post.said, words), words),
        size=size_of(post),
        signal=max(mine, key=lambda signal: RANKS[signal.suggestion], default=None),
        spark=max((lines[topic] for topic in topics), key=sum, default=[]),
    )


def size_of(post: Post) -> tuple[str, int] | None:
    """How big it is, by the first thing its source told us: who hears the author, or what it drew."""
    for name in ("followers", "rank", "heat", "reads", "reposts", "comments", "likes"):
        number = getattr(post, name)
        if number is not None:
            return name, number
    return None


def waiting_count(user: User) -> int:
    """How many originals wait to be sorted: the number beside 分诊."""
    return Post.objects.visible_to(user).leads().in_triage(Triage.WAITING).count()


def counts_by_state(user: User) -> dict[str, int]:
    """Originals in each state of triage; one query."""
    posts = Post.objects.visible_to(user).leads().order_by()
    counted = dict(posts.values_list("triage").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in Triage.values if state not in (Triage.RIVAL, Triage.UNDONE)}


def platforms(now: datetime) -> list[str]:
    """Platforms heard from lately, the loudest first; one query, of counts."""
    lately = HourCount.objects.filter(hour__gte=now - timedelta(days=PLATFORM_DAYS))
    rows = lately.order_by().values_list("platform").annotate(n=Count("pk"))
    return [platform for platform, _n in rows.order_by("-n", "platform")[:40] if platform]


def newest_uuid(posts: "QuerySet[Post]") -> str:
    """The post of the queue that came in last: what is fresh is counted from there."""
    newest = posts.order_by("-pk").values_list("uuid", flat=True).first()
    return str(newest) if newest else ""


def fresh_count(posts: "QuerySet[Post]", after: UUID | None) -> int:
    """How many posts of the queue came in after one."""
    if after is not None:
        posts = posts.filter(pk__gt=Subquery(Post.objects.filter(uuid=after).values("pk")[:1]))
    return posts.count()


def next_after(posts: "QuerySet[Post]", post: Post) -> Post | None:
    """The one below a post in the queue, whether or not the post itself is still in it; else the one above."""
    below = Q(published_at__lt=post.published_at) | Q(published_at=post.published_at, pk__lt=post.pk)
    others = posts.exclude(pk=post.pk)
    return others.filter(below).first() or others.exclude(below).order_by("published_at", "pk").first()


# --- one post --------------------------------------------------------------------------------------------------------
METRICS = ("reposts", "comments", "likes")


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the reader shows of one post.

    number, total  its place in the queue; number is 0 where it is not in it
    title, paragraphs  pieces of text, True where a watch's word stands
    alike          how many other posts its group has
    edits          what it said before, the newest first
    engagement     reposts, comments and likes together, None where its source says none of them
    """

    post: Post
    matches: list[Match]
    number: int
    total: int
    title: list[tuple[str, bool]]
    paragraphs: list[list[tuple[str, bool]]]
    engagement: int | None
    metrics: list[tuple[str, int | None]]
    alike: int
    copies: list[Post]
    copy_platforms: int
    signals: list[tuple[Signal, list[dict[str, Any]]]]
    reasons: list[dict[str, Any]]
    risks: list[tuple[str, str]]
    edits: list[PostEdit]


def reading(post: Post, posts: "QuerySet[Post]", *, total: int) -> Reading:
    """One post to read, in its queue. A fixed number of queries."""
    matches = list(post.matches.select_related("watch", "topic").order_by("pk"))
    words = [word for match in matches for word in match.words]
    topics = [match.topic_id for match in matches if match.topic_id]
    signals = Signal.objects.filter(topic__in=topics).order_by("closed_at", "-grown_at").select_related("watch")
    copies = similar_posts(post)
    above = Q(published_at__gt=post.published_at) | Q(published_at=post.published_at, pk__gt=post.pk)
    known = [getattr(post, name) for name in METRICS if getattr(post, name) is not None]
    return Reading(
        post=post,
        matches=matches,
        number=posts.filter(above).count() + 1,
        total=total,
        title=pieces(post.heading, words),
        paragraphs=[pieces(line, words) for line in post.text.split("\n") if line.strip()],
        engagement=sum(known) if known else None,
        metrics=metrics_of(post),
        alike=(post.original or post).copy_count,
        copies=copies,
        copy_platforms=len({copy.platform for copy in copies}),
        signals=[(signal, told(signal.reasons)) for signal in signals[:3]],
        reasons=[why(reason) for reason in post.reasons],
        risks=[(risk["term"], label(risk["category"])) for risk in post.risks],
        edits=list(post.edits.all()),
    )


def metrics_of(post: Post) -> list[tuple[str, int | None]]:
    """What the source counts, in words; None where it did not say."""
    return [
        (_("Reposts"), post.reposts),
        (_("Comments"), post.comments),
        (_("Likes"), post.likes),
        (_("Reads"), post.reads),
        (_("Followers of the author"), post.followers),
        (_("Heat"), post.heat),
        (_("Rank on its list"), post.rank),
    ]


def why(reason: Mapping[str, Any]) -> dict[str, Any]:
    """A reason of a score in words: what was found, what kind of thing it is, and which way it pulls."""
    kind, weight = reason.get("kind", ""), reason.get("weight", 0)
    words = {
        "ngram": _("wording"),
        "token": _("word"),
        "pos": _("good word"),
        "neg": _("bad word"),
        "pos_negated": _("good word, negated"),
        "neg_negated": _("bad word, negated"),
        "crisis_2": _("crisis term"),
        "crisis_3": _("grave crisis term"),
        "crisis_negated": _("crisis term, negated"),
        "crisis_denied": _("crisis term, denied"),
        "crisis_asked": _("crisis term in a question or drill"),
        "denial": _("denial"),
        "repair": _("put right"),
        "unmet": _("due, and did not come"),
        "belied": _("denial belied"),
        "even": _("both sides weighed"),
    }
    about = label(reason["about"]) if reason.get("about") else ""
    return {
        "text": reason.get("text", ""),
        "kind": words.get(kind, kind),
        "about": about,
        "pulls": "neg" if weight < 0 else "pos",
    }


# --- what was done today ---------------------------------------------------------------------------------------------
def done_today(now: datetime) -> dict[str, int]:
    """Originals sorted since midnight in the company's zone, by what became of them, and `all`; one query."""
    midnight = localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    sorted_ = Post.objects.leads().filter(triaged_at__gte=midnight).order_by()
    counted = Counter(dict(sorted_.values_list("triage").annotate(Count("pk"))))
    return {"all": counted.total(), **{state: counted[state] for state in Triage.values}}


def watches_to_filter() -> "QuerySet[Watch]":
    return Watch.objects.order_by("name")
