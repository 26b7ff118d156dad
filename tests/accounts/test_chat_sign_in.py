"""Signing in with WeCom, DingTalk or Feishu, through a stand-in on a real socket."""

import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts import fresh
from accounts.models import Platform, PlatformIdentity
from accounts.services.identities import remove_identity
from accounts.services.people import deactivate_person, reset_password
from audit.models import Entry
from config.keys import fresh_key
from notices.channels.fakes import dingtalk, feishu, wecom
from notices.channels.fakes.server import break_next, running
from tests.accounts.proofs import code_of_app
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
every_platform = pytest.mark.parametrize("platform", Platform.values)
PAGE = "/incidents/"


@pytest.fixture
def fake(settings):
    """The stand-in, and a desk that has an app on each of its platforms."""
    with running() as server:
        settings.OUTGOING_ALLOWED_HOSTS = [server.url.removeprefix("http://")]
        settings.CHAT_BASE_URL = server.url
        settings.CHAT_APPS = {
            "wecom": {"id": wecom.CORP_ID, "secret": wecom.APP_SECRET, "agent": wecom.AGENT_ID},
            "dingtalk": {"id": dingtalk.APP_KEY, "secret": dingtalk.APP_SECRET},
            "feishu": {"id": feishu.APP_ID, "secret": feishu.APP_SECRET},
        }
        server.world.people = {"wang": "王立群", "zhou": "周妍"}
        yield server


@pytest.fixture
def known(cast, noon):
    """周妍 and, confirmed, 王立群 have their accounts written down on every platform."""
    for platform in Platform.values:
        PlatformIdentity.objects.create(
            person=cast["pr"], platform=platform, subject="zhou", set_by=cast["security"], set_at=noon
        )
        PlatformIdentity.objects.create(
            person=cast["gm"],
            platform=platform,
            subject="wang",
            set_by=cast["security"],
            set_at=noon,
            confirmed_by=cast["deputy"],
            confirmed_at=noon,
        )
    return cast


def begin(client, platform, next_page=PAGE, **headers):
    """Press the button; the address the browser is sent to."""
    return client.get(f"/accounts/chat/{platform}/", {"next": next_page}, **headers)["Location"]


def recognised(address, who):
    """Say at the platform who one is; the address of this desk one is sent back to."""
    split = urlsplit(address)
    answer = httpx.get(f"{split.scheme}://{split.netloc}{split.path}?{split.query}&as={who}")
    return answer.headers["Location"].removeprefix("http://testserver")


def sign_in(client, platform, who, next_page=PAGE):
    return client.get(recognised(begin(client, platform, next_page), who))


def is_in(client):
    return client.get("/people/settings/").status_code == 200


# --- let in ----------------------------------------------------------------------------------------------------------
@every_platform
def test_a_known_account_leads_to_the_page_asked_for(platform, fake, known, stranger, on_record):
    response = sign_in(stranger, platform, "zhou")
    assert (response.status_code, response["Location"]) == (302, PAGE)
    assert is_in(stranger)
    assert on_record() == [("accounts.signed_in", "pr", "person:pr")]
    assert Entry.objects.get().detail == {"address": "127.0.0.1", "platform": platform}


def test_the_sign_in_page_has_a_button_a_platform_and_keeps_the_page_asked_for(fake, db, stranger):
    page = stranger.get("/accounts/login/?next=/incidents/7/%3Ftab%3Dlog%26x%3D1").content.decode()
    kept = "next=%2Fincidents%2F7%2F%3Ftab%3Dlog%26x%3D1"
    links = re.findall(r'href="(/accounts/chat/[^"]+)"[^>]*>([^<]+)<', page)
    assert links == [
        (f"/accounts/chat/{platform.value}/?{kept}", f"Sign in with {platform.label}") for platform in Platform
    ]


def test_without_an_app_there_is_no_button_and_no_way(db, stranger):
    assert "/accounts/chat/" not in stranger.get("/accounts/login/").content.decode()
    assert [
        stranger.get(f"/accounts/chat/{name}/").status_code for name in ("wecom", "dingtalk", "feishu", "other")
    ] == [404] * 4
    assert stranger.get("/accounts/chat/wecom/back/?code=1&state=2").status_code == 404


def test_inside_wecom_nobody_is_asked_anything_and_elsewhere_there_is_a_code_to_scan(fake, db, stranger):
    inside = begin(stranger, "wecom", headers={"User-Agent": "Mozilla/5.0 (iPhone) wxwork/4.1.30 MicroMessenger/7.0"})
    assert (urlsplit(inside).path, urlsplit(inside).fragment) == ("/connect/oauth2/authorize", "wechat_redirect")
    assert parse_qs(urlsplit(inside).query)["scope"] == ["snsapi_base"]
    assert urlsplit(begin(stranger, "wecom")).path == "/wwlogin/sso/login"


def test_the_platforms_own_hosts_are_asked_where_no_stand_in_is_named(fake, settings, db, stranger):
    settings.CHAT_BASE_URL = ""
    assert begin(stranger, "wecom").startswith("https://login.work.weixin.qq.com/wwlogin/sso/login?")
    assert begin(stranger, "dingtalk").startswith("https://login.dingtalk.com/oauth2/auth?")
    assert begin(stranger, "feishu").startswith("https://accounts.feishu.cn/open-apis/authen/v1/authorize?")


