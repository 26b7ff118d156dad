"""The stand-in's own switches, by which a demo or another process moves it."""

import httpx

from notices.channels import ChannelError
from tests.notices.channel_cases import message, send


def tell(fake, command, data):
    return httpx.post(f"{fake.url}/__admin/{command}", json=data).status_code


def outcome(config, kind="wecom_robot", **how):
    try:
        return send(kind, config(kind), message(**how))
    except ChannelError as error:
        return error.code or "unclear"


def test_what_arrived_can_be_looked_at_and_is_only_text(fake, config):
    outcome(config, subject="<b>标题</b>")
    page = httpx.get(f"{fake.url}/__admin").text
    assert "＜b＞标题＜/b＞" in page
    (arrived,) = httpx.get(f"{fake.url}/__admin/messages").json()["messages"]
    assert (arrived["platform"], arrived["to"], arrived["mentioned"]) == ("wecom_robot", "group", [])
    (asked,) = httpx.get(f"{fake.url}/__admin/requests").json()["requests"]
    assert (asked["method"], asked["path"]) == ("POST", "/cgi-bin/webhook/send")


def test_a_fault_is_done_as_often_as_told(fake, config):
    assert tell(fake, "fault", {"path": "/cgi-bin", "kind": "html502", "times": 2}) == 200
    assert [outcome(config) for _n in range(3)] == ["unclear", "unclear", "ok"]
    assert tell(fake, "fault", {"path": "/cgi-bin", "kind": "earthquake"}) == 404


def test_its_clock_can_be_moved(fake, config):
    for _n in range(20):
        outcome(config)
    assert outcome(config) == "45009"
    tell(fake, "clock", {"forward_seconds": 61})
    assert outcome(config) == "ok"


def test_people_can_be_added_and_tokens_taken_back(fake, config):
    fake.world.people = {}
    assert outcome(config, "wecom_app", key="k1") == "81013"
    tell(fake, "people", {"wang": "王立群"})
    tell(fake, "tokens", {})
    assert outcome(config, "wecom_app", key="k2").startswith("msg")


def test_reset_begins_anew(fake, config):
    outcome(config)
    tell(fake, "reset", {})
    assert httpx.get(f"{fake.url}/__admin/messages").json() == {"messages": []}


def test_an_address_no_platform_has_is_not_there(fake):
    assert httpx.post(f"{fake.url}/elsewhere").status_code == 404
