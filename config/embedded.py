"""What an embedded desk is made of: its address and environment, the steps before it opens, its parts, its health."""

import http.client
import json
import os
import secrets
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import redis
from django.conf import settings

from config import supervisor
from config.demo.people import PEOPLE
from config.health import beat_key, broker
from config.keys import key_made_once
from config.supervisor import CannotStart, Part

EVERYWHERE = ("0.0.0.0", "::", "")
EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz"  # none that looks like another


@dataclass(frozen=True)
class Desk:
    """What `manage.py up` was asked for."""

    host: str
    port: int
    demo: bool
    newsroom_port: int = 0  # 0: the newsroom has no process of its own
    platforms_port: int = 0  # where the demo's stand-ins for WeChat and Weibo listen; 0: there are none

    @property
    def url(self) -> str:
        """The address people type: a host that means everywhere is shown as this machine."""
        return f"http://{self.netloc}/"

    @property
    def netloc(self) -> str:
        return self.netloc_at(self.port)

    def netloc_at(self, port: int) -> str:
        shown = "127.0.0.1" if self.host in EVERYWHERE else self.host
        return f"[{shown}]:{port}" if ":" in shown else f"{shown}:{port}"

    @property
    def var(self) -> Path:
        return Path(settings.VAR_DIR).resolve()

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @cached_property
    def password(self) -> str | None:
        """What the demo people sign in with: DEMO_PASSWORD at the first start, or made then; None without the demo."""
        if not self.demo:
            return None
        return key_made_once(
            self.var / "keys", "demo_password", lambda: os.environ.get("DEMO_PASSWORD") or easy_password()
        )

    @cached_property
    def env(self) -> dict[str, str]:
        """What web and worker find in their environment on top of ours."""
        names = {*settings.ALLOWED_HOSTS, "127.0.0.1", self.host}
        if self.host in EVERYWHERE:
            names.update(names_of_this_machine())
        fetch = [*settings.FETCH_ALLOWED_HOSTS, *([self.netloc] if self.demo else [])]
        env = {
            "VAR_DIR": str(self.var),
            "DEMO": "1" if self.demo else "0",
            "ALLOWED_HOSTS": ",".join(sorted(names - set(EVERYWHERE))),
            "FETCH_ALLOWED_HOSTS": ",".join(fetch),  # the demo's feeds are served by the desk itself
            "SITE_URL": os.environ.get("SITE_URL", self.url.removesuffix("/")),
        }
        may_call = [*settings.OUTGOING_ALLOWED_HOSTS]
        if self.newsroom_port:
            newsroom = f"http://{self.netloc_at(self.newsroom_port)}"
            env["NEWSROOM_URL"] = os.environ.get("NEWSROOM_URL", newsroom)
            env["NEWSROOM_CHECK_URL"] = os.environ.get("NEWSROOM_CHECK_URL", f"{newsroom}/newsroom/feed.json")
            may_call.append(self.netloc_at(self.newsroom_port))
        if self.platforms_port:
            env["CHANNEL_BASE_URL"] = f"http://127.0.0.1:{self.platforms_port}"
            may_call.append(f"127.0.0.1:{self.platforms_port}")
        env["OUTGOING_ALLOWED_HOSTS"] = ",".join(may_call)
        return env | ({"DEMO_PASSWORD": self.password} if self.password else {})


def easy_password() -> str:
    """Twelve letters in three groups, easy to read out and to type."""
    return "-".join("".join(secrets.choice(EASY_LETTERS) for _ in range(4)) for _ in range(3))


def names_of_this_machine() -> list[str]:
    """Host name and addresses under which others reach a desk that listens everywhere."""
    name = socket.gethostname()
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(name, None)}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward:
            outward.connect(("192.0.2.1", 9))  # sends nothing; the kernel picks the address that faces outward
            found.add(outward.getsockname()[0])
    except OSError:
        found = set()
    return [name, *sorted(f"[{each}]" if ":" in each else each for each in found)]


# --- the parts -------------------------------------------------------------------------------------------------------
def start_valkey(desk: Desk) -> Part:
    """Start the doorbell; first ask one that outlived a killed run to leave, for two must not write the same file."""
    supervisor.make_socket_folder(settings.SOCKET_DIR)
    socket_path = settings.SOCKET_DIR / "valkey.sock"
    with suppress(redis.RedisError):  # nobody there: the usual case
        redis.Redis(unix_socket_path=str(socket_path), socket_timeout=2).shutdown(nosave=True)
    command = supervisor.valkey_command(supervisor.valkey_binary(), socket_path, desk.var / "valkey")
    part = Part("valkey", command, desk.logs / "valkey.log")
    supervisor.start(part)
    return part


