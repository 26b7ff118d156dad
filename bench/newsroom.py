"""The newsroom under load, from a second process on loopback, against the same page as a static file of that server."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from config.embedded import gunicorn, port_near
from incidents.models import Incident
from response.exporting import export
from response.models import Release, Statement, StatementVersion

SECONDS = 3.0
READERS = 8
TEXT = "我们于今日上午注意到建国路店的情况，首先关心顾客的安全与权益，已停止该店营业。" * 12


def run() -> dict[str, float]:
    number = a_public_statement()
    call_command("collectstatic", interactive=False, verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        export(Path(folder))
        page = Path(folder, "newsroom", number, "index.html").read_bytes()
    (settings.STATIC_ROOT / "statement.html").write_bytes(page)
    with serving() as port:
        address = f"/newsroom/{number}/"
        etag = etag_of(port, address)
        return {
            "the page as a static file": per_second(port, "/static/statement.html"),
            "the page": per_second(port, address),
            "the list": per_second(port, "/newsroom/"),
            "the Atom feed": per_second(port, "/newsroom/feed.xml"),
            "the page, to who has it (304)": per_second(port, address, f"If-None-Match: {etag}\r\n"),
        }


def a_public_statement() -> str:
    now = timezone.now()
    speaker = User.objects.create_user("bench-speaker", name="新闻发言人")
    incident = Incident.everywhere.create(
        number="YQ-2026-900", title="负载", opened_by=speaker, lead=speaker, opened_at=now, first_known_at=now
    )
    for n in range(1, 51):
        statement = Statement.objects.create(
            incident=incident, number=f"SM-2026-{n:03d}", drafted_by=speaker, created_at=now
        )
        version = StatementVersion.objects.create(
            statement=statement,
            number=1,
            title="关于建国路店的说明",
            text=TEXT,
            text_hash="0" * 64,
            state="releasable",
            written_by=speaker,
            created_at=now,
            saved_at=now,
        )
        Release.objects.create(
            version=version,
            channel="newsroom",
            state="sent",
            text_hash="0" * 64,
            requested_by=speaker,
            requested_at=now,
            sent_at=now,
            public_at=now,
        )
    return "SM-2026-050"


@contextmanager
def serving() -> Iterator[int]:
    """The newsroom's own process, as `manage.py up` starts it."""
    port = port_near("127.0.0.1", 0)
    env = {**os.environ, "SERVES": "newsroom", "DEMO": "0"}
    server = subprocess.Popen(gunicorn("127.0.0.1", port, workers=1), env=env, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    sys.exit("the newsroom did not start")
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait()


def ask(port: int, path: str, more: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n".encode()


def read(line: socket.socket, kept: bytes) -> tuple[bytes, bytes]:
    """One answer's head, and what came of the next."""
    while b"\r\n\r\n" not in kept:
        kept += line.recv(65536) or _gone()
    head, _blank, rest = kept.partition(b"\r\n\r\n")
    length = next((int(row[15:]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
    while len(rest) < length:
        rest += line.recv(65536) or _gone()
    return head, rest[length:]


def _gone() -> bytes:
    raise ConnectionError("the server hung up")


def etag_of(port: int, path: str) -> str:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(ask(port, path))
        head, _rest = read(line, b"")
    assert head.startswith(b"HTTP/1.1 200"), head
    return next(row[6:] for row in head.decode().split("\r\n") if row.lower().startswith("etag: "))


def per_second(port: int, path: str, more: str = "") -> float:
    """Requests a second over connections that stay open, as a proxy before it keeps them."""
    counts = [0] * READERS
    until = time.perf_counter() + SECONDS

    def reader(which: int) -> None:
        asking = ask(port, path, more)
        while time.perf_counter() < until:
            with socket.create_connection(("127.0.0.1", port)) as line:
                kept = b""
                try:
                    while time.perf_counter() < until:
                        line.sendall(asking)
                        head, kept = read(line, kept)
                        assert head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304")), head
                        counts[which] += 1
                except ConnectionError:
                    continue

    readers = [Thread(target=reader, args=[which]) for which in range(READERS)]
    for each in readers:
        each.start()
    for each in readers:
        each.join()
    return sum(counts) / SECONDS
