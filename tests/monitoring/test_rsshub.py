"""Sources from our own RSSHub: made by form, fetched with a key nobody sees, and its quirks understood."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.secrets import encrypt
from audit.models import Entry
from monitoring.health.advice import next_step
from monitoring.models import Poll
from monitoring.services import polling
from monitoring.sources import presets, rsshub
from opinion.models import Heard, Post, Source, Watch
from tests.monitoring.rsshub import Row, RSSHub, hot_row

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
KEY = "Zk7/with+signs&more"


@pytest.fixture
def hub(settings: Any) -> Iterator[RSSHub]:
    server = RSSHub(KEY)
    settings.RSSHUB_URL, settings.RSSHUB_KEY = server.base, KEY
    settings.FETCH_ALLOWED_HOSTS = [server.host]
    yield server
    server.shutdown()
    server.server_close()


def made(code: str, word: str = "", base: str = "http://rsshub:1200") -> Source:
    return presets.BY_CODE[code].source(word, base=base)


def visit(source: Source, now: datetime) -> Poll:
    source.refresh_from_db()
    assert polling.claim(source, now=now)
    done = polling.poll(source, now=now)
    source.refresh_from_db()
    return done


# --- presets ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "word", "path", "name", "platform", "kind"),
    [
        ("weibo-keyword", "晴野 100%", "/weibo/keyword/晴野 100%", "微博 · 关键词「晴野 100%」", "微博", "feed"),
        ("weibo-keyword", "C++&AT/T?#", "/weibo/keyword/C++&AT/T?#", "微博 · 关键词「C++&AT/T?#」", "微博", "feed"),
        ("weibo-user", "1642909335", "/weibo/user/1642909335", "微博 · 用户 1642909335", "微博", "feed"),
        ("weibo-hot", "", "/weibo/search/hot", "微博热搜", "微博", "hot_list"),
        ("zhihu-hot", "", "/zhihu/hot", "知乎热榜", "知乎", "hot_list"),
        ("bilibili-search", "晴野", "/bilibili/vsearch/晴野", "B站 · 搜索「晴野」", "B站", "feed"),
        ("bilibili-hot", "", "/bilibili/hot-search", "B站热搜", "B站", "hot_list"),
        ("tieba-search", "晴野", "/baidu/tieba/search/晴野", "贴吧 · 搜索「晴野」", "贴吧", "feed"),
        ("douyin-hashtag", "1592824105719812", "/douyin/hashtag/1592824105719812", None, "抖音", "feed"),
        ("baidu-search", "晴野", "/baidu/search/晴野", "百度 · 搜索「晴野」", "百度", "feed"),
        ("wechat-sogou", "晴野茶饮", "/wechat/sogou/晴野茶饮", "公众号 · 晴野茶饮", "公众号", "feed"),
    ],
)
def test_a_preset_makes_the_whole_source(
    code: str, word: str, path: str, name: str | None, platform: str, kind: str
) -> None:
    source = made(code, word)
    parts = urlsplit(source.url)
    assert (parts.netloc, unquote(parts.path), parts.query, parts.fragment) == ("rsshub:1200", path, "", "")
    assert source.url.isascii()
    assert parts.path.count("/") == presets.BY_CODE[code].path.count("/")
    assert (source.platform, source.kind, source.source_class, source.preset) == (platform, kind, "platform", code)
    assert name is None or source.name == name
    assert source.poll_every_seconds >= presets.CACHED


def test_every_preset_is_whole_and_its_example_fits() -> None:
    assert len(presets.BY_CODE) == len(presets.PRESETS)
    for preset in presets.PRESETS:
        assert (preset.asks is not None) == ("{word}" in preset.path)
        assert preset.fits(preset.asks.example if preset.asks else "")
        assert (preset.kind == "hot_list") == (preset.asks is None)


@pytest.mark.parametrize(
    ("code", "word"),
    [
        ("weibo-user", "晴野"),
        ("weibo-user", "1/../../zhihu"),
        ("weibo-keyword", ".."),
        ("weibo-keyword", ""),
        ("weibo-keyword", "长" * 61),
        ("douyin-user", "1234567890"),
        ("xiaohongshu-user", "593032945E87E77791E03696"),
    ],
)
def test_what_does_not_look_like_it_is_refused(code: str, word: str) -> None:
    assert presets.BY_CODE[code].fits(word) is False


def test_a_person_adds_a_source_by_its_form(signed_in: SignedIn, hub: RSSHub) -> None:
    client = signed_in("monitor")
    ways = client.get(reverse("monitoring:add-source"))
    assert reverse("monitoring:add-preset", args=["weibo-keyword"]) in ways.content.decode()
    form = reverse("monitoring:add-preset", args=["weibo-keyword"])
    assert client.get(form).status_code == 200
    answer = client.post(form, {"word": " 晴野  茶饮 ", "canary": "茶", "is_key": "on"})
    source = Source.objects.get()
    assert answer.url == reverse("monitoring:source", args=[source.uuid])  # type: ignore[attr-defined]
    assert source.url == f"{hub.base}/weibo/keyword/%E6%99%B4%E9%87%8E%20%E8%8C%B6%E9%A5%AE"
    assert (source.name, source.canary, source.is_key) == ("微博 · 关键词「晴野 茶饮」", "茶", True)
    assert [entry.event for entry in Entry.objects.all()] == ["monitoring.source_added"]
    again = client.post(form, {"word": "晴野 茶饮"})
    assert (again.status_code, Source.objects.count()) == (422, 1)
    wrong = client.post(reverse("monitoring:add-preset", args=["weibo-user"]), {"word": "晴野"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["word"])


@pytest.mark.parametrize(("who", "allowed"), [("monitor", 200), ("gm", 403), ("outsider", 403)])
def test_who_may_use_the_forms(signed_in: SignedIn, hub: RSSHub, who: str, allowed: int) -> None:
    client = signed_in(who)
    assert client.get(reverse("monitoring:add-preset", args=["weibo-hot"])).status_code == allowed
    assert client.post(reverse("monitoring:try-source") + "?preset=weibo-hot").status_code == allowed


def test_without_an_rsshub_there_are_no_forms(signed_in: SignedIn, settings: Any) -> None:
    settings.RSSHUB_URL = ""
    client = signed_in("monitor")
    assert client.get(reverse("monitoring:add-preset", args=["weibo-hot"])).status_code == 404
    assert "RSSHUB_URL" in client.get(reverse("monitoring:add-source")).content.decode()


# --- the key ---------------------------------------------------------------------------------------------------------
def test_the_key_goes_with_our_own_hub_and_nowhere_else(settings: Any) -> None:
    settings.RSSHUB_URL, settings.RSSHUB_KEY = "http://rsshub:1200", KEY
    sent = "?key=Zk7%2Fwith%2Bsigns%26more"
    assert rsshub.fetch_address(Source(url="http://rsshub:1200/weibo/search/hot")).endswith(sent)
    assert rsshub.fetch_address(Source(url="http://rsshub:1200/x?limit=5")).endswith("?limit=5&" + sent[1:])
    for other in (
        "http://rsshub:1200.example/x",
        "http://rsshub:12001/x",
        "https://rsshub:1200/x",
        "http://n.example/",
    ):
        assert rsshub.fetch_address(Source(url=other)) == other
    own = Source(url="https://hub.example/weibo/search/hot", access=encrypt("another"))
    assert rsshub.fetch_address(own) == "https://hub.example/weibo/search/hot?key=another"


def test_the_key_never_appears_where_people_or_logs_look(
    hub: RSSHub, signed_in: SignedIn, noon: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hub.route("/weibo/keyword/晴野", "又有人在微博提到晴野了", Row("晴野道歉", "#1", at=noon, guid="1"))
    source = made("weibo-keyword", "晴野", hub.base)
    source.save()
    Watch.objects.create(name="晴野", rule="晴野")
    assert visit(source, noon).health == "ok"
    assert hub.asked[-1][0].endswith("?key=Zk7%2Fwith%2Bsigns%26more")
    assert Post.objects.get().url == f"{source.url}#1"  # what a relative link is relative to has no key in it
    client = signed_in("monitor")
    hub.routes.clear()
    visit(source, noon + timedelta(hours=1))
    told = [str(list(model.objects.values())) for model in (Source, Poll, Entry, Post, Heard)]
    for page in ("sources", "export-sources"):
        told.append(client.get(reverse(f"monitoring:{page}")).content.decode())
    told.append(client.get(reverse("monitoring:source", args=[source.uuid])).content.decode())
    told.append(caplog.text.replace("GET /weibo", ""))
    assert not [text for text in told if "Zk7" in text]


def test_a_wrong_key_is_an_error_in_words(hub: RSSHub, settings: Any, noon: datetime) -> None:
    settings.RSSHUB_KEY = "wrong"
    source = made("weibo-hot", base=hub.base)
    source.save()
    done = visit(source, noon)
    assert (done.health, done.http_status) == ("http_error", 403)
    assert next_step(source)


def test_a_key_typed_into_an_address_of_our_hub_is_taken_out_and_encrypted(signed_in: SignedIn, hub: RSSHub) -> None:
    typed = {
        **{"name": "微博", "kind": "feed", "source_class": "platform", "platform": "微博", "tier": "ordinary"},
        **{"url": f"{hub.base}/weibo/keyword/x?key=typed&limit=5", "poll_every_seconds": 300},
    }
    assert signed_in("monitor").post(reverse("monitoring:add-source"), typed).status_code == 302
    source = Source.objects.get()
    assert source.url == f"{hub.base}/weibo/keyword/x?limit=5"
    assert b"typed" not in bytes(source.access or b"")
    assert rsshub.fetch_address(source) == f"{hub.base}/weibo/keyword/x?limit=5&key=typed"
    assert "typed" not in str(list(Entry.objects.values()))


# --- quirks ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("form", ["rss", "atom", "json"])
def test_its_three_formats_give_the_same_posts(hub: RSSHub, noon: datetime, form: str) -> None:
    rows = [Row("晴野道歉", "https://weibo.example/1", "<p>全文</p>", at=noon, author="路人甲")]
    hub.route("/weibo/keyword/晴野", "又有人在微博提到晴野了", *rows)
    source = made("weibo-keyword", "晴野", hub.base)
    source.url += f"?format={form}"
    source.save()
    Watch.objects.create(name="晴野", rule="晴野")
    assert visit(source, noon).health == "ok"
    post = Post.objects.get()
    assert (post.title, post.text, post.author, post.url) == ("晴野道歉", "全文", "路人甲", "https://weibo.example/1")
    assert (post.published_at, post.source.name) == (noon, "微博 · 关键词「晴野」")


def test_figures_in_stats_are_read_and_grow(hub: RSSHub, noon: datetime) -> None:
    Watch.objects.create(name="晴野", rule="晴野")
    source = made("weibo-keyword", "晴野", hub.base)
    source.save()
    row = Row("晴野道歉", "https://weibo.example/1", at=noon, stats=(3, 40, 500))
    hub.route("/weibo/keyword/晴野", "x", row)
    visit(source, noon)
    row.stats = (9, 38, 612)
    visit(source, noon + timedelta(minutes=5))
    post = Post.objects.get()
    assert (post.reposts, post.comments, post.likes) == (9, 40, 612)


def test_an_empty_route_is_empty_and_no_failure(hub: RSSHub, noon: datetime) -> None:
    hub.route("/weibo/keyword/晴野", "x")
    source = made("weibo-keyword", "晴野", hub.base)
    source.save()
    done = visit(source, noon)
    assert (done.health, done.http_status, source.failures) == ("empty", 503, 0)
    assert "RSSHub" in done.words
    assert next_step(source)


def test_a_route_that_is_being_fetched_says_so(hub: RSSHub, noon: datetime) -> None:
    hub.route("/weibo/search/hot", "x").in_progress = True
    source = made("weibo-hot", base=hub.base)
    source.save()
    done = visit(source, noon)
    assert (done.health, done.http_status) == ("http_error", 503)
    assert "RSSHub" in done.words


def test_posts_without_dates_are_dated_by_their_first_sighting(hub: RSSHub, noon: datetime) -> None:
    Watch.objects.create(name="晴野", rule="晴野")
    path = "/xiaohongshu/user/593032945e87e77791e03696/notes"
    hub.route(path, "小红书", Row("晴野新品", "https://x.example/1"))
    source = made("xiaohongshu-user", "593032945e87e77791e03696", hub.base)
    source.save()
    for minutes in (0, 15):
        visit(source, noon + timedelta(minutes=minutes))
    post = Post.objects.get()
    assert (post.published_at, post.date_doubt) == (noon, "missing")


def test_a_hot_list_is_polled_again_and_again_and_its_rows_grow(hub: RSSHub, noon: datetime) -> None:
    Watch.objects.create(name="晴野", rule="晴野")
    source = made("weibo-hot", base=hub.base)
    source.save()
    route = hub.route("/weibo/search/hot", "微博热搜")
    for minutes, place, heat in ((0, 4, "12万"), (10, 2, "310.5万"), (20, 9, "88万")):
        others = [hot_row(f"别的{number}", number) for number in range(1, place)]
        route.rows = [*others, hot_row("晴野茶饮道歉", place, heat)]
        assert visit(source, noon + timedelta(minutes=minutes)).health == "ok"
    post = Post.objects.get()
    assert (post.rank, post.heat, post.published_at) == (2, 3_105_000, noon)
    assert Heard.objects.count() == 9


# --- test before saving ----------------------------------------------------------------------------------------------
def test_a_test_shows_what_would_be_stored_and_stores_nothing(hub: RSSHub, signed_in: SignedIn, noon: datetime) -> None:
    hub.route("/weibo/search/hot", "微博热搜", hot_row("晴野道歉，电话13800138000", 1, "4562万"), hot_row("降温", 2))
    client = signed_in("monitor")
    answer = client.post(reverse("monitoring:try-source") + "?preset=weibo-hot", {"name": ""}).content.decode()
    assert "晴野道歉，电话138****8000" in answer
    assert "13800138000" not in answer
    assert [answer.count(f'<td class="num">{rank}</td>') for rank in (1, 2, 3)] == [1, 1, 0]
    assert "4562" in answer
    assert (Source.objects.count(), Heard.objects.count(), Poll.objects.count()) == (0, 0, 0)


def test_a_list_without_dates_is_offered_as_a_hot_list(hub: RSSHub, signed_in: SignedIn) -> None:
    hub.route("/weibo/search/hot", "微博热搜", *(hot_row(f"第{place}条", place) for place in range(1, 6)))
    typed = {
        **{"name": "热搜", "kind": "feed", "source_class": "platform", "platform": "微博", "tier": "ordinary"},
        **{"url": f"{hub.base}/weibo/search/hot", "poll_every_seconds": 300},
    }
    client, test = signed_in("monitor"), reverse("monitoring:try-source")
    offer = '<div class="note info">'
    assert offer in client.post(test, typed).content.decode()
    assert offer not in client.post(test, {**typed, "kind": "hot_list"}).content.decode()
    without_script = client.post(reverse("monitoring:add-source"), {**typed, "try": "yes"})
    assert (without_script.context["offer_hot_list"], len(without_script.context["posts"])) == (True, 5)
    refused = client.post(test, {**typed, "url": "http://10.0.0.1/"}).content.decode()
    assert '<div class="note warn" role="alert">' in refused
    assert Source.objects.count() == 0
