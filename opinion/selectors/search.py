"""Searching posts: the index finds candidates, the newest first, and each is read word for word before it is shown."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from accounts.models import User
from opinion import index, words
from opinion.models import Match, Post, Source
from opinion.search import Query, query_of
from opinion.services.terms import apply_names

PAGE = 30
COUNTED = 1000  # results are counted as far as that
LOOKED_AT = 2000  # candidates that are read word for word for one page or one count
FEW = 5000  # candidates whose keys are fetched first
AT_ONCE = 200
Key = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Total:
    """How many there are. is_more: there are more than that, nobody counted how many."""

    number: int
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A page of results. after: the post behind which the next page begins, "" at the end.

    looked_at  0, or how many of the newest candidates were read before giving up; `after` then goes on behind them
    """

    posts: list[Post]
    after: str = ""
    looked_at: int = 0


def query(rule: str) -> Query | None:
    """A search as it was typed, cut by today's dictionary; None for no words. Raises rules.RuleError."""
    if not rule.strip():
        return None
    apply_names()
    return query_of(rule, words.cut)


def results(user: User, filters: Mapping[str, Any]) -> "QuerySet[Post]":
    """The posts the filters leave, the newest first; live ones only, originals only unless `copies`.

    since, until  aware times, half-open        watch, topic  a Watch, the UUID of a topic
    platform, sentiment, source_class, region   posts         keys of posts, as a queryset: these and their copies
    What is absent or empty filters nothing.
    """
    posts = Post.objects.visible_to(user)
    if not filters.get("copies"):
        posts = posts.leads()
    spans = {"since": "gte", "until": "lt"}
    span = {f"published_at__{how}": filters[name] for name, how in spans.items() if filters.get(name)}
    posts = posts.filter(
        **span, **{name: filters[name] for name in ("platform", "sentiment", "region") if filters.get(name)}
    )
    if filters.get("source_class"):
        posts = posts.filter(source__in=Source.objects.filter(source_class=filters["source_class"]))
    if filters.get("watch") or filters.get("topic"):
        matches = Match.objects.filter(**span)
        if filters.get("watch"):
            matches = matches.filter(watch=filters["watch"])
        if filters.get("topic"):
            matches = matches.filter(topic__uuid=filters["topic"])
        posts = posts.filter(pk__in=matches.values("post"))
    if filters.get("posts") is not None:
        posts = posts.filter(Q(pk__in=filters["posts"]) | Q(original__in=filters["posts"]))
    return posts.order_by("-published_at", "-pk")


def candidates(posts: "QuerySet[Post]", asked: Query | None) -> "QuerySet[Post]":
    """Those of `results` that may fulfil a query, by the index. One query more where there is one to ask.

    The keys of a few are fetched first: PostgreSQL does not know how rare a rare word is, and would rather walk a
    million posts by time than sort fourteen (measured: 12 s against 15 ms).
    """
    if asked is None or asked.condition is None:
        return posts
    keys = index.matching(Post.everywhere.order_by(), asked.condition).values_list("pk", flat=True)
    few = list(keys[: FEW + 1])
    return posts.filter(pk__in=few) if len(few) <= FEW else index.matching(posts, asked.condition, is_common=True)


def page_of(posts: "QuerySet[Post]", asked: Query | None, *, after: UUID | None = None, size: int = PAGE) -> Found:
    """A page of `candidates` that fulfil a query, after a post."""
    key = _key(after)
    if asked is None:
        found = list(_before(posts, key).select_related("source")[: size + 1])
        more = len(found) > size
        return Found(found[:size], str(found[size - 1].uuid) if more else "")
    return _page(*_read(posts, asked, key, most=size + 1), size)


def first_page(posts: "QuerySet[Post]", asked: Query | None) -> tuple[Found, Total]:
    """The first page of `candidates` that fulfil a query, and how many do: each text is read once for both."""
    if asked is None:
        return page_of(posts, None), total(posts, None)
    hits, last = _read(posts, asked, None, most=COUNTED + 1)
    return _page(hits, last, PAGE), _counted(hits, last)


def total(posts: "QuerySet[Post]", asked: Query | None) -> Total:
    """How many of `candidates` fulfil a query: exact up to a thousand."""
    if asked is None:
        number = posts.order_by()[: COUNTED + 1].count()
        return Total(min(number, COUNTED), number > COUNTED)
    return _counted(*_read(posts, asked, None, most=COUNTED + 1))


def every(posts: "QuerySet[Post]", asked: Query | None, *, most: int) -> Iterator[Post]:
    """The first so many of `candidates` that fulfil a query, a few hundred in memory at a time: for an export."""
    after, left = None, most
    while left > 0:
        page = page_of(posts, asked, after=after, size=min(AT_ONCE, left))
        yield from page.posts
        left -= len(page.posts)
        if not page.after:
            return
        after = UUID(page.after)


def first_heard() -> datetime | None:
    """Since when there are posts to search."""
    first: datetime | None = Post.objects.aggregate(first=Min("published_at"))["first"]
    return first


def _read(posts: "QuerySet[Post]", asked: Query, key: Key | None, *, most: int) -> tuple[list[Post], Post | None]:
    """The newest candidates that fulfil a query, and the last one that was read where it gave up before their end."""
    hits: list[Post] = []
    looked_at = 0
    for post in _newest(posts, key):
        looked_at += 1
        if asked.wants(post.words):
            hits.append(post)
        if len(hits) == most:
            return hits, None
    return hits, post if looked_at == LOOKED_AT else None


def _newest(posts: "QuerySet[Post]", key: Key | None) -> Iterator[Post]:
    """Candidates to be read word for word, the newest first, in a few queries; at most LOOKED_AT."""
    posts = posts.only("uuid", "title", "text", "published_at")
    left, size = LOOKED_AT, AT_ONCE
    while left:
        size = min(size, left)
        some = list(_before(posts, key)[:size])
        yield from some
        if len(some) < size:
            return
        left -= size
        key = (some[-1].published_at, some[-1].pk)
        size *= 3


def _page(hits: list[Post], last: Post | None, size: int) -> Found:
    rows = Post.objects.select_related("source").in_bulk([hit.pk for hit in hits[:size]])
    shown = [rows[hit.pk] for hit in hits[:size]]
    if len(hits) > size:
        return Found(shown, str(shown[-1].uuid))
    return Found(shown, str(last.uuid), LOOKED_AT) if last else Found(shown)


def _counted(hits: list[Post], last: Post | None) -> Total:
    return Total(min(len(hits), COUNTED), len(hits) > COUNTED or last is not None)


def _before(posts: "QuerySet[Post]", key: Key | None) -> "QuerySet[Post]":
    if key is None:
        return posts
    return posts.filter(Q(published_at__lt=key[0]) | Q(published_at=key[0], pk__lt=key[1]))


def _key(after: UUID | None) -> Key | None:
    return Post.objects.filter(uuid=after).values_list("published_at", "pk").first() if after else None