def wait_for_broker(valkey: Part | None, *, seconds: float = 10) -> None:
    """Until the doorbell answers: ours, or with None the one REDIS_URL names. Raises CannotStart when it does not."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with broker() as doorbell:
                doorbell.ping()
            return
        except redis.RedisError as error:
            if valkey and (not valkey.runs or time.monotonic() > deadline):
                words = f"valkey did not start: {supervisor.last_words(valkey.log)}\nIts log: {valkey.log}"
                raise CannotStart(words) from None
            if time.monotonic() > deadline:
                words = f"The Redis or Valkey server that REDIS_URL names does not answer ({type(error).__name__})."
                raise CannotStart(words) from None
        time.sleep(0.05)


def forget_last_heartbeat() -> None:
    """What the last run's worker left says nothing about this one's."""
    with broker() as doorbell:
        doorbell.delete(beat_key())


def preparation(desk: Desk) -> Part:
    """What is done before the desk opens, in one process: reading in the whole desk takes longer than the work."""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare"]
    return Part("The preparation", command, desk.logs / "setup.log", desk.env)


def worker(desk: Desk) -> Part:
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "-B", "-P", "threads", "-c", "4"]
    return Part("worker", [*command, "--loglevel", "INFO"], desk.logs / "worker.log", desk.env)


def web(desk: Desk) -> Part:
    return Part("web", gunicorn(desk.host, desk.port), desk.logs / "web.log", desk.env)


def newsroom(desk: Desk) -> Part:
    """The public side in a process of its own: a rush of readers does not reach the desk."""
    command = gunicorn(desk.host, desk.newsroom_port, workers=1)
    return Part("newsroom", command, desk.logs / "newsroom.log", {**desk.env, "SERVES": "newsroom"})


def platforms(desk: Desk) -> Part:
    """The demo's stand-ins for WeChat and Weibo, whose verdicts come to the desk by themselves."""
    command = [
        sys.executable,
        str(settings.BASE_DIR / "manage.py"),
        "fake_channels",
        "--port",
        str(desk.platforms_port),
    ]
    command += ["--callback", f"{desk.url}channels/wechat/message/"]
    return Part("platforms", command, desk.logs / "platforms.log", desk.env)


def gunicorn(host: str, port: int, workers: int = 2) -> list[str]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--worker-class", "gthread", "--threads", "8"]
    command += ["--workers", str(min(workers, os.cpu_count() or 1)), "--bind", bind, "--graceful-timeout", "5"]
    if sys.platform == "linux":  # elsewhere a process that has read in numpy is not safely forked
        command += ["--preload"]  # the desk is read in once for all of them
    return [*command, "--no-control-socket"]


def port_near(host: str, port: int) -> int:
    """This port, or, where it is taken, one the system says is free."""
    for wanted in (port, 0):
        with suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1" if host in EVERYWHERE else host, wanted))
            return int(probe.getsockname()[1])
    return 0


# --- ready -----------------------------------------------------------------------------------------------------------
def missing_parts(desk: Desk) -> list[str]:
    """The parts that do not answer yet, as /healthz sees it; none when the desk is ready."""
    knock = http.client.HTTPConnection("127.0.0.1" if desk.host in EVERYWHERE else desk.host, desk.port, timeout=3)
    try:
        knock.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        answer = json.loads(knock.getresponse().read())
        return [name for name, part in answer["parts"].items() if not part["ok"]]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return ["web"]
    finally:
        knock.close()


def write_ready_file(path: Path, desk: Desk) -> None:
    """All of it or nothing: written beside, then moved into place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps({"url": desk.url, "pid": os.getpid(), "demo_password": desk.password}))
    beside.replace(path)


def welcome(desk: Desk) -> str:
    lines = ["", f"Tinglan is up: {desk.url}"]
    if desk.newsroom_port:
        lines += [f"The newsroom, as the public reads it: http://{desk.netloc_at(desk.newsroom_port)}/newsroom/"]
    if desk.platforms_port:
        here = f"http://127.0.0.1:{desk.platforms_port}"
        lines += [f"What WeChat and Weibo would show: {here}/s/ and {here}/u/"]
    if desk.demo:
        lines += ["", "The people of the demo company:"]
        lines += [f"  {username:<14}{title} {name}" for username, (name, title, *_rest) in PEOPLE.items()]
        lines += ["", f"The password of all of them: {desk.password}"]
    else:
        lines += ["", "The first people: .venv/bin/python manage.py add_person --help"]
    return "\n".join([*lines, "", f"Logs: {desk.logs}   Ctrl-C stops the desk.", ""])
