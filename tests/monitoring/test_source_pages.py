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
from accounts.secrets import decrypt, encrypt
from audit.models import Entry
from monitoring.health.advice import VISITED, next_step
from monitoring.models import Poll
from monitoring.permissions import may
from opinion.models import Heard, Source, SourceHealth, SourceKind
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
    fields = ("name", "url", "kind", "source_class", "platform", "tier", "poll_every_seconds", "version")
    values = {name: getattr(source, name) for name in fields} if source else {}
    blank = {
        "name": "新信源",
        "url": "https://93.184.216.34/rss",
        "kind": "feed",
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


def test_a_key_is_kept_hidden_and_not_told_to_another_host(signed_in: SignedIn, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(url="https://93.184.216.34/rss", access=encrypt("geheim"))
    source.refresh_from_db()
    change, client = reverse("monitoring:change-source", args=[source.uuid]), signed_in("monitor")

    def kept() -> str | None:
        source.refresh_from_db()
        return decrypt(bytes(source.access)) if source.access else None

    assert "geheim" not in client.get(change).content.decode()
    assert client.post(change, typed(source, name="改名")).status_code == 302
    assert kept() == "geheim"
    client.post(change, typed(source, url="https://93.184.216.34/other"))
    assert kept() == "geheim"
    client.post(change, typed(source, url="https://93.184.216.35/other"))
    assert kept() is None
    client.post(change, typed(source, access_key="neu"))
    assert kept() == "neu"
    client.post(change, typed(source, forget_key="on"))
    assert kept() is None
    assert "geheim" not in str(list(Entry.objects.values()))


def test_a_test_does_not_tell_the_key_to_another_host(
    signed_in: SignedIn, source: Source, settings: Any, web: FeedServer
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    home = web.put("/rss?key=geheim", FEED).partition("?")[0]
    Source.objects.filter(pk=source.pk).update(url=home, access=encrypt("geheim"))
    source.refresh_from_db()
    test, client = f"{reverse('monitoring:try-source')}?source={source.uuid}", signed_in("monitor")
    client.post(test, typed(source))
    client.post(test, typed(source, url=home.replace("127.0.0.1", "localhost")))
    assert [path for path, _headers in web.asked] == ["/rss?key=geheim"]
    settings.FETCH_ALLOWED_HOSTS = [web.host, f"localhost:{web.server_port}"]
    client.post(test, typed(source, url=home.replace("127.0.0.1", "localhost")))
    assert [path for path, _headers in web.asked] == ["/rss?key=geheim", "/rss"]


def test_another_canary_word_is_waited_for_anew(signed_in: SignedIn, source: Source, noon: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(url="https://93.184.216.34/rss", canary="茶", canary_at=noon)
    source.refresh_from_db()
    change, client = reverse("monitoring:change-source", args=[source.uuid]), signed_in("monitor")
    client.post(change, typed(source, canary="茶"))
    source.refresh_from_db()
    assert source.canary_at == noon
    client.post(change, typed(source, canary="新"))
    source.refresh_from_db()
    assert (source.canary, source.canary_at) == ("新", None)


def test_what_becomes_a_hot_list_is_fetched_anew(signed_in: SignedIn, source: Source) -> None:
    Source.objects.filter(pk=source.pk).update(url="https://93.184.216.34/rss", etag='"a"', body_hash="x")
    source.refresh_from_db()
    signed_in("monitor").post(
        reverse("monitoring:change-source", args=[source.uuid]),
        typed(source, kind="hot_list", canary="茶", region="上海"),
    )
    source.refresh_from_db()
    assert (source.kind, source.etag, source.body_hash, source.health) == ("hot_list", "", "", "ok")
    assert (source.canary, source.region) == ("茶", "上海")


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


def test_the_toast_of_a_switch_takes_it_back(signed_in: SignedIn, source: Source) -> None:
    client = signed_in("monitor")
    answer = client.post(reverse("monitoring:switch-source", args=[source.uuid]), {"version": 1}, follow=True)
    (message,) = answer.context["messages"]
    assert client.post(message.extra_tags.removeprefix("undo:")).status_code == 302
    source.refresh_from_db()
    assert (source.is_enabled, source.version) == (True, 3)


# --- moved for good --------------------------------------------------------------------------------------------------
def moved(source: Source, to: str = "https://93.184.216.34/new") -> str:
    Source.objects.filter(pk=source.pk).update(permanent_url=to, etag='"a"', access=encrypt("geheim"), failures=2)
    source.refresh_from_db()
    return reverse("monitoring:accept-move", args=[source.uuid])


def test_a_move_for_good_is_accepted_with_one_button(signed_in: SignedIn, source: Source) -> None:
    accept, client = moved(source), signed_in("monitor")
    assert accept in client.get(reverse("monitoring:source", args=[source.uuid])).content.decode()
    assert client.post(accept, {"version": 1}).status_code == 302
    source.refresh_from_db()
    assert (source.url, source.permanent_url, source.etag, source.failures) == ("https://93.184.216.34/new", "", "", 0)
    assert (source.health, source.access, source.version) == ("never", None, 2)
    assert source.next_poll_at is not None
    entry = Entry.objects.get()
    assert (entry.event, entry.detail["before"]) == ("monitoring.source_moved", "https://feed.example/rss")
    assert accept not in client.get(reverse("monitoring:source", args=[source.uuid])).content.decode()


def test_a_move_is_refused_where_it_is_stale_or_listened_to_already(signed_in: SignedIn, source: Source) -> None:
    accept, client = moved(source), signed_in("monitor")
    assert client.post(accept, {"version": 7}).status_code == 409
    Source.objects.create(name="先到", url="https://93.184.216.34/new", platform="x")
    answer = client.post(accept, {"version": 1}, follow=True)
    assert "先到" in str(next(iter(answer.context["messages"])))
    source.refresh_from_db()
    assert (source.url, source.version) == ("https://feed.example/rss", 1)
    assert signed_in("gm").post(accept, {"version": 1}).status_code == 403


# --- what the list shows ---------------------------------------------------------------------------------------------
def names(page: Any) -> list[str]:
    return [row.source.name for one in page.context["classes"] for row in one.sources]


def test_the_list_is_searched_and_shows_trouble_alone(signed_in: SignedIn, source: Source) -> None:
    Source.objects.create(name="微博热搜", url="https://hub.example/hot", platform="微博", health="captcha", failures=1)
    Source.objects.create(name="停用", url="https://off.example/", platform="x", health="off", is_enabled=False)
    client, page = signed_in("monitor"), reverse("monitoring:sources")
    assert names(client.get(page, {"trouble": "on"})) == ["微博热搜"]
    assert names(client.get(page, {"q": "微博"})) == ["微博热搜"]
    assert names(client.get(page, {"q": "晴野 FEED.example"})) == ["晴野资讯"]
    assert names(client.get(page, {"q": "晴野", "trouble": "on"})) == []
    assert names(client.get(page, {"q": "x" * 61})) == ["微博热搜", "停用", "晴野资讯"]
    nothing = client.get(page, {"q": "没有这个"}).content.decode()
    assert f'href="{page}"' in nothing


@pytest.mark.parametrize("health", [one for one in SourceHealth if one not in ("never", "ok", "unchanged", "off")])
def test_every_trouble_has_a_next_step(source: Source, health: str) -> None:
    source.health, source.kind = health, "vendor" if health == "quiet" else "feed"
    assert next_step(source)
    if health in ("empty", "unreachable", "http_error", "captcha"):
        assert next_step(source) != next_step(Source(health=health, preset="weibo-hot"))


@pytest.mark.parametrize("health", ["never", "ok", "unchanged", "off"])
def test_no_trouble_has_none(source: Source, health: str) -> None:
    source.health = health
    assert next_step(source) == ""


@pytest.mark.parametrize("kind", [kind for kind in SourceKind if kind not in VISITED])
def test_what_is_not_polled_says_what_feeds_it_and_has_no_buttons_to_poll(
    signed_in: SignedIn, noon: datetime, time_machine: Any, kind: str
) -> None:
    time_machine.move_to(noon)
    fed = Source.objects.create(name="来源", url="", kind=kind, platform="x", source_class="own")
    for hours in (1, 30):
        Heard.objects.create(
            source=fed, external_id=str(hours), text="x", published_at=noon, heard_at=noon - timedelta(hours=hours)
        )
    client, one = signed_in("monitor"), reverse("monitoring:source", args=[fed.uuid])
    (row,) = [row for group in client.get(reverse("monitoring:sources")).context["classes"] for row in group.sources]
    assert (row.heard, row.fed_by != "", row.tone) == (1, True, "")
    page = client.get(one).content.decode()
    assert str(row.fed_by) in page
    assert reverse("monitoring:poll-source", args=[fed.uuid]) not in page
    assert reverse("monitoring:switch-source", args=[fed.uuid]) not in page
    client.post(reverse("monitoring:poll-source", args=[fed.uuid]))
    assert Poll.objects.count() == 0


def test_a_mailbox_is_visited_and_shows_its_state(signed_in: SignedIn) -> None:
    box = Source.objects.create(
        name="投诉邮箱", url="", kind="mailbox", platform="邮箱", health="unreachable", failures=3
    )
    client, one = signed_in("monitor"), reverse("monitoring:source", args=[box.uuid])
    (row,) = [row for group in client.get(reverse("monitoring:sources")).context["classes"] for row in group.sources]
    assert (row.fed_by, row.tone) == ("", "bad")
    assert row.step == next_step(box) != next_step(Source(health="unreachable"))
    page = client.get(one).content.decode()
    assert reverse("monitoring:poll-source", args=[box.uuid]) in page
    assert reverse("monitoring:switch-source", args=[box.uuid]) in page


def test_what_is_not_polled_is_changed_without_an_address(signed_in: SignedIn) -> None:
    fed = Source.objects.create(name="来源", url="", kind="vendor", platform="x", source_class="own")
    change, client = reverse("monitoring:change-source", args=[fed.uuid]), signed_in("monitor")
    assert "url" not in client.get(change).context["form"].fields
    typed_in = {"name": "供应商甲", "source_class": "media", "platform": "多平台", "tier": "trade", "version": 1}
    assert client.post(change, {**typed_in, "url": "https://93.184.216.34/"}).status_code == 302
    fed.refresh_from_db()
    assert (fed.name, fed.url, fed.kind, fed.next_poll_at) == ("供应商甲", "", "vendor", None)


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
