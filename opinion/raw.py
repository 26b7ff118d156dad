"""What a source hands over: one post as it was published, before anything is thought about it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a post whose words are as they are kept.

    unmasked  title, text, author and url as they were said, where masking changed one of them; else empty
    folded    its words as rules read them
    is_plain  whether its id can be kept as it is
    """

    unmasked: dict[str, str]
    folded: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class RawPost:
    """One entry of a feed, one row of a vendor push, one line of an import: already decoded, stripped and capped.

    external_id   what makes it the same post at the next poll, unique within its source; never empty
    title, text   plain text (no markup, no control characters); one of them may be empty
    url           http or https, or "" where the source gave none that is safe to open
    published_at  aware; the source's own time, or the time of the fetch where `date_doubt` says why
    date_doubt    "" | "missing" | "unreadable" | "out_of_range"
    reposts … rank  None means the source did not say, never zero
    truncated     names of the fields that were cut to their caps
    platform      where it was said, where the post knows better than its source; "" otherwise
    region        province or city it was said from; "" where nobody told
    author_since  when the author opened the account; None where nobody told
    kept          None while its words are as they were said: `opinion.preparing.prepare` makes them fit to be kept
    """

    external_id: str
    title: str
    text: str
    url: str
    author: str
    published_at: datetime
    date_doubt: str = ""
    reposts: int | None = None
    comments: int | None = None
    likes: int | None = None
    reads: int | None = None
    followers: int | None = None
    heat: int | None = None
    rank: int | None = None
    truncated: tuple[str, ...] = ()
    platform: str = ""
    region: str = ""
    author_since: datetime | None = None
    kept: Kept | None = None
