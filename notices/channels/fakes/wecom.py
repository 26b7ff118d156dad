"""WeCom as it behaves: group robot, app messages, sign-in. The codes are those of its list of global error codes."""

from collections.abc import Callable
from typing import Any

from notices.channels.fakes.world import Reply, Request, World

KEY = "fake-wecom-key"
CORP_ID, AGENT_ID, APP_SECRET = "wwfake", "1000002", "fake-wecom-secret"
TEXT_BYTES = 2048
MARKDOWN_BYTES = 4096


def _no(code: int, words: str) -> Reply:
    return Reply({"errcode": code, "errmsg": words})


def robot(world: World, request: Request) -> Reply:
    if request.query.get("key") != KEY:
        return _no(93000, "invalid webhook url, hint: [1, from ip: 127.0.0.1]")
    data = request.data
    kind = data.get("msgtype")
    if kind not in ("text", "markdown"):
        return _no(40008, "invalid message type")
    content = str(data.get(kind, {}).get("content", ""))
    if not content:
        return _no(44004, "empty content")
    if len(content.encode()) > (TEXT_BYTES if kind == "text" else MARKDOWN_BYTES):
        return _no(40058, f"{kind}.content exceed max length")
    if world.is_too_fast("wecom robot", 20, 60):
        return _no(45009, "api freq out of limit")
    mentioned = data[kind].get("mentioned_list") or []
    world.arrived("wecom_robot", "group", content, tuple(mentioned))
    return Reply({"errcode": 0, "errmsg": "ok"})


def token(world: World, request: Request) -> Reply:
    if request.query.get("corpid") != CORP_ID:
        return _no(40013, "invalid corpid")
    if request.query.get("corpsecret") != APP_SECRET:
        return _no(40001, f"invalid credential {request.query.get('corpsecret')}")  # it may quote what it was told
    given, seconds = world.token("wecom")
    return Reply({"errcode": 0, "errmsg": "ok", "access_token": given, "expires_in": seconds})


def with_token(act: Callable[[World, Request], Reply]) -> Callable[[World, Request], Reply]:
    def checked(world: World, request: Request) -> Reply:
        match world.token_trouble("wecom", request.query.get("access_token", "")):
            case "missing":
                return _no(41001, "access_token missing")
            case "wrong":
                return _no(40014, "invalid access_token")
            case "over":
                return _no(42001, "access_token expired")
        return act(world, request)

    return checked


@with_token
def message(world: World, request: Request) -> Reply:
    data = request.data
    if str(data.get("agentid")) != AGENT_ID:
        return _no(40056, "invalid agentid")
    kind = data.get("msgtype")
    if kind not in ("text", "textcard", "markdown"):
        return _no(40008, "invalid message type")
    text = _text(kind, data[kind])
    if not text:
        return _no(44004, "empty content")
    wanted = [userid for userid in str(data.get("touser", "")).split("|") if userid]
    known = [userid for userid in wanted if userid in world.people]
    if not known:
        return _no(81013, "user & party & tag all invalid")
    for userid in known:
        if world.is_too_fast(f"wecom to {userid}", 30, 60):
            return _no(45009, "api freq out of limit")
        sent = ("wecom", userid, text)
        lasts = int(data.get("duplicate_check_interval", 1800))
        if data.get("enable_duplicate_check") == 1 and world.now() - world.kept.get(sent, 0) < lasts:
            continue
        world.kept[sent] = world.now()
        world.arrived("wecom_app", userid, text)
    strangers = "|".join(userid for userid in wanted if userid not in known)
    msgid = f"msg{len(world.messages)}"
    return Reply({"errcode": 0, "errmsg": "ok", "invaliduser": strangers, "msgid": msgid})


def _text(kind: str, content: dict[str, Any]) -> str:
    if kind == "textcard":
        parts = (content.get("title", "")[:128], content.get("description", "")[:512], content.get("url", ""))
        return "\n".join(parts) if all(parts) else ""
    return str(content.get("content", "")).encode()[:TEXT_BYTES].decode("utf-8", "ignore")


def sign_in(world: World, request: Request) -> Reply:
    if request.query.get("appid") != CORP_ID or request.query.get("agentid") != AGENT_ID:
        return Reply(page="<h1>Wrong appid or agentid</h1>", status=400)
    return world.recognise(request, request.query.get("redirect_uri", ""), "code")


@with_token
def who_is(world: World, request: Request) -> Reply:
    userid = world.use_code(request.query.get("code", ""))
    if userid is None:
        return _no(40029, "invalid code")
    if userid in world.outsiders:
        return Reply({"errcode": 0, "errmsg": "ok", "openid": f"o-{userid}"})
    return Reply({"errcode": 0, "errmsg": "ok", "userid": userid})


ROUTES = {
    "POST /cgi-bin/webhook/send": robot,
    "GET /cgi-bin/gettoken": token,
    "POST /cgi-bin/message/send": message,
    "GET /cgi-bin/auth/getuserinfo": who_is,
    "GET /connect/oauth2/authorize": sign_in,
    "GET /wwlogin/sso/login": sign_in,
}
