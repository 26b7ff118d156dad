"""`manage.py up`: the whole desk on this machine, with one command."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config import embedded, supervisor
from config.embedded import Desk
from config.supervisor import CannotStart, Part, StopSign

STOP_SECONDS = 6.0  # for web and worker to end by themselves
PATIENCE_SECONDS = 60.0  # after so long a start we say what is missing
TURN_OVER_SECONDS = 60.0  # between two looks at the size of the logs


class Command(BaseCommand):
    help = "Start the whole desk: valkey, worker with beat, web, newsroom. Keeps them up until Ctrl-C."
    requires_system_checks: list[str] = []  # the preparation runs them

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="a desk of your own, without the demo company")
        parser.add_argument("--ready-file", type=Path, help="gets {url, pid, demo_password} once all parts answer")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--newsroom-port", type=int, help="default: the next, or a free one; 0: not apart")

    def handle(self, *args: Any, **options: Any) -> None:
        desk = desk_of(options)
        ready_file: Path | None = options["ready_file"]
        parts: list[Part] = []
        stop_sign = StopSign()
        try:
            with supervisor.take_lock(desk.var / "up.lock") as lock:
                supervisor.need_free_port(desk.host, desk.port)
                supervisor.sign_lock(lock, f"as process {os.getpid()} at {desk.url}")
                try:
                    if ready_file:
                        ready_file.unlink(missing_ok=True)
                    open_the_desk(desk, parts, stop_sign)
                    watch(desk, parts, stop_sign, ready_file)
                finally:
                    if ready_file:
                        ready_file.unlink(missing_ok=True)
                    close_the_desk(parts)
        except CannotStart as error:
            say(str(error))
            sys.exit(2)


def desk_of(options: dict[str, Any]) -> Desk:
    """The newsroom listens beside the desk, and in the demo the stand-ins for WeChat and Weibo beside that."""
    host, port, demo = options["host"], options["port"], not options["no_demo"]
    newsroom = options["newsroom_port"]
    if newsroom is None:
        newsroom = embedded.port_near(host, port + 1)
    platforms = embedded.port_near("127.0.0.1", port + 2) if demo and not settings.CHANNEL_BASE_URL else 0
    return Desk(host, port, demo, newsroom, platforms)


def open_the_desk(desk: Desk, parts: list[Part], stop_sign: StopSign) -> None:
    """Start one after the other; `parts` holds whatever was started, also when this ends early."""
    if "REDIS_URL" not in os.environ:
        parts.append(embedded.start_valkey(desk))
    embedded.wait_for_broker(parts[0] if parts else None)
    say(f"Preparing the database, the static files{' and the demo company' * desk.demo} …")
    supervisor.run_step(embedded.preparation(desk), stop_sign)
    if stop_sign.pulled:
        return
    embedded.forget_last_heartbeat()
    serving = [embedded.worker(desk), embedded.web(desk)]
    serving += [embedded.newsroom(desk)] if desk.newsroom_port else []
    serving += [embedded.platforms(desk)] if desk.platforms_port else []
    for part in serving:
        supervisor.start(part)
        parts.append(part)


def watch(desk: Desk, parts: list[Part], stop_sign: StopSign, ready_file: Path | None) -> None:
    """Keep the parts up until the sign is pulled; once all of them answer, say so."""
    is_ready = has_complained = False
    began = looked_at_logs = time.monotonic()
    while not stop_sign.pulled:
        supervisor.keep_up(parts, say)
        if not is_ready:
            missing = embedded.missing_parts(desk)
            is_ready = not missing
            if is_ready:
                say(embedded.welcome(desk))
                if ready_file:
                    embedded.write_ready_file(ready_file, desk)
            elif not has_complained and time.monotonic() - began > PATIENCE_SECONDS:
                has_complained = True
                say(f"Not ready yet, still missing: {', '.join(missing)}. Logs: {desk.logs}")
        if time.monotonic() - looked_at_logs > TURN_OVER_SECONDS:
            looked_at_logs = time.monotonic()
            for part in parts:
                supervisor.turn_over(part.log)
        time.sleep(0.3)


def close_the_desk(parts: list[Part]) -> None:
    """Web and worker first, the doorbell last, so that a worker can still hand its message back."""
    if not parts:
        return
    say("Stopping …")
    supervisor.stop([part for part in parts if part.name != "valkey"], seconds=STOP_SECONDS)
    supervisor.stop([part for part in parts if part.name == "valkey"], seconds=2)
    with suppress(OSError):  # not ours to remove where REDIS_URL names the server
        settings.SOCKET_DIR.rmdir()
    say("Stopped.")


def say(words: str) -> None:
    """Plain words on standard output; a closed terminal, or one that cannot show them, must not stop the desk."""
    try:
        sys.stdout.write(words + "\n")
        sys.stdout.flush()
    except UnicodeEncodeError:
        sys.stdout.write(words.encode("ascii", "replace").decode() + "\n")
        sys.stdout.flush()
    except OSError:
        pass  # the terminal is gone
