"""The official account's adapter against the stand-in: tokens, drafts, codes, verdicts, and the platform's messages."""

import base64
import os
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client

from accounts.models import User
from incidents.levels import Level
from notices.channels.fakes.server import FakeServer, break_next
from notices.models import Notice
from response import tasks as background
from response.channels.fakes import wechat
from response.channels.wechat import api, callback
from response.models import ChannelAccount, Release
from response.services.releases import publish
from tests.response.factories import GOOD_TEXT, incident_at, releasable

RARE = "生僻字𠮷𪚥，表情🙏👨‍👩‍👧，<script>alert(1)</script>&amp;，零宽\u200d。"
CONFIG = {"app_id": wechat.APP_ID, "secret": wechat.SECRET}


def asked(server: FakeServer, path: str) -> int:
    return sum(each["path"] == path for each in server.world.requests)


@pytest.fixture
def release(
    cast: dict[str, User], speakers: dict[str, User], at_noon: datetime, platforms: FakeServer
) -> Callable[..., Release]:
    def make(text: str = GOOD_TEXT) -> Release:
        version = releasable(incident_at(Level.TWO, cast, at_noon), cast, at_noon, text=text)
        publish(version, channels=["newsroom", "wechat"], actor=cast["spokesperson"], now=at_noon)
        return Release.objects.get(version=version, channel="wechat")

    return make


def run(release: Release, start: datetime, *seconds: float) -> Release:
    for each in seconds or (0, 5, 10, 15, 20, 25, 30):
        with time_machine.travel(start + timedelta(seconds=each), tick=False):
            background.send_releases()
    return Release.objects.get(pk=release.pk)


