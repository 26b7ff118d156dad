"""What the fault tests share: real workers on the test's own database and broker, and eyes for processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from config import embedded, supervisor
from config.health import beat_key, broker
from config.supervisor import Part

StartWorker = Callable[..., Part]


def wait_until(what: Callable[[], object], *, seconds: float = 60, every: float = 0.1) -> None:
    """Look again and again until it is so; fails, saying what it waited for, when time is up."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain for {what.__name__.replace('_', ' ')}")
        time.sleep(every)


def kill(part: Part) -> None:
    """kill -9, and see it dead."""
    assert part.process is not None
    os.kill(part.process.pid, signal.SIGKILL)
    part.process.wait()


def processes() -> dict[int, tuple[int, str]]:
    """Every living process: its number, its parent's, its command line. Zombies are not living."""
    listing = subprocess.run(
        ["ps", "-ewwo", "pid=,ppid=,stat=,args="], capture_output=True, text=True, check=True
    ).stdout
    rows = (line.split(maxsplit=3) for line in listing.splitlines())
    return {int(row[0]): (int(row[1]), row[3] if len(row) > 3 else "") for row in rows if not row[2].startswith("Z")}


def family(pid: int) -> dict[int, str]:
    """The processes that descend from this one, with their command lines."""
    living, found = processes(), dict[int, str]()
    while new := {
        child: args for child, (parent, args) in living.items() if parent in {pid, *found} and child not in found
    }:
        found |= new
    return found


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[StartWorker]:
    """`start_worker(FETCH_ALLOWED_HOSTS=...)`: a real `celery worker` on the test's database and broker, ready to work.

    It has no scheduler of its own: the test rings. What is still alive at the end is stopped.
    """
    started: list[Part] = []
    database = str(connection.settings_dict["NAME"])
    environment = {
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{database}"
        if settings.EMBEDDED
        else f"{settings.DATABASE_URL.rsplit('/', 1)[0]}/{database}",
        "REDIS_URL": settings.REDIS_URL,
        "REDIS_PREFIX": settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"],
        "VISIBILITY_TIMEOUT": "10",  # a killed worker's message comes back in seconds
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRETS_KEYS": ",".join(settings.SECRETS_KEYS),
        "AUDIT_KEY": settings.AUDIT_KEY,
    }
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-P",
        "threads",
        "-c",
        "4",
        "--loglevel",
        "INFO",
    ]

    def start(**more: str) -> Part:
        embedded.forget_last_heartbeat()
        worker = Part("worker", command, tmp_path / "worker.log", {**environment, **more})
        supervisor.start(worker)
        started.append(worker)

        def the_worker_to_be_ready() -> bool:
            with broker() as doorbell:
                return doorbell.exists(beat_key()) == 1

        wait_until(the_worker_to_be_ready)
        return worker

    with broker() as doorbell:
        doorbell.delete(f"{environment['REDIS_PREFIX']}celery")  # what an earlier test left in the queue
    yield start
    supervisor.stop(started, seconds=0)
