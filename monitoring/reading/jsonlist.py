"""A list of objects in JSON: what hot-list mirrors answer. Tolerant of their names for things, not of what is no list.

Every scalar of the document is text by now: see `jsonfeed`.
"""

from collections.abc import Iterator
from typing import Any

from monitoring.reading.entries import Entry, Feed
from monitoring.reading.figures import figure, heat_told

# Names in lower case and without underscores, the best first.
TITLES = ("title", "word", "keyword", "name", "query", "note", "showname", "topic")
LINKS = ("url", "link", "href", "mobileurl", "mobilurl", "rawurl", "appurl", "shareurl")
TEXTS = ("desc", "description", "summary", "excerpt", "content", "digest", "intro")
HEATS = ("hot", "heat", "hotvalue", "hotscore", "hotnum", "heatscore", "num", "rawhot", "score", "popularity")
AUTHORS = ("author", "nickname", "username", "owner")
DATES = ("pubdate", "publishedat", "datepublished", "publishtime", "createdat", "ctime", "date")
DEEPEST = 4


def read_list(document: Any) -> Feed | None:
    """The rows of the longest list of objects with titles in a document; None where it holds no such list."""
    lists = [rows for rows in _lists(document, DEEPEST) if rows]
    if not lists:
        return None
    rows = max(lists, key=len)
    title = _first(_named(document), ("title", "name")) if isinstance(document, dict) else ""
    return Feed(title=title, entries=[_entry(row) for row in rows])


def _lists(value: Any, deeper: int) -> Iterator[list[dict[str, Any]]]:
    if isinstance(value, list):
        yield [row for row in (_named(one) for one in value if isinstance(one, dict)) if _first(row, TITLES)]
    if deeper:
        inside = value.values() if isinstance(value, dict) else value[:3] if isinstance(value, list) else ()
        for one in inside:
            yield from _lists(one, deeper - 1)


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {name.lower().replace("_", ""): value for name, value in row.items()}


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str:
    """The first of some names that has words under it."""
    return next((row[name] for name in names if isinstance(row.get(name), str) and row[name].strip()), "")


def _entry(row: dict[str, Any]) -> Entry:
    heat = next((number for name in HEATS if (number := _heat(row.get(name))) is not None), None)
    return Entry(  # without its id, which is the place in the list as often as not
        links=[link for name in LINKS if isinstance(link := row.get(name), str) and "/" in link],
        title=_first(row, TITLES),
        body=_first(row, TEXTS),
        author=_first(row, AUTHORS),
        dates=[_first(row, (name,)) for name in DATES],
        counts={} if heat is None else {"heat": heat},
    )


def _heat(value: object) -> int | None:
    """A number, or words that tell one: "123万", "4562 万热度"."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    number = figure(value)
    return heat_told(value)[0] if number is None else number
