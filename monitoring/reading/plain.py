"""Plain RSS, RDF and Atom: well-formed, nothing twice, nothing inside what is text. Read here many times as fast.

What is plain has one reading, and this gives the one feedparser gives, entry for entry. Whatever is not (an element
that is not named below, a second title, a relative base, XHTML inside) is left to feedparser, the whole document.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, ParseError, fromstring

from monitoring.reading.entries import Entry, Feed, count, person

ATOM = "{http://www.w3.org/2005/Atom}"
RSS1 = "{http://purl.org/rss/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
SY = "{http://purl.org/rss/1.0/modules/syndication/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
SLASH = "{http://purl.org/rss/1.0/modules/slash/}comments"
WFW = "{http://wellformedweb.org/CommentAPI/}commentRss"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# Elements by what they are to us; "" where they are nothing.
RSS_ENTRY = {
    **{"title": "title", "link": "link", "guid": "id", "description": "summary", CONTENT: "content"},
    **{"pubDate": "published", DC + "date": "updated", "author": "author", DC + "creator": "author"},
    **{SLASH: "comments", **dict.fromkeys(("category", "comments", "enclosure", DC + "subject", WFW), "")},
}
RSS_FEED = {
    **{"title": "title", "ttl": "ttl", "item": "entry", "image": "image"},
    **dict.fromkeys(
        (
            *("link", "description", "language", "pubDate", "lastBuildDate", "generator", "docs", "managingEditor"),
            *(
                "webMaster",
                "copyright",
                "category",
                "cloud",
                ATOM + "link",
                SY + "updatePeriod",
                SY + "updateFrequency",
            ),
        ),
        "",
    ),
}
IMAGE = dict.fromkeys(("title", "link", "url", "width", "height", "description"), "")
RDF_ENTRY = {
    **{RSS1 + "title": "title", RSS1 + "link": "link", RSS1 + "description": "summary", CONTENT: "content"},
    **{DC + "date": "updated", DC + "creator": "author", DC + "subject": ""},
}
RDF_FEED = {
    **{RSS1 + "title": "title", RSS1 + "items": "items"},
    **dict.fromkeys((*(RSS1 + name for name in ("link", "description")), DC + "date", DC + "language"), ""),
}
ATOM_ENTRY = {
    **{ATOM + name: name for name in ("title", "link", "id", "summary", "content", "published", "updated", "author")},
    **{ATOM + "category": "", ATOM + "rights": ""},
}
ATOM_FEED = {
    **{ATOM + "title": "title", ATOM + "entry": "entry", ATOM + "author": "author"},
    **{ATOM + name: "" for name in ("subtitle", "link", "id", "updated", "generator", "rights", "logo", "icon")},
}
ATOM_AUTHOR = {ATOM + "name": "name", ATOM + "email": "", ATOM + "uri": ""}
SEVERAL = {"", "entry", "link"}  # a second one of any other says something else than the first
# What they may carry; an element that is nothing to us, anything.
ATTRIBUTES = {
    "id": {"isPermaLink"},
    **{name: {"type", LANG} for name in ("title", "summary", "content")},
    "link": {"href", "rel", "type", "title", "hreflang", "length"},
}
WITH_PARTS = {"entry", "image", "items", "author"}
IS_HTML = {"text": False, "text/plain": False, "html": True, "text/html": True}
PAGES = {"html", "text/html", "xhtml", "application/xhtml+xml"}

DOCTYPE = re.compile(r"<!doctype", re.IGNORECASE)
# The first of these that a document names says what it is; so it must name only one.
FORMATS = re.compile(
    r"""http://www\.w3\.org/2005/atom(?=["'])|http://purl\.org/rss/1\.0/(?=["'])|my\.netscape\.com/rdf""", re.IGNORECASE
)
REFERENCE = re.compile(r"&#?\w+;")
C1 = re.compile("[\x80-\x9f]")

Parts = Mapping[str, list[Element]]


class _NotPlain(Exception):
    """The document is feedparser's."""


def read_plain(text: str) -> Feed | None:
    """The entries of a plain feed; None where the document is not plain.

    text  without XML declaration and without what XML forbids, cut to the entries we read
    """
    if DOCTYPE.search(text):
        return None
    try:
        root = fromstring(text)
        if root.attrib.keys() - {"version", "lang", LANG}:
            return None
        if root.tag == "rss":
            (channel,) = root
            return _feed(channel, RSS_FEED, RSS_ENTRY) if channel.tag == "channel" and not channel.attrib else None
        if len({found[0].lower() for found in FORMATS.finditer(text)}) > 1:
            return None
        if root.tag == ATOM + "feed":
            return _feed(root, ATOM_FEED, ATOM_ENTRY)
        if root.tag == RDF + "RDF":
            channel, *items = root
            is_whole = channel.tag == RSS1 + "channel" and {item.tag for item in items} <= {RSS1 + "item"}
            return _feed(channel, RDF_FEED, RDF_ENTRY, items) if is_whole else None
    except (ParseError, ValueError, _NotPlain):
        pass
    return None


