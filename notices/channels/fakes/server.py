"""The server of the stand-ins: reads a request, does a fault if one is due, asks the platform, keeps a record."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from notices.channels.fakes import dingtalk, feishu, hooks, wecom
from notices.channels.fakes.world import Reply, Request, World

Routes = Mapping[str, Callable[[World, Request], Reply]]
ROUTES: Routes = {
    **wecom.ROUTES,
    **dingtalk.ROUTES,
    **feishu.ROUTES,
    **hooks.ROUTES,
}
# latency: answers late · drop: hangs up unread · swallow: does it, and the answer is lost · html502: a gateway's page
# truncated: half of the JSON · slow: a byte now and then · redirect: sends the caller into the house
FAULTS = ("latency", "drop", "swallow", "html502", "truncated", "slow", "redirect")
MOST_BYTES = 1_000_000


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int = 0, more: Routes | None = None) -> None:
        """`more`: the addresses of further platforms."""
        super().__init__(("127.0.0.1", port), Handler)
        self.world = World()
        self.routes: Routes = {**ROUTES, **(more or {})}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running(port: int = 0, more: Routes | None = None) -> Iterator[FakeServer]:
    """A stand-in in a thread of this process, until the block ends."""
    with FakeServer(port, more) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


class Handler(BaseHTTPRequestHandler):
    server: FakeServer

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def log_message(self, *parts: Any) -> None:
        """The record is in the world; addresses carry keys, so nothing is printed."""

    def answer(self) -> None:
        world, split = self.server.world, urlsplit(self.path)
        if split.path.startswith("/__admin"):
            return self.say(admin(world, self.read(split)))
        fault = due_fault(world, split.path)
        kind = fault.get("kind", "")
        world.requests.append({"at": world.now(), "method": self.command, "path": split.path, "fault": kind})
        if kind == "drop":
            return self.hang_up()
        request = self.read(split)
        if kind == "latency":
            time.sleep(fault["seconds"])
        if kind == "html502":
            return self.say(Reply(page="<html><h1>502 Bad Gateway</h1></html>", status=502))
        if kind == "redirect":
            return self.say(Reply(status=302, location="http://127.0.0.1/"))
        reply = routed(self.server.routes, world, request)
        if kind == "swallow":
            return self.hang_up()
        return self.say(reply, kind, fault.get("seconds", 0))

    def read(self, split: Any) -> Request:
        length = min(int(self.headers.get("Content-Length") or 0), MOST_BYTES)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        return Request(self.command, split.path, query, headers, self.rfile.read(length))

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def say(self, reply: Reply, fault: str = "", seconds: float = 0) -> None:
        body = reply.page.encode() if reply.page else json.dumps(reply.data, ensure_ascii=False).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if reply.page else "application/json")
        if reply.location:
            self.send_header("Location", reply.location)
        if fault == "truncated":
            body = body[: len(body) // 2]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            for piece in [body[i : i + 1] for i in range(len(body))] if fault == "slow" else [body]:
                self.wfile.write(piece)
                if fault == "slow":
                    time.sleep(seconds)
        except OSError:
            self.close_connection = True  # the caller has left, as it should


def routed(routes: Routes, world: World, request: Request) -> Reply:
    for name in (f"{request.method} {request.path}", f"{request.method} {request.path.rpartition('/')[0]}/*"):
        if name in routes:
            return routes[name](world, request)
    return Reply({"errcode": 404, "errmsg": "no such address"}, status=404)


def due_fault(world: World, path: str) -> dict[str, Any]:
    """The fault to be done to this request, {} for none; one with `times` 0 stays."""
    for fault in world.faults:
        if path.startswith(fault["path"]):
            fault["done"] += 1
            if fault["times"] and fault["done"] >= fault["times"]:
                world.faults.remove(fault)
            return fault
    return {}


def admin(world: World, request: Request) -> Reply:
    data = request.data
    match f"{request.method} {request.path}":
        case "GET /__admin" | "GET /__admin/":
            return Reply(page=page(world))
        case "GET /__admin/messages":
            return Reply({"messages": world.messages_as_data()})
        case "GET /__admin/requests":
            return Reply({"requests": world.requests})
        case "POST /__admin/fault" if data.get("kind") in FAULTS:
            break_next(world, data.get("path", "/"), data["kind"], data.get("times", 1), data.get("seconds", 1))
        case "POST /__admin/clock":
            world.ahead += float(data["forward_seconds"])
        case "POST /__admin/people":
            world.people |= data
        case "POST /__admin/switch":
            world.switches |= data
        case "POST /__admin/tokens":
            world.tokens.clear()
        case "POST /__admin/reset":
            world.reset()
        case _:
            return Reply({"error": "no such command"}, status=404)
    return Reply({})


def break_next(world: World, path: str, kind: str, times: int = 1, seconds: float = 1) -> None:
    """Do a fault to the next `times` requests under `path`; 0: to all of them."""
    world.faults.append({"path": path, "kind": kind, "times": times, "seconds": seconds, "done": 0})


def page(world: World) -> str:
    rows = "".join(
        f"<tr><td>{time.strftime('%H:%M:%S', time.localtime(one.at))}<td>{escape(one.platform)}<td>{escape(one.to)}"
        f"<td><pre>{escape(one.text)}</pre><td>{escape(', '.join(one.mentioned))}"
        for one in reversed(world.messages)
    )
    return f'<!doctype html><meta charset="utf-8"><title>What arrived</title><table border="1">{rows}</table>'
