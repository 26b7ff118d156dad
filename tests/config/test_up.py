"""`manage.py up` refuses in one sentence, before it starts anything. What it starts: tests/faults/test_up.py."""

import os
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings


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
