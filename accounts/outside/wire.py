"""Connections whose far end was checked and whose every wait is cut to one deadline, under httpx's engine httpcore."""

import ssl
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpcore
import httpx


class OutOfTime(Exception):
    """The deadline has passed."""


class Clock:
    """How much of a deadline is left."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """The shorter of a timeout and what is left; raises what `is_over` makes when nothing is."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise self.is_over()
        return left if timeout is None else min(timeout, left)

    def is_over(self) -> Exception:
        return OutOfTime()


class TimedStream(httpcore.NetworkStream):
    """A connection whose every wait is cut to the deadline of the fetch that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, backend: "PinnedBackend") -> None:
        self.stream, self.backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.backend.clock.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.backend.clock.within(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = self.backend.clock.within(timeout)
        return TimedStream(self.stream.start_tls(ssl_context, server_hostname, within), self.backend)

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
                return TimedStream(self.sockets.connect_tcp(address, port, self.clock.within(timeout)), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return TimedStream(self.sockets.connect_tcp(self.addresses[-1], port, self.clock.within(timeout)), self)


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Certificates are verified, and no environment variable may say which to trust."""
    return httpx.create_ssl_context(trust_env=False)
