"""A whole desk in processes of its own, a feed it can poll, and browsers for the people who sit at it."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from django.conf import settings

CHROMIUM = next((path for path in map(which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
PASSWORD = "a quiet desk by the sea"
ROOT = Path(__file__).resolve().parents[2]


class Feed:
    """A feed server whose answer the test may change."""

    def __init__(self) -> None:
        self.body = b""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(handler) -> None:
                handler.send_response(200)
                handler.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                handler.send_header("Content-Length", str(len(self.body)))
                handler.end_headers()
                handler.wfile.write(self.body)

            def log_message(handler, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}/feed.xml"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="session")
def feed() -> Iterator[Feed]:
    feed = Feed()
    yield feed
    feed.server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def scratch_database() -> Iterator[str]:
    """Where the desk under test keeps its rows: its own SQLite file, or a scratch database on the same PostgreSQL."""
    if settings.EMBEDDED:
        yield ""
        return
    import psycopg2

    name = f"tinglan_e2e_{os.getpid()}"
    base = settings.DATABASE_URL.rsplit("/", 1)[0]
    connection = psycopg2.connect(f"{base}/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    yield f"{base}/{name}"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    connection.close()


@dataclass(frozen=True)
class Desk:
    """A running desk: where it answers, and the environment its own commands run in."""

    url: str
    environment: dict[str, str]

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of its commands."""
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def desk(feed: Feed, scratch_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk started by `manage.py up` with the demo people, once for all browser tests."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    var = tmp_path_factory.mktemp("desk")
    ready = var / "ready.json"
    port = free_port()
    environment = {
        **os.environ,
        "VAR_DIR": str(var),
        "DEMO_PASSWORD": PASSWORD,
        "FETCH_ALLOWED_HOSTS": feed.host,
        "REDIS_PREFIX": f"tinglan-e2e-{os.getpid()}:",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    if scratch_database:
        # A live desk needs its keys in the environment.
        keys = subprocess.run(
            [sys.executable, "-m", "config.keys"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        environment |= dict(line.split("=", 1) for line in keys.stdout.split())
        environment["DATABASE_URL"] = scratch_database
    else:
        environment.pop("DATABASE_URL", None)
    with (var / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port), "--ready-file", str(ready)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 400
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the desk did not start:\n{(var / 'up.log').read_text()[-4000:]}")
        time.sleep(0.2)
    yield Desk(json.loads(ready.read_text())["url"].rstrip("/"), {**environment, "DEMO": "1"})
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the browser tests did not run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"],
        )
        yield browser
        browser.close()


PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def sit_down(browser: Any, desk: Desk) -> Iterator[Callable[..., Any]]:
    """`sit_down("gm", phone=True)`: a page of a browser of their own, signed in; console errors fail the test."""
    contexts, complaints = [], []

    def person(username: str, *, phone: bool = False) -> Any:
        context = browser.new_context(
            base_url=desk.url, locale="zh-CN", timezone_id="Asia/Shanghai", **(PHONE if phone else {})
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{username}: {error}"))
        page.goto("/accounts/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) [type=submit]")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield person
    for context in contexts:
        context.close()
    assert complaints == []
