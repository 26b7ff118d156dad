"""Reads a table in a process apart: whatever is in the file, it hurts nobody but that process."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from monitoring.reading.tables import Cells, Unreadable

HOME = Path(__file__).resolve().parent.parent.parent
SECONDS = 100


class Opened(NamedTuple):
    """columns: their names. rows: number in the file, cells (None: no row). total: as the file declares, or None."""

    columns: list[str]
    rows: Iterator[tuple[int, Cells]]
    total: int | None


@contextmanager
def open_table(body: bytes, *, kind: str, skip: int = 0, seconds: float = SECONDS) -> Iterator[Opened]:
    """The columns of a file, and its rows as they are asked for. Raises Unreadable, also while they are walked.

    skip  rows to leave out    seconds  from now until it must be closed
    """
    with _reader(body, seconds, kind=kind, skip=skip, most=10**9, count=False) as answers:
        head = next(answers)
        yield Opened(head["columns"], _rows(answers), head["total"])


def peek(body: bytes, *, kind: str, most: int, seconds: float = 30) -> tuple[list[str], list[tuple[int, Cells]], int]:
    """The columns, the first rows, and how many rows there are in all (0 where nobody can say without reading them)."""
    with _reader(body, seconds, kind=kind, skip=0, most=most, count=True) as answers:
        head = next(answers)
        rows, rest = [], None
        for answer in answers:
            if isinstance(answer, dict):
                rest = answer["rest"]
            else:
                rows.append((answer[0], answer[1]))
    total = head["total"]
    return head["columns"], rows, total if total is not None else len(rows) + (rest or 0)


def _rows(answers: Iterator[Any]) -> Iterator[tuple[int, Cells]]:
    for answer in answers:
        if isinstance(answer, list):
            yield answer[0], answer[1]


@contextmanager
def _reader(body: bytes, seconds: float, **request: Any) -> Iterator[Iterator[Any]]:
    # An empty environment: no key and no address of ours is within a file's reach.
    reader = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "monitoring.reading.table_child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=HOME,
        env={"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
    )
    watchdog = threading.Timer(seconds, reader.kill)
    watchdog.start()
    try:
        assert reader.stdin
        with suppress(BrokenPipeError):
            reader.stdin.write(json.dumps({"size": len(body), **request}).encode() + b"\n" + body)
            reader.stdin.close()
        yield _answers(reader)
    finally:
        watchdog.cancel()
        reader.kill()
        reader.wait()
        for pipe in (reader.stdin, reader.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]


def _answers(reader: subprocess.Popen[bytes]) -> Iterator[Any]:
    """Its lines until the one that ends them. A reader that dies before has died of the file."""
    assert reader.stdout
    for line in reader.stdout:
        if not line.endswith(b"\n"):
            break
        answer = json.loads(line)
        if isinstance(answer, dict) and "unreadable" in answer:
            raise Unreadable(answer["unreadable"])
        yield answer
        if isinstance(answer, dict) and "rest" in answer:
            return
    raise Unreadable("too_costly")
