"""Lists of feeds: read from other programs, hostile ones refused, and ours written so that it comes back whole."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.secrets import encrypt
from audit.models import Entry
from monitoring.reading.opml import MOST_FEEDS, NotOpml, read_opml, write_opml
from opinion.models import Source

SignedIn = Callable[[str], Client]
READER = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>订阅</title></head><body>
 <outline text="媒体" title="媒体">
  <outline text="财经">
   <outline type="rss" text="晴野财经" xmlUrl="https://news.example/rss?a=1&amp;b=2" htmlUrl="https://news.example/"/>
  </outline>
  <outline type="rss" title="标题在先" text="文字" xmlUrl="https://news.example/atom"/>
 </outline>
 <outline type="rss" text="再一次" xmlUrl="https://news.example/atom"/>
 <outline type="rss" text="坏" xmlUrl="javascript:alert(1)"/>
 <outline type="rss" text="文件" xmlUrl="file:///etc/passwd"/>
 <outline text="没有地址"/>
 <outline type="rss" xmlurl="HTTP://other.example/feed"/>
</body></opml>"""


def test_a_list_of_a_feed_reader_is_read() -> None:
    found = read_opml(READER.encode())
    assert [(one.name, one.url, one.folders) for one in found] == [
        ("晴野财经", "https://news.example/rss?a=1&b=2", ("媒体", "财经")),
        ("标题在先", "https://news.example/atom", ("媒体",)),
        ("", "HTTP://other.example/feed", ()),
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_list_may_be_in_another_encoding(encoding: str) -> None:
    text = READER.replace("UTF-8", encoding)
    assert [one.name for one in read_opml(text.encode(encoding))] == ["晴野财经", "标题在先", ""]


BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "words",
        "<rss><channel/></rss>",
        "<opml><body><outline text='x'",
        f'<!DOCTYPE o [<!ENTITY a0 "x">{BOMB}]><opml><body><outline text="&a11;"/></body></opml>',
        '<!DOCTYPE o [<!ENTITY f SYSTEM "file:///etc/passwd">]><opml><body><outline text="&f;"/></body></opml>',
        '<!DOCTYPE o SYSTEM "http://10.0.0.1/x.dtd"><opml><body/></opml>',
        "<opml><body>" + "<outline text='x'>" * 60 + "</outline>" * 60 + "</body></opml>",
        "<opml><body>" + " " * 1_100_000 + "</body></opml>",
        "<opml><body><outline text='&undeclared;'/></body></opml>",
    ],
    ids=["empty", "words", "rss", "broken", "bomb", "file", "dtd", "deep", "large", "entity"],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_hostile_or_foreign_list_is_refused(document: str, encoding: str) -> None:
    with pytest.raises(NotOpml):
        read_opml(document.encode(encoding))


def test_of_an_endless_list_the_first_five_hundred_count() -> None:
    rows = "".join(f'<outline text="x" xmlUrl="https://n.example/{number}"/>' for number in range(600))
    assert len(read_opml(f"<opml><body>{rows}</body></opml>".encode())) == MOST_FEEDS


def test_our_own_list_comes_back_whole_and_without_keys() -> None:
    source = Source(
        **{"name": "晴野 <\"&'> 热搜", "url": "https://hub.example/weibo/search/hot?limit=5&x=1", "kind": "hot_list"},
        **{"source_class": "platform", "platform": "微博", "tier": "trade", "region": "上海", "preset": "weibo-hot"},
        access=encrypt("hidden"),
        poll_every_seconds=600,
    )
    text = write_opml([source], title="晴野 & 听澜")
    (one,) = read_opml(text.encode())
    assert (one.name, one.url) == ("晴野 <\"&'> 热搜", "https://hub.example/weibo/search/hot?limit=5&x=1")
    assert one.extras == {
        **{"kind": "hot_list", "source_class": "platform", "platform": "微博", "tier": "trade"},
        **{"region": "上海", "preset": "weibo-hot", "poll_every_seconds": "600"},
    }
    assert "hidden" not in text


# --- pages -----------------------------------------------------------------------------------------------------------
def chosen(client: Client, document: str, **more: Any) -> Any:
    file = SimpleUploadedFile("list.opml", document.encode())
    return client.post(reverse("monitoring:import-sources"), {"file": file, **more})


