"""One call to somebody else's API: https, a public address, no redirect, a deadline, an answer of bounded size.

Addresses carry keys on these platforms, so no exception and no log line of ours holds more of one than its host.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx
from django.conf import settings
from django.utils.translation import gettext as _

from accounts.outside.addresses import is_public, looked_up
from accounts.outside.wire import Clock, OutOfTime, PinnedBackend, trusted_certificates

DEADLINE_SECONDS = 15.0
CONNECT_SECONDS = 5.0
MOST_BYTES = 256 * 1024


class CallFailed(Exception):
    """No answer that could be read.

    is_refused  we did not call at all, and never will: the address is not one we may call
    is_unclear  the other side may have done what was asked: it broke off, was late, or its answer makes no sense
    """

    def __init__(self, words: str, *, is_refused: bool = False, is_unclear: bool = False) -> None:
        super().__init__(words)
        self.is_refused, self.is_unclear = is_refused, is_unclear


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the headers in lower case, and the JSON object, {} where it is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


def call(
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Send one request and read its answer, whatever the status: these platforms say what happened in the JSON.

    query  added to what the address already asks
    Raises CallFailed.
    """
    target = _checked(url)
    if query:
        target = target.copy_merge_params(query)
    pinned = PinnedBackend(_addresses(target), Clock(DEADLINE_SECONDS))
    asking = {
        "Host": target.netloc.decode("ascii"),
        "User-Agent": "Tinglan/1.0",
        "Accept": "application/json",
        "Content-Length": str(len(body)),
        **(headers or {}),
    }
    wire = httpcore.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
    timeouts = {"connect": CONNECT_SECONDS, "read": DEADLINE_SECONDS, "write": DEADLINE_SECONDS}
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trusted_certificates(), network_backend=pinned) as pool,
            pool.stream(
                method, wire, headers=list(asking.items()), content=body, extensions={"timeout": timeouts}
            ) as response,
        ):
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, told, _object(_read(response)))
    except (httpcore.ConnectError, httpcore.ConnectTimeout):
        raise CallFailed(_("%(host)s cannot be reached.") % {"host": target.host}) from None
    except (OutOfTime, httpcore.TimeoutException):
        raise CallFailed(_("%(host)s did not answer in time.") % {"host": target.host}, is_unclear=True) from None
    except (httpcore.NetworkError, httpcore.ProtocolError):
        raise CallFailed(_("%(host)s broke off the connection.") % {"host": target.host}, is_unclear=True) from None


def post_json(url: str, data: Mapping[str, Any], **how: Any) -> Answer:
    """`call` with a JSON object: UTF-8 as it is, because some platforms show \\u escapes to the reader."""
    headers = {"Content-Type": "application/json; charset=utf-8", **how.pop("headers", {})}
    return call("POST", url, body=json.dumps(data, ensure_ascii=False).encode(), headers=headers, **how)


def _checked(url: str) -> httpx.URL:
    """The address taken apart; a listed host (OUTGOING_ALLOWED_HOSTS) may be called without TLS."""
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, ValueError):
        raise CallFailed(_("This is not an address that can be called."), is_refused=True) from None
    if not target.host or target.userinfo:
        raise CallFailed(_("This is not an address that can be called."), is_refused=True)
    if target.scheme != "https" and not (target.scheme == "http" and _is_listed(target)):
        raise CallFailed(_("Only addresses that begin with https:// are called."), is_refused=True)
    return target


def _addresses(target: httpx.URL) -> list[str]:
    """The IP addresses behind a name, each of them allowed."""
    found = looked_up(target.raw_host.decode("ascii"), _port(target))
    if not found:
        raise CallFailed(_("The name %(host)s cannot be found.") % {"host": target.host})
    if not _is_listed(target) and (_port(target) != 443 or not all(is_public(address) for address in found)):
        words = _("%(host)s is not a public address on port 443. The operator can allow it (OUTGOING_ALLOWED_HOSTS).")
        raise CallFailed(words % {"host": target.host}, is_refused=True)
    return found


def _port(target: httpx.URL) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _is_listed(target: httpx.URL) -> bool:
    return f"{target.host}:{_port(target)}" in settings.OUTGOING_ALLOWED_HOSTS


def _read(response: httpcore.Response) -> bytes:
    read = bytearray()
    for piece in response.iter_stream():
        read += piece
        if len(read) > MOST_BYTES:
            return b""  # no answer of a platform is that long
    return bytes(read)


def _object(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
