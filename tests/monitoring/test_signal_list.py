"""The list of signals: open, put aside, judged; one click judges, another puts aside until it heats up."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.models import Signal
from opinion.models import Topic
from tests.factories import NOON, TopicFactory

pytestmark = pytest.mark.django_db

LIST = reverse("monitoring:signals")


def raised(title="门店起火", **more):
    topic = TopicFactory(title=title)
    reasons = [{"kind": "key_source", "words": "", "numbers": {"posts": 2, "negative": 1}}]
    given = {"kind": "key_source", "opened_at": NOON, "grown_at": NOON, "suggestion": "3", "reasons": reasons, **more}
    return Signal.objects.create(watch=topic.watch, topic=topic, **given)


def shown(client, **address):
    return [signal for signal, _reasons in client.get(LIST, address).context["rows"]]


def test_each_state_shows_its_own_the_latest_first(signed_in, cast):
    client = signed_in("monitor")
    old, new = raised(grown_at=NOON - timedelta(hours=1)), raised()
    aside = raised(snoozed_at=NOON, snoozed_by=cast["monitor"])
    judged = raised(is_useful=False, closed_at=NOON, closed_by=cast["monitor"])
    went_on = raised(closed_at=NOON)
    assert shown(client) == [new, old]
    assert shown(client, state="snoozed") == [aside]
    assert shown(client, state="judged") == [judged]
    assert shown(client, state="went_on") == [went_on]
    assert shown(client, watch=str(old.watch.uuid)) == [old]
    assert client.get(LIST).context["counts"] == {"open": 2, "snoozed": 1, "judged": 1, "went_on": 1}


def test_a_signal_that_went_on_in_another_leads_there(signed_in):
    """A second wave has a signal of its own; a merged story goes on in that of the other."""
    client, first, merged = signed_in("monitor"), raised("第一波", closed_at=NOON), raised("另一件事", closed_at=NOON)
    wave = raised("第二波", previous=first)
    Topic.objects.filter(pk=merged.topic_id).update(merged_into=wave.topic)
    for ended in (first, merged):
        page = client.get(reverse("monitoring:signal", args=[ended.uuid])).content.decode()
        assert reverse("monitoring:signal", args=[wave.uuid]) in page


def test_one_click_judges_and_comes_back_to_the_list(signed_in):
    signal = raised()
    address = reverse("monitoring:judge-signal", args=[signal.uuid])
    answer = signed_in("monitor").post(address, {"version": 1, "verdict": "3", "list": "yes"})
    assert answer.url == LIST
    signal.refresh_from_db()
    assert (signal.is_useful, signal.verdict) == (True, "3")


def test_put_aside_and_brought_back(signed_in, cast):
    signal, client = raised(), signed_in("monitor")
    client.post(reverse("monitoring:snooze-signal", args=[signal.uuid]), {"version": 1, "list": "yes"})
    signal.refresh_from_db()
    assert (signal.snoozed_by, signal.closed_at) == (cast["monitor"], None)
    assert shown(client) == []
    client.post(reverse("monitoring:unsnooze-signal", args=[signal.uuid]) + f"?version={signal.version}")
    assert shown(client) == [signal]


def test_what_grew_meanwhile_is_not_put_aside(signed_in):
    signal = raised(version=3)
    answer = signed_in("monitor").post(reverse("monitoring:snooze-signal", args=[signal.uuid]), {"version": 2})
    assert answer.status_code == 409
    signal.refresh_from_db()
    assert signal.snoozed_at is None


def test_who_may_only_look_gets_no_buttons(signed_in):
    signal = raised()
    client = signed_in("gm")
    assert shown(client) == [signal]
    assert reverse("monitoring:judge-signal", args=[signal.uuid]) not in client.get(LIST).content.decode()
    assert client.post(reverse("monitoring:snooze-signal", args=[signal.uuid]), {"version": 1}).status_code == 403


@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_may_not_read_posts_sees_no_signals(signed_in, who):
    assert signed_in(who).get(LIST).status_code == 403


def test_the_list_takes_the_same_queries_however_many(signed_in):
    client = signed_in("monitor")
    client.get(LIST)
    counts = []
    for _ in range(2):
        raised()
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        counts.append(len(queries))
        raised()
    assert counts[0] == counts[1]


def test_a_second_wave_leads_back_to_the_first(signed_in):
    first = raised(title="建国路店起火", is_useful=True, verdict="3", closed_at=NOON)
    second = raised(previous=first)
    page = signed_in("pr").get(reverse("monitoring:signal", args=[second.uuid])).content.decode()
    assert reverse("monitoring:signal", args=[first.uuid]) in page