def test_whoever_is_in_goes_straight_on(fake, known, signed_in):
    assert signed_in("pr").get(f"/accounts/chat/wecom/?next={PAGE}")["Location"] == PAGE


@pytest.mark.parametrize(
    "hostile", ["//evil.example", "https://evil.example/", "https:evil.example", r"\\evil", "javascript:x"]
)
def test_no_link_leads_away_from_the_desk(hostile, fake, known, stranger):
    assert sign_in(stranger, "feishu", "zhou", hostile)["Location"] == "/"


def test_a_session_gets_a_new_id(fake, known, stranger):
    begin(stranger, "wecom")
    before = stranger.cookies["sessionid"].value
    sign_in(stranger, "wecom", "zhou")
    assert stranger.cookies["sessionid"].value != before


def test_a_session_ends_by_the_limits_of_the_role(fake, known, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        sign_in(stranger, "feishu", "zhou")
        assert is_in(stranger)
        clock.shift(timedelta(minutes=31))
        assert not is_in(stranger)


# --- not a fresh credential ------------------------------------------------------------------------------------------
def freshness(client):
    """What accounts.fresh says of the session this client has now."""
    request = client.get("/people/settings/").wsgi_request
    return fresh.is_fresh(request)


@every_platform
def test_it_is_no_fresh_credential(platform, fake, known, stranger):
    sign_in(stranger, platform, "wang")
    assert is_in(stranger)
    assert freshness(stranger) is False


def test_the_password_makes_it_fresh(fake, known, stranger):
    sign_in(stranger, "wecom", "wang")
    stranger.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/"})
    assert freshness(stranger) is True


def test_whoever_set_up_a_code_is_asked_for_it_here_too(fake, known, stranger, on_record):
    secret = generate_totp_secret()
    TOTP.activate(known["gm"], secret)
    response = sign_in(stranger, "wecom", "wang")
    assert response["Location"] == "/accounts/2fa/authenticate/"
    assert not is_in(stranger)

    response = stranger.post(response["Location"], {"code": code_of_app(secret)})
    assert response["Location"] == PAGE
    assert (is_in(stranger), freshness(stranger)) == (True, True)
    assert Entry.objects.get(event="accounts.signed_in").detail["platform"] == "wecom"


# --- not let in ------------------------------------------------------------------------------------------------------
def refused(response, words):
    assert response.status_code == 403
    assert words in response.content.decode()


@every_platform
def test_an_account_nobody_has_here_is_refused_and_on_record(platform, fake, known, stranger):
    fake.world.people["new"] = "新人"
    refused(sign_in(stranger, platform, "new"), "account belongs to nobody at this desk.")
    assert not is_in(stranger)
    entry = Entry.objects.get()
    assert (entry.event, entry.subject) == ("accounts.sign_in_failed", "person:?")
    assert entry.detail == {"proof": platform, "identity": "new", "address": "127.0.0.1"}


@pytest.mark.parametrize("platform", ["wecom", "dingtalk"])
def test_somebody_from_another_company_is_refused(platform, fake, known, stranger):
    """Even one whose id there is the same as that of one of ours."""
    fake.world.outsiders = {"zhou"}
    refused(sign_in(stranger, platform, "zhou"), "account belongs to nobody at this desk.")


def test_an_account_of_another_platform_opens_nothing(fake, cast, noon, stranger):
    PlatformIdentity.objects.create(
        person=cast["pr"], platform="wecom", subject="zhou", set_by=cast["security"], set_at=noon
    )
    refused(sign_in(stranger, "feishu", "zhou"), "account belongs to nobody at this desk.")


def test_somebody_switched_off_is_refused(fake, known, stranger, noon):
    deactivate_person(known["pr"], actor=known["security"], now=noon)
    refused(sign_in(stranger, "dingtalk", "zhou"), "Your account at this desk is switched off.")
    assert not is_in(stranger)
    assert Entry.objects.last().subject == "person:pr"


def test_switching_off_ends_the_session_at_once(fake, known, stranger, noon):
    sign_in(stranger, "dingtalk", "zhou")
    deactivate_person(known["pr"], actor=known["security"], now=noon)
    assert not is_in(stranger)


def test_removing_the_account_ends_the_session(fake, known, stranger):
    sign_in(stranger, "dingtalk", "zhou")
    remove_identity(PlatformIdentity.objects.get(subject="zhou", platform="dingtalk"), actor=known["security"])
    assert not is_in(stranger)


def test_a_leaders_account_nobody_confirmed_is_refused(fake, known, stranger):
    PlatformIdentity.objects.filter(subject="wang").update(confirmed_by=None, confirmed_at=None)
    refused(sign_in(stranger, "wecom", "wang"), "This account is not confirmed yet.")


def test_an_old_one_time_password_holds_here_too(fake, known, stranger):
    reset_password(known["pr"], actor=known["security"], now=datetime.now(UTC) - timedelta(days=8))
    refused(sign_in(stranger, "wecom", "zhou"), "This one-time password has run out.")


def test_a_one_time_password_must_be_changed_first(fake, known, stranger):
    reset_password(known["pr"], actor=known["security"], now=datetime.now(UTC))
    sign_in(stranger, "wecom", "zhou")
    assert stranger.get("/people/settings/")["Location"] == "/accounts/password/change/"


# --- what was not begun here -----------------------------------------------------------------------------------------
NOT_BEGUN = "This was not begun in this browser, or too long ago."


def test_a_way_back_that_somebody_else_began_is_refused(fake, known, stranger):
    back = recognised(begin(Client(), "wecom"), "zhou")
    refused(stranger.get(back), NOT_BEGUN)
    begin(stranger, "wecom")
    refused(stranger.get(back), NOT_BEGUN)
    assert not is_in(stranger)


def test_a_way_back_works_once_and_on_its_platform(fake, known, stranger):
    back = recognised(begin(stranger, "wecom"), "zhou")
    refused(stranger.get(back.replace("wecom", "feishu")), NOT_BEGUN)
    refused(stranger.get(back), NOT_BEGUN)


def test_a_way_back_of_long_ago_is_refused(fake, known, stranger):
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        back = recognised(begin(stranger, "wecom"), "zhou")
        clock.shift(timedelta(minutes=11))
        refused(stranger.get(back), NOT_BEGUN)


def test_whoever_changes_their_mind_is_back_at_the_sign_in_page(fake, known, stranger):
    state = parse_qs(urlsplit(begin(stranger, "dingtalk")).query)["state"][0]
    response = stranger.get("/accounts/chat/dingtalk/back/", {"state": state})
    assert response["Location"] == "/accounts/login/"


@every_platform
def test_a_code_the_platform_does_not_know_is_refused(platform, fake, known, stranger):
    state = parse_qs(urlsplit(begin(stranger, platform)).query)["state"][0]
    code = "authCode" if platform == "dingtalk" else "code"
    refused(
        stranger.get(f"/accounts/chat/{platform}/back/", {"state": state, code: "made up"}), "did not say who you are"
    )
    assert Entry.objects.get().event == "accounts.sign_in_failed"


# --- a stand-in is for trying only -----------------------------------------------------------------------------------
@pytest.mark.parametrize(("database", "starts"), [("postgres://localhost/live", False), ("sqlite:///none", True)])
def test_a_live_desk_does_not_start_with_a_stand_in(database, starts, tmp_path):
    """There, anybody may say that they are anybody."""
    keys = {name: fresh_key(name) for name in ("SECRET_KEY", "SECRETS_KEYS", "AUDIT_KEY")}
    environment = {**os.environ, **keys, "DATABASE_URL": database, "VAR_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "import config.settings"]
    without = subprocess.run(command, env=environment, capture_output=True, text=True)
    environment["CHAT_BASE_URL"] = "http://127.0.0.1:8090"
    with_one = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert (without.returncode == 0, with_one.returncode == 0) == (True, starts)
    assert ("CHAT_BASE_URL names a stand-in" in with_one.stderr) is not starts


# --- a platform that is not well -------------------------------------------------------------------------------------
@every_platform
@pytest.mark.parametrize("fault", ["drop", "html502", "truncated", "redirect"])
def test_a_platform_in_trouble_lets_nobody_in(platform, fault, fake, known, stranger):
    back = recognised(begin(stranger, platform), "zhou")
    break_next(fake.world, "/", fault, times=0)
    response = stranger.get(back)
    assert response.status_code == 502
    assert "cannot be asked just now. Try again, or sign in with your password." in response.content.decode()
    assert not is_in(stranger)


def test_tries_from_one_address_are_counted_and_a_platform_in_trouble_is_not(fake, known, stranger, monkeypatch):
    monkeypatch.setattr("accounts.lockout.PER_ADDRESS", 3)
    for _n in range(4):  # out of reach: nobody's fault here
        back = recognised(begin(stranger, "wecom"), "zhou")
        break_next(fake.world, "/", "drop", times=1)
        assert stranger.get(back).status_code == 502
    for _n in range(3):
        assert sign_in(stranger, "wecom", "stranger").status_code == 403
    assert sign_in(stranger, "wecom", "zhou").status_code == 429
    assert not is_in(stranger)
    stranger.post("/accounts/login/", {"username": "pr", "password": PASSWORD})  # passwords are another count
    assert is_in(stranger)


def test_a_success_is_no_try(fake, known, monkeypatch):
    monkeypatch.setattr("accounts.lockout.PER_ADDRESS", 3)
    assert [sign_in(Client(), "wecom", "zhou").status_code for _n in range(5)] == [302] * 5


def test_no_secret_is_on_the_page_or_in_the_log(fake, known, stranger, settings, caplog):
    settings.CHAT_APPS["wecom"]["secret"] = "plantedsecret7777"
    page = sign_in(stranger, "wecom", "zhou").content.decode()  # WeCom quotes it in its refusal
    assert "plantedsecret" not in page + caplog.text + str(list(Entry.objects.values()))
