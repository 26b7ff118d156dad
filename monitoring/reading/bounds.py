"""What holds a process in which strangers' files are read: no file of ours, no network, a share of memory and time."""

import contextlib
import resource
import sys
from typing import Any

FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system", "os.fork", "ctypes.")


def confine(*, memory: int, cpu_seconds: int | None = None) -> None:
    """Bind this process for good.

    memory       bytes of address space
    cpu_seconds  None where a process is given its time anew with each document
    """
    with contextlib.suppress(ValueError, OSError):  # macOS knows the limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    if cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    sys.addaudithook(_open_nothing)


def _open_nothing(event: str, arguments: tuple[Any, ...]) -> None:
    """Reading needs no file but Python's own (a codec is loaded when it is first met)."""
    if event == "open":
        path, mode = str(arguments[0]), arguments[1]
        allowed = path.startswith((sys.base_prefix, sys.prefix)) and mode in ("r", "rb", None)
    else:
        allowed = not event.startswith(FORBIDDEN)
    if not allowed:
        raise PermissionError(f"a file made its reader want {event}")
