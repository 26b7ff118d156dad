"""Hot lists: the same items again and again, in an order that means something, without dates of their own."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from monitoring.reading.figures import heat_told
from monitoring.reading.links import canonical
from monitoring.reading.reader import Reading, digest
from opinion.raw import RawPost
from opinion.text import fold

# What RSSHub puts where it does not know the kind of a row.
UNKNOWN_ROW = ("未知类型", "https://github.com/")
PLACE_BEFORE = re.compile(r"(\d{1,3})\s*[.、．:：](?:\s+|(?!\d))")


def as_hot_list(reading: Reading, *, now: datetime) -> Reading:
    """The same reading, its posts read as rows of a hot list.

    now  aware, the time of the fetch: what a row new to us is dated with, and doubted for
    Rank is the place in the document, 1 at the top; heat is what the row says of it. A row keeps its id while it
    moves: its link without what changes at every poll, else its title.
    """
    posts = [replace(post, title=title) for post, title in zip(reading.posts, _titles(reading.posts), strict=True)]
    rows: dict[str, RawPost] = {}
    for row in _rows(posts, now):
        rows.setdefault(row.external_id, row)
    if reading.reason == "undated":
        reading = replace(reading, reason="", words="")
    health = "empty" if reading.health == "ok" and not rows else reading.health
    return replace(reading, posts=list(rows.values()), health=health, undated=False)


def _rows(posts: list[RawPost], now: datetime) -> Iterator[RawPost]:
    links = [canonical(post.url, placed=True) if post.url else "" for post in posts]
    times = Counter(links)
    for place, (post, link) in enumerate(zip(posts, links, strict=True), start=1):
        if post.title == UNKNOWN_ROW[0] and post.url.startswith(UNKNOWN_ROW[1]):
            continue
        heat, text = heat_told(post.text)
        words = fold(post.title or text).text
        same = link if link and times[link] == 1 else words
        yield replace(
            post,
            external_id=digest(same),
            text=text,
            published_at=now,
            date_doubt="missing",
            rank=place,
            heat=heat if post.heat is None else post.heat,
        )


def _titles(posts: list[RawPost]) -> list[str]:
    """The titles, without their place where every one of them carries it: 3. 标题."""
    found = [PLACE_BEFORE.match(post.title) for post in posts]
    numbered = all(one and int(one[1]) == place for place, one in enumerate(found, start=1))
    return [post.title[one.end() :] if one and numbered else post.title for post, one in zip(posts, found, strict=True)]
