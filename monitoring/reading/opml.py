"""OPML: the list of feeds other programs hand over, and ours as they read it. Pure.

A list from outside is never handed to a parser that knows entities or opens anything: see `read_opml`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import StringIO
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from monitoring.reading.clean import plain_line, web_link
from monitoring.reading.decode import decode
from monitoring.reading.feeds import DOCTYPE, FORBIDDEN, XML_HEADER
from opinion.models import Source, SourceClass

MOST_BYTES = 1024 * 1024
MOST_FEEDS = 500
DEEPEST = 50
OURS = "urn:tinglan:source"  # our own export says class, platform, tier and kind too, so that it can come back whole
EXTRAS = ("kind", "source_class", "platform", "tier", "region", "preset", "poll_every_seconds")


class NotOpml(Exception):
    """The file is something else, is broken, or declares what no list of feeds needs."""


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of the list. folders: names of those around it, outermost first; extras: what our own export adds."""

    name: str
    url: str
    folders: tuple[str, ...]
    extras: dict[str, str]


def read_opml(body: bytes) -> list[Outline]:
    """The feeds of a list, 500 at most, each address once.

    Entries without an http or https address are left out: there is nothing to fetch. Raises NotOpml for what is no
    OPML, for any DTD (it is how a small file becomes a big one, or asks for others), for more than 1 MB and for folders
    nested more than 50 deep.
    """
    text = XML_HEADER.sub("", FORBIDDEN.sub("", decode(body[: MOST_BYTES + 1]).text)).lstrip("\ufeff \t\r\n")
    if len(body) > MOST_BYTES or DOCTYPE.search(text):
        raise NotOpml
    reader = _Reader()
    try:
        reader.parser.Parse(text.encode(errors="replace"), True)
    except expat.ExpatError as problem:
        raise NotOpml from problem
    if not reader.is_opml:
        raise NotOpml
    return list(reader.found.values())[:MOST_FEEDS]


class _Reader:
    """Expat with a handler for elements and none for anything that could be opened or expanded."""

    def __init__(self) -> None:
        self.is_opml, self.folders = False, list[str]()
        self.found: dict[str, Outline] = {}
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends

    def _begins(self, name: str, said: dict[str, str]) -> None:
        if name == "opml":
            self.is_opml = True
        if name != "outline" or not self.is_opml:
            return
        if len(self.folders) == DEEPEST:
            raise NotOpml
        lower = {key.lower(): value for key, value in said.items()}
        words = plain_line(lower.get("title") or lower.get("text") or "")[:120]
        url = web_link(lower.get("xmlurl", ""))
        if url and len(url) <= 2000:
            extras = {key: said[f"{OURS} {key}"][:200] for key in EXTRAS if f"{OURS} {key}" in said}
            self.found.setdefault(url, Outline(words, url, tuple(name for name in self.folders if name), extras))
        self.folders.append("" if url else words)

    def _ends(self, name: str) -> None:
        if name == "outline" and self.folders:
            self.folders.pop()


def write_opml(sources: Iterable[Source], *, title: str) -> str:
    """A list of feeds, one folder a class. Keys are not in it: an address never holds one."""
    out = StringIO()
    out.write(f'<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0" xmlns:t={quoteattr(OURS)}>\n')
    out.write(f"<head><title>{escape(title)}</title></head>\n<body>\n")
    every = list(sources)
    for code, label in SourceClass.choices:
        ours = [source for source in every if source.source_class == code]
        if ours:
            out.write(f"<outline text={_attribute(str(label))}>\n")
            out.writelines(_outline(source) for source in ours)
            out.write("</outline>\n")
    out.write("</body>\n</opml>\n")
    return out.getvalue()


def _outline(source: Source) -> str:
    name, url = _attribute(source.name), _attribute(source.url)
    extras = " ".join(f"t:{key}={_attribute(str(getattr(source, key)))}" for key in EXTRAS if getattr(source, key))
    return f'  <outline type="rss" text={name} title={name} xmlUrl={url} {extras}/>\n'


def _attribute(text: str) -> str:
    return quoteattr(FORBIDDEN.sub("", text))
