"""DingTalk as it behaves: group robot with signature and a ten-minute block, work notifications, sign-in."""

import base64
import hmac
from collections.abc import Callable
from typing import Any

from notices.channels.fakes.world import Reply, Request, World

TOKEN, SECRET = "fake-dingtalk-token", "SECfake"
APP_KEY, AGENT_ID, APP_SECRET = "dingfake", "2000003", "fake-dingtalk-secret"
BODY_BYTES = 20_000
AN_HOUR = 3600
BLOCKED_SECONDS = 600


def _no(code: int, words: str) -> Reply:
    return Reply({"errcode": code, "errmsg": words})


def robot(world: World, request: Request) -> Reply:
    if request.query.get("access_token") != TOKEN:
        return _no(300005, "token is not exist")
    if refusal := _signature_trouble(world, request):
        return _no(310000, refusal)
    if world.now() < world.blocked_until.get("dingtalk", 0):
        return _no(130101, "send too fast, exceed 20 times per minute")
    kind = request.data.get("msgtype")
    if len(request.body) > BODY_BYTES or kind not in ("text", "markdown"):
        return _no(40035, "不合法的参数")
    content = str(request.data[kind].get("content" if kind == "text" else "text", ""))
    if not content:
        return _no(40035, "缺少参数 content")
    if world.is_too_fast("dingtalk robot", 20, 60):
        world.blocked_until["dingtalk"] = world.now() + BLOCKED_SECONDS
        return _no(130101, "send too fast, exceed 20 times per minute")
    at = request.data.get("at") or {}
    mentioned = ["@all"] if at.get("isAtAll") else [who for who in at.get("atUserIds") or [] if f"@{who}" in content]
    world.arrived("dingtalk_robot", "group", content, tuple(mentioned))
    return Reply({"errcode": 0, "errmsg": "ok"})


def _signature_trouble(world: World, request: Request) -> str:
    stamp = request.query.get("timestamp", "")
    if not stamp.isdecimal() or abs(int(stamp) / 1000 - world.now()) > AN_HOUR:
        return "invalid timestamp"
    proof = hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256")
    matches = hmac.compare_digest(base64.b64encode(proof).decode(), request.query.get("sign", ""))
    return "" if matches else "sign not match"


def token(world: World, request: Request) -> Reply:
    if (request.query.get("appkey"), request.query.get("appsecret")) != (APP_KEY, APP_SECRET):
        return _no(40096, "不合法的appKey或appSecret")
    given, seconds = world.token("dingtalk")
    return Reply({"errcode": 0, "errmsg": "ok", "access_token": given, "expires_in": seconds})


def with_token(act: Callable[[World, Request], Reply]) -> Callable[[World, Request], Reply]:
    def checked(world: World, request: Request) -> Reply:
        match world.token_trouble("dingtalk", request.query.get("access_token", "")):
            case "":
                return act(world, request)
            case "over":
                return _no(42001, "access_token已过期")
        return _no(40014, "不合法的access_token")

    return checked


@with_token
def message(world: World, request: Request) -> Reply:
    """Accepted first; who cannot be reached is in the result of the task."""
    data = request.data
    content = data.get("msg") or {}
    if str(data.get("agent_id")) != AGENT_ID or content.get("msgtype") not in ("text", "oa", "markdown"):
        return _no(400002, "参数错误")
    text = _text(content)
    task = 256_271_000_000 + len(world.kept)
    result: dict[str, list[str]] = {"invalid_user_id_list": [], "forbidden_user_id_list": [], "unread_user_id_list": []}
    for userid in str(data.get("userid_list", "")).split(","):
        sent = ("dingtalk", userid, text, int(world.now() // 86400))
        if userid not in world.people:
            result["invalid_user_id_list"].append(userid)
        elif sent in world.kept:  # the same to the same person on one day
            result["forbidden_user_id_list"].append(userid)
        else:
            world.kept[sent] = True
            world.arrived("dingtalk_app", userid, text)
            result["unread_user_id_list"].append(userid)
    world.kept[("dingtalk task", task)] = result
    return Reply({"errcode": 0, "task_id": task, "request_id": "fake"})


def _text(content: dict[str, Any]) -> str:
    if content["msgtype"] == "oa":
        card = content["oa"]
        return "\n".join([card["body"]["title"], card["body"]["content"], card["message_url"]])
    return str(content["text"]["content"])


@with_token
def result_of(world: World, request: Request) -> Reply:
    found = world.kept.get(("dingtalk task", request.data.get("task_id")))
    return _no(400002, "参数错误") if found is None else Reply({"errcode": 0, "send_result": found})


def sign_in(world: World, request: Request) -> Reply:
    if request.query.get("client_id") != APP_KEY:
        return Reply(page="<h1>Wrong client_id</h1>", status=400)
    return world.recognise(request, request.query.get("redirect_uri", ""), "authCode")


def user_token(world: World, request: Request) -> Reply:
    data = request.data
    userid = world.use_code(str(data.get("code", "")))
    if (data.get("clientId"), data.get("clientSecret")) != (APP_KEY, APP_SECRET):
        return Reply({"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}, status=400)
    if userid is None:
        return Reply({"code": "invalidParameter.authCode.notFound", "message": "不存在的临时授权码"}, status=400)
    world.user_tokens[f"user-{userid}"] = userid
    return Reply({"accessToken": f"user-{userid}", "refreshToken": "r", "expireIn": 7200, "corpId": "dingcorp"})


def me(world: World, request: Request) -> Reply:
    userid = world.user_tokens.get(request.headers.get("x-acs-dingtalk-access-token", ""))
    if userid is None:
        return Reply({"code": "InvalidAuthentication", "message": "不合法的access_token"}, status=401)
    return Reply({"nick": world.people.get(userid, userid), "unionId": f"union-{userid}", "openId": f"open-{userid}"})


@with_token
def by_union_id(world: World, request: Request) -> Reply:
    userid = str(request.data.get("unionid", "")).removeprefix("union-")
    if userid in world.outsiders:
        return Reply({"errcode": 0, "result": {"contact_type": 1, "userid": userid}})
    if userid not in world.people:
        return _no(60121, "找不到该用户")
    return Reply({"errcode": 0, "result": {"contact_type": 0, "userid": userid}})


ROUTES = {
    "POST /robot/send": robot,
    "GET /gettoken": token,
    "POST /topapi/message/corpconversation/asyncsend_v2": message,
    "POST /topapi/message/corpconversation/getsendresult": result_of,
    "POST /topapi/user/getbyunionid": by_union_id,
    "GET /oauth2/auth": sign_in,
    "POST /v1.0/oauth2/userAccessToken": user_token,
    "GET /v1.0/contact/users/me": me,
}