# --- tokens ----------------------------------------------------------------------------------------------------------
def test_many_threads_share_one_token(platforms: FakeServer) -> None:
    api._tokens.clear()
    found: list[str] = []
    threads = [Thread(target=lambda: found.append(api.token(CONFIG))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 8
    assert len(set(found)) == 1
    assert asked(platforms, "/cgi-bin/stable_token") == 1


def test_a_token_that_runs_out_in_the_middle_is_fetched_anew_once(platforms: FakeServer) -> None:
    first = api.token(CONFIG)
    wechat.account(platforms.world).tokens[first] = 0
    assert api.ask(CONFIG, "/cgi-bin/draft/count") == {"total_count": 0}
    assert asked(platforms, "/cgi-bin/stable_token") == 2
    platforms.world.switches["wechat_code"] = 42001  # whatever the token
    with pytest.raises(api.CodeError):
        api.ask(CONFIG, "/cgi-bin/draft/count")
    assert asked(platforms, "/cgi-bin/draft/count") == 4  # twice and twice: never a loop
    assert asked(platforms, "/cgi-bin/stable_token") == 3


def test_a_token_that_runs_out_between_draft_and_submit_does_no_harm(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    queued = release()
    run(queued, noon, 0)
    break_next(platforms.world, "/cgi-bin/freepublish/submit", "drop")  # draft made, submit not even read

    def over() -> None:
        for token in wechat.account(platforms.world).tokens:
            wechat.account(platforms.world).tokens[token] = 0

    run(queued, noon, 5)
    over()
    run(queued, noon, 21, 30)
    over()
    found = run(queued, noon, 85, 330)
    assert found.state == "unknown"  # the call may have arrived: nobody repeats it
    assert len(wechat.account(platforms.world).articles) == 0


# --- what an article holds -------------------------------------------------------------------------------------------
def test_rare_characters_and_markup_arrive_as_they_are_and_are_only_text(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    found = run(release(GOOD_TEXT + "\n" + RARE), noon)
    assert found.state == "sent"
    (article,) = wechat.account(platforms.world).articles.values()
    assert "𠮷𪚥" in article["content"]
    assert "🙏👨‍👩‍👧" in article["content"]
    assert "<script" not in article["content"]
    assert "&lt;script&gt;" in article["content"]
    assert "[F1]" not in article["content"]
    assert article["title"] == "关于建国路店的说明"
    assert "SM-2026-001" in article["content"]


def test_an_article_too_long_for_the_platform_is_published_by_hand(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    found = run(release(GOOD_TEXT + "\n" + "长" * 19_900), noon)
    assert (found.state, found.is_manual) == ("queued", True)
    assert not wechat.account(platforms.world).drafts


# --- what the codes mean ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("switches", "state", "by_hand", "words"),
    [
        ({"wechat_permitted": False}, "queued", True, "48001"),
        ({"wechat_listed": False}, "queued", True, "198.51.100.9"),
        ({"wechat_code": 45009}, "queued", True, "45009"),
        ({"wechat_code": -1}, "queued", True, ""),
        ({"wechat_code": 45011}, "queued", True, "45011"),
        ({"wechat_code": 99999}, "refused", False, "99999"),
        ({"wechat_verdict": 2}, "refused", False, ""),
        ({"wechat_verdict": 3}, "refused", False, ""),
        ({"wechat_verdict": 4}, "refused", False, ""),
    ],
)
def test_a_refusal_is_told_and_what_no_machine_can_do_goes_to_a_person(
    release: Callable[..., Release],
    platforms: FakeServer,
    noon: datetime,
    switches: dict[str, Any],
    state: str,
    by_hand: bool,
    words: str,
) -> None:
    queued = release()
    platforms.world.switches |= switches
    found = run(queued, noon, *range(0, 400, 20))
    assert (found.state, found.is_manual, found.called_at) == (state, by_hand, None)
    assert words in found.words
    assert wechat.SECRET not in found.words
    assert not wechat.account(platforms.world).articles
    assert Notice.objects.filter(event__in=("response.release_refused", "response.release_by_hand")).exists()
    if by_hand:
        assert ChannelAccount.objects.get(kind="wechat").failures == 1


def test_accepted_and_the_reply_lost_it_is_found_by_our_own_mark(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    queued = release()
    break_next(platforms.world, "/cgi-bin/freepublish/submit", "swallow")
    found = run(queued, noon, 0, 5, 21, 85, 330)
    assert found.state == "sent"
    assert found.url == next(iter(wechat.account(platforms.world).articles.values()))["url"]
    assert asked(platforms, "/cgi-bin/freepublish/submit") == 1
    (attempt,) = found.attempts.all()
    assert attempt.outcome == "sent"


# --- messages from the platform --------------------------------------------------------------------------------------
def signed(token: str = wechat.CALLBACK_TOKEN, **more: str) -> dict[str, str]:
    query = {"timestamp": "1700000000", "nonce": "n1", **more}
    return query | {"signature": callback.signature(token, query["timestamp"], query["nonce"])}


def event(publish_id: str) -> str:
    return (
        "<xml><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[PUBLISHJOBFINISH]]></Event><PublishEventInfo>"
        f"<publish_id>{publish_id}</publish_id><publish_status>4</publish_status></PublishEventInfo></xml>"
    )


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]><xml><MsgType>&c;</MsgType></xml>'
NOT_A_MESSAGE = [
    LAUGHS.encode(),
    f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}'.encode("utf-16"),  # the same, where nobody looks for it
    f'<?xml version="1.0" encoding="GBK"?>{LAUGHS}'.encode("gbk"),
    b"<xml>" + b"<a>" * 21_000,
    b"<xml>" + b"a" * 65_536 + b"</xml>",
    b"<xml>\0</xml>",
    "<xml>\ud800</xml>".encode("utf-8", "surrogatepass"),
    b"<xml>&#0;</xml>",
    b"\xff\xfe",
    b"{}",
    b"",
]


@pytest.mark.parametrize("body", NOT_A_MESSAGE)
def test_what_is_no_message_is_refused_though_it_is_signed(platforms: FakeServer, body: bytes) -> None:
    answer = Client().post("/channels/wechat/message/", body, content_type="text/xml", query_params=signed())
    assert answer.status_code == 403


def test_a_deep_or_strange_message_of_theirs_does_no_harm(platforms: FakeServer) -> None:
    deep = "<xml>" + "<a>" * 9000 + "</a>" * 9000 + "</xml>"
    assert [post(body, signed()) for body in (deep, "<xml/>", event("𠮷' OR 1=1 --"), event("9" * 5000))] == [200] * 4
    assert post("<xml/>", signed() | {"signature": "é"}) == 403
    assert post("<xml/>", {}) == 403


def post(body: str, query: dict[str, str]) -> int:
    answer = Client().post("/channels/wechat/message/", body, content_type="text/xml", query_params=query)
    return int(answer.status_code)


def test_a_message_only_makes_the_desk_ask(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    queued = run(release(), noon, 0, 5)
    assert queued.state == "sending"
    number = queued.remote["publish_id"]
    before = Release.objects.values().get(pk=queued.pk)
    assert [post(event("1"), signed()), post(event(number), signed("wrong")), post("<xml", signed())] == [200, 403, 403]
    assert post('<!DOCTYPE a [<!ENTITY b "c">]><xml/>', signed()) == 403
    assert Release.objects.values().get(pk=queued.pk) == before
    assert [post(event(number), signed()) for _copy in range(3)] == [200, 200, 200]
    found = run(queued, noon, 6, 10, 15, 20)
    assert found.state == "sent"  # though the message said "refused": the platform was asked
    assert post(event(number), signed()) == 200  # late
    assert run(queued, noon, 25).state == "sent"


def test_what_the_platform_removes_is_said_to_be_gone(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    found = run(release(), noon)
    platforms.world.switches["wechat_gone"] = 6
    post(event(found.remote["publish_id"]), signed())
    found = run(found, noon, 40)
    assert (found.state, found.withdrawn_by, found.take_down) == ("withdrawn", None, "done")
    assert Notice.objects.filter(event="response.release_removed").exists()


def test_the_address_is_proven_to_the_platform(platforms: FakeServer) -> None:
    answer = Client().get("/channels/wechat/message/", {**signed(), "echostr": "e<b>cho"})
    assert (answer.content, answer.headers["Content-Type"]) == (b"e<b>cho", "text/plain")
    assert Client().get("/channels/wechat/message/", {**signed("wrong"), "echostr": "x"}).status_code == 403


def test_a_sealed_message_is_opened_and_a_plain_one_then_refused(
    release: Callable[..., Release], platforms: FakeServer, noon: datetime
) -> None:
    queued = run(release(), noon, 0, 5)
    key = base64.b64encode(os.urandom(32)).decode().rstrip("=")
    account = ChannelAccount.objects.get(kind="wechat")
    account.settings = {**account.settings, "aes_key": key}
    account.save()
    inner = event(queued.remote["publish_id"]).encode()

    def sealed(app_id: str) -> str:
        plain = os.urandom(16) + struct.pack(">I", len(inner)) + inner + app_id.encode()
        pad = 32 - len(plain) % 32
        secret = base64.b64decode(key + "=")
        box = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
        return base64.b64encode(box.update(plain + bytes([pad]) * pad) + box.finalize()).decode()

    def told(app_id: str) -> int:
        text = sealed(app_id)
        query = signed(encrypt_type="aes")
        query["msg_signature"] = callback.signature(wechat.CALLBACK_TOKEN, query["timestamp"], query["nonce"], text)
        return post(f"<xml><Encrypt>{text}</Encrypt></xml>", query)

    assert told("wxsomebodyelse") == 403
    assert post(event(queued.remote["publish_id"]), signed()) == 403
    assert told(wechat.APP_ID) == 200
    assert Release.objects.get(pk=queued.pk).look_at is not None
