"""`manage.py up` with real processes: it opens, keeps its parts up, and leaves nobody behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.faults.conftest import family, processes, wait_until

pytestmark = pytest.mark.faults

NOT_SOURCE = shutil.ignore_patterns(".*", "var", "node_modules", "tests", "docs", "__pycache__")
PARTS = {
    "valkey": "valkey-server",
    "worker": "celery -A config worker",
    "web": "gunicorn config.wsgi",
    "newsroom": "gunicorn config.wsgi",  # on another port than the desk
}
SETTINGS = ("DATABASE_URL", "REDIS_URL", "VAR_DIR", "DEMO", "SITE_URL", "ALLOWED_HOSTS")


class Desk:
    """A copy of the project in a folder with a space in its name, and `manage.py up` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a desk 桌"
        shutil.copytree(settings.BASE_DIR, self.folder, ignore=NOT_SOURCE)
        self.ready_file = folder / "ready.json"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.words = folder / "up.out"
        self.process: subprocess.Popen[bytes] | None = None

    def up(self) -> float:
        """Start it and wait until it is ready; the seconds that took."""
        environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        command = [sys.executable, "manage.py", "up", "--port", str(self.port), "--ready-file", str(self.ready_file)]
        began = time.monotonic()
        with self.words.open("wb") as words:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdout=words,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def the_desk_to_be_ready() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.words.read_text()
            return self.ready_file.exists()

        wait_until(the_desk_to_be_ready, seconds=180)
        return time.monotonic() - began

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def part(self, name: str) -> int:
        """The process that the supervisor itself started for this part; 0 when there is none."""
        own = {pid: args for pid, (parent, args) in processes().items() if parent == self.pid and PARTS[name] in args}
        if name in ("web", "newsroom"):
            own = {pid: args for pid, args in own.items() if (f":{self.port}" in args) == (name == "web")}
        return next(iter(own), 0)

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(json.loads(answer.read())["ok"])
        except (urllib.error.URLError, OSError):
            return False

    def end(self, number: signal.Signals) -> tuple[int, float, set[int]]:
        """Signal the supervisor: its exit code, the seconds it took, and which of its processes outlived it."""
        assert self.process is not None
        below = set(family(self.pid))
        began = time.monotonic()
        os.kill(self.pid, number)
        code = self.process.wait(timeout=30)
        return code, time.monotonic() - began, below & set(processes())


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("up"))
    desk.up()
    yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.end(signal.SIGTERM)


def test_when_it_is_ready_it_says_where_and_who(desk: Desk) -> None:
    ready = json.loads(desk.ready_file.read_text())
    password = (desk.folder / "var" / "keys" / "demo_password").read_text()
    assert ready == {"url": f"http://127.0.0.1:{desk.port}/", "pid": desk.pid, "demo_password": password}
    assert desk.answers()
    words = desk.words.read_text()
    assert f"Tinglan is up: http://127.0.0.1:{desk.port}/" in words
    assert f"The password of all of them: {password}" in words
    assert "  gm            总经理" in words


def test_a_second_one_in_the_same_folder_is_refused(desk: Desk) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    second = subprocess.run(
        [sys.executable, "manage.py", "up", "--port", str(desk.port + 1)],
        cwd=desk.folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    words = f"The desk already runs from this folder, as process {desk.pid} at http://127.0.0.1:{desk.port}/."
    assert (second.returncode, second.stdout) == (2, f"{words} Stop that one first.\n")
    assert desk.answers()


@pytest.mark.parametrize("name", ["worker", "web", "newsroom", "valkey"])
def test_a_part_killed_by_9_is_started_again(desk: Desk, name: str) -> None:
    before = desk.part(name)
    below = set(family(before))
    os.kill(before, signal.SIGKILL)

    def a_new_part() -> bool:
        return desk.part(name) not in (0, before)

    wait_until(a_new_part)
    wait_until(desk.answers, seconds=90)
    log = desk.folder / "var" / "log" / f"{name}.log"
    assert f"{name} stopped (killed by SIGKILL); starting it again in 1 s. Its log: {log}\n" in desk.words.read_text()
    assert [bool(desk.part(each)) for each in PARTS] == [True, True, True, True]

    def one_worker_and_one_scheduler() -> bool:
        return sum(PARTS["worker"] in args for args in family(desk.pid).values()) == 2

    wait_until(one_worker_and_one_scheduler)
    assert not below & set(processes())  # what the dead part had started does not live on


def test_sigterm_ends_everything_within_ten_seconds(desk: Desk) -> None:
    code, seconds, left = desk.end(signal.SIGTERM)
    assert (code, left) == (0, set())
    assert seconds < 10
    assert not desk.ready_file.exists()


def test_a_second_start_keeps_the_data_and_a_killed_one_does_not_stop_a_third(desk: Desk) -> None:
    password = (desk.folder / "var" / "keys" / "demo_password").read_text()
    desk.up()
    assert json.loads(desk.ready_file.read_text())["demo_password"] == password
    assert (desk.folder / "var" / "log" / "setup.log").read_text().count("The demo company is founded.") == 1
    below = set(family(desk.pid))
    assert desk.end(signal.SIGKILL)[0] == -signal.SIGKILL

    def everything_below_to_be_gone() -> bool:
        return not below & set(processes())

    wait_until(everything_below_to_be_gone, seconds=10)
    assert desk.ready_file.exists()  # stale: nobody was there to remove it
    desk.ready_file.unlink()
    desk.up()
    assert desk.answers()
    assert desk.end(signal.SIGHUP)[::2] == (0, set())
