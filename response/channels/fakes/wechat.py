"""The official account's platform as it behaves: tokens that overlap, drafts that vanish, a verdict that takes time."""

import re
import secrets
import threading
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import urlencode

from notices.channels.fakes.world import Reply, Request, World
from response.channels.wechat.callback import signature

APP_ID, SECRET = "wxfake0000000001", "fake-wechat-secret"
CALLBACK_TOKEN, COVER = "fake-callback-token", "fake-cover"
TITLE, AUTHOR, DIGEST, CONTENT, SOURCE_BYTES = 32, 16, 128, 20_000, 1024
SPARE, LIFETIME = 300, 7200
_SCRIPT = re.compile(r"<script.*?</script>|<script[^>]*>", re.I | re.S)
_PICTURE = re.compile(r"<img[^>]*>", re.I)
Act = Callable[[World, Request], Reply]


@dataclass
class Account:
    tokens: dict[str, float] = field(default_factory=dict)  # token: end
    drafts: dict[str, dict[str, Any]] = field(default_factory=dict)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)  # publish id
    articles: dict[str, dict[str, Any]] = field(default_factory=dict)  # article id
    pushes: dict[str, dict[str, Any]] = field(default_factory=dict)  # msg id
    covers: set[str] = field(default_factory=lambda: {COVER})
    made: int = 0

    def number(self) -> int:
        self.made += 1
        return self.made


_lock = threading.RLock()


def account(world: World) -> Account:
    found: Account = world.kept.setdefault("wechat account", Account())
    return found


def no(code: int, words: str) -> Reply:
    return Reply({"errcode": code, "errmsg": words})


def stable_token(world: World, request: Request) -> Reply:
    data, tokens = request.data, account(world).tokens
    if not world.switches.get("wechat_listed", True):
        return no(40164, "invalid ip 198.51.100.9, not in whitelist")
    if data.get("appid") != APP_ID:
        return no(40013, "invalid appid")
    if data.get("secret") != SECRET:
        return no(40125, "invalid appsecret")
    with _lock:
        now = world.now()
        newest = max(tokens, key=lambda each: tokens[each], default="")
        if not newest or tokens[newest] - now <= SPARE:
            newest = f"wx-{secrets.token_hex(20)}"
            tokens[newest] = now + LIFETIME
        return Reply({"access_token": newest, "expires_in": int(tokens[newest] - now)})


def guarded(act: Act) -> Act:
    """What every call meets first: token, list of addresses, rights, quotas. One call at a time."""

    def checked(world: World, request: Request) -> Reply:
        with _lock:
            token, end = request.query.get("access_token", ""), account(world).tokens
            if not token:
                return no(41001, "access_token missing")
            if token not in end:
                return no(40001, "invalid credential, access_token is invalid or not latest")
            if end[token] <= world.now():
                return no(42001, "access_token expired")
            if not world.switches.get("wechat_listed", True):
                return no(40164, "invalid ip 198.51.100.9, not in whitelist")
            if not world.switches.get("wechat_permitted", True):
                return no(48001, "api unauthorized")
            if code := world.switches.get("wechat_code", 0):
                return no(code, "system error" if code == -1 else "reach max api quota limit")
            return act(world, request)

    return checked


# --- drafts ----------------------------------------------------------------------------------------------------------
@guarded
def add_material(world: World, request: Request) -> Reply:
    if b"\x89PNG" not in request.body:
        return no(40005, "invalid file type")
    media_id = f"cover-{account(world).number()}"
    account(world).covers.add(media_id)
    return Reply({"media_id": media_id, "url": ""})


@guarded
def add_draft(world: World, request: Request) -> Reply:
    articles = request.data.get("articles") or []
    if len(articles) != 1:
        return no(47001, "data format error")
    article = dict(articles[0])
    if not article.get("title") or not article.get("content"):
        return no(44002, "empty post data")
    if len(article["title"]) > TITLE or len(article.get("author", "")) > AUTHOR:
        return no(45003, "title size out of limit")
    if len(article["content"]) >= CONTENT or len(article.get("digest", "")) > DIGEST:
        return no(45002, "content size out of limit")
    if len(article.get("content_source_url", "").encode()) > SOURCE_BYTES:
        return no(45002, "content size out of limit")
    if article.get("thumb_media_id") not in account(world).covers:
        return no(40007, "invalid media_id")
    article["content"] = _PICTURE.sub("", _SCRIPT.sub("", article["content"]))
    media_id = f"draft-{account(world).number()}"
    account(world).drafts[media_id] = article
    return Reply({"media_id": media_id})


@guarded
def list_drafts(world: World, request: Request) -> Reply:
    drafts = reversed(account(world).drafts.items())
    entries = [{"media_id": each, "content": {"news_item": [seen(article)]}} for each, article in drafts]
    return Reply(page_of(entries, request))


