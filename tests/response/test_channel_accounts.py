"""The accounts statements go out from: who sees and sets them, no secret shown again, a test, health, and the end of
an authorisation told in time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.versions import Stale
from audit.models import Entry
from notices.channels.fakes.server import FakeServer, break_next
from notices.models import Notice
from response import channels
from response.channels.fakes import weibo
from response.models import ChannelAccount
from response.permissions import may
from response.services import accounts
from response.tasks import watch_channels

PAGES = ["/publications/accounts/", "/publications/accounts/weibo/", "/publications/accounts/newsroom/"]
VALUES = {"access_token": "new-secret-token", "uid": "7", "operator_ip": "203.0.113.9"}
FORM = {f"set_{name}": value for name, value in VALUES.items()}


def test_who_may(cast: dict[str, User]) -> None:
    assert {name for name, who in cast.items() if may(who, "edit_channel_accounts")} == {"admin"}
    sees = {name for name, who in cast.items() if may(who, "see_channel_accounts")}
    assert sees == {
        *("pr", "legal", "market", "tech"),
        *("gm", "deputy", "member", "spokesperson", "alternate"),
        *("auditor", "admin"),
    }


@pytest.mark.parametrize("page", [*PAGES, "/publications/"])
def test_the_pages_open_for_who_may_and_refuse_the_others(
    platforms: FakeServer, signed_in: Callable[[str], Client], page: str
) -> None:
    for who in ("admin", "spokesperson", "auditor"):
        answer = signed_in(who).get(page)
        assert answer.status_code == 200
        assert weibo.TOKEN not in answer.content.decode()
    assert signed_in("dept").get(page).status_code == 403
    for act in ("switch", "test", "change"):
        assert signed_in("spokesperson").post(f"/publications/accounts/weibo/{act}/", FORM).status_code == 403
    assert ChannelAccount.objects.get(kind="weibo").is_on


def test_a_secret_is_set_never_shown_and_stays_where_it_is_left_empty(
    cast: dict[str, User], signed_in: Callable[[str], Client]
) -> None:
    admin, page = signed_in("admin"), "/publications/accounts/weibo/change/"
    assert channels.is_by_hand("weibo")
    assert admin.post(page, {**FORM, "set_access_token": ""}).status_code == 422
    assert admin.post(page, {**FORM, "expires_on": "2027-01-31"}).status_code == 302
    account = ChannelAccount.objects.get()
    assert (account.settings, account.expires_on) == (VALUES, date(2027, 1, 31))
    assert not channels.is_by_hand("weibo")
    assert b"new-secret-token" not in bytes(account.config)
    assert "new-secret-token" not in admin.get(page).content.decode()
    assert "new-secret-token" not in admin.get("/publications/accounts/weibo/").content.decode()
    kept = {**FORM, "set_access_token": "", "set_uid": "8", "version": account.version}
    assert admin.post(page, kept).status_code == 302
    assert ChannelAccount.objects.get().settings == {**VALUES, "uid": "8"}
    assert admin.post(page, kept).status_code == 409
    last = Entry.objects.filter(event="response.account_set_up").latest("id")
    assert last.detail["changed"] == ["uid", "expires_on"]
    assert not any("new-secret-token" in str(entry.detail) for entry in Entry.objects.all())


def test_acts_ask_the_table_and_the_version(cast: dict[str, User], platforms: FakeServer, noon: datetime) -> None:
    account = ChannelAccount.objects.get(kind="weibo")
    with pytest.raises(PermissionDenied):
        accounts.set_up("weibo", VALUES, seen_version=account.version, actor=cast["gm"], now=noon)
    with pytest.raises(Stale):
        accounts.set_up("weibo", VALUES, seen_version=99, actor=cast["admin"], now=noon)
    accounts.switch(account, on=False, actor=cast["admin"])
    accounts.switch(account, on=False, actor=cast["admin"])
    assert channels.is_by_hand("weibo")
    assert Entry.objects.filter(event="response.account_switched_off").count() == 1


@pytest.mark.parametrize("kind", ["wechat", "weibo", "cms"])
def test_a_test_asks_and_publishes_nothing(
    platforms: FakeServer, cast: dict[str, User], noon: datetime, kind: str
) -> None:
    account = ChannelAccount.objects.get(kind=kind)
    assert accounts.test(account, actor=cast["admin"], now=noon).test_went_well
    break_next(platforms.world, "/", "html502", 0)
    failed = accounts.test(account, actor=cast["admin"], now=noon)
    assert (failed.test_went_well, failed.failures, failed.last_success_at) == (False, 1, noon)
    assert failed.test_words
    assert not weibo.posts(platforms.world)


def test_an_ended_authorisation_is_found_by_the_test_and_told_at_the_second_failure(
    platforms: FakeServer, cast: dict[str, User], noon: datetime
) -> None:
    platforms.world.switches["weibo_over"] = True
    account = ChannelAccount.objects.get(kind="weibo")
    for _twice in range(3):
        account = accounts.test(account, actor=cast["admin"], now=noon)
    assert "21327" in account.test_words
    told = Notice.objects.filter(event="response.account_troubled")
    assert sorted(notice.person.username for notice in told) == ["admin", "alternate", "spokesperson"]


def test_the_end_of_an_authorisation_is_told_seven_three_and_one_day_before(
    platforms: FakeServer, cast: dict[str, User], noon: datetime
) -> None:
    account = ChannelAccount.objects.get(kind="weibo")
    ChannelAccount.objects.filter(pk=account.pk).update(expires_on=date(2026, 12, 1))
    told = []
    for day in range(20):
        now = noon + timedelta(days=day)
        for _again in range(2):
            before = Notice.objects.filter(event="response.authorisation_ends", person=cast["spokesperson"]).count()
            accounts.warn_of_expiry(ChannelAccount.objects.get(pk=account.pk), now)
            after = Notice.objects.filter(event="response.authorisation_ends", person=cast["spokesperson"]).count()
            if after > before:
                told.append((date(2026, 12, 1) - now.date()).days)
    assert told == [7, 3, 1, 0]


def test_the_newsrooms_page_is_watched(platforms: FakeServer, cast: dict[str, User], settings) -> None:
    watch_channels()
    assert ChannelAccount.objects.get(kind="newsroom").last_success_at is not None
    settings.NEWSROOM_CHECK_URL = f"{platforms.url}/nowhere"
    watch_channels()
    assert not accounts.newsroom_is_down()
    watch_channels()
    assert accounts.newsroom_is_down()
    settings.NEWSROOM_CHECK_URL = f"{platforms.url}/s/"
    watch_channels()
    assert not accounts.newsroom_is_down()


def test_the_list_asks_as_little_however_many(platforms: FakeServer, signed_in: Callable[[str], Client]) -> None:
    client = signed_in("auditor")
    counts = []
    client.get(PAGES[0])
    for _round in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(PAGES[0])
        counts.append(len(asked))
        ChannelAccount.objects.filter(kind="cms").delete()
    assert len(set(counts)) == 1
