"""Guidance: the plan, what is published for it, events, and what is measured around what we did."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from opinion.models import HourCount, TopicCount
from response.models import GuidanceItem, PressEvent
from response.notnow import NotNow
from response.permissions import may
from response.selectors.guidance import effects_of
from response.services import guidance
from tests.factories import TopicFactory
from tests.response.factories import incident_at
from tests.response.test_outreach import contact_of

HOUR = timedelta(hours=1)


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def event_of(incident: Incident, cast: dict[str, User], now: datetime, **said: Any) -> PressEvent:
    fields: dict[str, Any] = {
        "kind": "conference",
        "title": "情况说明会",
        "at": now + HOUR,
        "place": "总部一楼",
        "host": cast["spokesperson"],
        "partners": [],
        "run_sheet": "14:00 开场\n\n14:05 通报",
        "questions": "为什么停业？\n为了检测。\n今天出结果。\n\n谁负责？",
    }
    return guidance.save_event(None, incident=incident, actor=cast["pr"], now=now, said=fields | said)


def item_of(incident: Incident, cast: dict[str, User], now: datetime, **said: Any) -> GuidanceItem:
    fields: dict[str, Any] = {
        "title": "一图看懂效期管理",
        "message": "标签怎么贴、谁来查",
        "channel": "公众号",
        "partner": None,
        "owner": cast["market"],
        "due_at": now + HOUR,
    }
    return guidance.add_item(incident, actor=cast["market"], now=now, said=fields | said)


def test_who_guides(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    guides = {"pr", "legal", "market", "tech", "spokesperson", "alternate"}
    assert {name for name, person in cast.items() if may(person, "guide", incident)} == guides
    with pytest.raises(PermissionDenied):
        guidance.save_plan(incident, actor=cast["head"], now=noon, seen_version=0, aim="讲清", lines="停业检测")


def test_two_who_write_the_plan_at_once_see_each_other(
    cast: dict[str, User], incident: Incident, noon: datetime
) -> None:
    guidance.save_plan(incident, actor=cast["pr"], now=noon, seen_version=0, aim="讲清处置", lines="停业检测")
    with pytest.raises(Stale):
        guidance.save_plan(incident, actor=cast["market"], now=noon, seen_version=0, aim="另一种", lines="x")
    plan = guidance.save_plan(incident, actor=cast["market"], now=noon, seen_version=1, aim="讲清结果", lines="合格")
    plan.refresh_from_db()
    assert (plan.aim, plan.version, plan.written_by) == ("讲清结果", 2, cast["market"])


def test_an_item_goes_out_or_is_dropped_once(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    out, dropped = item_of(incident, cast, noon), item_of(incident, cast, noon)
    guidance.item_is_out(out, actor=cast["market"], now=noon, seen_version=1, url="https://example.com/1")
    guidance.drop_item(dropped, actor=cast["pr"], now=noon, seen_version=1, reason="检测未出")
    for again in (out, dropped):
        with pytest.raises(NotNow, match="有人先一步"):
            guidance.item_is_out(again, actor=cast["pr"], now=noon, seen_version=2, url="https://example.com/2")
    assert list(GuidanceItem.objects.order_by("pk").values_list("state", "url")) == [
        ("out", "https://example.com/1"),
        ("dropped", ""),
    ]


def test_an_event_has_run_sheet_and_answers_and_is_held_once(
    cast: dict[str, User], incident: Incident, noon: datetime
) -> None:
    event = event_of(incident, cast, noon, partners=[contact_of(cast, noon, kind="expert")])
    assert event.steps == ["14:00 开场", "14:05 通报"]
    assert event.answers == [("为什么停业？", "为了检测。\n今天出结果。"), ("谁负责？", "")]
    held = {"actor": cast["pr"], "now": noon + 2 * HOUR, "seen_version": 1, "outcome": "十二家媒体到场"}
    with pytest.raises(NotNow, match="还没到"):
        guidance.hold_event(event, held_at=noon + 3 * HOUR, **held)
    guidance.hold_event(event, held_at=noon + HOUR, **held)
    with pytest.raises(NotNow, match="有人先一步"):
        guidance.cancel_event(event, actor=cast["pr"], now=noon, seen_version=2, reason="改期")
    assert [entry.event for entry in incident.timeline.all()] == ["response.event_held", "response.event_planned"]


def test_the_effect_is_read_from_the_counts_of_its_topics_against_the_rest_of_the_watch(
    cast: dict[str, User], incident: Incident, noon: datetime, django_assert_num_queries: Any
) -> None:
    """Ten posts an hour, six negative; after noon four and one. The watch hears ten neutral ones more all the time."""
    topic = TopicFactory()
    incident.topics.add(topic)
    for back in range(-24, 25):
        posts, bad = (10, 6) if back < 0 else (4, 1)
        hour = {"hour": noon + HOUR * back, "platform": "微博"}
        for tone, count in (("neg", bad), ("neu", posts - bad)):
            TopicCount.objects.create(topic=topic, sentiment=tone, posts=count, **hour)
        for tone, count in (("neg", bad), ("neu", posts - bad + 10)):
            HourCount.objects.create(watch=topic.watch, sentiment=tone, posts=count, **hour)
    item = item_of(incident, cast, noon)
    guidance.item_is_out(item, actor=cast["market"], now=noon, seen_version=1, url="https://example.com/1")
    with django_assert_num_queries(6):
        (found,) = effects_of(incident, noon + 30 * HOUR)
    effect = found.effect
    assert (effect.before.posts, effect.after.posts, effect.half_life_hours) == (240, 96, 3)
    assert (effect.shift, effect.elsewhere) == (pytest.approx(-0.35), 0)
    assert effect.is_attributable
    event = event_of(incident, cast, noon, at=noon + HOUR)
    guidance.hold_event(
        event, actor=cast["pr"], now=noon + 2 * HOUR, seen_version=1, held_at=noon + HOUR, outcome="到场十二家"
    )
    later, earlier = effects_of(incident, noon + 30 * HOUR)
    assert (later.effect.others, earlier.effect.others) == (("一图看懂效期管理",), ("情况说明会",))
    assert not later.effect.is_attributable
    assert not earlier.effect.is_attributable


def test_the_page_from_the_plan_to_the_outcome(
    cast: dict[str, User], incident: Incident, noon: datetime, signed_in: Any, at_noon: datetime
) -> None:
    client: Client = signed_in("pr")
    page = f"/incidents/{incident.number}/guidance/"
    assert client.get(page).status_code == 200
    client.post(f"{page}plan/", {"version": 0, "aim": "讲清处置", "messages": "停业检测\n全额退款"})
    assert "全额退款" in client.get(page).content.decode()
    typed = {"title": "一图看懂", "message": "怎么查", "channel": "公众号", "owner": cast["pr"].pk}
    assert client.post(f"{page}items/add/", typed).status_code == 422
    client.post(f"{page}items/add/", typed | {"due_at": "2026-11-18T15:00"})
    item = GuidanceItem.objects.get()
    wrong = client.post(f"/guidance-items/{item.uuid}/out/", {"version": 1, "url": "no address"}, follow=True)
    assert "一图看懂" in wrong.content.decode()
    assert GuidanceItem.objects.get().state == "planned"
    client.post(f"/guidance-items/{item.uuid}/out/", {"version": 1, "url": "https://example.com/1"})
    new = {"kind": "interview", "title": "专家访谈", "at": "2026-11-18T10:00", "place": "电话", "host": cast["pr"].pk}
    client.post(f"{page}events/add/", new)
    event = PressEvent.objects.get()
    held = {"version": 1, "held_at": "2026-11-18T10:00", "outcome": "刊出"}
    client.post(f"{event.get_absolute_url()}held/", held)
    stale = client.post(f"{event.get_absolute_url()}edit/", new | {"version": 1})
    assert (stale.status_code, "已举行或已取消" in stale.content.decode()) == (422, True)
    shown = client.get(page).content.decode()
    assert "专家访谈" in shown
    assert "https://example.com/1" in shown
    reader = signed_in("gm")
    assert reader.get(page).status_code == 200
    assert reader.post(f"{page}items/add/", typed | {"due_at": "2026-11-18T15:00"}).status_code == 403
    assert signed_in("auditor").get(page).status_code in (200, 403)
