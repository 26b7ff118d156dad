"""What the spokesperson does about a release: at a time, cancel, by hand, with a second person; the newsroom first."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client

from accounts.models import User
from audit.models import Entry
from incidents.levels import Level
from notices.channels.fakes.server import FakeServer, break_next
from notices.models import Notice
from response import tasks as background
from response.channels.fakes import site, wechat, weibo
from response.channels.wechat import push
from response.models import ChannelAccount, Release, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.services.facts import sign_fact
from response.services.releases import agree, cancel, confirm, publish, take_by_hand, taken_down, withdraw
from response.services.statements import revise
from tests.response.factories import incident_at, releasable

ALL = ["newsroom", "wechat", "weibo", "cms"]


@pytest.fixture
def version(
    cast: dict[str, User], speakers: dict[str, User], at_noon: datetime, platforms: FakeServer
) -> StatementVersion:
    return releasable(incident_at(Level.TWO, cast, at_noon), cast, at_noon)


@pytest.fixture
def press(version: StatementVersion, cast: dict[str, User], noon: datetime) -> Callable[..., dict[str, Release]]:
    def pressed(*names: str, who: str = "spokesperson", now: datetime = noon, **how: datetime) -> dict[str, Release]:
        found = publish(version, channels=names or ALL, actor=cast[who], now=now, **how)
        return {release.channel: release for release in found}

    return pressed


def send_at(now: datetime, *seconds: float) -> None:
    for each in seconds or (0,):
        with time_machine.travel(now + timedelta(seconds=each), tick=False):
            background.send_releases()


def states() -> dict[str, str]:
    return dict(Release.everywhere.values_list("channel", "state"))


def fresh(release: Release) -> Release:
    return Release.everywhere.get(pk=release.pk)


SENT = dict.fromkeys(ALL, "sent")


def test_the_newsroom_goes_first_and_the_others_carry_its_link(
    press: Callable[..., dict[str, Release]], noon: datetime, platforms: FakeServer
) -> None:
    press()
    send_at(noon)
    assert states() == {"newsroom": "sent", "wechat": "queued", "weibo": "queued", "cms": "queued"}
    send_at(noon, 5, 10, 15, 20)
    assert states() == SENT
    (article,) = wechat.account(platforms.world).articles.values()
    (post,) = weibo.posts(platforms.world)
    (page,) = site.pages(platforms.world).values()
    link = "http://127.0.0.1:8000/newsroom/SM-2026-001/"
    assert article["content_source_url"] == f"{link}?v=1"
    assert post["words"].endswith(f" {link}")
    assert page["url"] == link
    for release in Release.objects.all():
        assert release.url.startswith("http")
        assert release.sent_at is not None
        assert release.called_at is not None


def test_without_the_newsroom_nothing_else_leaves_by_itself(press: Callable[..., dict[str, Release]]) -> None:
    with pytest.raises(NotNow):
        press("weibo")
    assert not Release.objects.exists()


@pytest.mark.parametrize("trouble", ["refused", "late", "down"])
def test_where_the_newsroom_fails_a_person_publishes_the_others(
    press: Callable[..., dict[str, Release]], noon: datetime, platforms: FakeServer, trouble: str
) -> None:
    releases = press("newsroom", "weibo")
    if trouble == "refused":
        Release.objects.filter(pk=releases["newsroom"].pk).update(state="refused")
    if trouble == "late":
        Release.objects.filter(pk=releases["newsroom"].pk).update(state="sending", claimed_at=noon, look_at=None)
        with time_machine.travel(noon + timedelta(minutes=1), tick=False):
            background.send_releases()
        assert fresh(releases["weibo"]).is_manual is False  # it waits a while
        Release.objects.filter(pk=releases["newsroom"].pk).update(claimed_at=noon + timedelta(minutes=5))
    if trouble == "down":
        ChannelAccount.objects.create(kind="newsroom", failures=2)
    send_at(noon, 5, 310)
    weibo_release = fresh(releases["weibo"])
    assert (weibo_release.state, weibo_release.is_manual, weibo_release.called_at) == ("queued", True, None)
    assert not weibo.posts(platforms.world)
    assert Notice.objects.filter(event="response.release_by_hand").exists()


# --- at a time -------------------------------------------------------------------------------------------------------
def test_a_scheduled_release_waits_for_its_time(press: Callable[..., dict[str, Release]], noon: datetime) -> None:
    at = noon + timedelta(hours=2)
    with pytest.raises(NotNow):
        press(at=noon - timedelta(minutes=1))
    press(at=at)
    send_at(noon, 5, 3600)
    assert set(states().values()) == {"queued"}
    assert Entry.objects.filter(event="response.release_scheduled").count() == 1
    send_at(at, 0, 5, 10, 15, 20)
    assert states() == SENT


def test_it_can_be_cancelled_until_it_is_claimed_and_published_again(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime
) -> None:
    releases = press(at=noon + timedelta(hours=2))
    for release in releases.values():
        with pytest.raises(PermissionDenied):
            cancel(release, actor=cast["pr"], now=noon)
        cancel(release, actor=cast["alternate"], now=noon)
    send_at(noon, 7300)
    assert set(states().values()) == {"refused"}
    later = noon + timedelta(hours=3)
    press(now=later)
    Release.objects.filter(channel="newsroom").update(state="sending", claimed_at=later)
    with pytest.raises(NotNow):
        cancel(fresh(releases["newsroom"]), actor=cast["spokesperson"], now=later)


def test_what_falls_before_the_time_does_not_leave(
    press: Callable[..., dict[str, Release]], version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    press(at=noon + timedelta(hours=2))
    fact = version.statement.incident.facts.get()
    sign_fact(
        fact,
        actor=cast["tech"],
        now=noon,
        seen_version=fact.version,
        state="untrue",
        evidence="并未停业",
        reason="查实",
    )
    send_at(noon, 7201, 7206)
    assert states()["newsroom"] == "refused"
    assert set(states().values()) <= {"refused", "queued"}
    assert not Release.objects.filter(called_at__isnull=False).exists()


def test_an_edit_after_the_approval_stops_what_has_not_left(
    press: Callable[..., dict[str, Release]], version: StatementVersion, cast: dict[str, User], noon: datetime
) -> None:
    press()
    send_at(noon)
    revise(version, actor=cast["spokesperson"], now=noon)
    send_at(noon, 5, 10)
    assert states() == {"newsroom": "sent", "wechat": "refused", "weibo": "refused", "cms": "refused"}


# --- 群发 ------------------------------------------------------------------------------------------------------------
def test_a_push_needs_a_second_person_and_counts(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    release = press("newsroom", "wechat_push")["wechat_push"]
    told = {notice.person.username for notice in Notice.objects.filter(event="response.release_second_wanted")}
    assert told == {"alternate", "pr", "gm", "deputy"}
    assert push.left(noon) == 4
    send_at(noon, 0, 5, 10)
    assert fresh(release).state == "queued"
    who_may = {name for name, person in cast.items() if may(person, "second_release", release)}
    assert who_may == {"alternate", "pr", "gm", "deputy"}
    with pytest.raises(PermissionDenied):
        agree(release, actor=cast["spokesperson"], now=noon)
    agree(release, actor=cast["pr"], now=noon)
    with pytest.raises(NotNow):
        agree(release, actor=cast["gm"], now=noon)
    send_at(noon, 15, 20, 30, 40, 50)
    assert (fresh(release).state, fresh(release).second_by) == ("sent", cast["pr"])
    assert len(wechat.account(platforms.world).pushes) == 1
    assert push.left(noon) == 3


def test_a_push_whose_answer_is_lost_is_never_repeated(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    release = press("newsroom", "wechat_push")["wechat_push"]
    agree(release, actor=cast["gm"], now=noon)
    break_next(platforms.world, "/cgi-bin/message/mass/sendall", "swallow")
    send_at(noon, 0, 5, 130, 300, 900)
    assert fresh(release).state == "unknown"
    assert len(wechat.account(platforms.world).pushes) == 1
    assert push.left(noon) == 3


def test_with_no_push_left_a_person_is_asked(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    platforms.world.switches["wechat_pushes"] = 0
    release = press("newsroom", "wechat_push")["wechat_push"]
    agree(release, actor=cast["gm"], now=noon)
    send_at(noon, 0, 5)
    assert (fresh(release).state, fresh(release).is_manual) == ("queued", True)
    assert "45028" in fresh(release).words


# --- by hand ---------------------------------------------------------------------------------------------------------
def test_a_person_may_take_a_waiting_release_over(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    releases = press("newsroom", "weibo")
    take_by_hand(releases["weibo"], actor=cast["spokesperson"], now=noon)
    with pytest.raises(NotNow):
        take_by_hand(releases["newsroom"], actor=cast["spokesperson"], now=noon)
    send_at(noon, 0, 5, 10)
    assert states() == {"newsroom": "sent", "weibo": "queued"}
    confirm(fresh(releases["weibo"]), actor=cast["spokesperson"], now=noon, url="https://weibo.com/1")
    assert not weibo.posts(platforms.world)


@pytest.mark.parametrize("name", ["wechat", "weibo", "cms"])
def test_an_account_switched_off_in_doubt_does_not_hand_over_what_may_be_out(
    press: Callable[..., dict[str, Release]], noon: datetime, platforms: FakeServer, name: str
) -> None:
    paths = {"wechat": "/cgi-bin/freepublish/submit", "weibo": "/2/statuses/share.json", "cms": "/site"}
    release = press("newsroom", name)[name]
    break_next(platforms.world, paths[name], "swallow")
    send_at(noon, 0, 5)
    assert fresh(release).state == "sending"
    ChannelAccount.objects.filter(kind=name).update(is_on=False)
    send_at(noon, 21, 90, 400, 800)
    assert (fresh(release).state, fresh(release).is_manual) == ("unknown", False)


# --- taking down -----------------------------------------------------------------------------------------------------
def test_a_withdrawn_statement_is_taken_down_where_the_platform_lets_us(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    releases = press()
    send_at(noon, 0, 5, 10, 15, 20)
    later = noon + timedelta(minutes=5)
    break_next(platforms.world, "/cgi-bin/freepublish/delete", "swallow")  # deleted, and the answer lost
    for release in releases.values():
        withdraw(fresh(release), actor=cast["spokesperson"], now=later, note="内容有误")
    send_at(later, 0, 5, 20, 90)
    kinds = dict(Release.objects.values_list("channel", "take_down"))
    assert kinds == {"newsroom": "", "wechat": "done", "weibo": "by_hand", "cms": "done"}
    (article,) = wechat.account(platforms.world).articles.values()
    assert article["is_deleted"]
    (page,) = site.pages(platforms.world).values()
    assert (page["text"], page["change_note"]) == ("", "内容有误")
    taken_down(fresh(releases["weibo"]), actor=cast["spokesperson"], now=later)
    with pytest.raises(NotNow):
        taken_down(fresh(releases["weibo"]), actor=cast["spokesperson"], now=later)


def test_withdrawn_while_the_platform_is_at_work_it_is_finished_and_then_taken_down(
    press: Callable[..., dict[str, Release]], cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    release = press("newsroom", "wechat")["wechat"]
    send_at(noon, 0, 5)
    assert fresh(release).state == "sending"
    withdraw(fresh(release), actor=cast["spokesperson"], now=noon, note="等等")
    send_at(noon, 10, 15, 20, 25, 30)
    assert (fresh(release).state, fresh(release).take_down) == ("withdrawn", "done")
    (article,) = wechat.account(platforms.world).articles.values()
    assert article["is_deleted"]


# --- two at once, on both databases ----------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_spokespersons_at_once_and_two_workers_publish_once(
    version: StatementVersion, cast: dict[str, User], noon: datetime, platforms: FakeServer
) -> None:
    both = Barrier(2)

    def at_once(act: Callable[[str], object]) -> None:
        def one(who: str) -> None:
            try:
                both.wait()
                act(who)
            finally:
                connection.close()

        threads = [Thread(target=one, args=[who]) for who in ("spokesperson", "alternate")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)

    at_once(lambda who: publish(version, channels=ALL, actor=cast[who], now=noon))
    assert Release.objects.count() == len(ALL)
    for seconds in (0, 5, 10, 15, 20, 25):
        with time_machine.travel(noon + timedelta(seconds=seconds), tick=False):
            at_once(lambda _who: background.send_releases())
    assert states() == SENT
    assert len(wechat.account(platforms.world).articles) == len(weibo.posts(platforms.world)) == 1
    assert Entry.objects.filter(event="response.released").count() == len(ALL)
    assert Entry.objects.filter(event="response.release_requested").count() == 1


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_offers_what_fits_and_one_click_begins_a_correction(
    press: Callable[..., dict[str, Release]],
    version: StatementVersion,
    cast: dict[str, User],
    signed_in: Callable[[str], Client],
    noon: datetime,
) -> None:
    speaker, page = signed_in("spokesperson"), f"/statements/{version.statement.uuid}/publish/"
    form = {"channels": ["newsroom", "weibo"], "at": "2026-11-18T14:00"}
    assert signed_in("pr").post(f"{page}now/", form).status_code == 403
    assert speaker.post(f"{page}now/", form).status_code == 302
    release = Release.objects.get(channel="weibo")
    assert release.scheduled_at == noon + timedelta(hours=2)
    assert f"/releases/{release.uuid}/cancel/" in speaker.get(page).content.decode()
    assert f"/releases/{release.uuid}/cancel/" not in signed_in("gm").get(page).content.decode()
    assert speaker.post(f"/releases/{release.uuid}/cancel/").status_code == 302
    speaker.post(f"/releases/{Release.objects.get(channel='newsroom').uuid}/cancel/")
    press()
    send_at(noon, 0, 5, 10, 15, 20)
    with time_machine.travel(noon, tick=False):
        assert "/revise/" in speaker.get(page).content.decode()
        answer = speaker.post(f"/statements/{version.statement.uuid}/revise/", follow=True)
    assert b'name="text"' in answer.content
    assert (
        speaker.get(f"/statements/{version.statement.uuid}/picture.png").status_code == 404
    )  # of a draft there is none
