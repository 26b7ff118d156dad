"""The demo's sources as real feeds: RSS with RSSHub's counts, Atom, RDF, JSON Feed, and one in GBK."""

import json
from collections.abc import Iterable
from datetime import datetime
from io import StringIO
from typing import Any
from xml.sax.saxutils import escape
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from config.demo.story import SHANGHAI, Line

Entries = Iterable[tuple[Line, datetime]]


class RssWithCounts(Rss201rev2Feed):
    """RSS 2.0 with the `<stats>` element that RSSHub adds, which our reader understands."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if not item["counts"]:
            return
        handler.startElement("stats", AttributesImpl({}))
        for name, value in item["counts"].items():
            handler.addQuickElement(name, value)
        handler.endElement("stats")


def _filled(feed: Any, name: str, link: str, entries: Entries) -> str:
    for line, at in entries:
        counts = {"reposts_count": line.reposts, "comments_count": line.comments, "attitudes_count": line.likes}
        feed.add_item(
            title=line.title or line.text[:40],
            link=f"{link}#{line.number}",
            description=line.text,
            author_name=line.author,
            unique_id=f"demo-{line.number}",
            unique_id_is_permalink=False,
            pubdate=at,
            updateddate=at,
            counts={key: value for key, value in counts.items() if value},
        )
    return feed.writeString("utf-8")


def rss(name: str, link: str, entries: Entries) -> tuple[bytes, str]:
    feed = RssWithCounts(title=name, link=link, description=f"演示信源：{name}", language="zh-CN")
    return _filled(feed, name, link, entries).encode(), "application/rss+xml; charset=utf-8"


def atom(name: str, link: str, entries: Entries) -> tuple[bytes, str]:
    feed = Atom1Feed(title=name, link=link, description=f"演示信源：{name}", language="zh-CN")
    return _filled(feed, name, link, entries).encode(), "application/atom+xml; charset=utf-8"


def gbk(name: str, link: str, entries: Entries) -> tuple[bytes, str]:
    """RSS as an old news site still serves it: GBK bytes, declared."""
    body, _ = rss(name, link, entries)
    text = body.decode().replace('encoding="utf-8"', 'encoding="GBK"', 1)
    return text.encode("gbk", "xmlcharrefreplace"), "text/xml"


def rdf(name: str, link: str, entries: Entries) -> tuple[bytes, str]:
    """RSS 1.0 with Dublin Core dates and authors."""
    out = StringIO()
    out.write(
        '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{escape(link)}"><title>{escape(name)}</title><link>{escape(link)}</link></channel>\n'
    )
    for line, at in entries:
        address = f"{escape(link)}#{line.number}"
        out.write(
            f'<item rdf:about="{address}"><title>{escape(line.title)}</title><link>{address}</link>'
            f"<description>{escape(line.text)}</description><dc:creator>{escape(line.author)}</dc:creator>"
            f"<dc:date>{at.astimezone(SHANGHAI).isoformat()}</dc:date></item>\n"
        )
    out.write("</rdf:RDF>\n")
    return out.getvalue().encode(), "application/rdf+xml; charset=utf-8"


def json_feed(name: str, link: str, entries: Entries) -> tuple[bytes, str]:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": name,
        "items": [
            {
                "id": f"demo-{line.number}",
                "url": f"{link}#{line.number}",
                "title": line.title,
                "content_text": line.text,
                "date_published": at.astimezone(SHANGHAI).isoformat(),
                "authors": [{"name": line.author}],
            }
            for line, at in entries
        ],
    }
    return json.dumps(body, ensure_ascii=False).encode(), "application/feed+json; charset=utf-8"


FORMATS = {"rss": rss, "atom": atom, "gbk": gbk, "rdf": rdf, "json": json_feed}
