"""Fetching a feed from a stranger: within a time, within a size, and only from where we may go.

httpx's engine (httpcore) is driven directly, because two promises need its lower door: the address that was checked is
the address that is called, and the deadline counts while headers trickle in, not only while a body does.
"""

import re
import ssl
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Self

import httpcore
import httpx
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.outside import wire
from accounts.outside.wire import PinnedBackend, trusted_certificates
from monitoring.fetching.addresses import checked_addresses, parsed_address
from monitoring.fetching.unpacking import beginning, unpacked
from monitoring.health.words import FetchError
from monitoring.reading.pages import LOOKED_AT, wants_a_person
from opinion.models import SourceHealth

DEADLINE_SECONDS = 30.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
MOST_HOPS = 3
LONGEST_WAIT_SECONDS = 24 * 3600
REDIRECTS = {301, 302, 303, 307, 308}
FOR_GOOD = {301, 308}
MAY_BE_A_PAGE = {401, 403, 503}  # looked into: a captcha, a sign-in, or RSSHub's word for "nothing there"
MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})")
NOT_KEPT = re.compile(r"\bno-(?:store|cache)\b")
ASKING = {
    "User-Agent": "Tinglan/1.0 (feed reader)",
    "Accept": "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered.

    health               ok (with a body), unchanged, empty (RSSHub's 503), gone, rate_limited, captcha or http_error
    words                what to tell a person; "" for ok and unchanged
    url                  where the answer came from, after redirects
    permanent_url        where the source says it has moved for good; "" where it has not
    retry_after_seconds  how long it asks us to stay away, a day at most; None where it does not say
    fresh_for_seconds    how long it says that this answer holds (Cache-Control, Expires), a day at most; None likewise
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
    fresh_for_seconds: int | None = None


def fetch(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    now: datetime,
    allow_private: bool = False,
    lines: "Lines | None" = None,
) -> Fetched:
    """Fetch one document with GET, asking only for what is new.

    etag, last_modified  what the last answer said; "" asks for everything
    now                  aware; what a Retry-After date counts from
    allow_private        loopback addresses are allowed (never what else is inside the house)
    lines                the caller's open connections, to be used and added to; None opens and closes its own
    Raises FetchError: refused_address, unreachable, slow (30 s in all), too_large, unreadable, http_error.
    """
    if lines is None:
        with Lines(allow_private=allow_private) as lines:
            return fetch(url, etag=etag, last_modified=last_modified, now=now, lines=lines)
    clock = Clock(DEADLINE_SECONDS)
    conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    headers = {**ASKING, **{name: value for name, value in conditions.items() if value}}
    permanent, still_permanent = "", True
    target = parsed_address(url)
    for _hop in range(MOST_HOPS + 1):
        answer, location = _one_hop(lines, target, headers, clock, now)
        if not location:
            return replace(answer, permanent_url=permanent)
        target = parsed_address(location, target)
        still_permanent = still_permanent and answer.status in FOR_GOOD
        permanent = str(target) if still_permanent else permanent
    raise FetchError(SourceHealth.HTTP_ERROR, _("It redirects more than %(hops)s times.") % {"hops": MOST_HOPS})


class Clock(wire.Clock):
    """How much of the deadline is left; raises FetchError (slow) when nothing is."""

    def is_over(self) -> FetchError:
        words = _("It had not finished after %(seconds)s seconds.") % {"seconds": int(DEADLINE_SECONDS)}
        return FetchError(SourceHealth.SLOW, words)


class Line:
    """The way to one host: the addresses that were checked, and a connection to one of them and to nothing else."""

    def __init__(self, addresses: list[str], clock: Clock) -> None:
        self.backend = PinnedBackend(addresses, clock)
        self.pool = httpcore.ConnectionPool(
            ssl_context=trusted_certificates(), network_backend=self.backend, max_connections=1
        )
        self.is_used = False


class Lines:
    """Lines kept open from fetch to fetch, for one thread and a minute or so: a name is asked once for all of them."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self.allow_private = allow_private
        self.open: dict[tuple[str, bytes, int | None], Line] = {}

    def to(self, target: httpx.URL, clock: Clock) -> Line:
        """The line to a target, opened if there is none. Raises FetchError as `checked_addresses` does."""
        key = (target.scheme, target.raw_host, target.port)
        if key not in self.open:
            self.open[key] = Line(checked_addresses(target, allow_private=self.allow_private), clock)
        self.open[key].backend.clock = clock
        return self.open[key]

    def hang_up(self) -> None:
        for line in self.open.values():
            line.pool.close()
        self.open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *problem: object) -> None:
        self.hang_up()


def _one_hop(
    lines: Lines, target: httpx.URL, headers: dict[str, str], clock: Clock, now: datetime
) -> tuple[Fetched, str]:
    """One request: the answer, and where it redirects to ("" where it does not)."""
    line = lines.to(target, clock)
    try:
        try:
            return _asked(line, target, headers, now)
        except (httpcore.NetworkError, httpcore.ProtocolError):
            if not line.is_used:
                raise
            # A server may close a kept connection at any moment: that says nothing about how well it is.
            lines.hang_up()
            return _asked(lines.to(target, clock), target, headers, now)
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


def _asked(line: Line, target: httpx.URL, headers: dict[str, str], now: datetime) -> tuple[Fetched, str]:
    timeouts = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS}
    wire = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    asking = [("Host", target.netloc.decode("ascii")), *headers.items()]
    with line.pool.stream("GET", wire, headers=asking, extensions={"timeout": timeouts}) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in REDIRECTS and told.get("location"):
            return Fetched(response.status, SourceHealth.HTTP_ERROR, str(target)), told["location"]
        packing, body = told.get("content-encoding", ""), b""
        if response.status == 200:
            body = unpacked(response.iter_stream(), length=told.get("content-length", ""), packing=packing)
        elif response.status in MAY_BE_A_PAGE:
            body = beginning(response.iter_stream(), packing=packing, most=LOOKED_AT)
        line.is_used = True
        return _answer(response.status, str(target), told, body, now), ""


def _answer(status: int, url: str, told: dict[str, str], body: bytes, now: datetime) -> Fetched:
    answer = Fetched(
        status,
        SourceHealth.HTTP_ERROR,
        url,
        content_type=told.get("content-type", ""),
        etag=told.get("etag", ""),
        last_modified=told.get("last-modified", ""),
        retry_after_seconds=_seconds_until(told.get("retry-after", ""), now),
        fresh_for_seconds=_fresh_for(told, now),
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
            words = _("RSSHub found nothing there (503): no posts, or the site has changed.")
            return replace(answer, health=SourceHealth.EMPTY, words=words)
        case 503 if b"currently fetching" in body:
            return replace(answer, words=_("RSSHub is just fetching it itself (503). The next poll will find it."))
        case _ if body and wants_a_person(body.decode("utf-8", "replace"), url):
            words = _("It asks for a captcha or a sign-in (%(status)s).") % {"status": status}
            return replace(answer, health=SourceHealth.CAPTCHA, words=words)
    return replace(answer, words=_("It answered with error %(status)s.") % {"status": status})


def _fresh_for(told: dict[str, str], now: datetime) -> int | None:
    """How long an answer says that it holds: max-age, or else the time between Date and Expires."""
    control = told.get("cache-control", "").lower()
    if NOT_KEPT.search(control):
        return None
    if found := MAX_AGE.search(control):
        return min(int(found[1]), LONGEST_WAIT_SECONDS)
    expires, date = (_seconds_until(told.get(name, ""), now) for name in ("expires", "date"))
    return max(0, expires - (date or 0)) or None if expires else None


def _seconds_until(word: str, now: datetime) -> int | None:
    """Seconds from a Retry-After header, which is a number of them or a date, or from another date; a day at most."""
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
