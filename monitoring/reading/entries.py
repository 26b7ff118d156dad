"""What the format readers hand over, still as the feed wrote it, and why a document is refused."""

import re
from dataclasses import dataclass, field

MOST_ENTRIES = 500
MOST_BYTES = 5 * 1024 * 1024  # of text, handed to a parser


ADDRESS_AND_NAME = re.compile(r"\S+@\S+\s+\((.+)\)")  # how RSS wants its authors


class Unreadable(Exception):
    """The document cannot be read; `reason` is a code of `monitoring.health.words`, `facts` fill its sentence."""

    def __init__(self, reason: str, **facts: str | int) -> None:
        super().__init__(reason)
        self.reason, self.facts = reason, facts


class NotAFeed(Exception):
    """The document is something else: a page that asks whether we are human, an error page, any other XML or JSON."""


@dataclass(slots=True)
class Entry:
    """One entry with its strings untouched.

    links, dates  the best first; blanks allowed
    counts        reposts, comments, likes, reads, heat where the feed says them
    """

    id: str = ""
    links: list[str] = field(default_factory=list)
    title: str = ""
    title_is_html: bool = True
    body: str = ""
    body_is_html: bool = True
    author: str = ""
    dates: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Feed:
    """A document that is a feed. same_id_is_same_entry: Atom says so (RFC 4287, 4.1.1); the others leave it open."""

    title: str = ""
    entries: list[Entry] = field(default_factory=list)
    ttl_minutes: int | None = None
    left_out: int = 0  # entries beyond the cap
    same_id_is_same_entry: bool = False


def person(written: str) -> str:
    """The name of an author who may be written as address (name)."""
    with_address = ADDRESS_AND_NAME.fullmatch(written)
    return with_address[1] if with_address else written


def count(written: object) -> int | None:
    return int(written) if isinstance(written, str) and written.isdecimal() and len(written) <= 15 else None
