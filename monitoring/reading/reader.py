"""One document, read: decoded, recognised, taken apart, cleaned, dated and given the ids that make posts unique."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitoring.reading.clean import AUTHOR, TEXT, TITLE, URL, cut, plain, plain_line, web_link, without_controls
from monitoring.reading.dates import is_relative, published
from monitoring.reading.decode import decode
from monitoring.reading.entries import MOST_ENTRIES, Entry, Feed, NotAFeed, Unreadable
from monitoring.reading.feeds import read_feed_text
from monitoring.reading.jsonfeed import read_json
from monitoring.reading.links import canonical
from monitoring.reading.pages import wants_a_person
from opinion.raw import RawPost

LONGEST_ID = 500
UNDATED = 5  # this many entries and not one with a date: a list, not a feed


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document held.

    health    a code of opinion.models.SourceHealth: ok, empty, not_a_feed, captcha, unreadable or too_large
    encoding  the codec that read it; "" where it was not even decoded
    posts     in the feed's order, ids unique
    reason    a code of monitoring.health.words that says more than the health does, or ""; facts fill its sentence
    words     that sentence, in the reader's language; filled in by monitoring.health.words
    undated   not one of several entries has a date: it looks like a hot list
    """

    health: str
    encoding: str = ""
    posts: list[RawPost] = field(default_factory=list)
    title: str = ""
    ttl_minutes: int | None = None
    reason: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)
    words: str = ""
    undated: bool = False


def read_document(body: bytes, *, content_type: str, url: str, now: datetime) -> Reading:
    """Read a fetched document, in this process: see `apart.read_feed` for strangers' documents.

    body          as it came, decompressed
    content_type  the HTTP header, for its charset only; what the document is, the document itself says
    url           where it came from: what relative links are relative to
    now           aware, the time of the fetch
    """
    decoded = decode(body, content_type)
    text = decoded.text.lstrip("\ufeff \t\r\n")
    try:
        feed = read_json(text) if text.startswith(("{", "[")) else read_feed_text(text)
    except NotAFeed:
        return Reading("captcha" if wants_a_person(text, url) else "not_a_feed", decoded.encoding)
    except Unreadable as problem:
        health = problem.reason if problem.reason == "too_large" else "unreadable"
        return Reading(health, decoded.encoding, reason=problem.reason, facts=problem.facts)
    posts, blank = _posts(feed, url=url, now=now)
    left_out = feed.left_out + max(0, len(feed.entries) - MOST_ENTRIES)
    undated = len(posts) >= UNDATED and all(post.date_doubt == "missing" for post in posts)
    reasons = {"blank": blank, "left_out": left_out, "doubtful_encoding": decoded.doubtful, "undated": undated}
    return Reading(
        health="ok" if posts else "empty",
        encoding=decoded.encoding,
        posts=posts,
        title=cut(plain_line(feed.title), TITLE)[0],
        ttl_minutes=feed.ttl_minutes,
        reason=next((reason for reason, found in reasons.items() if found), ""),
        facts={"left_out": left_out, "blank": blank},
        undated=undated,
    )


def _posts(feed: Feed, *, url: str, now: datetime) -> tuple[list[RawPost], int]:
    """The entries as posts, and how many were none: without title and text there is nothing to hear."""
    made = [(entry, _post(entry, url=url, now=now)) for entry in feed.entries[:MOST_ENTRIES]]
    told = [(entry, post) for entry, post in made if post.title or post.text]
    groups: dict[str, list[tuple[Entry, RawPost]]] = defaultdict(list)
    for entry, post in told:
        groups[post.external_id].append((entry, post))
    posts: list[RawPost] = []
    for group in groups.values():
        posts += [group[0][1]] if len(group) == 1 else _told_apart(group, feed.same_id_is_same_entry)
    return posts, len(made) - len(told)


def _told_apart(group: list[tuple[Entry, RawPost]], same_id_is_same_entry: bool) -> list[RawPost]:
    """Entries that share an id.

    In Atom they are versions of one entry, the newest counts. Elsewhere a publisher put the address of a page or a
    constant where the id belongs: those that differ in link, else title, else text are kept apart by it, and copies
    that differ in nothing are one post.
    """
    posts = [post for entry, post in group]
    if same_id_is_same_entry:
        return [max(posts, key=lambda post: post.published_at)]
    parts: tuple[Callable[[RawPost], str], ...] = (lambda p: canonical(p.url), lambda p: p.title, lambda p: p.text)
    for part in parts:
        if len({part(post) for post in posts}) > 1:
            apart: dict[str, RawPost] = {}
            for post in posts:
                apart.setdefault(part(post), replace(post, external_id=_joined(post.external_id, part(post))))
            return list(apart.values())
    return posts[:1]


def _joined(external_id: str, what: str) -> str:
    return f"{external_id[: LONGEST_ID - 17]}#{digest(what)[:16]}"


def _post(entry: Entry, *, url: str, now: datetime) -> RawPost:
    title, title_cut = cut(plain_line(entry.title, is_html=entry.title_is_html), TITLE)
    text, text_cut = cut(plain(entry.body, is_html=entry.body_is_html), TEXT)
    author, author_cut = cut(plain_line(entry.author), AUTHOR)
    link = next((found for written in entry.links if (found := web_link(written, url))), "")
    when = published(entry.dates, now=now)
    return RawPost(
        external_id=_external_id(entry, link, title, text, author),
        title=title,
        text=text,
        url=link if len(link) <= URL else "",
        author=author,
        published_at=when.at,
        date_doubt=when.doubt,
        reposts=entry.counts.get("reposts"),
        comments=entry.counts.get("comments"),
        likes=entry.counts.get("likes"),
        reads=entry.counts.get("reads"),
        heat=entry.counts.get("heat"),
        truncated=tuple(
            name
            for name, lost in (
                ("title", title_cut),
                ("text", text_cut),
                ("author", author_cut),
                ("url", len(link) > URL),
            )
            if lost
        ),
    )


def _external_id(entry: Entry, link: str, title: str, text: str, author: str) -> str:
    """The feed's own id; without one, what the link says without its tracking; without that, title, date and author."""
    own = " ".join(without_controls(entry.id).split())
    if own:
        return own if len(own) <= LONGEST_ID else digest(own)
    if link:
        return digest(canonical(link))
    # "3分钟前" reads differently at every poll, so a relative date would make a new post of it each time.
    day = next((date for date in entry.dates if date.strip() and not is_relative(date)), "")
    return digest("\n".join((title or text, day, author)))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
