"""`manage.py up` refuses in one sentence, before it starts anything. What it starts: tests/faults/test_up.py."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from config.demo import founding
from config.embedded import Desk
from opinion.models import Source


def up(var: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return subprocess.run(
        [sys.executable, "manage.py", "up", *words],
        cwd=settings.BASE_DIR,
        env={**clean, "VAR_DIR": str(var), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def kept(var: Path) -> set[str]:
    return {path.name for path in var.iterdir()}


def test_a_taken_port_is_one_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = up(tmp_path, "--port", str(port))
    words = f"Port {port} on 127.0.0.1 is taken. Stop what listens there or choose another: make run PORT={port + 1}\n"
    assert (refused.returncode, refused.stdout, refused.stderr) == (2, words, "")
    assert kept(tmp_path) == {"keys", "up.lock"}


def test_a_silent_redis_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    refused = up(tmp_path, "--port", str(port), REDIS_URL="redis://127.0.0.1:1/0")
    words = "The Redis or Valkey server that REDIS_URL names does not answer (ConnectionError).\n"
    assert (refused.returncode, refused.stdout) == (2, words)
    assert kept(tmp_path) == {"keys", "up.lock"}


def test_the_demo_founded_on_one_port_is_heard_on_another(settings: Any, db: None) -> None:
    settings.DEMO = True
    settings.SITE_URL = "http://127.0.0.1:8000"
    assert founding.found("a quiet desk by the sea") is True
    first = {source.name: source.url for source in Source.objects.filter(is_enabled=True)}
    settings.SITE_URL = "http://127.0.0.1:8001"
    assert founding.found("another password") is False
    second = {source.name: source.url for source in Source.objects.filter(is_enabled=True)}
    assert second == {name: url.replace(":8000/", ":8001/") for name, url in first.items()}
    assert len(second) == 8


def test_the_demo_password_is_the_one_of_the_first_start(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR_DIR = tmp_path
    monkeypatch.setenv("DEMO_PASSWORD", "a quiet desk by the sea")
    assert Desk("127.0.0.1", 8000, demo=True).password == "a quiet desk by the sea"
    monkeypatch.setenv("DEMO_PASSWORD", "another")
    assert Desk("127.0.0.1", 8000, demo=True).password == "a quiet desk by the sea"
    assert Desk("127.0.0.1", 8000, demo=False).password is None


def test_a_desk_that_listens_everywhere_is_shown_as_this_machine_and_known_by_its_names() -> None:
    desk = Desk("0.0.0.0", 8001, demo=True)
    assert desk.url == "http://127.0.0.1:8001/"
    names = desk.env["ALLOWED_HOSTS"].split(",")
    assert {"127.0.0.1", "localhost", socket.gethostname()} <= set(names)
    assert "0.0.0.0" not in names
    assert desk.env["FETCH_ALLOWED_HOSTS"] == "127.0.0.1:8001"
    assert Desk("::1", 8001, demo=False).url == "http://[::1]:8001/"
