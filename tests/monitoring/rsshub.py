"""A faithful little RSSHub with rows of our own: its routes, its formats and its quirks.

It keeps to what a desk meets there: an empty result is an error page with 503, so is a route that is being fetched; hot
lists have no dates and name the place of a row in its link; figures come in `<stats>`; a key opens what is closed.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from tests.monitoring.feedserver import FeedServer, Request

EMPTY = "this route is empty, please check the original site or create an issue"
IN_PROGRESS = "This path is currently fetching, please come back later!"


@dataclass
class Row:
    """One item of a route; `stats` are reposts, comments, attitudes; without a date none is written."""

    title: str
    link: str
    text: str = ""
    guid: str = ""
    at: datetime | None = None
    author: str = ""
    stats: tuple[int, int, int] | None = None


@dataclass
class Route:
    title: str
    rows: list[Row] = field(default_factory=list)
    in_progress: bool = False


class RSSHub(FeedServer):
    """`routes` by decoded path; `key` closes all of them to whoever does not know it."""

    def __init__(self, key: str = "") -> None:
        super().__init__()
        self.key = key
        self.routes: dict[str, Route] = {}
        self.answers = Everything(self.answer)

    @property
    def base(self) -> str:
        return f"http://{self.host}"

    def route(self, path: str, title: str, *rows: Row) -> Route:
        self.routes[path] = Route(title, list(rows))
        return self.routes[path]

    def answer(self, request: Request) -> None:
        parts = urlsplit(request.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if self.key and asked.get("key") != self.key:
            return error(request, 403, "Authentication failed. Access denied.")
        route = self.routes.get(unquote(parts.path))
        if route is None:
            return error(request, 404, "wrong path")
        if route.in_progress:
            return error(request, 503, IN_PROGRESS, Cache_Control="public, max-age=20")
        if not route.rows:
            return error(request, 503, EMPTY)
        rows = [row for row in route.rows if asked.get("filter", "") in row.title][: int(asked.get("limit", 100))]
        kind, body = FORMATS[asked.get("format", "rss")](route.title, rows)
        request.say(200, body.encode(), Content_Type=f"{kind}; charset=utf-8")


class Everything(dict[str, Any]):
    """One answer for whatever path is asked: routes are told apart once their query is off."""

    def __init__(self, answer: Callable[[Request], None]) -> None:
        super().__init__()
        self.answer = answer

    def get(self, path: str, default: Any = None) -> Any:
        return self.answer


def error(request: Request, status: int, message: str, **headers: str) -> None:
    page = f"<!DOCTYPE html><html><body><h1>Looks like something went wrong</h1><p>Error: {message}</p></body></html>"
    request.say(status, page.encode(), Content_Type="text/html; charset=UTF-8", **headers)


def rss(title: str, rows: list[Row]) -> tuple[str, str]:
    items = []
    for row in rows:
        stats = ""
        if row.stats:
            names = ("reposts_count", "comments_count", "attitudes_count")
            stats = "".join(f"<{name}>{value}</{name}>" for name, value in zip(names, row.stats, strict=True))
            stats = f"<stats>{stats}</stats>"
        items.append(
            f"<item><title>{escape(row.title)}</title><description>{escape(row.text)}</description>"
            f"<link>{escape(row.link)}</link>"
            f"<guid isPermaLink='false'>{escape(row.guid or row.link or row.title)}</guid>"
            + (f"<pubDate>{format_datetime(row.at, usegmt=True)}</pubDate>" if row.at else "")
            + (f"<author>{escape(row.author)}</author>" if row.author else "")
            + f"{stats}</item>"
        )
    head = f"<title>{escape(title)}</title><link>https://example.com/</link><generator>RSSHub</generator><ttl>5</ttl>"
    return "application/xml", f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def atom(title: str, rows: list[Row]) -> tuple[str, str]:
    entries = "".join(
        f"<entry><title>{escape(row.title)}</title><link href='{escape(row.link, True)}'/>"
        f"<id>{escape(row.guid or row.link or row.title)}</id>"
        + (f"<updated>{row.at.isoformat()}</updated>" if row.at else "")
        + f"<content type='html'>{escape(row.text)}</content><author><name>{escape(row.author)}</name></author></entry>"
        for row in rows
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{escape(title)}</title>{entries}</feed>"
    return "application/xml", feed


def json_feed(title: str, rows: list[Row]) -> tuple[str, str]:
    items = [
        {
            "id": row.guid or row.link or row.title,
            "url": row.link,
            "title": row.title,
            "content_html": row.text,
            "authors": [{"name": row.author}],
            **({"date_published": row.at.isoformat()} if row.at else {}),
        }
        for row in rows
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": items}
    return "application/feed+json", json.dumps(feed, ensure_ascii=False)


FORMATS = {"rss": rss, "atom": atom, "json": json_feed}


def hot_row(title: str, place: int, heat: str = "") -> Row:
    """A row as a hot-search route writes it: no date, its place and hour in the link, its heat in the description."""
    query = quote(f"#{title}#", safe="")
    link = f"https://m.weibo.example/search?containerid=100103&q={query}&extparam=pos%3D{place}&band_rank={place}"
    return Row(title, link, text=f"热度 {heat}" if heat else "")
