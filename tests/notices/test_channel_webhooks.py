"""Webhooks: signed as the standard says, told apart by their id, given up when the other side says so."""

import base64
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from standardwebhooks.webhooks import Webhook

from accounts.models import User
from notices.channels import ChannelError, channel_named
from notices.channels.webhook.channel import posted
from tests.notices.channel_cases import message, send

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


class Listener(HTTPServer):
    """Keeps what it was sent and answers as it is told."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.taken, self.status, self.headers = [], 204, {}


class Answers(BaseHTTPRequestHandler):
    def do_POST(self):
        self.server.taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *parts):
        pass


@pytest.fixture
def listener(settings):
    with Listener() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.OUTGOING_ALLOWED_HOSTS = [f"127.0.0.1:{server.server_port}"]
        yield server
        server.shutdown()


def config_of(listener, secret=SECRET):
    return {"url": f"http://127.0.0.1:{listener.server_port}/hook", "secret": secret}


def test_the_signature_is_that_of_the_standard():
    assert Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(1700000000, UTC), '{"a":1}') == (
        "v1,rkwp5YuvdrMkcu0ZhuMsXoTg44mHAr1Q0+FFgFpXsjY="
    )


def test_the_other_side_can_check_and_read_it(listener):
    assert send("webhook", config_of(listener)) == "HTTP 204"
    ((headers, body),) = listener.taken
    told = Webhook(SECRET).verify(body, headers)
    assert headers["webhook-id"] == "k1"
    assert told["type"] == "notice"
    assert told["data"] == {
        "subject": "一级事件等待审批",
        "body": "周妍提请升级",
        "url": "https://desk.example.com/incidents/7/",
        "urgency": 1,
    }


def test_a_repeat_has_the_same_id(listener):
    for _n in range(2):
        send("webhook", config_of(listener), message(key="k7"))
    assert [headers["webhook-id"] for headers, _body in listener.taken] == ["k7", "k7"]


@pytest.mark.parametrize(
    ("status", "permanent", "is_unclear"),
    [(301, True, False), (400, True, False), (410, True, False), (429, False, False), (500, False, True)],
)
def test_anything_but_a_yes_is_a_refusal(status, permanent, is_unclear, listener):
    listener.status = status
    with pytest.raises(ChannelError) as caught:
        send("webhook", config_of(listener))
    error = caught.value
    assert (error.permanent, error.is_unclear, error.code) == (permanent, is_unclear, str(status))
    assert str(error) == f"the other side answered with HTTP {status}"


def test_the_other_side_says_when_to_come_back(listener):
    listener.status, listener.headers = 503, {"Retry-After": "120"}
    with pytest.raises(ChannelError) as caught:
        send("webhook", config_of(listener))
    assert caught.value.retry_after == timedelta(minutes=2)


def test_a_secret_that_is_no_base64_is_told_before_anything_is_sent(listener):
    with pytest.raises(ChannelError, match="it must be base64") as caught:
        posted(config_of(listener, "whsec_§§"), "k1", "notice", {})
    assert (caught.value.permanent, listener.taken) == (True, [])


def test_a_text_message_names_phone_and_text(listener):
    send("sms", config_of(listener))
    ((_headers, body),) = listener.taken
    told = json.loads(body)
    assert (told["type"], told["data"]["phone"]) == ("sms", "13800000001")
    assert told["data"]["text"] == "一级事件等待审批 https://desk.example.com/incidents/7/"


def test_a_text_message_goes_to_the_phone_of_the_person():
    channel = channel_named("sms")
    assert channel.address_of(User(phone="13800000001")) == "13800000001"
    assert channel.address_of(User()) is None
