"""Weibo as it behaves: what a post must have, repeats refused, links shortened, the account's timeline."""

import base64
import re
import threading
import time
from email.parser import BytesParser
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from notices.channels.fakes.world import Reply, Request, World
from response.channels.fakes.wechat import FRAME, Act

TOKEN, UID = "fake-weibo-token", "1000000001"
LENGTH, LINK_LENGTH, PICTURE_BYTES = 140, 10, 5_000_000
_LINK = re.compile(r"https?://\S+")
_lock = threading.Lock()


def no(code: int, words: str, status: int = 400) -> Reply:
    return Reply({"error": words, "error_code": code, "request": "/2/statuses/share.json"}, status=status)


def posts(world: World) -> list[dict[str, Any]]:
    """Oldest first."""
    found: list[dict[str, Any]] = world.kept.setdefault("weibo posts", [])
    return found


def fields_of(request: Request) -> tuple[dict[str, str], bytes]:
    """The form, and the picture in it."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/"):
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True)), b""
    parts = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + request.body).get_payload()
    fields, picture = {}, b""
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, str):
            continue
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        if name == "pic":
            picture = bytes(content)
        else:
            fields[name] = bytes(content).decode()
    return fields, picture


def trouble(world: World, token: str) -> Reply | None:
    if world.switches.get("weibo_over"):
        return no(21327, "expired_token", 401)
    return no(21332, "invalid_access_token", 401) if token != TOKEN else None


def share(world: World, request: Request) -> Reply:
    with _lock:
        fields, picture = fields_of(request)
        if refused := trouble(world, fields.get("access_token", "")):
            return refused
        if code := world.switches.get("weibo_code", 0):
            return no(code, "refused")
        words, links = fields.get("status", ""), _LINK.findall(fields.get("status", ""))
        if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", fields.get("rip", "")) or not words:
            return no(10008, "param error")
        domain = world.switches.get("weibo_domain", "")
        if not links or (domain and urlsplit(links[0]).netloc != domain):
            return no(20018, "contain illegal website")
        if re.search(r"#[^#]+#", words):
            return no(10008, "param error, topic is not allowed")
        bare = _LINK.sub("", words)
        if sum(0.5 if ord(each) < 128 else 1 for each in bare) + LINK_LENGTH * len(links) > LENGTH:
            return no(20012, "text too long")
        if len(picture) > PICTURE_BYTES or (picture and not picture.startswith(b"\x89PNG")):
            return no(20006, "image size too large")
        if any(one["words"] == words for one in posts(world)):
            return no(20019, "repeat content")
        if world.is_too_fast("weibo", 30, 60):
            return no(10023, "user requests out of rate limit", 403)
        number = str(5_000_000_000_000_000 + len(posts(world)) + 1)
        posts(world).append({"idstr": number, "words": words, "at": world.now(), "picture": picture})
        return Reply(as_status(posts(world)[-1]))


def as_status(one: dict[str, Any]) -> dict[str, Any]:
    made = time.strftime("%a %b %d %H:%M:%S +0800 %Y", time.gmtime(one["at"] + 8 * 3600))
    text = _LINK.sub(f"http://t.cn/A{one['idstr'][-6:]}", one["words"])
    return {"id": int(one["idstr"]), "idstr": one["idstr"], "mid": one["idstr"], "created_at": made, "text": text}


def timeline(world: World, request: Request) -> Reply:
    with _lock:
        if refused := trouble(world, request.query.get("access_token", "")):
            return refused
        newest = [as_status(one) for one in reversed(posts(world)[-50:])]
        return Reply({"statuses": newest, "total_number": len(posts(world))})


def status_page(world: World, request: Request) -> Reply:
    one = next((each for each in posts(world) if each["idstr"] == request.path.rpartition("/")[2]), None)
    if one is None:
        return Reply(page="<h1>404</h1>", status=404)
    picture = base64.b64encode(one["picture"]).decode()
    words = _LINK.sub(lambda link: f'<a href="{link[0]}">网页链接</a>', escape(one["words"]))
    body = f"<p>{words}</p>" + (f'<img alt="" src="data:image/png;base64,{picture}">' if picture else "")
    return Reply(page=FRAME.format(title="微博（替身）", body=body))


def list_page(world: World, request: Request) -> Reply:
    rows = "".join(f'<li><a href="/status/{one["idstr"]}">{escape(one["words"])}</a>' for one in reversed(posts(world)))
    return Reply(page=FRAME.format(title="微博（替身）", body=f"<ul>{rows}</ul>"))


ROUTES: dict[str, Act] = {
    "POST /2/statuses/share.json": share,
    "GET /2/statuses/user_timeline.json": timeline,
    "GET /status/*": status_page,
    "GET /u/": list_page,
}