@guarded
def count_drafts(world: World, request: Request) -> Reply:
    return Reply({"total_count": len(account(world).drafts)})


def seen(article: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in article.items() if name != "content"}


def page_of(entries: list[dict[str, Any]], request: Request) -> dict[str, Any]:
    start, count = int(request.data.get("offset", 0)), min(int(request.data.get("count", 20)), 20)
    part = entries[start : start + count]
    return {"total_count": len(entries), "item_count": len(part), "item": part}


# --- 发布 ------------------------------------------------------------------------------------------------------------
@guarded
def submit(world: World, request: Request) -> Reply:
    """Two calls for one draft make two jobs, and in the end two articles: the platform does not save its callers."""
    there, media_id = account(world), str(request.data.get("media_id", ""))
    if media_id not in there.drafts:
        return no(40007, "invalid media_id")
    publish_id = str(2_247_483_000 + there.number())
    there.jobs[publish_id] = {
        "article": there.drafts[media_id],
        "media_id": media_id,
        "polls": world.switches.get("wechat_polls", 2),
        "verdict": world.switches.get("wechat_verdict", 0),
        "article_id": "",
    }
    return Reply({"errcode": 0, "errmsg": "ok", "publish_id": publish_id, "msg_data_id": int(publish_id) + 1})


def work(world: World, request: Request) -> None:
    """The platform's own time passes a little with every look at it."""
    there = account(world)
    for publish_id, job in there.jobs.items():
        if job["article_id"] or job["polls"] < 0:
            continue
        job["polls"] -= 1
        if job["polls"] >= 0:
            continue
        if job["verdict"] == 0:
            job["article_id"] = new_article(world, request, job["article"])
            there.drafts.pop(job["media_id"], None)
        call_back(world, publish_id, job)


def new_article(world: World, request: Request, article: dict[str, Any]) -> str:
    there = account(world)
    article_id = f"article-{there.number()}"
    url = f"http://{request.headers.get('host', '')}/s/{article_id}"
    there.articles[article_id] = {**article, "url": url, "at": world.now(), "is_deleted": False}
    return article_id


def status(world: World, publish_id: str) -> dict[str, Any]:
    job = account(world).jobs[publish_id]
    if job["polls"] >= 0:
        return {"publish_id": publish_id, "publish_status": 1, "fail_idx": []}
    if not job["article_id"]:
        return {"publish_id": publish_id, "publish_status": job["verdict"], "fail_idx": [1]}
    article = account(world).articles[job["article_id"]]
    if article["is_deleted"] or world.switches.get("wechat_gone"):
        return {"publish_id": publish_id, "publish_status": world.switches.get("wechat_gone") or 5, "fail_idx": []}
    item = [{"idx": 1, "article_url": article["url"]}]
    detail = {"count": 1, "item": item}
    return {"publish_id": publish_id, "publish_status": 0, "article_id": job["article_id"], "article_detail": detail}


@guarded
def published(world: World, request: Request) -> Reply:
    publish_id = str(request.data.get("publish_id", ""))
    if publish_id not in account(world).jobs:
        return no(53503, "no such publish_id")
    work(world, request)
    return Reply(status(world, publish_id))


@guarded
def list_published(world: World, request: Request) -> Reply:
    work(world, request)
    entries = [
        {"article_id": each, "content": {"news_item": [seen(article)]}, "update_time": int(article["at"])}
        for each, article in reversed(account(world).articles.items())
        if not article["is_deleted"] and not article.get("pushed")
    ]
    return Reply(page_of(entries, request))


@guarded
def delete(world: World, request: Request) -> Reply:
    article = account(world).articles.get(str(request.data.get("article_id", "")))
    if article is None or article["is_deleted"]:
        return no(53600, "invalid article_id")
    article["is_deleted"] = True
    return Reply({"errcode": 0, "errmsg": "ok"})


# --- 群发 ------------------------------------------------------------------------------------------------------------
@guarded
def push(world: World, request: Request) -> Reply:
    there, data = account(world), request.data
    media_id, own = str((data.get("mpnews") or {}).get("media_id", "")), str(data.get("clientmsgid", ""))
    for msg_id, one in there.pushes.items():
        if own and one["own"] == own:
            return Reply({"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": int(msg_id)})
    if media_id not in there.drafts:
        return no(40007, "invalid media_id")
    if len(there.pushes) >= world.switches.get("wechat_pushes", 4):
        return no(45028, "has no masssend quota")
    msg_id = str(3_000_000_000 + there.number())
    article_id = new_article(world, request, there.drafts.pop(media_id))
    there.articles[article_id]["pushed"] = True
    there.pushes[msg_id] = {"own": own, "polls": world.switches.get("wechat_polls", 2), "article_id": article_id}
    return Reply({"errcode": 0, "errmsg": "send job submission success", "msg_id": int(msg_id), "msg_data_id": 1})


