"""The file of a replay: one post a line, as JSON. Pure: bytes in, posts and sentences about bad lines out.

A line is {id, published_at, source, title, text, author, url, reposts, comments, likes, reads, heat, rank,
author_followers}; the first three are needed, and a title or a text. Whatever else stands in a line is not read.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from opinion.raw import RawPost

METRICS = {
    "reposts": "reposts",
    "comments": "comments",
    "likes": "likes",
    "reads": "reads",
    "heat": "heat",
    "rank": "rank",
    "author_followers": "followers",
}
WORDS = ("title", "text", "author", "url")
YEARS = range(1990, 2100)
LARGEST = 2**31 - 1  # of a number in a line; a rank is no larger anywhere
LONGEST = 1_000_000  # bytes of a line


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken, by its number from 1, and why, in words."""

    number: int
    why: str


@dataclass(slots=True)
class Lines:
    """What a file holds: its posts with their sources, the earliest first, bad lines, and how many lines repeat one."""

    posts: list[tuple[str, RawPost]] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    repeated: int = 0


def read(lines: Iterable[bytes]) -> Lines:
    """The posts of a file in the order they were published, each once: by its source and id, the first line counts."""
    found: dict[tuple[str, str], RawPost] = {}
    refused: set[bytes] = set()
    told = Lines()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            source, post = _post(line)
        except ValueError as why:
            if line in refused:
                told.repeated += 1
            else:
                refused.add(line)
                told.bad.append(BadLine(number, str(why)))
            continue
        if (source, post.external_id) in found:
            told.repeated += 1
        else:
            found[source, post.external_id] = post
    in_order = sorted(found.items(), key=lambda item: (item[1].published_at, item[0]))
    told.posts = [(source, post) for (source, _id), post in in_order]
    return told


def _post(line: bytes) -> tuple[str, RawPost]:
    """One line as a post and the name of its source. Raises ValueError with the reason in words."""
    if len(line) > LONGEST:
        raise ValueError(_("it is longer than a million bytes"))
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError(_("it is not UTF-8")) from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError(_("it is not JSON")) from None
    if not isinstance(row, dict):
        raise ValueError(_("it is not a JSON object"))
    words = {name: _words(row, name) for name in (*WORDS, "source")}
    external_id = row.get("id")
    if isinstance(external_id, bool) or not isinstance(external_id, str | int) or not str(external_id).strip():
        raise ValueError(_("it has no id"))
    if not words["source"].strip():
        raise ValueError(_("it names no source"))
    if not words["title"].strip() and not words["text"].strip():
        raise ValueError(_("it has neither title nor text"))
    numbers = {ours: _number(row.get(theirs)) for theirs, ours in METRICS.items()}
    source = words.pop("source").strip()
    fields: dict[str, Any] = {**words, **numbers}
    return source, RawPost(external_id=str(external_id), published_at=_time(row), **fields)


def _words(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is not None and not isinstance(value, str):
        raise ValueError(_("its %(name)s is not a text") % {"name": name})
    return value or ""


def _time(row: dict[str, Any]) -> datetime:
    try:
        time = datetime.fromisoformat(row["published_at"])
    except (KeyError, TypeError, ValueError):
        raise ValueError(_("its published_at is not a time as in 2026-11-22T08:00:00+08:00")) from None
    if time.tzinfo is None:
        raise ValueError(_("its published_at has no offset from UTC"))
    if time.year not in YEARS:
        raise ValueError(_("its published_at lies in a year nobody can mean"))
    return time


def _number(value: Any) -> int | None:
    """A count or rank, None where the line does not say one."""
    is_count = isinstance(value, int) and not isinstance(value, bool)
    return min(value, LARGEST) if is_count and value >= 0 else None
