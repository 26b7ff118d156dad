"""The ways out of the inbox: at once, with undo, the next one open; a stale form changes nothing. htmx or not."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from opinion.models import Post
from tests.factories import NOON, PostFactory
from tests.opinion.factories import minutes

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "reader"}


@pytest.fixture
def three():
    return [PostFactory(published_at=NOON - minutes(n)) for n in range(3)]


def act(client, name, post, *, query="", headers=None, version=None, **values):
    address = reverse(f"monitoring:{name}-post", args=[post.uuid]) + query
    return client.post(address, {"version": version or post.version, **values}, headers=headers or {})


def undo_of(client):
    [message] = client.get("/inbox/").context["messages"]
    return message.extra_tags.split()[0].removeprefix("undo:")


def states():
    return list(Post.objects.order_by("pk").values_list("triage", flat=True))


def test_ignoring_opens_the_next_one(signed_in, three, cast):
    answer = act(signed_in("monitor"), "ignore", three[0])
    assert (answer.status_code, answer.url) == (302, reverse("monitoring:open-post", args=[three[1].uuid]))
    assert states() == ["ignored", "waiting", "waiting"]
    assert Post.objects.get(pk=three[0].pk).triaged_by == cast["monitor"]


def test_the_last_one_leads_to_the_one_above_and_then_to_the_empty_inbox(signed_in, three):
    client = signed_in("monitor")
    assert act(client, "ignore", three[2]).url == reverse("monitoring:open-post", args=[three[1].uuid])
    act(client, "ignore", three[1])
    assert act(client, "ignore", three[0]).url == "/inbox/"


def test_htmx_gets_the_next_reader_and_the_row_goes(signed_in, three):
    answer = act(signed_in("monitor"), "ignore", three[0], headers=HTMX, query="?sentiment=neu")
    page = answer.content.decode()
    assert f'<li id="row-{three[0].uuid}" hx-swap-oob="delete">' in page
    assert f'<li id="row-{three[1].uuid}" hx-swap-oob="true">' in page
    assert 'aria-current="true" data-focus' in page
    assert 'id="chips" hx-swap-oob="true"' in page
    assert "undo" in page or "restore/" in page
    assert answer["HX-Push-Url"] == reverse("monitoring:open-post", args=[three[1].uuid]) + "?sentiment=neu"


def test_htmx_at_the_end_goes_to_the_empty_inbox(signed_in, three):
    Post.objects.exclude(pk=three[0].pk).update(triage="ignored")
    answer = act(signed_in("monitor"), "ignore", three[0], headers=HTMX)
    assert (answer.status_code, answer["HX-Redirect"]) == (204, "/inbox/")


def test_undo_brings_it_back_and_opens_it(signed_in, three):
    client = signed_in("monitor")
    act(client, "ignore", three[0])
    answer = client.post(undo_of(client))
    assert answer.url == reverse("monitoring:open-post", args=[three[0].uuid])
    assert states() == ["waiting"] * 3
    assert [entry.event for entry in Entry.objects.order_by("seq")] == ["opinion.post_ignored", "opinion.post_restored"]


def test_undo_after_somebody_else_decided_is_refused(signed_in, three):
    client = signed_in("monitor")
    act(client, "ignore", three[0])
    undo = undo_of(client)
    Post.objects.filter(pk=three[0].pk).update(triage="snoozed", version=3)
    assert client.post(undo).status_code == 409
    assert states()[0] == "snoozed"


@pytest.mark.parametrize("name", ["ignore", "snooze", "restore"])
def test_a_stale_form_gets_409_and_changes_nothing(signed_in, three, name):
    Post.objects.update(version=5)
    client = signed_in("monitor")
    assert act(client, name, three[0], version=4).status_code == 409
    assert act(client, name, three[0], version=4, headers=HTMX).status_code == 409
    assert client.post(reverse(f"monitoring:{name}-post", args=[three[0].uuid])).status_code == 409
    assert states() == ["waiting"] * 3
    assert Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("until", "wakes"),
    [
        ("heat", None),
        ("1", NOON + timedelta(hours=1)),
        ("4", NOON + timedelta(hours=4)),
        ("morning", NOON.replace(hour=1) + timedelta(days=1)),  # nine o'clock in Shanghai
        ("nonsense", None),
    ],
)
def test_putting_aside_until(signed_in, three, until, wakes):
    client = signed_in("monitor")
    with time_machine.travel(NOON, tick=False):
        act(client, "snooze", three[0], until=until)
    post = Post.objects.get(pk=three[0].pk)
    assert (post.triage, post.snoozed_until) == ("snoozed", wakes)


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head"])
def test_who_only_reads_is_refused_and_changes_nothing(signed_in, three, who):
    client = signed_in(who)
    for name in ("ignore", "snooze", "restore"):
        assert act(client, name, three[0]).status_code == 403
    assert states() == ["waiting"] * 3


@pytest.mark.parametrize("who", ["dept", "auditor", "admin", "outsider"])
def test_who_may_not_see_it_finds_nothing_and_changes_nothing(signed_in, three, who):
    client = signed_in(who)
    for name in ("ignore", "snooze", "restore"):
        assert act(client, name, three[0]).status_code == 404
    assert states() == ["waiting"] * 3


def test_get_changes_nothing(signed_in, three):
    client = signed_in("monitor")
    for name in ("ignore", "snooze", "restore"):
        assert client.get(reverse(f"monitoring:{name}-post", args=[three[0].uuid])).status_code == 405
    assert states() == ["waiting"] * 3
