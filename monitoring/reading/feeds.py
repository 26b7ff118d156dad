"""RSS 0.9x to 2.0, RDF and Atom on text we decoded: what is plain by our own reader, all else by feedparser."""

import io
import re
from dataclasses import replace
from typing import Any

import feedparser

from monitoring.reading.entries import MOST_BYTES, MOST_ENTRIES, Entry, Feed, NotAFeed, Unreadable, count, person
from monitoring.reading.plain import read_plain

XML_HEADER = re.compile(r"^\s*<\?xml[^>]*\?>")
PROLOG = re.compile(r"(?:\s|<!--.*?-->|<\?.*?\?>)*", re.DOTALL)
DOCTYPE = re.compile(r"<!doctype\b", re.IGNORECASE)
ENTITY = re.compile(r"<!entity\b", re.IGNORECASE)
ROOT = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
FEED_ROOTS = {"rss", "feed", "rdf"}
ENTRY_END = re.compile(r"</(?:[A-Za-z][\w.-]*:)?(?:item|entry)\s*>", re.IGNORECASE)
# What XML forbids even as a reference; one of these and the exact parser gives up on the whole document.
FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));", re.IGNORECASE)
# The comment count of slash, and RSSHub's <stats>.
COUNTS = {
    "slash_comments": "comments",
    "reposts_count": "reposts",
    "comments_count": "comments",
    "attitudes_count": "likes",
}
AS_XML_IN_UTF8 = {"content-type": "application/xml; charset=utf-8"}


def read_feed_text(text: str) -> Feed:
    """The entries of an XML feed, 500 at most.

    Raises NotAFeed where the document is something else, Unreadable("entities") for a DTD that declares entities (no
    feed needs one; it is how a small document becomes a big one, or asks for files) and Unreadable("too_large").
    """
    text, left_out = tidied(text)
    return replace(read_plain(text) or read_any(text), left_out=left_out)


def tidied(text: str) -> tuple[str, int]:
    """The document as a parser may have it, and how many entries were left out. Raises as `read_feed_text`."""
    text = XML_HEADER.sub("", FORBIDDEN.sub("", text)).lstrip()
    begins = PROLOG.match(text).end()  # type: ignore[union-attr]
    root = ROOT.search(text, begins)
    if root is None or text[begins] != "<" or root[2].lower() == "html":
        raise NotAFeed
    if DOCTYPE.match(text, begins) and ENTITY.search(text, begins):
        raise Unreadable("entities")
    return _shortened(REFERENCE.sub(_allowed_reference, text))


def read_any(text: str) -> Feed:
    """What feedparser makes of a tidied document, whatever it is like. Raises NotAFeed."""
    # feedparser opens strings that look like addresses or paths; a stream it only reads.
    stream = io.BytesIO(text.encode("utf-8"))
    parsed = feedparser.parse(stream, response_headers=AS_XML_IN_UTF8, sanitize_html=False, resolve_relative_uris=False)
    root = ROOT.search(text, PROLOG.match(text).end())  # type: ignore[union-attr]
    if not parsed.version and (root is None or root[2].lower() not in FEED_ROOTS):
        raise NotAFeed
    is_atom = parsed.version.startswith("atom")
    return Feed(
        title=parsed.feed.get("title", ""),
        entries=[_entry(entry, is_atom) for entry in parsed.entries],
        ttl_minutes=count(parsed.feed.get("ttl")),
        same_id_is_same_entry=is_atom,
    )


def _shortened(text: str) -> tuple[str, int]:
    """The document with no more entries than we read, and how many were left out.

    It is cut before it is parsed, because parsing is what costs: 20,000 entries took 27 seconds.
    """
    ends = [found.end() for found in ENTRY_END.finditer(text)]
    kept, tail = min(len(ends), MOST_ENTRIES), text[ends[-1] :] if ends else ""
    while kept and len(text[: ends[kept - 1]].encode()) + len(tail.encode()) > MOST_BYTES:
        kept //= 2
    if not kept and len(text.encode()) > MOST_BYTES:
        raise Unreadable("too_large", limit=MOST_BYTES // 1024 // 1024)
    return (text, 0) if kept == len(ends) else (text[: ends[kept - 1]] + tail, len(ends) - kept)


def _allowed_reference(found: re.Match[str]) -> str:
    point = int(found[1], 16) if found[1] else int(found[2])
    if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
        return "\ufffd"
    forbidden = (point < 32 and point not in (9, 10, 13)) or point in (0xFFFE, 0xFFFF)
    return "" if forbidden else found[0]


def _entry(entry: Any, is_atom: bool) -> Entry:
    title, body = entry.get("title_detail", {}), _body(entry)
    # feedparser takes the two apart by a pattern that knows few domains, so only what Atom kept apart is taken from it.
    author = entry.get("author_detail", {}).get("name") if is_atom else entry.get("author")
    return Entry(
        id=entry.get("id") or "",
        links=[entry.get("feedburner_origlink") or "", entry.get("link") or ""],
        title=title.get("value") or "",
        title_is_html=title.get("type") != "text/plain",
        body=body.get("value") or "",
        body_is_html=body.get("type") != "text/plain",
        author=person(author or ""),
        dates=[dict.get(entry, name) or "" for name in ("published", "created", "updated")],
        counts={ours: found for theirs, ours in COUNTS.items() if (found := count(entry.get(theirs))) is not None},
    )


def _body(entry: Any) -> Any:
    """The fullest text there is: the content, or the summary where that says more."""
    pieces = [*entry.get("content", []), entry.get("summary_detail", {})]
    return max(pieces, key=lambda piece: len(piece.get("value") or ""))
