"""Group robots: signatures, rates, sizes, mentions, and titles written by strangers."""

from datetime import timedelta

import pytest

from accounts.models import PlatformIdentity
from notices.channels import ChannelError, channel_named
from notices.channels.dingtalk_robot.channel import signature as dingtalk_signature
from notices.channels.feishu_robot.channel import signature as feishu_signature
from tests.notices.channel_cases import ROBOTS, message, send

HOSTILE = (
    '@all <@all> <font color="warning">紧急</font> [点此领奖](https://evil.example/) <at user_id="all">所有人</at>'
)


def test_the_signatures_are_those_of_the_platforms_own_examples():
    assert dingtalk_signature("SECtest", 1700000000000) == "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g="
    assert feishu_signature("SECtest", 1700000000) == "G7XpBpG8NgG02fJOAhX6FRAObIljmFoxVReo8I62pEk="


@pytest.mark.parametrize(
    ("kind", "changes", "code"),
    [
        ("wecom_robot", {"key": "another"}, "93000"),
        ("dingtalk_robot", {"access_token": "another"}, "300005"),
        ("dingtalk_robot", {"secret": "SECanother"}, "310000"),
        ("dingtalk_robot", {"secret": ""}, "310000"),
        ("feishu_robot", {"token": "another"}, "19001"),
        ("feishu_robot", {"secret": "another"}, "19021"),
        ("feishu_robot", {"secret": ""}, "19021"),
    ],
)
def test_a_wrong_key_or_signature_is_refused_for_good(kind, changes, code, fake, config):
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind, **changes))
    assert (caught.value.code, caught.value.permanent, caught.value.is_unclear) == (code, True, False)
    assert fake.world.messages == []


@pytest.mark.parametrize(("kind", "code"), [("dingtalk_robot", "310000"), ("feishu_robot", "19021")])
def test_a_signature_of_another_hour_is_refused(kind, code, fake, config):
    fake.world.ahead = 3700
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert caught.value.code == code


def test_the_words_of_a_refusal_say_what_is_wrong(fake, config):
    with pytest.raises(ChannelError) as caught:
        send("wecom_robot", config("wecom_robot", key="another"))
    assert str(caught.value).startswith("the robot's key is wrong, or the robot was removed (93000 invalid webhook url")


# --- rates -----------------------------------------------------------------------------------------------------------
def test_wecom_asks_for_a_minute_after_twenty(fake, config):
    for _n in range(20):
        send("wecom_robot", config("wecom_robot"))
    with pytest.raises(ChannelError) as caught:
        send("wecom_robot", config("wecom_robot"))
    assert (caught.value.code, caught.value.permanent) == ("45009", False)
    assert (caught.value.retry_after, caught.value.pause) == (timedelta(minutes=1), None)
    fake.world.ahead = 60
    assert send("wecom_robot", config("wecom_robot")) == "ok"


def test_dingtalk_blocks_the_robot_for_ten_minutes_and_the_whole_channel_rests(fake, config):
    for _n in range(20):
        send("dingtalk_robot", config("dingtalk_robot"))
    with pytest.raises(ChannelError) as caught:
        send("dingtalk_robot", config("dingtalk_robot"))
    ten = timedelta(minutes=10)
    assert (caught.value.code, caught.value.permanent) == ("130101", False)
    assert (caught.value.retry_after, caught.value.pause) == (ten, ten)
    fake.world.ahead = 590
    with pytest.raises(ChannelError, match="130101"):
        send("dingtalk_robot", config("dingtalk_robot"))
    fake.world.ahead = 601
    assert send("dingtalk_robot", config("dingtalk_robot")) == "ok"


def test_feishu_asks_for_a_pause_of_seconds(fake, config):
    now = fake.world.now()
    fake.world.now = lambda: now  # five within one second, however slow this machine is
    for _n in range(5):
        send("feishu_robot", config("feishu_robot"))
    with pytest.raises(ChannelError) as caught:
        send("feishu_robot", config("feishu_robot"))
    assert (caught.value.code, caught.value.permanent, caught.value.pause) == ("11232", False, None)
    assert caught.value.retry_after == timedelta(seconds=10)


@pytest.mark.parametrize("kind", ROBOTS)
def test_the_rate_we_keep_is_under_the_platforms(kind, fake, config):
    rate = channel_named(kind).RATE
    for _n in range(rate.messages):
        send(kind, config(kind))
    assert len(fake.world.messages) == rate.messages


# --- what is said ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ROBOTS)
@pytest.mark.parametrize("character", ["长", '"', "\n事", "😀"])
def test_a_long_body_is_cut_to_what_the_robot_takes(kind, character, fake, config):
    """A quotation mark is two bytes on the way, where the size of the whole request counts."""
    send(kind, config(kind), message(body=character * 30_000))
    (arrived,) = fake.world.messages
    assert arrived.text.startswith("一级事件等待审批\n" + character.strip())
    assert "…" in arrived.text
    assert arrived.text.endswith("https://desk.example.com/incidents/7/")


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_hostile_title_calls_nobody_and_marks_nothing_up(kind, fake, config):
    send(kind, config(kind), message(subject=HOSTILE, body=HOSTILE))
    (arrived,) = fake.world.messages
    assert arrived.mentioned == ()
    assert "<" not in arrived.text
    assert "[点此领奖](https://evil.example/)" in arrived.text  # letters: no robot of ours is sent markdown


@pytest.mark.parametrize("kind", ROBOTS)
def test_who_is_on_duty_is_called_where_asked(kind, fake, config):
    send(kind, config(kind), to="wang")
    send(kind, config(kind), to="wang,zhou")
    assert [arrived.mentioned for arrived in fake.world.messages] == [("wang",), ("wang", "zhou")]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_knows_how_to_call_a_person(kind, cast, noon):
    channel = channel_named(kind)
    assert (channel.IS_GROUP, channel.address_of(cast["pr"])) == (True, None)
    PlatformIdentity.objects.create(
        person=cast["pr"], platform=kind.removesuffix("_robot"), subject="zhou", set_by=cast["security"], set_at=noon
    )
    assert channel.address_of(cast["pr"]) == "zhou"
