"""The only way out a rendering browser has: a proxy on this machine that checks the address of every connection.

A page may redirect, embed and fetch whatever it likes, so checking the address a person typed is not enough. A name is
looked up once, each of its addresses must be public, and the connection goes there. Only the page's own host may be
one that the operator allow-listed: a stranger's page has no business with our other inner hosts.
"""

import contextlib
import re
import selectors
import socket
import threading
import time
from collections.abc import Iterator

import httpx

from accounts.outside.addresses import is_loopback, is_public, looked_up
from monitoring.fetching.addresses import PORTS, checked_addresses, parsed_address
from monitoring.health.words import FetchError

LONGEST_HEAD = 64 * 1024
MOST_BYTES = 64 * 1024 * 1024  # of one page, all its parts together
CONNECT_SECONDS = 5.0
# What Chromium asks for itself, whatever its switches say: nobody outside hears when we look at a page.
HOUSEKEEPING = frozenset({"update.googleapis.com", "accounts.google.com", "clients2.google.com", "www.google.com"})
PIECE = 64 * 1024
HEAD = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]\r\n")
BETWEEN_TWO = re.compile(rb"^(?:proxy-[a-z-]+|connection|keep-alive):[^\r\n]*\r\n", re.IGNORECASE | re.MULTILINE)


def place_of(url: httpx.URL) -> tuple[str, int]:
    return url.raw_host.decode("ascii").lower(), url.port or {"http": 80, "https": 443}[url.scheme]


class Guard:
    """One proxy for one page. `refused` says which hosts it did not connect to.

    page           the address rendered; its host was found allowed already
    allow_private  this machine's own addresses are allowed, too (tests, a demo)
    """

    def __init__(self, page: str, *, seconds: float, allow_private: bool = False) -> None:
        self.ends = time.monotonic() + seconds
        self.page = place_of(parsed_address(page))
        self.allow_private = allow_private
        self.refused: set[str] = set()
        self.left = MOST_BYTES
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.ends = 0.0
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self.listening.close()

    def _serve(self) -> None:
        while True:
            try:
                asking, _address = self.listening.accept()
            except OSError:  # closed
                return
            threading.Thread(target=self._answer, args=[asking], daemon=True).start()

    def _answer(self, asking: socket.socket) -> None:
        with asking, contextlib.suppress(OSError):
            asking.settimeout(max(self.ends - time.monotonic(), 0.01))
            head, rest = self._head(asking)
            line = HEAD.match(head)
            if line is None:
                return
            is_tunnel = line[1] == b"CONNECT"
            address = line[2].decode("latin-1")
            try:
                far, path = self._connected(f"https://{address}/" if is_tunnel else address)
            except (FetchError, OSError):
                asking.sendall(b"HTTP/1.1 403 Refused\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with far:
                if is_tunnel:
                    asking.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                    far.sendall(rest)
                else:
                    fields = BETWEEN_TWO.sub(b"", head[line.end() :])
                    far.sendall(line[1] + b" " + path + b" HTTP/1.1\r\nConnection: close\r\n" + fields + rest)
                self._carry(asking, far)

    def _head(self, asking: socket.socket) -> tuple[bytes, bytes]:
        read = b""
        while b"\r\n\r\n" not in read and len(read) < LONGEST_HEAD:
            piece = asking.recv(PIECE)
            if not piece:
                break
            read += piece
        head, end, rest = read.partition(b"\r\n\r\n")
        return head + end, rest

    def _connected(self, address: str) -> tuple[socket.socket, bytes]:
        """A connection to where an address leads, and its path. Raises FetchError, OSError."""
        url = parsed_address(address)
        found = self._addresses(url)
        _host, port = place_of(url)
        for number, ip in enumerate(found, 1):
            try:
                return socket.create_connection((ip, port), CONNECT_SECONDS), url.raw_path
            except OSError:
                if number == len(found):
                    raise
        raise OSError("no address")

    def _addresses(self, url: httpx.URL) -> list[str]:
        """Where a connection may go; [] for a name that nobody knows. Raises FetchError, OSError where not."""
        if place_of(url) == self.page:
            return checked_addresses(url, allow_private=self.allow_private)
        host, port = place_of(url)
        if host in HOUSEKEEPING:
            return []
        found = looked_up(host, port)
        is_ours = self.allow_private and all(map(is_loopback, found))
        if not is_ours and not (port in PORTS and all(map(is_public, found))):
            self.refused.add(url.host)
            raise OSError("refused")
        return found

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        """Bytes both ways, until one side ends, the time is over, or the page brought too much."""
        with selectors.DefaultSelector() as waiting:
            waiting.register(near, selectors.EVENT_READ, far)
            waiting.register(far, selectors.EVENT_READ, near)
            while self.left > 0 and (seconds := self.ends - time.monotonic()) > 0:
                for key, _events in waiting.select(seconds):
                    piece = key.fileobj.recv(PIECE)  # type: ignore[union-attr]
                    if not piece:
                        return
                    self.left -= len(piece)
                    key.data.sendall(piece)


@contextlib.contextmanager
def guard(page: str, *, seconds: float, allow_private: bool = False) -> Iterator[Guard]:
    """A proxy for as long as a page is rendered."""
    proxy = Guard(page, seconds=seconds, allow_private=allow_private)
    try:
        yield proxy
    finally:
        proxy.close()
