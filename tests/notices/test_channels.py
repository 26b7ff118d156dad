"""What holds for every channel: it arrives, it is refused, it breaks, and no secret gets out."""

import logging
import traceback

import pytest

from accounts.outside import calls
from accounts.platforms import App
from notices.channels import CHANNELS, ChannelError, channel_named
from notices.channels.fakes.server import break_next
from tests.notices.channel_cases import KINDS, LINK, message, send

every_kind = pytest.mark.parametrize("kind", KINDS)


def test_every_channel_has_its_cases():
    assert {*KINDS, "email"} == set(CHANNELS)


@every_kind
def test_a_message_arrives_with_its_subject_and_address(kind, fake, config):
    assert send(kind, config(kind))
    (arrived,) = fake.world.messages
    assert arrived.platform == kind
    assert arrived.to == (KINDS[kind][0] or ("system" if kind == "webhook" else "group"))
    assert "一级事件等待审批" in arrived.text
    assert arrived.mentioned == ()
    if kind != "webhook":  # the stand-in of a system keeps the subject only
        assert LINK in arrived.text


@every_kind
def test_without_body_and_address_the_subject_arrives(kind, fake, config):
    send(kind, config(kind), message("停机通知", body="", url=""))
    (arrived,) = fake.world.messages
    assert arrived.text == "停机通知"


@every_kind
def test_an_answer_lost_on_the_way_is_unclear(kind, fake, config):
    """It did arrive: whoever tries again must know that it may."""
    break_next(fake.world, KINDS[kind][1], "swallow")
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert (caught.value.is_unclear, caught.value.permanent, len(fake.world.messages)) == (True, False, 1)


@pytest.mark.parametrize("kind", ["wecom_app", "feishu_app", "webhook", "sms"])
def test_the_repeat_of_a_lost_answer_arrives_once(kind, fake, config):
    break_next(fake.world, KINDS[kind][1], "swallow")
    with pytest.raises(ChannelError):
        send(kind, config(kind))
    send(kind, config(kind))
    assert len(fake.world.messages) == 1


BROKEN = [(kind, fault) for kind in KINDS for fault in ("drop", "html502", "truncated")]
BY_STATUS = {("webhook", "truncated"), ("sms", "truncated")}  # there the status is the answer, not the body


@pytest.mark.parametrize(("kind", "fault"), [pair for pair in BROKEN if pair not in BY_STATUS])
def test_a_broken_answer_is_no_success(kind, fault, fake, config):
    break_next(fake.world, KINDS[kind][1], fault)
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert (caught.value.permanent, caught.value.is_unclear) == (False, True)


@every_kind
def test_a_redirect_is_not_followed(kind, fake, config):
    break_next(fake.world, KINDS[kind][1], "redirect")
    with pytest.raises(ChannelError):
        send(kind, config(kind))
    assert fake.world.messages == []
    assert fake.world.requests[-1]["fault"] == "redirect"


@every_kind
def test_a_server_that_is_not_there_was_certainly_not_told(kind, fake, config, settings):
    settings.OUTGOING_ALLOWED_HOSTS = ["127.0.0.1:1"]
    away = config(
        kind, base_url="http://127.0.0.1:1", **({"url": "http://127.0.0.1:1/x"} if "url" in config(kind) else {})
    )
    with pytest.raises(ChannelError) as caught:
        send(kind, away)
    assert (str(caught.value), caught.value.is_unclear) == ("127.0.0.1 cannot be reached.", False)


SLOW = [(kind, fault) for kind in KINDS for fault in ("latency", "slow")]
HAVE_NO_BODY = {("webhook", "slow"), ("sms", "slow")}


@pytest.mark.parametrize(("kind", "fault"), [pair for pair in SLOW if pair not in HAVE_NO_BODY])
def test_a_server_that_takes_its_time_is_left(kind, fault, fake, config, monkeypatch):
    """A byte now and then does not move the deadline."""
    monkeypatch.setattr(calls, "DEADLINE_SECONDS", 0.3)
    break_next(fake.world, "/", fault, times=0, seconds=0.5)
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert str(caught.value) == "127.0.0.1 did not answer in time."


@every_kind
def test_an_address_inside_the_house_is_not_called(kind, fake, config, settings):
    settings.OUTGOING_ALLOWED_HOSTS = []
    with pytest.raises(ChannelError) as caught:
        send(kind, config(kind))
    assert (caught.value.permanent, fake.world.requests) == (True, [])


def secret_fields(kind):
    return [field.name for field in channel_named(kind).FIELDS if field.is_secret]


WRONG = {"secret": "whsec_cGxhbnRlZHNlY3JldDc3NzdwbGFudGVk"}


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in secret_fields(kind)])
@pytest.mark.parametrize("fault", ["", "swallow", "html502", "drop", "redirect"])
def test_a_secret_is_in_no_error_and_in_no_log(kind, name, fault, fake, config, caplog):
    """The stand-in of WeCom quotes a wrong secret in its refusal, as a platform may."""
    planted = "plantedsecret7777planted"
    value = {"url": f"{fake.url}/hook/{planted}", "secret": WRONG["secret"]}.get(name, planted)
    if kind not in ("webhook", "sms"):
        value = planted
    if fault:
        break_next(fake.world, "/", fault, times=0)
    with caplog.at_level(logging.DEBUG), pytest.raises(ChannelError) as caught:
        send(kind, config(kind, **{name: value}))
    told = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert planted not in told
    assert WRONG["secret"].removeprefix("whsec_") not in told


def test_no_secret_is_in_the_words_of_an_app():
    assert "planted" not in repr(App("id", "planted"))
