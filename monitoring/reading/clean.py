"""What a stranger wrote, made safe to keep: plain text without markup or control characters, cut to what we keep."""

import html
import re
from urllib.parse import urljoin, urlsplit

import nh3

TITLE, TEXT, AUTHOR, URL = 500, 100_000, 200, 2_000  # characters kept

# Everything a database, a page or a log line could trip over, except tab and newline.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
SURROGATES = re.compile(r"[\ud800-\udfff]")
TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)[^<>]*>")
FACE = re.compile(r"""<img\b[^<>]*?\balt=["'](\[[^"'<>\]]{1,12}\])["'][^<>]*>""", re.IGNORECASE)
# The elements that end a line; every other one ends nothing.
BLOCKS = {
    *("p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "tr", "table", "blockquote", "pre", "section"),
    *("article", "header", "footer", "figure", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6"),
}
CROWDED = 2_000  # with so many "<" the exact reader is too dear: its time grows with the square of their nesting
NOT_TEXT = {"script", "style", "iframe", "object", "template", "noscript", "svg"}
BLOCK_TAG = re.compile(r"</?[a-z0-9]+>")
BLANKS = re.compile(r"[^\S\n]+")
EMPTY_LINES = re.compile(r" ?\n ?(?:\n ?)*")


def without_controls(text: str) -> str:
    """The text without control characters (tab and newline stay) and with U+FFFD for halves of characters."""
    return SURROGATES.sub("\ufffd", CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def plain(markup: str, *, is_html: bool = True) -> str:
    """The words of a piece of HTML, a line for each block; text that is no HTML only loses its tags.

    Weibo's little faces are pictures with the feeling as their name ([泪]); the name is kept.
    """
    text = markup
    if TAG.search(markup):
        thin = FACE.sub(r"\1", markup)
        thin = TAG.sub(_line_break_or_nothing, thin) if thin.count("<") > CROWDED else thin
        kept = nh3.clean(thin, tags=BLOCKS, attributes={}, clean_content_tags=NOT_TEXT)
        text = html.unescape(BLOCK_TAG.sub("\n", kept))
    elif is_html:
        text = html.unescape(markup)
    return EMPTY_LINES.sub("\n", BLANKS.sub(" ", without_controls(text))).strip()


def _line_break_or_nothing(tag: re.Match[str]) -> str:
    name = tag[1].lower()
    return tag[0] if name in ("script", "style") else "\n" if name in BLOCKS else ""


def plain_line(markup: str, *, is_html: bool = True) -> str:
    """The same, on one line: titles and names."""
    return " ".join(plain(markup, is_html=is_html).split())


def web_link(link: str, base: str = "") -> str:
    """The link as an absolute http or https address; "" where it is none, or has a name and password in it.

    Control characters and blanks go first: browsers read `java\\tscript:` as what it looks like.
    """
    link = "".join(SURROGATES.sub("", CONTROLS.sub("", link)).split())
    try:
        link = urljoin(base, link) if link else ""
        parts = urlsplit(link)
        return link if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""
    except ValueError:
        return ""


def cut(text: str, limit: int) -> tuple[str, bool]:
    """The text within its limit, and whether something was lost."""
    return (text, False) if len(text) <= limit else (text[: limit - 1].rstrip() + "…", True)
