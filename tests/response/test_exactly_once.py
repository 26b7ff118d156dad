"""On stand-ins that fail in every way, with a worker that dies at every point: one article, or a person is asked."""

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db.models import Max
from django.test import Client

from accounts.models import User
from accounts.outside import calls
from incidents.levels import Level
from notices.channels.fakes.server import FakeServer, break_next
from notices.models import Notice
from response import channels
from response import tasks as background
from response.channels.fakes import site, wechat, weibo
from response.channels.wechat import api as wechat_api
from response.channels.wechat import articles
from response.channels.wechat import channel as wechat_channel
from response.channels.weibo import api as weibo_api
from response.models import Release, ReleaseAttempt, StatementVersion
from response.services import sending
from response.services.releases import publish
from response.views import channel_messages
from tests.response.factories import incident_at, releasable

# A few of the twenty nights are in every run of the suite; all of them are a sweep of faults.
NIGHTS = [
    pytest.param(range(4), id="four nights"),
    pytest.param(range(20), id="twenty nights", marks=pytest.mark.faults),
]
# When the workers ring, in seconds: through leases, looks and the end of all patience.
ROUNDS = (0, 5, 10, 16, 22, 30, 60, 130, 136, 142, 160, 200, 260, 270, 290, 330, 400, 560, 700, 900, 1300, 1700)
PATHS = {
    "/cgi-bin/stable_token": 0.2,
    "/cgi-bin/draft/add": 0.3,
    "/cgi-bin/draft/batchget": 0.2,
    "/cgi-bin/freepublish/submit": 0.5,
    "/cgi-bin/freepublish/get": 0.3,
    "/cgi-bin/freepublish/batchget": 0.3,
    "/2/statuses/share.json": 0.5,
    "/2/statuses/user_timeline.json": 0.3,
    "/site": 0.4,
}
KINDS = ("latency", "drop", "swallow", "html502", "truncated", "slow", "redirect")


class Killed(BaseException):
    """What a kill -9 looks like from inside: nothing after it runs."""


class Death:
    """Strikes once, when told to."""

    def __init__(self) -> None:
        self.left = 0

    def may_strike(self) -> None:
        if self.left:
            self.left -= 1
            if not self.left:
                raise Killed

    def before(self, act: Callable[..., Any], *, only: Callable[..., bool] = lambda *_a, **_k: True) -> Any:
        def dies(*args: Any, **kwargs: Any) -> Any:
            if only(*args, **kwargs):
                self.may_strike()
            return act(*args, **kwargs)

        return dies

    def after(self, act: Callable[..., Any], *, only: Callable[..., bool] = lambda *_a, **_k: True) -> Any:
        def dies(*args: Any, **kwargs: Any) -> Any:
            result = act(*args, **kwargs)
            if only(*args, **kwargs):
                self.may_strike()
            return result

        return dies


def publishes(url: str, *args: Any, **kwargs: Any) -> bool:
    return url.endswith("/submit") or ("POST" in (url, *args) and any("share.json" in str(each) for each in args))


def polls(url: str, *args: Any, **kwargs: Any) -> bool:
    return url.endswith("/freepublish/get")


def keeps_publish_id(release: Release, **ids: str) -> bool:
    return bool({"publish_id", "id"} & set(ids))


def at_points(patch: pytest.MonkeyPatch, death: Death, point: str) -> None:
    match point:
        case "before the attempt row":
            patch.setattr(ReleaseAttempt.objects, "create", death.before(ReleaseAttempt.objects.create))
        case "before the call":
            patch.setattr(channels, "publish", death.before(channels.publish, only=is_foreign))
        case "after the call, the reply unread":
            patch.setattr(wechat_api, "post_json", death.after(calls.post_json, only=publishes))
            patch.setattr(weibo_api, "call", death.after(calls.call, only=publishes))
        case "after the reply, the id not kept":
            for module in (wechat_channel, articles):
                patch.setattr(module, "remember", death.before(channels.remember, only=keeps_publish_id))
        case "after the reply, nothing committed":
            for name in ("end", "look_later"):
                patch.setattr(sending, name, death.before(getattr(sending, name), only=is_foreign))
        case "in polling":
            patch.setattr(wechat_api, "post_json", death.after(calls.post_json, only=polls))
        case "at the callback":
            patch.setattr(channel_messages, "ring", death.before(channel_messages.ring))


def is_foreign(release: Release, *args: Any, **kwargs: Any) -> bool:
    return release.channel != "newsroom"


POINTS = [
    "nowhere",
    "before the attempt row",
    "before the call",
    "after the call, the reply unread",
    "after the reply, the id not kept",
    "after the reply, nothing committed",
    "in polling",
    "at the callback",
]
NAMES = ["newsroom", "wechat", "weibo", "cms"]


