"""Fetching a feed from a stranger: within a time, within a size, and only from where we may go.

httpx's engine (httpcore) is driven directly, because two promises need its lower door: the address that was checked is
the address that is called, and the deadline counts while headers trickle in, not only while a body does.
"""

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Protocol

import brotli
import httpcore
import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from monitoring.addresses import checked_addresses, parsed_address
from monitoring.health import FetchError
from opinion.models import SourceHealth

DEADLINE_SECONDS = 30.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
MOST_BYTES = 10 * 1024 * 1024  # compressed, and decompressed
MOST_HOPS = 3
LONGEST_WAIT_SECONDS = 24 * 3600
REDIRECTS = {301, 302, 303, 307, 308}
FOR_GOOD = {301, 308}
ASKING = {
    "User-Agent": "Tinglan/1.0 (feed reader)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered.

    health               ok (there is a body), unchanged, gone, rate_limited or http_error
    words                what to tell a person; "" for ok and unchanged
    url                  where the answer came from, after redirects
    permanent_url        where the source says it has moved for good; "" where it has not
    retry_after_seconds  how long it asks us to stay away, a day at most; None where it does not say
    """

    status: int
    health: str
    url: str
    words: str = ""
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    permanent_url: str = ""
    retry_after_seconds: int | None = None


def fetch(url: str, *, etag: str = "", last_modified: str = "", now: datetime, allow_private: bool = False) -> Fetched:
    """Fetch one document with GET, asking only for what is new.

    etag, last_modified  what the last answer said; "" asks for everything
    now                  aware; what a Retry-After date counts from
    allow_private        loopback addresses are allowed (never what else is inside the house)
    Raises FetchError: refused_address, unreachable, slow (30 s in all), too_large, unreadable, http_error.
    """
    clock = Clock(DEADLINE_SECONDS)
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {**ASKING, **{name: value for name, value in conditions.items() if value}}
    permanent, still_permanent = "", True
    target = parsed_address(url)
    for _hop in range(MOST_HOPS + 1):
        addresses = checked_addresses(target, allow_private=allow_private)
        answer, location = _one_hop(target, addresses, headers, clock, now)
        if not location:
            return replace(answer, permanent_url=permanent)
        target = parsed_address(location, target)
        still_permanent = still_permanent and answer.status in FOR_GOOD
        permanent = str(target) if still_permanent else permanent
    raise FetchError(SourceHealth.HTTP_ERROR, _("It redirects more than %(hops)s times.") % {"hops": MOST_HOPS})


class Clock:
    """How much of the deadline is left."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """The shorter of a timeout and what is left; raises FetchError (slow) when nothing is."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise FetchError(
                SourceHealth.SLOW,
                _("It had not finished after %(seconds)s seconds.") % {"seconds": int(DEADLINE_SECONDS)},
            )
        return left if timeout is None else min(timeout, left)


class TimedStream(httpcore.NetworkStream):
    """A connection whose every wait is cut to the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self.stream, self.clock = stream, clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.clock.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.clock.within(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, self.clock.within(timeout)), self.clock)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


class PinnedBackend(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, whatever the name answers by now; Host and SNI keep the name."""

    def __init__(self, addresses: list[str], clock: Clock) -> None:
        self.addresses, self.clock, self.sockets = addresses, clock, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        for address in self.addresses[:-1]:
            try:
                return TimedStream(self.sockets.connect_tcp(address, port, self.clock.within(timeout)), self.clock)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return TimedStream(self.sockets.connect_tcp(self.addresses[-1], port, self.clock.within(timeout)), self.clock)


@cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _one_hop(
    target: httpx.URL, addresses: list[str], headers: dict[str, str], clock: Clock, now: datetime
) -> tuple[Fetched, str]:
    """One request: the answer, and where it redirects to ("" where it does not)."""
    timeouts = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}
    wire = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=_tls(), network_backend=PinnedBackend(addresses, clock)) as pool,
            pool.stream(
                "GET",
                wire,
                headers=[("Host", target.netloc.decode("ascii")), *headers.items()],
                extensions={"timeout": timeouts},
            ) as response,
        ):
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            if response.status in REDIRECTS and told.get("location"):
                return Fetched(response.status, SourceHealth.HTTP_ERROR, str(target)), told["location"]
            reads = response.status in (200, 503)
            body = _body(response.iter_stream(), told, clock) if reads else b""
            return _answer(response.status, str(target), told, body, now), ""
    except httpcore.ConnectTimeout:
        words = _("It did not accept a connection within %(seconds)s seconds.") % {"seconds": int(CONNECT_SECONDS)}
        raise FetchError(SourceHealth.UNREACHABLE, words) from None
    except httpcore.TimeoutException:
        words = _("It said nothing for %(seconds)s seconds.") % {"seconds": int(READ_SECONDS)}
        raise FetchError(SourceHealth.SLOW, words) from None
    except httpcore.ConnectError as problem:
        raise FetchError(SourceHealth.UNREACHABLE, _connect_words(problem)) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise FetchError(SourceHealth.UNREACHABLE, _("It broke off the connection.")) from None


