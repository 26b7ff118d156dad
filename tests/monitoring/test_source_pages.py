"""The pages of sources: what is seen, by whom, and what a person may change."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from audit.models import Entry
from monitoring.models import Poll
from monitoring.permissions import may
from opinion.models import Source
from tests.monitoring.feedserver import FeedServer

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
FEED = "<rss version='2.0'><channel><item><guid>1</guid><title>一</title></item></channel></rss>"


@pytest.fixture
def source() -> Source:
    return Source.objects.create(
        name="晴野资讯", url="https://feed.example/rss", source_class="media", platform="资讯", health="ok"
    )


def typed(source: Source | None = None, /, **changes: Any) -> dict[str, Any]:
    fields = ("name", "url", "source_class", "platform", "tier", "poll_every_seconds", "version")
    values = {name: getattr(source, name) for name in fields} if source else {}
    blank = {
        "name": "新信源",
        "url": "https://93.184.216.34/rss",
        "source_class": "platform",
        "platform": "微博",
        "tier": "ordinary",
        "poll_every_seconds": 300,
    }
    return {**blank, **values, **changes}


@pytest.mark.parametrize(
    ("who", "sees", "edits"),
    [
        ("monitor", True, True),
        ("pr", True, True),
        ("legal", True, True),
        ("admin", True, True),
        ("gm", True, False),
        ("spokesperson", True, False),
        ("dept", True, False),
        ("auditor", True, False),
        ("outsider", False, False),
    ],
)
def test_who_may_see_and_edit(
    cast: dict[str, User], signed_in: SignedIn, source: Source, who: str, sees: bool, edits: bool
) -> None:
    assert (may(cast[who], "see_sources"), may(cast[who], "edit_sources")) == (sees, edits)
    client = signed_in(who)
    assert client.get(reverse("monitoring:sources")).status_code == (200 if sees else 403)
    assert client.get(reverse("monitoring:source", args=[source.uuid])).status_code == (200 if sees else 403)
    assert client.get(reverse("monitoring:add-source")).status_code == (200 if edits else 403)
    assert client.post(reverse("monitoring:switch-source", args=[source.uuid])).status_code == (409 if edits else 403)
    if not edits:
        assert client.post(reverse("monitoring:add-source"), typed()).status_code == 403
        assert client.post(reverse("monitoring:poll-source", args=[source.uuid])).status_code == 403
    source.refresh_from_db()
    assert (Source.objects.count(), source.is_enabled, Poll.objects.count()) == (1, True, 0)


def test_a_stranger_is_asked_to_sign_in(client: Client, source: Source) -> None:
    assert client.get(reverse("monitoring:sources")).status_code == 302


def test_the_list_names_every_class_and_a_silent_source_cannot_be_missed(
    signed_in: SignedIn, source: Source, noon: datetime, time_machine: Any
) -> None:
    time_machine.move_to(noon)
    Source.objects.create(
        name="无声",
        url="https://silent.example/",
        platform="x",
        health="unreachable",
        health_words="连不上",
        failures=3,
    )
    for hours, known in ((1, 3), (23, 5), (25, 0)):
        Poll.objects.create(
            source=source,
            started_at=noon - timedelta(hours=hours),
            ended_at=noon,
            health="ok",
            entries=10,
            known=known,
        )
    page = signed_in("monitor").get(reverse("monitoring:sources"))
    classes = page.context["classes"]
    assert [(one.code, [row.source.name for row in one.sources], one.silent) for one in classes] == [
        ("platform", ["无声"], 1),
        ("media", ["晴野资讯"], 0),
        ("own", [], 0),
    ]
    assert [(row.tone, row.heard) for one in classes for row in one.sources] == [("bad", 0), ("ok", 12)]
    assert page.context["silent"] == 1
    assert "连不上" in page.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_list(signed_in: SignedIn, source: Source) -> None:
    client = signed_in("monitor")
    client.get(reverse("monitoring:sources"))

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("monitoring:sources"))
        return len(caught)

    one = queries()
    for number in range(3):
        Source.objects.create(name=f"更多{number}", url=f"https://{number}.example/", platform="x")
    assert queries() == one


def test_a_source_is_added_and_due_at_once(signed_in: SignedIn, noon: datetime, time_machine: Any) -> None:
    time_machine.move_to(noon)
    answer = signed_in("monitor").post(reverse("monitoring:add-source"), typed(is_key="on"))
    added = Source.objects.get()
    assert answer.url == reverse("monitoring:source", args=[added.uuid])  # type: ignore[attr-defined]
    assert (added.name, added.is_key, added.is_enabled, added.health) == ("新信源", True, True, "never")
    assert abs(added.next_poll_at - noon) < timedelta(seconds=5)  # type: ignore[operator]
    assert [entry.event for entry in Entry.objects.all()] == ["monitoring.source_added"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "not an address"),
        ("url", "ftp://feed.example/rss"),
        ("url", "http://127.0.0.1/rss"),
        ("url", "http://169.254.169.254/"),
        ("url", "http://user:word@93.184.216.34/"),
        ("url", "http://93.184.216.34:8080/"),
        ("url", "https://feed.example/rss"),
        ("url", ""),
        ("name", ""),
        ("platform", ""),
        ("poll_every_seconds", "5"),
        ("source_class", "nonsense"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_saved(
    signed_in: SignedIn, source: Source, field: str, value: str
) -> None:
    answer = signed_in("monitor").post(reverse("monitoring:add-source"), typed(**{field: value}))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert Source.objects.count() == 1


def test_an_allowed_private_host_may_be_a_source(signed_in: SignedIn, settings: Any, web: FeedServer) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    answer = signed_in("monitor").post(reverse("monitoring:add-source"), typed(url=web.url("/feed")))
    assert answer.status_code == 302
    assert Source.objects.get().url == web.url("/feed")


def test_a_changed_address_forgets_what_was_known_of_the_old_one(signed_in: SignedIn, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(
        etag='"a"', failures=4, permanent_url="https://x.example/", health="slow"
    )
    change = reverse("monitoring:change-source", args=[source.uuid])
    assert signed_in("monitor").post(change, typed(source, url="https://93.184.216.34/new")).status_code == 302
    source.refresh_from_db()
    assert (source.url, source.etag, source.failures) == ("https://93.184.216.34/new", "", 0)
    assert (source.permanent_url, source.health, source.version) == ("", "never", 2)


def test_a_changed_name_keeps_what_is_known(signed_in: SignedIn, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(url="https://93.184.216.34/rss", etag='"a"')
    source.refresh_from_db()
    change = reverse("monitoring:change-source", args=[source.uuid])
    assert signed_in("monitor").post(change, typed(source, name="改名")).status_code == 302
    source.refresh_from_db()
    assert (source.name, source.etag, source.health) == ("改名", '"a"', "ok")


def test_the_slower_of_two_is_shown_both_states(signed_in: SignedIn, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(url="https://93.184.216.34/rss")
    source.refresh_from_db()
    change = reverse("monitoring:change-source", args=[source.uuid])
    client = signed_in("monitor")
    client.post(change, typed(source, name="先到"))
    answer = client.post(change, typed(source, name="后到", tier="central"))
    assert answer.status_code == 409
    (name, tier) = answer.context["changes"]
    assert (name[1:], tier[2]) == (("后到", "先到"), Source(tier="ordinary").get_tier_display())
    source.refresh_from_db()
    assert (source.name, source.tier, source.version) == ("先到", "ordinary", 2)


def test_a_source_is_switched_off_and_on(signed_in: SignedIn, source: Source) -> None:
    switch = reverse("monitoring:switch-source", args=[source.uuid])
    client = signed_in("monitor")
    assert client.post(switch, {"version": 1}).status_code == 302
    source.refresh_from_db()
    assert (source.is_enabled, source.health, source.next_poll_at) == (False, "off", None)
    assert client.post(switch, {"version": 1, "on": "on"}).status_code == 409
    assert client.post(switch, {"version": 2, "on": "on"}).status_code == 302
    source.refresh_from_db()
    assert (source.is_enabled, source.health, source.version) == (True, "never", 3)
    assert source.next_poll_at is not None
    assert [entry.event for entry in Entry.objects.order_by("seq")] == [
        "monitoring.source_switched_off",
        "monitoring.source_switched_on",
    ]


def test_poll_now_shows_the_outcome_in_words(
    signed_in: SignedIn, source: Source, settings: Any, web: FeedServer
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    Source.objects.filter(pk=source.pk).update(url=web.put("/feed", FEED))
    poll = reverse("monitoring:poll-source", args=[source.uuid])
    client = signed_in("monitor")
    answer = client.post(poll, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    fragment = answer.content.decode().lstrip()
    assert fragment.startswith('<div class="stack" id="now">')
    assert f'<div class="note info" role="status">{Poll.objects.get().sentence}</div>' in fragment
    assert client.post(poll).url == reverse("monitoring:source", args=[source.uuid])  # type: ignore[attr-defined]
    assert Poll.objects.count() == 2


def test_poll_now_is_refused_in_words_while_it_is_off_or_being_polled(
    signed_in: SignedIn, source: Source, noon: datetime, time_machine: Any
) -> None:
    time_machine.move_to(noon)
    poll = reverse("monitoring:poll-source", args=[source.uuid])
    client = signed_in("monitor")
    Source.objects.filter(pk=source.pk).update(leased_until=noon + timedelta(minutes=1))
    being_polled = client.post(poll, headers={"HX-Request": "true"}).content.decode()
    assert '<div class="note warn" role="alert">' in being_polled
    Source.objects.filter(pk=source.pk).update(leased_until=None, is_enabled=False)
    switched_off = client.post(poll, headers={"HX-Request": "true"}).content.decode()
    assert '<div class="note warn" role="alert">' in switched_off
    assert Poll.objects.count() == 0
