"""A mailbox read over IMAP and TLS: within a time, within a size, only from where we may go, and nothing in it changed.

EXAMINE opens the folder for reading and BODY.PEEK leaves a message as unread as it was.
"""

import base64
import imaplib
import io
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from monitoring.fetching.addresses import checked_mail_server
from monitoring.fetching.fetch import DEADLINE_SECONDS, Clock
from monitoring.health.words import FetchError
from opinion.models import SourceHealth

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
MOST_BYTES = 16 * 1024 * 1024  # of one visit
MESSAGE_BYTES = 512 * 1024  # of one message: text comes first, and attachments are not kept
AT_ONCE = 50  # messages of one visit
UID = re.compile(rb"\bUID (\d{1,10})\b")
ARRIVED = re.compile(rb'INTERNALDATE "[^"]{20,40}"')
MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
ENOUGH_SECONDS = 8.0  # with less left of the deadline no further message is begun
LINE_BREAK = re.compile(r"[\x00\r\n]")


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it lies on the server. body: its first 512 KB · received_at: None where the server says nothing."""

    uid: int
    body: bytes
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Visit:
    """What a visit brought. uid_validity: while it stays the same, so does the meaning of a UID · reached: the last UID
    looked at · has_more: come again at once."""

    uid_validity: int
    letters: list[Letter]
    reached: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Login:
    """Where the mailbox is and who we are there. folder as people write it ("投诉")."""

    host: str
    port: int
    user: str
    password: str
    folder: str


def look(login: Login, *, clock: Clock | None = None) -> int:
    """How many messages the folder holds: the way to try a mailbox before it is kept. Raises FetchError."""
    with _opened(login, clock or Clock(DEADLINE_SECONDS)) as (_server, count):
        return count


def letters_after(
    login: Login, *, uid_validity: int | None, last_uid: int, since: date, clock: Clock | None = None
) -> Visit:
    """The messages after `last_uid`, oldest first, fifty at most.

    uid_validity  as the last visit found it. Where it has changed, or is None, messages since a day are taken anew:
                  whoever stores them knows them by their own names
    Raises FetchError: refused_address, unreachable, slow, too_large, http_error, unreadable.
    """
    with _opened(login, clock or Clock(DEADLINE_SECONDS)) as (server, _count):
        found = server.response("UIDVALIDITY")[1]
        validity = int(found[0]) if found and found[0] and found[0].isdigit() else 0
        if validity == uid_validity:
            wanted = _searched(server, f"UID {last_uid + 1}:*", above=last_uid)
        else:
            month = MONTHS[3 * since.month - 3 : 3 * since.month]
            wanted = _searched(server, f"SINCE {since.day}-{month}-{since.year}", above=0)
        letters: list[Letter] = []
        reached = last_uid if validity == uid_validity else 0
        for uid in wanted[:AT_ONCE]:
            if letters and server.is_worn_out():
                break
            letter = _letter(server, uid)
            letters += [letter] if letter else []
            reached = uid
        return Visit(validity, letters, reached, has_more=bool(wanted) and reached < wanted[-1])


def _searched(server: "PinnedIMAP", criteria: str, *, above: int) -> list[int]:
    """UIDs in order. A star stands for the last message even where that is an old one."""
    answer = _ok(server.uid("SEARCH", criteria))
    uids = {int(word) for line in answer if line for word in line.split() if word.isdigit()}
    return sorted(uid for uid in uids if above < uid < 2**32)


def _letter(server: "PinnedIMAP", uid: int) -> Letter | None:
    """One message; None where it was taken away since the search."""
    answer = _ok(server.uid("FETCH", str(uid), f"(UID INTERNALDATE BODY.PEEK[]<0.{MESSAGE_BYTES}>)"))
    for piece in answer:
        if not isinstance(piece, tuple):
            continue
        head = piece[0] + b" ".join(rest for rest in answer if isinstance(rest, bytes))
        told = UID.search(head)
        if told is None or int(told[1]) != uid:
            continue
        arrived = ARRIVED.search(head)
        return Letter(uid, piece[1][:MESSAGE_BYTES], _moment(arrived[0] if arrived else b""))
    return None


def _moment(internal_date: bytes) -> datetime | None:
    found = imaplib.Internaldate2tuple(internal_date)
    return datetime(*found[:6]).astimezone(UTC) if found else None


@contextmanager
def _opened(login: Login, clock: Clock) -> Iterator[tuple["PinnedIMAP", int]]:
    """A server that knows us, its folder open for reading, and how many messages that holds."""
    addresses = checked_mail_server(login.host, login.port)
    try:
        server = PinnedIMAP(login.host, login.port, addresses, clock)
        try:
            _sign_in(server, login)
            kind, answer = server.select(_quoted(_mailbox_name(login.folder)), readonly=True)
            if kind != "OK":
                raise FetchError(
                    SourceHealth.HTTP_ERROR, _("There is no folder “%(folder)s”.") % {"folder": login.folder}
                )
            yield server, int(answer[0] or 0)
        finally:
            server.bye()
    except ssl.SSLCertVerificationError as problem:
        words = _("Its certificate is not valid: %(why)s.") % {"why": problem.verify_message}
        raise FetchError(SourceHealth.UNREACHABLE, words) from None
    except ssl.SSLError:
        raise FetchError(SourceHealth.UNREACHABLE, _("No secure connection could be made.")) from None
    except TimeoutError:
        words = _("It said nothing for %(seconds)s seconds.") % {"seconds": int(READ_SECONDS)}
        raise FetchError(SourceHealth.SLOW, words) from None
    except OSError:
        raise FetchError(SourceHealth.UNREACHABLE, _("It refuses connections.")) from None
    except imaplib.IMAP4.abort:
        raise FetchError(SourceHealth.UNREACHABLE, _("It broke off the connection.")) from None
    except (imaplib.IMAP4.error, ValueError, IndexError):
        raise FetchError(SourceHealth.UNREADABLE, _("It answers in a way that is not IMAP.")) from None


def _sign_in(server: "PinnedIMAP", login: Login) -> None:
    try:
        _quoted(login.password)  # checked here, quoted by imaplib
        server.login(_quoted(login.user), login.password)
    except imaplib.IMAP4.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError):
        words = _("It does not accept the user name or the password. Some providers want a code of their own here.")
        raise FetchError(SourceHealth.HTTP_ERROR, words) from None
    if "ID" in server.capabilities:  # 163 and 126 open no folder to a program without a name
        server.xatom("ID", '("name" "Tinglan" "version" "1.0")')


def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
    kind, found = answer
    if kind != "OK":
        raise FetchError(SourceHealth.HTTP_ERROR, _("It refuses to search or hand over messages."))
    return found


def _quoted(text: str) -> str:
    """A string of the protocol. A line break would begin a command of its own."""
    if LINE_BREAK.search(text):
        raise ValueError(text)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _mailbox_name(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3): what is not ASCII stands in base64 between & and -."""

    def encoded(piece: re.Match[str]) -> str:
        code = base64.b64encode(piece[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
        return f"&{code}-"

    return re.sub(r"[^\x20-\x7e]+", encoded, folder.replace("&", "&-"))


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class PinnedIMAP(imaplib.IMAP4):
    """Connects to the addresses that were checked, whatever the name answers by now, and waits no longer than we do."""

    def __init__(self, host: str, port: int, addresses: list[str], clock: Clock) -> None:
        self.addresses, self.clock = addresses, clock
        super().__init__(host, port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.sock = self._connected(host, port)
        self.tap = Wire(self.sock, self.clock)
        self.wire = io.BufferedReader(self.tap)

    def _connected(self, host: str, port: int) -> ssl.SSLSocket:
        for position, address in enumerate(self.addresses):
            try:
                plain = socket.create_connection((address, port), self.clock.within(CONNECT_SECONDS))
                break
            except OSError:
                if position + 1 == len(self.addresses):
                    raise
        plain.settimeout(self.clock.within(READ_SECONDS))
        try:
            return _tls().wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise

    def is_worn_out(self) -> bool:
        """Whether time or bytes run short: what was read so far is worth more than one message more."""
        is_late = time.monotonic() > self.clock.ends - ENOUGH_SECONDS
        return is_late or self.tap.arrived > MOST_BYTES - 2 * MESSAGE_BYTES

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES:  # a buffer of that size would be made before a byte has come
            raise _too_large()
        return self.wire.read(size)

    def readline(self) -> bytes:
        return self.wire.readline(imaplib._MAXLINE + 1)  # type: ignore[attr-defined]

    def send(self, data: bytes) -> None:  # type: ignore[override]
        self.sock.settimeout(self.clock.within(READ_SECONDS))
        self.sock.sendall(data)

    def shutdown(self) -> None:
        self.wire.close()
        self.sock.close()

    def bye(self) -> None:
        """Leave politely if there is time, and in any case."""
        try:
            self.logout()
        except (imaplib.IMAP4.error, OSError, FetchError):
            self.shutdown()


class Wire(io.RawIOBase):
    """What comes from the server, each wait cut to the deadline and all of it to a size."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self.sock, self.clock, self.arrived = sock, clock, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(self.clock.within(READ_SECONDS))
        count = self.sock.recv_into(buffer)
        self.arrived += count
        if self.arrived > MOST_BYTES:
            raise _too_large()
        return count


def _too_large() -> FetchError:
    words = _("It sends more than %(limit)s MB in one visit.") % {"limit": MOST_BYTES // 1024 // 1024}
    return FetchError(SourceHealth.TOO_LARGE, words)
