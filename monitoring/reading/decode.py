"""Bytes to text. A feed's own word about its encoding is only believed when the bytes bear it out."""

import codecs
import re
from dataclasses import dataclass

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before utf-16: its mark begins with the one of utf-16-le
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# A document that begins with "<" in a wide encoding without a mark (XML 1.0, appendix F).
WIDE_STARTS = (
    (re.compile(rb"<\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00<"), "utf-32-be"),
    (re.compile(rb"<\x00[^\x00]\x00"), "utf-16-le"),
    (re.compile(rb"\x00<\x00[^\x00]"), "utf-16-be"),
)
# gb18030 holds everything the older two hold, and "gb2312" on the wire nearly always means more than gb2312.
SAME_AS = {
    **dict.fromkeys(("gb2312", "gbk", "x-gbk", "csgb2312", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("big5hkscs", "cp950"), "big5"),
}
CODEC = {"big5": "big5hkscs"}  # holds what Taiwan and Hong Kong write beyond the standard, such as 裏
SEVERAL_BYTES_EACH = {"gb18030", "big5", "euc_kr", "euc_jp", "shift_jis", "hz"}
BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
# Wide encodings are known by their first bytes; a declaration read as ASCII cannot be in one. The others can smuggle
# markup past a check made on the bytes.
NEVER_BELIEVED = re.compile(r"utf-?(7|16|32)|unicode|punycode|idna|undefined|mbcs|oem")
XML_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
SURELY_UTF8 = 8  # this many characters of two bytes do not decode as utf-8 by accident


@dataclass(frozen=True, slots=True)
class Decoded:
    """What the bytes say.

    encoding  the codec that read them
    doubtful  True where nothing fitted and characters that could not be read were replaced
    """

    text: str
    encoding: str
    doubtful: bool = False


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of a document, by: mark, first bytes, declared, utf-8, gb18030, big5, and at last with replacements.

    body          the whole document
    content_type  the HTTP header, for its charset; "" where there was none
    Valid utf-8 with enough in it wins over a declaration: servers say gbk or iso-8859-1 about utf-8 more often than
    utf-8 comes about by accident.
    """
    for mark, encoding in BOMS:
        if body.startswith(mark):
            return _read(body[len(mark) :], encoding) or _patched(body[len(mark) :], encoding)
    for start, encoding in WIDE_STARTS:
        if start.match(body):
            return _read(body, encoding) or _patched(body, encoding)
    declared = [encoding for encoding in (_charset(content_type), _declared(body)) if encoding]
    as_utf8 = _read(body, "utf-8")
    if as_utf8 and (not declared or _is_meant(as_utf8.text, declared)):
        return as_utf8
    for encoding in declared:
        if found := _read(body, encoding):
            return found
    # A text cut in the middle of a character fits nothing strictly; the codec it was written in loses next to nothing
    # of it, though, while another may read all of it as something else. Where none is near, utf-8 spares the markup.
    return (
        _hardly_patched(body, "utf-8")
        or _read(body, "gb18030")
        or _read(body, "big5")
        or _hardly_patched(body, "gb18030")
        or _patched(body, "utf-8")
    )


def _is_meant(text: str, declared: list[str]) -> bool:
    """Whether text that decoded as utf-8 is utf-8, although `declared` may say something else."""
    if text.isascii():
        return declared[0] == "utf-8"
    if SEVERAL_BYTES_EACH.isdisjoint(declared):
        return True
    return max(text) > "\u07ff" or len(BEYOND_ASCII.findall(text)) >= SURELY_UTF8


def _charset(content_type: str) -> str:
    found = HTTP_CHARSET.search(content_type)
    return _known(found[1]) if found else ""


def _declared(body: bytes) -> str:
    found = XML_DECLARATION.match(body[:400])
    return _known(found[1].decode("ascii")) if found else ""


def _known(name: str) -> str:
    """The codec a declared name stands for, or "" where there is none that we believe."""
    name = name.lower()
    name = SAME_AS.get(name, name)
    if NEVER_BELIEVED.match(name.replace("_", "-")):
        return ""
    try:
        found = codecs.lookup(name)
    except LookupError:
        return ""
    return SAME_AS.get(found.name, found.name) if found._is_text_encoding else ""


def _read(body: bytes, encoding: str) -> Decoded | None:
    try:
        return Decoded(body.decode(CODEC.get(encoding, encoding)), encoding)
    except UnicodeDecodeError:
        return None


def _hardly_patched(body: bytes, encoding: str) -> Decoded | None:
    """Read with replacements, if at most one character in twenty beyond ASCII had to be replaced."""
    found = _patched(body, encoding)
    return found if found.text.count("\ufffd") * 20 <= len(BEYOND_ASCII.findall(found.text)) else None


def _patched(body: bytes, encoding: str) -> Decoded:
    return Decoded(body.decode(encoding, errors="replace"), encoding, doubtful=True)
