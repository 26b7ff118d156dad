"""Feishu as it behaves: group robot with signature and two rates, app messages, sign-in."""

import base64
import hmac
import json
from typing import Any

from notices.channels.fakes.world import Reply, Request, World

TOKEN, SECRET = "fake-feishu-hook", "fake-feishu-signing"
APP_ID, APP_SECRET = "cli_fake", "fake-feishu-secret"
BODY_BYTES = 20_000
AN_HOUR = 3600


def _no(code: int, words: str, status: int = 200) -> Reply:
    return Reply({"code": code, "msg": words}, status=status)


def robot(world: World, request: Request) -> Reply:
    if request.path.rpartition("/")[2] != TOKEN:
        return _no(19001, "param invalid: incoming webhook access token invalid")
    data = request.data
    if len(request.body) > BODY_BYTES or data.get("msg_type") not in ("text", "post", "interactive"):
        return _no(9499, "Bad Request")
    stamp = str(data.get("timestamp", ""))
    proof = base64.b64encode(hmac.digest(f"{stamp}\n{SECRET}".encode(), b"", "sha256")).decode()
    is_near = stamp.isdecimal() and abs(int(stamp) - world.now()) <= AN_HOUR
    if not is_near or not hmac.compare_digest(proof, str(data.get("sign", ""))):
        return _no(19021, "sign match fail or timestamp is not within one hour from current time")
    if world.is_too_fast("feishu robot", 5, 1) or world.is_too_fast("feishu robot", 100, 60):
        return _no(11232, "frequency limited psm[lark.oapi.app_platform_runtime]")
    text, mentioned = _read(data["msg_type"], data["content"])
    world.arrived("feishu_robot", "group", text, mentioned)
    return Reply({"code": 0, "msg": "success", "data": {}, "StatusCode": 0, "StatusMessage": "success"})


def _read(kind: str, content: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
    """What a reader sees, and who is called."""
    if kind == "text":
        return str(content["text"]), ()
    post = next(iter(content.get("post", content).values()))
    parts = [part for line in post["content"] for part in line]
    seen = [part.get("text", "") + (f" {part['href']}" if "href" in part else "") for part in parts]
    called = tuple(part["user_id"] for part in parts if part["tag"] == "at")
    return "\n".join(piece for piece in [post["title"], *seen] if piece), called


def token(world: World, request: Request) -> Reply:
    data = request.data
    if data.get("app_id") != APP_ID:
        return _no(10003, "invalid param")
    if data.get("app_secret") != APP_SECRET:
        return _no(10014, "app secret invalid")
    given, seconds = world.token("feishu")
    return Reply({"code": 0, "msg": "ok", "tenant_access_token": given, "expire": seconds})


def message(world: World, request: Request) -> Reply:
    match world.token_trouble("feishu", request.headers.get("authorization", "").removeprefix("Bearer ")):
        case "missing":
            return _no(99991661, "Missing access token for authorization", 400)
        case "wrong" | "over":
            return _no(99991663, "Invalid access token for authorization", 400)
    data = request.data
    try:
        text, _called = _read(data["msg_type"], json.loads(data["content"]))
    except (KeyError, TypeError, ValueError):
        return _no(230001, "Your request contains an invalid request parameter", 400)
    to = str(data.get("receive_id", ""))
    if request.query.get("receive_id_type") != "open_id" or to not in world.people:
        return _no(99992351, f"The request contains invalid open_ids: {to}", 400)
    if world.is_too_fast("feishu app", 50, 1):
        return _no(99991400, "request trigger frequency limit", 400)
    same, repeat_of = ("feishu", data.get("uuid")), None
    if data.get("uuid") and same in world.kept and world.now() - world.kept[same][1] < AN_HOUR:
        repeat_of = world.kept[same][0]
    else:
        world.arrived("feishu_app", to, text)
        world.kept[same] = f"om_{len(world.messages)}", world.now()
    return Reply({"code": 0, "msg": "success", "data": {"message_id": repeat_of or world.kept[same][0]}})


def sign_in(world: World, request: Request) -> Reply:
    if request.query.get("client_id") != APP_ID:
        return Reply(page="<h1>Wrong client_id</h1>", status=400)
    return world.recognise(request, request.query.get("redirect_uri", ""), "code")


def user_token(world: World, request: Request) -> Reply:
    data = request.data
    userid = world.use_code(str(data.get("code", "")))
    if (data.get("client_id"), data.get("client_secret")) != (APP_ID, APP_SECRET):
        return Reply({"code": 20002, "error": "invalid_client", "error_description": "wrong secret"}, status=400)
    if userid is None:
        return Reply({"code": 20003, "error": "invalid_grant", "error_description": "code not found"}, status=400)
    world.user_tokens[f"u-{userid}"] = userid
    return Reply({"code": 0, "access_token": f"u-{userid}", "expires_in": 7200, "token_type": "Bearer"})


def me(world: World, request: Request) -> Reply:
    userid = world.user_tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
    if userid is None:
        return _no(99991668, "Invalid access token for authorization", 401)
    return Reply({"code": 0, "msg": "success", "data": {"open_id": userid, "name": world.people.get(userid, "")}})


ROUTES = {
    "POST /open-apis/auth/v3/tenant_access_token/internal": token,
    "POST /open-apis/im/v1/messages": message,
    "GET /open-apis/authen/v1/authorize": sign_in,
    "POST /open-apis/authen/v2/oauth/token": user_token,
    "GET /open-apis/authen/v1/user_info": me,
    "POST /open-apis/bot/v2/hook/*": robot,
}