def _answer(status: int, url: str, told: dict[str, str], body: bytes, now: datetime) -> Fetched:
    answer = Fetched(
        status,
        SourceHealth.HTTP_ERROR,
        url,
        content_type=told.get("content-type", ""),
        etag=told.get("etag", ""),
        last_modified=told.get("last-modified", ""),
        retry_after_seconds=_retry_after(told.get("retry-after", ""), now),
    )
    match status:
        case 200:
            return replace(answer, health=SourceHealth.OK, body=body)
        case 304:
            return replace(answer, health=SourceHealth.UNCHANGED)
        case 410:
            return replace(answer, health=SourceHealth.GONE, words=_("It says that it is gone for good (410)."))
        case 429:
            return replace(answer, health=SourceHealth.RATE_LIMITED, words=_("It asks us to come less often (429)."))
        case 503 if b"this route is empty" in body:
            # RSSHub says so both where there is no post and where it could not read the site any more.
            return replace(answer, words=_("RSSHub found nothing there (503): no posts, or the site has changed."))
    return replace(answer, words=_("It answered with error %(status)s.") % {"status": status})


def _retry_after(word: str, now: datetime) -> int | None:
    """Seconds from a Retry-After header, which is a number of them or a date."""
    if word.strip().isdecimal():
        return min(int(word.strip()[:9]), LONGEST_WAIT_SECONDS)
    try:
        then = parsedate_to_datetime(word)
    except ValueError:
        return None
    then = then if timezone.is_aware(then) else timezone.make_aware(then, timezone.get_fixed_timezone(0))
    return min(max(0, int((then - now).total_seconds())), LONGEST_WAIT_SECONDS)


def _connect_words(problem: httpcore.ConnectError) -> str:
    cause: BaseException | None = problem
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _("Its certificate is not valid: %(why)s.") % {"why": cause.verify_message}
        if isinstance(cause, ssl.SSLError):
            return _("No secure connection could be made.")
        cause = cause.__cause__ or cause.__context__
    return _("It refuses connections.")


class Unpacker(Protocol):
    def unpack(self, piece: bytes, most: int) -> bytes: ...
    def is_whole(self) -> bool: ...


class Plain:
    def unpack(self, piece: bytes, most: int) -> bytes:
        return piece

    def is_whole(self) -> bool:
        return True


class Zlib:
    """gzip and deflate, the latter with or without the header it should have."""

    def __init__(self) -> None:
        self.engine: Any = None

    def unpack(self, piece: bytes, most: int) -> bytes:
        if self.engine is None:
            headed = piece[0] == 0x1F or piece[0] & 15 == 8
            self.engine = zlib.decompressobj(47 if headed else -15)
        return self.engine.decompress(piece, most) if not self.engine.eof else b""

    def is_whole(self) -> bool:
        return self.engine is None or self.engine.eof


class Brotli:
    def __init__(self) -> None:
        self.engine = brotli.Decompressor()

    def unpack(self, piece: bytes, most: int) -> bytes:
        return self.engine.process(piece, output_buffer_limit=most) if not self.engine.is_finished() else b""

    def is_whole(self) -> bool:
        return self.engine.is_finished()


UNPACKERS: dict[str, type[Unpacker]] = {
    **{"": Plain, "identity": Plain},
    **{"gzip": Zlib, "x-gzip": Zlib, "deflate": Zlib, "br": Brotli},
}


def _body(pieces: Iterator[bytes] | Iterable[bytes], told: dict[str, str], clock: Clock) -> bytes:
    """The body, unpacked while it arrives so that neither a long answer nor a bomb is ever held whole."""
    length, packing = told.get("content-length", ""), told.get("content-encoding", "").strip().lower()
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise _too_large()
    if packing not in UNPACKERS:
        words = _("It is packed in a way we do not know (%(packing)s).") % {"packing": packing[:40]}
        raise FetchError(SourceHealth.UNREADABLE, words)
    unpacker, arrived, body = UNPACKERS[packing](), 0, bytearray()
    try:
        for piece in pieces:
            clock.within(None)
            arrived += len(piece)
            body += unpacker.unpack(piece, MOST_BYTES - len(body) + 1)
            if arrived > MOST_BYTES or len(body) > MOST_BYTES:
                raise _too_large()
    except (zlib.error, brotli.error):
        raise FetchError(SourceHealth.UNREADABLE, _("What it sent cannot be unpacked.")) from None
    if not unpacker.is_whole():
        raise FetchError(SourceHealth.UNREADABLE, _("What it sent breaks off in the middle."))
    return bytes(body)


def _too_large() -> FetchError:
    words = _("It is larger than %(limit)s MB.") % {"limit": MOST_BYTES // 1024 // 1024}
    return FetchError(SourceHealth.TOO_LARGE, words)
