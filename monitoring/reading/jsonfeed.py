"""JSON Feed 1.0 and 1.1 (jsonfeed.org), and plain lists: our own reader, because feedparser has none."""

import json
from typing import Any

from monitoring.reading.entries import MOST_BYTES, Entry, Feed, NotAFeed, Unreadable
from monitoring.reading.jsonlist import read_list


def read_json(text: str) -> Feed:
    """The entries of a JSON Feed, or the rows of a list of objects.

    Numbers JSON does not know (NaN, Infinity) are read as nothing, and of two equal keys the last one counts, as in
    every browser. Raises NotAFeed where the document is neither, Unreadable where it is too large ("too_large"),
    broken or absurdly deep ("json").
    """
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise Unreadable("too_large", limit=MOST_BYTES // 1024 // 1024)
    try:
        document = json.loads(text, parse_constant=lambda word: None, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("json", where=_where(problem)) from problem
    if isinstance(document, dict) and "jsonfeed.org" in _text(document.get("version")):
        if not isinstance(document.get("items"), list):
            raise NotAFeed
        items = [item for item in document["items"] if isinstance(item, dict)]
        return Feed(title=_text(document.get("title")), entries=[_entry(item) for item in items])
    found = read_list(document)
    if found is None:
        raise NotAFeed
    return found


def _entry(item: dict[str, Any]) -> Entry:
    html, words = _text(item.get("content_html")), _text(item.get("content_text"))
    return Entry(
        id=_text(item.get("id")),
        links=[_text(item.get("url")), _text(item.get("external_url"))],
        title=_text(item.get("title")),
        title_is_html=False,
        body=html or words or _text(item.get("summary")),
        body_is_html=bool(html),
        author=_author(item),
        dates=[_text(item.get("date_published")), _text(item.get("date_modified"))],
    )


def _author(item: dict[str, Any]) -> str:
    """1.1 has a list of authors, 1.0 had one."""
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    names = [_text(author.get("name")) for author in authors or [] if isinstance(author, dict)]
    return "、".join(name for name in names if name)


def _text(value: object) -> str:
    """A string as it is; a number as it was written (ids are often numbers); anything else is nothing."""
    return value if isinstance(value, str) else ""


def _number(digits: str) -> str:
    """Numbers stay text: no reader of ours counts with them, and a million digits cost nothing that way."""
    return digits


def _where(problem: Exception) -> str:
    return f"{problem.lineno}:{problem.colno}" if isinstance(problem, json.JSONDecodeError) else ""
