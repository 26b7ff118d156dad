"""What kind of file somebody attached, by its content and not by its name; what must not come in. Pure.

Pictures, PDF, tables as CSV, Office documents without macros, sound and film. Nothing is unpacked to disk, and nothing
that lies inside a document is unpacked further.
"""

import io
import re
import zipfile
import zlib
from pathlib import PurePath

from opinion.files import recognised

LARGEST = 25 * 1024 * 1024  # bytes of one file
EXPANDS_TO = 100 * 1024 * 1024  # bytes of a document unpacked
EXPANDS_BY = 200  # times its size, from EXPANDS_FREELY on: XML of a large table is packed 20 to 80 times
EXPANDS_FREELY = 10 * 1024 * 1024
PARTS = 2000  # files within a document
READ_THROUGH = 4 * 1024 * 1024  # bytes of one part that are looked at for what it calls

ENDINGS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "mp4": "video/mp4",
    "mp3": "audio/mpeg",
}  # what a name says that a file is
ENDING_OF = {kind: ending for ending, kind in reversed(ENDINGS.items())}
RUN_BY_SOMETHING = frozenset(
    [
        "html",
        "htm",
        "xhtml",
        "mht",
        "svg",
        "svgz",
        "xml",
        "xsl",
        "js",
        "mjs",
        "vbs",
        "wsf",
        "hta",
        "bat",
        "cmd",
        "ps1",
        "sh",
        "exe",
        "dll",
        "msi",
        "scr",
        "com",
        "jar",
        "apk",
        "lnk",
        "url",
        "php",
        "py",
    ]
)
WITH_MACROS = frozenset(["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm", "ppam"])
_DOCUMENTS = {
    b"wordprocessingml.document.main+xml": ENDINGS["docx"],
    b"spreadsheetml.sheet.main+xml": ENDINGS["xlsx"],
    b"presentationml.presentation.main+xml": ENDINGS["pptx"],
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office, encrypted Office, and a project of macros within a new one
_LINK = re.compile(rb"<(?:\w+:)?relationship\b[^>]*>")
_FETCHED = re.compile(rb"/(?:attachedtemplate|oleobject|frame|subdocument)\b")  # opened with the document, unasked
_FIELD = re.compile(rb"<(?:\w+:)?instrtext\b[^>]*>([^<]*)|\binstr=\"([^\"]*)")
_DDE = re.compile(rb"dde(?:auto)?\b")
_MARKUP = re.compile(r"<\s*(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|\?php)|^\s*(?:#!|<)", re.I)
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unfit(Exception):
    """A file must not come in. `reason`: empty, large, kind, lying, damaged, bomb, macros, fetches, locked, old."""

    def __init__(self, reason: str, says: str = "", found: str = "") -> None:
        super().__init__(reason)
        self.reason, self.says, self.found = reason, says, found  # lying: what the name says, what the content is


def content_type_of(name: str, content: bytes) -> str:
    """The content type of a file, one of ENDINGS. Raises Unfit."""
    if not content:
        raise Unfit("empty")
    if len(content) > LARGEST:
        raise Unfit("large")
    ending = PurePath(name).suffix.lstrip(".").lower()
    if ending in WITH_MACROS:
        raise Unfit("macros")
    if ending in RUN_BY_SOMETHING:
        raise Unfit("kind")
    found = _by_content(content, ending)
    if ending in ENDINGS and ENDINGS[ending] != found:
        raise Unfit("lying", ending.upper(), ENDING_OF[found].upper())
    return found


def _by_content(content: bytes, ending: str) -> str:
    if known := recognised(content[:16]):
        return known
    if content.startswith(b"PK\x03\x04"):
        return _document(content)
    if content.startswith(_OLE):
        raise Unfit("old")
    if content[:3] == b"\0\0\0" and content[4:8] == b"ftyp":  # its length comes first: text may say ftyp there, too
        return ENDINGS["mp4"]
    if content.startswith(b"ID3") or (content[0] == 0xFF and content[1:2] and content[1] & 0xE6 == 0xE2):
        return ENDINGS["mp3"]
    # a table has no first bytes of its own: the name must say so, and the content be plain text
    if ending == "csv" and _is_plain_text(content):
        return ENDINGS["csv"]
    raise Unfit("kind" if ending not in ENDINGS else "lying", ending.upper())


def _is_plain_text(content: bytes) -> bool:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            words = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return not _UNPRINTABLE.search(words) and not _MARKUP.search(words)
    return False


def _document(content: bytes) -> str:
    """Which Office document a packed file is; any other is not taken. Raises Unfit."""
    if content.count(b"PK\x01\x02") > PARTS:  # before the list is read: half a million entries fit into a file
        raise Unfit("bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return _looked_through(packed, len(content))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, ValueError, OSError):
        raise Unfit("damaged") from None


def _looked_through(packed: zipfile.ZipFile, size: int) -> str:
    """Every part is unpacked piece by piece and thrown away: what a part says of its size may be a lie."""
    parts = packed.infolist()
    allowed = min(EXPANDS_TO, max(EXPANDS_FREELY, size * EXPANDS_BY))
    if len(parts) > PARTS or sum(part.file_size for part in parts) > allowed:
        raise Unfit("bomb")
    if len({part.filename for part in parts}) != len(parts):
        raise Unfit("damaged")  # two parts of one name: readers do not agree on which one counts
    left, types = allowed, b""
    for part in parts:
        if part.flag_bits & 1:
            raise Unfit("locked")
        name = part.filename.lower()
        if "vbaproject" in name or "/macrosheets/" in name or "/activex/" in name:
            raise Unfit("macros")
        with packed.open(part) as opened:
            first = piece = opened.read(65536)
            if first.startswith(_OLE):  # whatever it is called
                raise Unfit("macros")
            if b"<!doctype" in _plain(first[:4096]):  # the standard forbids it: it declares entities
                raise Unfit("damaged")
            kept = b""
            is_list = name == "[content_types].xml" or name.endswith(".rels")
            may_call = name.startswith(("word/", "xl/externallinks/")) and name.endswith(".xml")
            while piece:
                left -= len(piece)
                if left < 0:
                    raise Unfit("bomb")
                kept += piece if (is_list or may_call) and len(kept) < READ_THROUGH else b""
                piece = opened.read(65536)
        if is_list:
            _refuse_macros(kept)
        if may_call and calls_a_program(kept):
            raise Unfit("fetches")
        if name == "[content_types].xml":
            types = kept
    found = next((kind for mark, kind in _DOCUMENTS.items() if mark in types), None)
    if found is None:
        raise Unfit("kind")
    return found


def _refuse_macros(listed: bytes) -> None:
    """The lists of a document name its macros and what it fetches from elsewhere when it is opened."""
    words = _plain(listed)
    if b"<!doctype" in words or b"&#" in words:
        raise Unfit("damaged")  # nobody writes such a list; it hides a word from us
    if b"macroenabled" in words or b"vbaproject" in words:
        raise Unfit("macros")
    if any(b"external" in link and _FETCHED.search(link) for link in _LINK.findall(words)):
        raise Unfit("fetches")


def calls_a_program(part: bytes) -> bool:
    """Whether a part asks another program for data (DDE): a field of Word, however it is cut up, or a link of Excel."""
    words = _plain(part)
    return b"<ddelink" in words or bool(_DDE.search(b"".join(b"".join(each) for each in _FIELD.findall(words))))


def _plain(part: bytes) -> bytes:
    return part.replace(b"\x00", b"").lower()  # UTF-16 reads the same