def _feed(top: Element, known: Mapping[str, str], entry: Mapping[str, str], items: Sequence[Element] = ()) -> Feed:
    parts = _parts(top, known)
    for image in parts["image"]:
        _parts(image, IMAGE)
    for author in parts["author"]:
        _parts(author, ATOM_AUTHOR)
    is_atom = known is ATOM_FEED
    return Feed(
        title=_marked(parts["title"], html=True)[0],
        entries=[_entry(item, entry, is_atom) for item in (*parts["entry"], *items)],
        ttl_minutes=count(_text(parts["ttl"])),
        same_id_is_same_entry=is_atom,
    )


def _parts(element: Element, known: Mapping[str, str]) -> Parts:
    """What is in an element, by what it is to us."""
    parts: Parts = defaultdict(list)
    for part in element:
        name = known.get(part.tag)
        if name is None or (name not in SEVERAL and parts[name]) or (len(part) and name not in WITH_PARTS):
            raise _NotPlain
        if name and name != "entry" and part.attrib.keys() - ATTRIBUTES.get(name, set()):
            raise _NotPlain
        parts[name].append(part)
    return parts


def _entry(item: Element, known: Mapping[str, str], is_atom: bool) -> Entry:
    if item.attrib.keys() - ({RDF + "about"} if known is RDF_ENTRY else {LANG}):
        raise _NotPlain
    parts = _parts(item, known)
    id_ = _address(_text(parts["id"]))
    is_link = bool(parts["id"]) and parts["id"][0].get("isPermaLink", "true") == "true"
    title, title_is_html = _marked(parts["title"], html=False)
    if not is_atom and "&" in title and ("</" in title or REFERENCE.search(title)):
        raise _NotPlain  # HTML or not: there feedparser guesses
    comments = count(_text(parts["comments"]))
    # The fullest text there is, as for feedparser's.
    body, body_is_html = max(
        (_marked(parts[name], html=not is_atom) for name in ("content", "summary")), key=lambda marked: len(marked[0])
    )
    links = [_href(link) for link in parts["link"]] if is_atom else [_link(link) for link in parts["link"]]
    written = [link for link in links if link is not None] or [id_ if is_link else ""]
    return Entry(
        id=id_ or item.get(RDF + "about", ""),
        links=["", written[-1]],
        title=title,
        title_is_html=title_is_html,
        body=body,
        body_is_html=body_is_html,
        author=person(_name(parts["author"]) if is_atom else _text(parts["author"])),
        dates=[_text(parts["published"]), "", _text(parts["updated"])],
        counts={} if comments is None else {"comments": comments},
    )


def _text(elements: Sequence[Element]) -> str:
    text = (elements[0].text or "").strip() if elements else ""
    if not text.isascii() and (C1.search(text) or max(text) <= "\xff"):
        raise _NotPlain  # may be UTF-8 taken for Latin-1 on its way: feedparser mends that
    return text


def _marked(elements: Sequence[Element], *, html: bool) -> tuple[str, bool]:
    """A text, and whether it is HTML; `html` where it does not say."""
    if not elements:
        return "", html
    written = elements[0].get("type")
    if written is not None and written.lower() not in IS_HTML:
        raise _NotPlain
    return _text(elements), html if written is None else IS_HTML[written.lower()]


def _link(element: Element) -> str:
    link = _address(_text([element]))
    if element.attrib or ("&" in link and ";" in link):
        raise _NotPlain
    return link


def _href(element: Element) -> str | None:
    """Where an Atom link leads, if it is the page itself."""
    href = element.get("href")
    if href is None or (element.text or "").strip():
        raise _NotPlain
    is_page = element.get("rel", "alternate").lower() == "alternate" and element.get("type", "html").lower() in PAGES
    return _address(href) if is_page else None


def _address(written: str) -> str:
    if ":///" in written:
        raise _NotPlain
    return written


def _name(authors: Sequence[Element]) -> str:
    """The name of an Atom author."""
    if not authors:
        return ""
    names = _parts(authors[0], ATOM_AUTHOR)["name"]
    if not names:
        raise _NotPlain
    return _text(names)