@pytest.fixture
def version(cast: dict[str, User], speakers: dict[str, User], at_noon: datetime) -> StatementVersion:
    return releasable(incident_at(Level.TWO, cast, at_noon), cast, at_noon)


def send_at(now: datetime) -> None:
    with time_machine.travel(now, tick=False), suppress(Killed):
        background.send_releases()


def out_there(server: FakeServer) -> dict[str, int]:
    """What a reader finds."""
    world = server.world
    return {
        "wechat": sum(not each["is_deleted"] for each in wechat.account(world).articles.values()),
        "weibo": len(weibo.posts(world)),
        "cms": len(site.pages(world)),
    }


def verdict_comes(server: FakeServer, rng: random.Random) -> None:
    """The platform says by itself that something was decided: twice, late, or about nothing we know."""
    for publish_id in [*wechat.account(server.world).jobs, "99"]:
        query = {"timestamp": "1700000000", "nonce": str(rng.random())}
        query["signature"] = wechat.signature(wechat.CALLBACK_TOKEN, query["timestamp"], query["nonce"])
        body = (
            "<xml><MsgType>event</MsgType><Event>PUBLISHJOBFINISH</Event><PublishEventInfo>"
            f"<publish_id>{publish_id}</publish_id></PublishEventInfo></xml>"
        )
        for _repeat in range(2):
            with suppress(Killed):
                Client(raise_request_exception=True).post(
                    "/channels/wechat/message/", body, content_type="text/xml", query_params=query
                )


def run(server: FakeServer, version: StatementVersion, who: User, start: datetime, rng: random.Random) -> None:
    publish(version, channels=NAMES, actor=who, now=start)
    for seconds in ROUNDS:
        if rng.random() < 0.05:
            for token in wechat.account(server.world).tokens:
                wechat.account(server.world).tokens[token] = 0  # over, in the middle
        send_at(start + timedelta(seconds=seconds))
        if seconds in (16, 142):
            with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
                verdict_comes(server, rng)


@pytest.mark.parametrize("seeds", NIGHTS)
@pytest.mark.parametrize("point", POINTS)
def test_one_article_or_a_person_is_asked(
    platforms: FakeServer,
    version: StatementVersion,
    cast: dict[str, User],
    noon: datetime,
    point: str,
    seeds: range,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settled: dict[str, int] = {}
    for seed in seeds:
        rng, start = random.Random(f"{point} {seed}"), noon + timedelta(hours=seed)
        ReleaseAttempt.objects.all().delete()
        Release.objects.all().delete()
        said_before = Notice.objects.aggregate(last=Max("pk"))["last"] or 0
        platforms.world.reset()
        wechat_api._tokens.clear()
        platforms.world.switches = {
            "wechat_polls": rng.randint(0, 4),
            "wechat_verdict": rng.choice((0, 0, 0, 0, 2, 3, 4)),
        }
        for path, often in PATHS.items():
            if rng.random() < often:
                break_next(platforms.world, path, rng.choice(KINDS), rng.randint(1, 2), 0.0005)
        death = Death()
        with monkeypatch.context() as patch:
            at_points(patch, death, point)
            death.left = rng.randint(1, 3)
            run(platforms, version, cast["spokesperson"], start, rng)
        found = out_there(platforms)
        for release in Release.objects.exclude(channel="newsroom"):
            there, where = found[release.channel], f"{point}, seed {seed}, {release.channel}: {release.words}"
            assert there <= 1, f"published {there} times: {where}"
            told = Notice.objects.filter(event__startswith="response.release_", pk__gt=said_before).exists()
            match release.state:
                case "sent":
                    assert there == 1, f"said to be out, and is not: {where}"
                    assert release.url, where
                case "unknown":
                    assert told, f"nobody was asked: {where}"
                case "refused" | "queued":
                    assert there == 0, f"said not to be out, and is: {where}"
                    assert told, f"nobody was told: {where}"
                    assert release.state == "refused" or release.is_manual, where
                case state:
                    pytest.fail(f"still {state}: {where}")
            settled[release.state] = settled.get(release.state, 0) + 1
        assert Release.objects.get(channel="newsroom").state == "sent"
        # Pressing again publishes what is certainly not out, and nothing else.
        platforms.world.faults.clear()
        platforms.world.switches = {}
        later = start + timedelta(minutes=40)
        publish(version, channels=NAMES, actor=cast["spokesperson"], now=later)
        for seconds in (0, 5, 10, 16, 30):
            send_at(later + timedelta(seconds=seconds))
        assert max(out_there(platforms).values()) <= 1, f"{point}, seed {seed}"
        again = Release.objects.filter(requested_at=later)
        assert {each.state for each in again} <= {"sent", "unknown"}, f"{point}, seed {seed}"
    assert settled["sent"] > len(seeds), settled
