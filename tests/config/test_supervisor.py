"""The supervisor's acts, on real little processes: starting, starting again, stopping, and refusing in words."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import supervisor
from config.supervisor import CannotStart, Part

SLEEPER = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(60)"
)
PARENT = "import subprocess, time; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"


@pytest.fixture
def part(tmp_path: Path) -> Iterator[Callable[[str], Part]]:
    made: list[Part] = []

    def of(script: str) -> Part:
        made.append(Part("sleeper", [sys.executable, "-c", script], tmp_path / "log" / "sleeper.log"))
        return made[-1]

    yield of
    supervisor.stop(made, seconds=0)


def process_of(part: Part) -> "subprocess.Popen[bytes]":
    assert part.process is not None
    return part.process


def wait_for_words(part: Part, seconds: float = 10) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if part.log.exists() and (words := part.log.read_text()).endswith("\n"):
            return words.strip()
        time.sleep(0.02)
    raise AssertionError("the part said nothing")


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_part_that_dies_is_started_again_after_a_growing_pause(part: Callable[[str], Part]) -> None:
    sleeper, said = part(SLEEPER), list[str]()
    supervisor.start(sleeper)
    wait_for_words(sleeper)
    pauses = []
    for _ in range(7):
        os.kill(process_of(sleeper).pid, signal.SIGKILL)
        process_of(sleeper).wait()
        supervisor.keep_up([sleeper], said.append)
        pauses.append(sleeper.pause)
        supervisor.keep_up([sleeper], said.append)
        assert not sleeper.runs  # not before its time
        sleeper.due_at = time.monotonic()
        supervisor.keep_up([sleeper], said.append)
        assert sleeper.runs
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert said[0] == f"sleeper stopped (killed by SIGKILL); starting it again in 1 s. Its log: {sleeper.log}"
    assert said[1] == "sleeper is started again."


def test_after_a_minute_of_calm_the_pause_begins_at_one_second_again(part: Callable[[str], Part]) -> None:
    sleeper = part("raise SystemExit(3)")
    supervisor.start(sleeper)
    process_of(sleeper).wait()
    sleeper.pause = 16.0
    sleeper.started_at -= supervisor.CALM_SECONDS + 1
    said: list[str] = []
    supervisor.keep_up([sleeper], said.append)
    assert sleeper.pause == 1
    assert said == [f"sleeper stopped (exit code 3); starting it again in 1 s. Its log: {sleeper.log}"]


def test_what_a_dead_part_left_behind_is_ended_too(part: Callable[[str], Part]) -> None:
    parent = part(PARENT)
    supervisor.start(parent)
    child = int(wait_for_words(parent))
    os.kill(process_of(parent).pid, signal.SIGKILL)
    process_of(parent).wait()
    assert is_alive(child)
    supervisor.keep_up([parent], lambda words: None)
    time.sleep(0.2)
    assert not is_alive(child)


def test_a_part_that_will_not_end_is_killed(part: Callable[[str], Part]) -> None:
    willing, stubborn = part(SLEEPER), part(STUBBORN)
    stubborn.log = stubborn.log.with_name("stubborn.log")
    for each in (willing, stubborn):
        supervisor.start(each)
        wait_for_words(each)
    began = time.monotonic()
    supervisor.stop([willing, stubborn], seconds=1)
    assert time.monotonic() - began < 5
    assert (process_of(willing).returncode, process_of(stubborn).returncode) == (-signal.SIGTERM, -signal.SIGKILL)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_parts_end_when_the_supervisor_itself_is_killed(tmp_path: Path, part: Callable[[str], Part]) -> None:
    log = tmp_path / "grandchild.log"
    script = (
        "from pathlib import Path; from config import supervisor; import sys, time;"
        f"p = supervisor.Part('p', [sys.executable, '-c', {SLEEPER!r}], Path({str(log)!r})); supervisor.start(p);"
        "print(p.process.pid, flush=True); time.sleep(60)"
    )
    ours = part(script)
    supervisor.start(ours)
    grandchild = int(wait_for_words(ours))
    assert is_alive(grandchild)
    os.kill(process_of(ours).pid, signal.SIGKILL)
    time.sleep(0.5)
    assert not is_alive(grandchild)


def test_a_step_that_fails_says_so_with_its_last_words(part: Callable[[str], Part], tmp_path: Path) -> None:
    failing = part("print('first'); raise SystemExit('the table is locked')")
    with pytest.raises(
        CannotStart, match=f"sleeper failed: the table is locked\nIts log: {re.escape(str(failing.log))}"
    ):
        supervisor.run_step(failing, supervisor.StopSign())


def test_a_step_ends_when_the_sign_is_pulled(part: Callable[[str], Part]) -> None:
    sleeper, sign = part(SLEEPER), supervisor.StopSign()
    sign.pulled = True
    supervisor.run_step(sleeper, sign)
    assert not sleeper.runs


def test_a_log_that_grew_too_long_is_turned_over_while_a_part_writes(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    with log.open("ab") as writer:
        writer.write(b"x" * (supervisor.LOG_BYTES + 1))
        writer.flush()
        supervisor.turn_over(log)
        writer.write(b"and on\n")
    assert log.read_bytes() == b"and on\n"
    assert (tmp_path / "web.log.1").stat().st_size == supervisor.LOG_BYTES + 1


def test_a_taken_port_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = (
            f"Port {port} on 127.0.0.1 is taken. Stop what listens there or choose another: make run PORT={port + 1}"
        )
        with pytest.raises(CannotStart, match=f"^{re.escape(words)}$"):
            supervisor.need_free_port("127.0.0.1", port)
    supervisor.need_free_port("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("192.0.2.1", 8000, "192.0.2.1 is not an address of this machine. Try HOST=127.0.0.1."),
        ("127.0.0.1", 0, "0 is not a port: it must be between 1 and 65535."),
        ("127.0.0.1", 70000, "70000 is not a port: it must be between 1 and 65535."),
    ],
)
def test_a_host_or_port_that_cannot_be_is_named(host: str, port: int, words: str) -> None:
    with pytest.raises(CannotStart, match=f"^{re.escape(words)}$"):
        supervisor.need_free_port(host, port)


def test_a_second_supervisor_of_a_folder_is_told_of_the_first(tmp_path: Path) -> None:
    with supervisor.take_lock(tmp_path / "var" / "up.lock") as lock:
        supervisor.sign_lock(lock, "as process 42 at http://127.0.0.1:8000/")
        with pytest.raises(CannotStart, match="already runs from this folder, as process 42 at"):
            supervisor.take_lock(tmp_path / "var" / "up.lock")
    supervisor.take_lock(tmp_path / "var" / "up.lock").close()


def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="belongs to somebody else"):
        supervisor.make_socket_folder(tmp_path / "link")


def test_a_socket_path_too_long_for_the_system_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30)
    with pytest.raises(CannotStart, match="is too long for a socket"):
        supervisor.make_socket_folder(folder)
    assert not folder.exists()


def test_without_a_valkey_for_this_machine_a_redis_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(CannotStart, match="There is no Valkey for this machine"):
        supervisor.valkey_binary()
