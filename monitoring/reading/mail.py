"""A mail message as a post: its subject, what was written anew, the sender's name. Pure; bytes from a stranger go in.

Nothing attached is kept, only named. The sender's address is not kept at all: the name people see is the author.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import sha256
from itertools import islice

from django.utils.translation import gettext as _

from monitoring.reading.clean import AUTHOR, TEXT, TITLE, cut, plain, plain_line, without_controls
from monitoring.reading.decode import decode
from opinion.raw import RawPost

PARTS, NAMES = 100, 10  # parts looked at, and attachments named
HEADER_BYTES = 4000
EARLY, LATE = timedelta(days=7), timedelta(hours=1)  # how far its own date may be from when the server took it in
# Where the answer ends and what it answers to begins, as the mail programs of the country write it.
QUOTE = re.compile(
    r"^[ \t]*(?:-{2,}\s*(?:Original Message|原始邮件|原邮件|转发邮件信息|Forwarded message)\s*-{2,}"
    r"|(?:发件人|寄件者|From)\s*[:：].{0,200}\n"
    r"[ \t]*(?:发送时间|发送日期|日期|时间|收件人|寄件日期|Sent|Date|To)\s*[:：]"
    r"|在.{4,120}(?:写道|写到)\s*[:：]|At \d{4}-\d\d-\d\d .{0,160}wrote:|On .{6,200} wrote:)",
    re.MULTILINE | re.IGNORECASE,
)
QUOTED_LINE = re.compile(r"^[ \t]*>.*$\n?", re.MULTILINE)
ENTIRE_WORD = re.compile(r"=\?[^?\s]{1,40}\?[bqBQ]\?")


def read_message(body: bytes, *, received_at: datetime) -> RawPost:
    """The post a message makes.

    received_at  when the server took it in; counts as its time where its own date is missing, unreadable or far off
    A message too broken to be taken apart keeps what its headers say.
    """
    try:
        message = BytesParser(policy=compat32).parsebytes(body)
        said, attached = _said(message)
    except (RecursionError, ValueError, LookupError, AssertionError, TypeError):
        message = BytesParser(policy=compat32).parsebytes(body[: 64 * 1024], headersonly=True)
        said, attached = _("(This message could not be taken apart; it lies in the mailbox.)"), []
    subject = plain_line(_header(message, "Subject"), is_html=False)
    text = without_history(said)
    if attached:
        named = _("[Attached: %(names)s]") % {"names": ", ".join(attached)}
        text = f"{text}\n{named}".strip()
    title, was_cut = cut(subject, TITLE)
    text, text_was_cut = cut(text, TEXT)
    published_at, doubt = _date(_header(message, "Date"), received_at)
    return RawPost(
        external_id=_own_name(message, body),
        title=title if title or text else _("(no subject, no words)"),
        text=text,
        url="",
        author=cut(_sender(message), AUTHOR)[0],
        published_at=published_at,
        date_doubt=doubt,
        truncated=tuple(name for name, lost in (("title", was_cut), ("text", text_was_cut)) if lost),
    )


def without_history(text: str) -> str:
    """What was written anew: without the message it answers to. One that is all quotation keeps it."""
    found = QUOTE.search(text)
    anew = text[: found.start()] if found else text
    anew = QUOTED_LINE.sub("", anew).strip()
    return anew or text.strip()


def _said(message: Message) -> tuple[str, list[str]]:
    """The words of a message, and the names of what hangs on it."""
    plain_parts: list[str] = []
    html_parts: list[str] = []
    attached: list[str] = []
    for part in islice(_parts(message), PARTS):
        kind, name = part.get_content_type(), _attachment_name(part)
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            attached += [name or kind] if len(attached) < NAMES else []
            continue
        words = _words(part)
        if kind == "text/html":
            html_parts.append(plain(words))
        else:
            plain_parts.append(without_controls(words))
    text = "\n".join(plain_parts).strip() or "\n".join(html_parts).strip()
    return text, attached


def _parts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if not part.is_multipart())


def _words(part: Message) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_param("charset")
    told = f"text/plain; charset={charset}" if isinstance(charset, str) else ""
    return decode(payload, told).text if isinstance(payload, bytes) else ""


def _attachment_name(part: Message) -> str:
    name = part.get_filename()
    return plain_line(_decoded(name), is_html=False)[:80] if isinstance(name, str) else ""


def _header(message: Message, name: str) -> str:
    """A header as it was meant: encoded words decoded, and bytes that should not stand there guessed at."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            return _decoded(str(value)[:HEADER_BYTES])
    return ""


def _decoded(raw: str) -> str:
    """raw: as the parser keeps it, each byte beyond ASCII as a lone surrogate."""
    text = raw if raw.isascii() else decode(raw.encode("utf-8", "surrogateescape")).text
    text = re.sub(r"[\r\n]+[ \t]*", " ", text)
    if not ENTIRE_WORD.search(text):
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_piece(piece, charset) for piece, charset in pieces)


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is None:  # what stands between encoded words comes back in the escapes of Python
        return piece.decode("raw-unicode-escape", "replace")
    return decode(piece, f"text/plain; charset={charset}").text


def _sender(message: Message) -> str:
    """The name people see; never the address, which belongs to somebody."""
    name = parseaddr(_header(message, "From"))[0]
    return "" if "@" in name else plain_line(name, is_html=False)


def _date(written: str, received_at: datetime) -> tuple[datetime, str]:
    if not written.strip():
        return received_at, "missing"
    try:
        own = parsedate_to_datetime(written.strip())
        own = own.replace(tzinfo=UTC) if own.tzinfo is None else own
        if received_at - EARLY <= own <= received_at + LATE:
            return own, ""
        return received_at, "out_of_range"
    except (ValueError, TypeError, IndexError, OverflowError):
        return received_at, "unreadable"


def _own_name(message: Message, body: bytes) -> str:
    """Its Message-ID, or what its bytes come to where it has none."""
    name = "".join(_header(message, "Message-ID").split())
    return name or f"sha256:{sha256(body).hexdigest()}"
