"""Reads a document in a process apart, with a time of its own: what kills that process kills nothing else.

Celery's time limits do nothing under `-P threads`, so the clock is ours. A reader is kept and used again, because
starting one takes a tenth of a second and reading most feeds a hundredth of that.
"""

import json
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from monitoring.health.words import reading_words
from monitoring.reading.reader import Reading
from opinion.raw import Kept, RawPost

logger = logging.getLogger(__name__)

SECONDS = 20
HOME = Path(__file__).resolve().parent.parent.parent

READERS = os.cpu_count() or 1  # at once; more would only take turns on the same cores

_idle: list[subprocess.Popen[bytes]] = []
_turns = threading.BoundedSemaphore(READERS)


def read_feed(
    body: bytes, *, content_type: str, url: str, now: datetime, is_hot_list: bool = False, seconds: float = SECONDS
) -> Reading:
    """Read a document that came from outside.

    body          decompressed
    content_type  the HTTP header
    url           where it was fetched
    now           aware, the time of the fetch
    is_hot_list   its posts are read as rows of a hot list
    The posts are as they are kept (`opinion.preparing`), their personal data masked.
    Never raises for what is in the document: the reading's health says not_a_feed, unreadable, too_large …, and its
    words say why, in the language of the moment.
    """
    with _turns:
        request = {"size": len(body), "content_type": content_type, "url": url, "is_hot_list": is_hot_list}
        found = _read(body, {**request, "now": now.isoformat()}, seconds)
    return replace(found, words=reading_words(found.health, found.reason, found.facts))


def _read(body: bytes, request: dict[str, Any], seconds: float) -> Reading:
    waiting = _one_that_waits()
    # Something else may have ended a reader that waited; only a fresh one that dies has died of this document.
    for reader in [waiting, None] if waiting else [None]:
        reader = reader or _fresh_reader()
        late = threading.Event()
        watchdog = threading.Timer(seconds, _stop, (reader, late))
        watchdog.start()
        try:
            answer = _asked(reader, request, body)
        finally:
            watchdog.cancel()
        if answer is not None:
            return _answered(reader, answer)
        reader.kill()
        status = _buried(reader)
        logger.warning(
            "reader died host=%s late=%s status=%s", urlsplit(request["url"]).hostname, late.is_set(), status
        )
        if late.is_set():
            return Reading("unreadable", reason="slow_to_read", facts={"seconds": int(seconds)})
    return Reading("unreadable", reason="too_costly")


def _answered(reader: subprocess.Popen[bytes], answer: dict[str, Any]) -> Reading:
    """The answer as a reading; its reader waits for the next document, unless this was its last."""
    if answer["last"]:
        _buried(reader)
    else:
        _idle.append(reader)
    reading = answer["reading"]
    return Reading(**{**reading, "posts": [_post(raw) for raw in reading["posts"]]})


def _one_that_waits() -> subprocess.Popen[bytes] | None:
    """An idle reader that lives. Two threads never get the same one: list.pop is atomic."""
    while _idle:
        try:
            reader = _idle.pop()
        except IndexError:
            break
        if reader.poll() is None:
            return reader
        _buried(reader)
    return None


def _fresh_reader() -> subprocess.Popen[bytes]:
    # An empty environment: no key and no address of ours is within a document's reach.
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "monitoring.reading.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=HOME,
        env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )


def _asked(reader: subprocess.Popen[bytes], request: dict[str, Any], body: bytes) -> dict[str, Any] | None:
    """The reader's answer; None where it died over the question."""
    assert reader.stdin
    assert reader.stdout
    try:
        reader.stdin.write(json.dumps(request).encode() + b"\n" + body)
        reader.stdin.flush()
        line = reader.stdout.readline()
    except BrokenPipeError:
        return None
    return json.loads(line) if line.endswith(b"\n") else None


def _stop(reader: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    reader.kill()


def _buried(reader: subprocess.Popen[bytes]) -> int:
    """Wait for a reader that has ended, and close its pipes."""
    status = reader.wait()
    for pipe in (reader.stdin, reader.stdout):
        if pipe:
            with suppress(BrokenPipeError):  # closing flushes what the dead reader will never read
                pipe.close()
    return status


def _post(raw: dict[str, Any]) -> RawPost:
    raw["published_at"] = datetime.fromisoformat(raw["published_at"])
    raw["truncated"] = tuple(raw["truncated"])
    raw["kept"] = Kept(**raw["kept"])
    return RawPost(**raw)


def _start_anew() -> None:
    """A reader answers the process that started it, not its children; and whoever held a turn is not among them."""
    global _turns
    _idle.clear()
    _turns = threading.BoundedSemaphore(READERS)


os.register_at_fork(after_in_child=_start_anew)