@guarded
def push_status(world: World, request: Request) -> Reply:
    one = account(world).pushes.get(str(request.data.get("msg_id", "")))
    if one is None:
        return no(40059, "invalid msg id")
    one["polls"] -= 1
    deleted = account(world).articles[one["article_id"]]["is_deleted"]
    word = "SENDING" if one["polls"] >= 0 else "DELETE" if deleted else "SEND_SUCCESS"
    return Reply({"msg_id": int(request.data["msg_id"]), "msg_status": word})


@guarded
def push_delete(world: World, request: Request) -> Reply:
    one = account(world).pushes.get(str(request.data.get("msg_id", "")))
    if one is None:
        return no(40059, "invalid msg id")
    account(world).articles[one["article_id"]]["is_deleted"] = True
    return Reply({"errcode": 0, "errmsg": "ok"})


# --- the verdict by message ------------------------------------------------------------------------------------------
def call_back(world: World, publish_id: str, job: dict[str, Any]) -> None:
    """Sent twice, and before it one about something nobody knows: duplicates and disorder are usual."""
    if where := world.switches.get("wechat_callback"):
        told = [("1", 0), (publish_id, job["verdict"]), (publish_id, job["verdict"])]
        threading.Thread(target=send_messages, args=(where, told), daemon=True).start()


def send_messages(where: str, told: list[tuple[str, int]]) -> list[int]:
    """Post signed messages; the answers' statuses."""
    heard = []
    for publish_id, verdict in told:
        query = {"timestamp": "1700000000", "nonce": secrets.token_hex(4)}
        query["signature"] = signature(CALLBACK_TOKEN, query["timestamp"], query["nonce"])
        body = (
            f"<xml><ToUserName><![CDATA[gh_fake]]></ToUserName><CreateTime>1700000000</CreateTime>"
            f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo>"
            f"<publish_id>{publish_id}</publish_id><publish_status>{verdict}</publish_status>"
            f"</PublishEventInfo></xml>"
        )
        post = urllib.request.Request(f"{where}?{urlencode(query)}", body.encode(), {"Content-Type": "text/xml"})
        try:
            with urllib.request.urlopen(post, timeout=5) as answer:
                heard.append(answer.status)
        except OSError as error:
            heard.append(getattr(error, "code", 0))
    return heard


# --- what a reader sees ----------------------------------------------------------------------------------------------
def article_page(world: World, request: Request) -> Reply:
    article = account(world).articles.get(request.path.rpartition("/")[2])
    if article is None:
        return Reply(page="<h1>404</h1>", status=404)
    if article["is_deleted"]:
        return Reply(page=FRAME.format(title="该内容已被发布者删除", body=""))
    source = escape(article.get("content_source_url", ""))
    by = f'<p class="by">{escape(article.get("author", ""))}</p>'
    body = f'{by}{article["content"]}<p><a href="{source}">阅读原文</a></p>'
    return Reply(page=FRAME.format(title=escape(article["title"]), body=body))


def list_page(world: World, request: Request) -> Reply:
    rows = "".join(
        f'<li><a href="/s/{each}">{escape(article["title"])}</a>'
        f"{' 已删除' if article['is_deleted'] else ''}{' 群发' if article.get('pushed') else ''}"
        for each, article in reversed(account(world).articles.items())
    )
    return Reply(page=FRAME.format(title="公众号（替身）", body=f"<ul>{rows}</ul>"))


FRAME = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><style>body{{max-width:38em;margin:2em auto;padding:0 1em;font:17px/1.8 sans-serif}}"
    "img{{max-width:100%}}</style><h1>{title}</h1>{body}"
)
ROUTES: dict[str, Act] = {
    "POST /cgi-bin/stable_token": stable_token,
    "POST /cgi-bin/material/add_material": add_material,
    "POST /cgi-bin/draft/add": add_draft,
    "POST /cgi-bin/draft/batchget": list_drafts,
    "GET /cgi-bin/draft/count": count_drafts,
    "POST /cgi-bin/freepublish/submit": submit,
    "POST /cgi-bin/freepublish/get": published,
    "POST /cgi-bin/freepublish/batchget": list_published,
    "POST /cgi-bin/freepublish/delete": delete,
    "POST /cgi-bin/message/mass/sendall": push,
    "POST /cgi-bin/message/mass/get": push_status,
    "POST /cgi-bin/message/mass/delete": push_delete,
    "GET /s/": list_page,
    "GET /s/*": article_page,
}
