"""Personal messages of enterprise apps: tokens, people who are not there, what a platform says later, rates."""

from datetime import timedelta

import pytest

from accounts.models import PlatformIdentity
from notices.channels import ChannelError, channel_named
from notices.channels.fakes.server import break_next
from tests.notices.channel_cases import APPS, message, send

TOKEN_PATHS = {
    "wecom_app": "/cgi-bin/gettoken",
    "dingtalk_app": "/gettoken",
    "feishu_app": "/open-apis/auth/v3/tenant_access_token/internal",
}
every_app = pytest.mark.parametrize("kind", APPS)


def asked_for_a_token(fake, kind):
    return [request["path"] for request in fake.world.requests].count(TOKEN_PATHS[kind])


# --- tokens ----------------------------------------------------------------------------------------------------------
@every_app
def test_a_token_is_kept_from_message_to_message(kind, fake, config):
    for number in range(3):
        send(kind, config(kind), message(key=f"k{number}", body=f"{number}"))
    assert (asked_for_a_token(fake, kind), len(fake.world.messages)) == (1, 3)


@every_app
def test_a_token_that_is_over_is_fetched_anew_and_the_message_arrives(kind, fake, config):
    send(kind, config(kind), message(key="k1"))
    fake.world.ahead = 7300
    send(kind, config(kind), message(key="k2", body="第二条"))
    assert (asked_for_a_token(fake, kind), len(fake.world.messages)) == (2, 2)


@every_app
def test_a_token_the_platform_took_back_is_fetched_anew_once(kind, fake, config):
    """An SDK was measured to try 991 times."""
    send(kind, config(kind), message(key="k1"))
    fake.world.token_trouble = lambda platform, token: "wrong"
    with pytest.raises(ChannelError):
        send(kind, config(kind), message(key="k2", body="第二条"))
    assert (asked_for_a_token(fake, kind), len(fake.world.messages)) == (2, 1)


@every_app
def test_a_wrong_secret_is_refused_for_good(kind, fake, config):
    name = "secret" if kind == "wecom_app" else "app_secret"
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind, **{name: "another"}))
    assert caught.value.permanent
    assert str(caught.value).startswith("the id or secret of the app is wrong (")


@every_app
def test_a_broken_answer_to_the_question_for_a_token_leaves_nothing_sent(kind, fake, config):
    break_next(fake.world, TOKEN_PATHS[kind], "truncated")
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert (caught.value.permanent, fake.world.messages) == (False, [])
    send(kind, config(kind))
    assert len(fake.world.messages) == 1


# --- people ----------------------------------------------------------------------------------------------------------
@every_app
def test_somebody_the_platform_does_not_know_is_refused_for_good(kind, fake, config):
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind), to="nobody")
    assert (caught.value.permanent, fake.world.messages) == (True, [])
    assert str(caught.value).startswith("the app cannot reach this person: unknown there, or outside its range")


def test_wecom_says_ok_and_names_who_did_not_get_it(fake, config):
    """errcode 0 with an invaliduser: part of a list was told, but not this one."""
    fake.world.people = {"wang": "王立群"}
    send("wecom_app", config("wecom_app"), to="wang|left")
    with pytest.raises(ChannelError) as caught:
        send("wecom_app", config("wecom_app"), to="left")
    assert caught.value.permanent


def test_dingtalk_refuses_the_same_message_a_second_time_a_day(fake, config):
    send("dingtalk_app", config("dingtalk_app"))
    with pytest.raises(ChannelError) as caught:
        send("dingtalk_app", config("dingtalk_app"))
    assert (caught.value.code, caught.value.permanent, len(fake.world.messages)) == ("forbidden", True, 1)


def test_a_message_dingtalk_took_is_not_sent_again_because_its_result_is_unknown(fake, config):
    break_next(fake.world, "/topapi/message/corpconversation/getsendresult", "html502")
    assert send("dingtalk_app", config("dingtalk_app")).startswith("task ")
    assert len(fake.world.messages) == 1


@pytest.mark.django_db
@every_app
def test_the_address_is_the_identity_that_counts(kind, cast, noon):
    channel, platform = channel_named(kind), kind.removesuffix("_app")
    assert (channel.IS_GROUP, channel.address_of(cast["pr"])) == (False, None)
    PlatformIdentity.objects.create(
        person=cast["pr"], platform=platform, subject="zhou", set_by=cast["security"], set_at=noon
    )
    assert channel.address_of(cast["pr"]) == "zhou"


@pytest.mark.django_db
@every_app
def test_a_leader_is_not_written_to_before_a_second_person_confirmed_the_account(kind, cast, noon):
    identity = PlatformIdentity.objects.create(
        person=cast["gm"],
        platform=kind.removesuffix("_app"),
        subject="wang",
        set_by=cast["security"],
        set_at=noon,
    )
    assert channel_named(kind).address_of(cast["gm"]) is None
    identity.confirmed_by, identity.confirmed_at = cast["deputy"], noon
    identity.save()
    assert channel_named(kind).address_of(cast["gm"]) == "wang"


# --- rates -----------------------------------------------------------------------------------------------------------
def test_wecom_takes_thirty_a_minute_for_one_person(fake, config):
    for number in range(30):
        send("wecom_app", config("wecom_app"), message(body=str(number)))
    with pytest.raises(ChannelError) as caught:
        send("wecom_app", config("wecom_app"), message(body="30"))
    assert (caught.value.code, caught.value.retry_after) == ("45009", timedelta(minutes=1))


def test_feishu_takes_fifty_a_second(fake, config):
    now = fake.world.now()
    fake.world.now = lambda: now
    for number in range(50):
        send("feishu_app", config("feishu_app"), message(key=f"k{number}"))
    with pytest.raises(ChannelError) as caught:
        send("feishu_app", config("feishu_app"), message(key="k50"))
    assert (caught.value.code, caught.value.permanent) == ("99991400", False)


# --- what is said ----------------------------------------------------------------------------------------------------
@every_app
def test_a_hostile_title_marks_nothing_up(kind, fake, config):
    hostile = '<a href="https://evil.example">点此</a> <font color="red">紧急</font>'
    send(kind, config(kind), message(subject=hostile, body=hostile))
    (arrived,) = fake.world.messages
    assert "<" not in arrived.text


@every_app
def test_a_long_message_is_cut_and_keeps_its_address(kind, fake, config):
    send(kind, config(kind), message(body="长" * 30_000))
    (arrived,) = fake.world.messages
    assert "…" in arrived.text
    assert "https://desk.example.com/incidents/7/" in arrived.text