@pytest.mark.django_db
def test_a_list_is_shown_first_and_what_is_chosen_is_added(signed_in: SignedIn) -> None:
    Source.objects.create(name="旧识", url="https://news.example/atom", platform="x")
    client = signed_in("monitor")
    private = '<outline type="rss" text="内网" xmlUrl="http://10.0.0.1/rss"/></body>'
    page = chosen(client, READER.replace("</body>", private))
    rows = page.context["rows"]
    assert [(row.source.name, bool(row.refusal)) for row in rows] == [
        *(("晴野财经", False), ("标题在先", True), ("other.example", False), ("内网", True)),
    ]
    assert "旧识" in rows[1].refusal
    assert Source.objects.count() == 1
    answer = client.post(
        reverse("monitoring:import-sources"),
        {
            **{"list": page.context["list"], "source_class": "media", "platform": "", "poll_every_seconds": 900},
            "feed": ["https://news.example/rss?a=1&b=2", "http://10.0.0.1/rss", "https://never.shown/"],
        },
    )
    assert answer.status_code == 302
    added = Source.objects.get(name="晴野财经")
    assert (added.platform, added.source_class, added.poll_every_seconds) == ("财经", "media", 900)
    assert added.next_poll_at is not None
    assert Source.objects.count() == 2
    assert [entry.event for entry in Entry.objects.all()] == ["monitoring.source_added"]


@pytest.mark.django_db
def test_what_our_own_list_says_counts_more_than_the_choice(signed_in: SignedIn) -> None:
    source = Source(
        name="热搜", url="https://hub.example/hot", kind="hot_list", platform="微博", poll_every_seconds=600
    )
    client = signed_in("monitor")
    page = chosen(client, write_opml([source], title="x"))
    choice = {"source_class": "media", "platform": "别的", "poll_every_seconds": 900}
    client.post(
        reverse("monitoring:import-sources"),
        {"list": page.context["list"], "feed": [source.url], **choice},
    )
    back = Source.objects.get()
    assert (back.kind, back.platform, back.source_class, back.poll_every_seconds) == (
        "hot_list",
        "微博",
        "platform",
        600,
    )


@pytest.mark.django_db
@pytest.mark.parametrize("document", ["<rss/>", "<opml><body/></opml>", "<!DOCTYPE o><opml/>"])
def test_a_file_that_is_no_list_is_named(signed_in: SignedIn, document: str) -> None:
    answer = chosen(signed_in("monitor"), document)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["file"])


@pytest.mark.django_db
def test_a_list_that_was_touched_on_its_way_is_not_taken(signed_in: SignedIn) -> None:
    client = signed_in("monitor")
    page = chosen(client, READER)
    answer = client.post(
        reverse("monitoring:import-sources"),
        {"list": page.context["list"] + "x", "feed": ["https://news.example/atom"]},
    )
    assert answer.status_code == 302
    assert Source.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "exports", "imports"),
    [("monitor", 200, 200), ("gm", 200, 403), ("auditor", 200, 403), ("outsider", 403, 403)],
)
def test_who_may_take_lists_in_and_out(signed_in: SignedIn, who: str, exports: int, imports: int) -> None:
    client = signed_in(who)
    assert client.get(reverse("monitoring:export-sources")).status_code == exports
    assert client.get(reverse("monitoring:import-sources")).status_code == imports
    assert chosen(client, READER).status_code == imports


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_list(signed_in: SignedIn) -> None:
    client = signed_in("monitor")

    def queries(feeds: int) -> int:
        rows = "".join(f'<outline text="x" xmlUrl="https://n.example/{number}"/>' for number in range(feeds))
        with CaptureQueriesContext(connection) as caught:
            chosen(client, f"<opml><body>{rows}</body></opml>")
        return len(caught)

    queries(1)
    assert queries(1) == queries(9)


@pytest.mark.django_db
def test_only_what_is_polled_is_exported(signed_in: SignedIn) -> None:
    Source.objects.create(name="资讯", url="https://news.example/rss", platform="x")
    Source.objects.create(name="手工", url="", kind="hand", platform="x")
    answer = signed_in("monitor").get(reverse("monitoring:export-sources"))
    assert answer["Content-Disposition"] == 'attachment; filename="sources.opml"'
    assert [one.name for one in read_opml(answer.content)] == ["资讯"]
