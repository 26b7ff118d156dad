"""What becomes of the entries of a feed: formats, ids, text, links, figures."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from monitoring.reading.reader import Reading, read_document
from opinion.raw import RawPost


def rss(*items: str, head: str = "<title>晴野新闻</title>") -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


def atom(*entries: str) -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>晴野</title>{"".join(entries)}</feed>'


def json_feed(*items: Any, **more: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "晴野", "items": items, **more})


def read(document: str | bytes, now: datetime, url: str = "https://news.example/feed") -> Reading:
    body = document if isinstance(document, bytes) else document.encode()
    return read_document(body, content_type="", url=url, now=now)


def only(document: str | bytes, now: datetime) -> RawPost:
    (post,) = read(document, now).posts
    return post


def test_rss_becomes_posts(noon: datetime) -> None:
    found = read(
        rss(
            "<item><title>晴野茶饮致歉</title><link>/a/1</link><guid isPermaLink='false'>a-1</guid>"
            "<description>一段话</description><author>editor@news.example (林记者)</author>"
            "<pubDate>Wed, 18 Nov 2026 10:20:00 +0800</pubDate></item>",
            head="<title>晴野新闻</title><ttl>15</ttl>",
        ),
        noon,
    )
    assert (found.health, found.encoding, found.title, found.ttl_minutes) == ("ok", "utf-8", "晴野新闻", 15)
    assert found.posts == [
        RawPost(
            external_id="a-1",
            title="晴野茶饮致歉",
            text="一段话",
            url="https://news.example/a/1",
            author="林记者",
            published_at=datetime(2026, 11, 18, 2, 20, tzinfo=UTC),
        )
    ]


def test_atom_becomes_posts(noon: datetime) -> None:
    post = only(
        atom(
            "<entry><id>tag:news.example,2026:1</id><title type='text'>a &lt; b &amp;amp; c</title>"
            "<link href='https://news.example/1'/><link rel='enclosure' href='https://news.example/x.mp3'/>"
            "<updated>2026-11-18T03:00:00Z</updated><published>2026-11-18T02:00:00Z</published>"
            "<author><name>林记者</name></author><summary>短</summary>"
            "<content type='html'>&lt;p&gt;长长的正文&lt;/p&gt;</content></entry>"
        ),
        noon,
    )
    assert (post.external_id, post.title, post.text) == ("tag:news.example,2026:1", "a < b &amp; c", "长长的正文")
    assert (post.url, post.author) == ("https://news.example/1", "林记者")
    assert post.published_at == datetime(2026, 11, 18, 2, tzinfo=UTC)


def test_rdf_becomes_posts(noon: datetime) -> None:
    post = only(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://n.example/"><title>n</title></channel>'
        '<item rdf:about="https://n.example/1"><title>一</title><link>https://n.example/1</link>'
        "<dc:creator>林</dc:creator><dc:date>2026-11-18T10:00:00+08:00</dc:date></item></rdf:RDF>",
        noon,
    )
    assert (post.external_id, post.title, post.author) == ("https://n.example/1", "一", "林")
    assert post.published_at == datetime(2026, 11, 18, 2, tzinfo=UTC)


def test_json_feed_becomes_posts(noon: datetime) -> None:
    found = read(
        json_feed(
            {
                "id": 17,
                "url": "https://n.example/17",
                "title": "晴野 & 伙伴",
                "content_html": "<p>一</p><p>二</p>",
                "content_text": "一二",
                "date_published": "2026-11-18T10:20:00+08:00",
                "authors": [{"name": "林"}, {"name": "周"}, {"url": "x"}],
            },
            {"id": "18", "content_text": "只有正文 <b>", "author": {"name": "旧式"}},
        ),
        noon,
    )
    first, second = found.posts
    assert (found.health, found.title) == ("ok", "晴野")
    assert (first.external_id, first.title, first.text, first.author) == ("17", "晴野 & 伙伴", "一\n二", "林、周")
    assert first.published_at == datetime(2026, 11, 18, 2, 20, tzinfo=UTC)
    assert (second.title, second.author, second.date_doubt) == ("", "旧式", "missing")


@pytest.mark.parametrize(
    ("document", "health", "reason"),
    [
        ("<html><body>请输入验证码</body></html>", "captcha", ""),
        ("<html><body>晴野官网</body></html>", "not_a_feed", ""),
        ("<!DOCTYPE html><html><item><title>x</title></item></html>", "not_a_feed", ""),
        ("<note><to>晴野</to></note>", "not_a_feed", ""),
        ("only words", "not_a_feed", ""),
        ("", "not_a_feed", ""),
        ('{"message": "rate limited"}', "not_a_feed", ""),
        ('{"version": "2", "items": []}', "not_a_feed", ""),
        ("[1, 2]", "not_a_feed", ""),
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', "unreadable", "json"),
        ("[" * 100_000, "unreadable", "json"),
        (rss(), "empty", ""),
        (atom(), "empty", ""),
        ("<rss version='2.0'></rss", "empty", ""),
        (json_feed(), "empty", ""),
        (rss("<item><guid>1</guid><link>https://n.example/1</link></item>"), "empty", "blank"),
        (rss("<item><title>一</title></item>", "<item><comments>x</comments></item>"), "ok", "blank"),
        (f"<!DOCTYPE rss [<!ENTITY a 'b'>]>{rss()[21:]}", "unreadable", "entities"),
        ("<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>".encode("utf-16"), "unreadable", "entities"),
        (f'<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://n.example/x.dtd">{rss()[21:]}', "empty", ""),
    ],
)
def test_what_is_no_feed_or_says_nothing_is_called_so(
    noon: datetime, document: str | bytes, health: str, reason: str
) -> None:
    found = read(document, noon)
    assert (found.health, found.reason) == (health, reason)


# --- ids -------------------------------------------------------------------------------------------------------------
def test_without_an_id_the_link_counts_without_its_tracking(noon: datetime) -> None:
    def item(link: str) -> str:
        return rss(f"<item><title>一</title><link>{link}</link></item>")

    plain = only(item("https://n.example/1?p=2"), noon).external_id
    assert only(item("http://N.example/1?utm_source=rss&amp;p=2&amp;spm=1#top"), noon).external_id == plain
    assert only(item("https://n.example/1?p=3"), noon).external_id != plain


def test_without_id_and_link_title_date_and_author_count(noon: datetime) -> None:
    def item(title: str = "一", date: str = "2026-11-18 10:00", author: str = "林") -> str:
        return rss(f"<item><title>{title}</title><pubDate>{date}</pubDate><author>{author}</author></item>")

    same = only(item(), noon).external_id
    assert only(item(), noon).external_id == same
    assert (
        len({same, *(only(other, noon).external_id for other in (item("二"), item(date="x"), item(author="周")))}) == 4
    )


def test_a_relative_date_does_not_make_a_new_post_at_every_poll(noon: datetime) -> None:
    ids = {
        only(rss(f"<item><title>一</title><pubDate>{date}</pubDate></item>"), noon).external_id
        for date in ("1分钟前", "6分钟前", "今天 10:20", "刚刚")
    }
    assert len(ids) == 1


def test_one_id_on_different_entries_keeps_them_apart_and_stays_the_same(noon: datetime) -> None:
    items = [
        "<item><guid isPermaLink='false'>x</guid><title>一</title></item>",
        "<item><guid isPermaLink='false'>x</guid><title>二</title></item>",
        "<item><guid isPermaLink='false'>x</guid><title>一</title></item>",
    ]
    forth, back = read(rss(*items), noon).posts, read(rss(*reversed(items)), noon).posts
    assert [post.title for post in forth] == ["一", "二"]
    assert {post.external_id for post in forth} == {post.external_id for post in back}
    assert all(post.external_id.startswith("x#") for post in forth)


def test_in_atom_one_id_is_one_entry_and_its_newest_version_counts(noon: datetime) -> None:
    entry = "<entry><id>x</id><title>{}</title><updated>2026-11-18T0{}:00:00Z</updated></entry>"
    assert only(atom(entry.format("旧", 1), entry.format("新", 3), entry.format("中", 2)), noon).title == "新"


def test_an_endless_id_is_kept_by_its_hash(noon: datetime) -> None:
    one, other = (only(rss(f"<item><guid>{'x' * 600}{n}</guid><title>一</title></item>"), noon) for n in (1, 2))
    assert len(one.external_id) == 64
    assert one.external_id != other.external_id


# --- text ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("&lt;img src=x onerror=alert(1)&gt;标题", "标题"),
        ("&lt;svg onload=alert(1)&gt;坏&lt;/svg&gt;标题", "标题"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;标题", "标题"),
        ("<![CDATA[<b>粗</b> &amp; 细]]>", "粗 & 细"),
        ("5 &lt; 6 和 A&amp;T", "5 < 6 和 A&T"),
        ("A&amp;amp;T &lt;i&gt;x&lt;/i&gt;", "A&T x"),
        ("a&#0;b&#8;c\x08d", "abcd"),
        ("a&#xD800;b", "a\ufffdb"),
        ("a&#x85;b\u0080c", "a…b€c"),
        ("  多\n 个\t空格  ", "多 个 空格"),
        ("&nbsp;undeclared&nbsp;", "undeclared"),
        ("甲 & 乙", "甲 & 乙"),
    ],
)
def test_titles_are_plain_text(noon: datetime, written: str, kept: str) -> None:
    assert only(rss(f"<item><title>{written}</title><guid>1</guid></item>"), noon).title == kept


def test_bodies_are_plain_text_with_a_line_for_each_block(noon: datetime) -> None:
    body = (
        "<div>第一段<br/>换行<a href='javascript:alert(1)'>链接</a></div>"
        "<script>alert(1)</script><iframe src='x'>f</iframe>"
        "<ul><li>甲</li><li>乙</li></ul><p>生气<img alt='[怒]' src='x'><img alt='logo' src='y'> &amp;lt; 完</p>"
    )
    post = only(rss(f"<item><guid>1</guid><title>一</title><description><![CDATA[{body}]]></description></item>"), noon)
    assert post.text == "第一段\n换行链接\n甲\n乙\n生气[怒] &lt; 完"


def test_json_strings_are_cleaned_too(noon: datetime) -> None:
    post = only(
        json_feed({"id": "a\x00b", "title": "x\x00y\ud800", "content_text": "\x1b[31m红", "url": "\x00 /1"}), noon
    )
    assert (post.external_id, post.title, post.text) == ("ab", "xy\ufffd", "[31m红")
    assert post.url == "https://news.example/1"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://n.example/1?a=1&amp;b=2", "https://n.example/1?a=1&b=2"),
        ("//cdn.example/1", "https://cdn.example/1"),
        ("javascript:alert(1)", ""),
        ("jav&#9;ascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("https://user:word@n.example/", ""),
        ("https://[::1", ""),
        ("https://n.example/" + "x" * 2000, ""),
    ],
)
def test_only_links_that_are_safe_to_open_are_kept_and_the_post_always_is(
    noon: datetime, written: str, kept: str
) -> None:
    post = only(rss(f"<item><guid isPermaLink='false'>1</guid><title>一</title><link>{written}</link></item>"), noon)
    assert (post.title, post.url) == ("一", kept)


def test_what_is_too_long_is_cut_and_says_so(noon: datetime) -> None:
    post = only(
        rss(
            f"<item><guid isPermaLink='false'>1</guid><title>{'题' * 600}</title><author>{'人' * 300}</author>"
            f"<link>https://n.example/{'x' * 2000}</link><description>{'文' * 100_001}</description></item>"
        ),
        noon,
    )
    assert [len(text) for text in (post.title, post.text, post.author, post.url)] == [500, 100_000, 200, 0]
    assert post.truncated == ("title", "text", "author", "url")


# --- figures and limits ----------------------------------------------------------------------------------------------
def test_figures_of_rsshub_and_slash_are_read(noon: datetime) -> None:
    stats = "<reposts_count>3</reposts_count><comments_count>40</comments_count><attitudes_count>5</attitudes_count>"
    post = only(rss(f"<item><title>一</title><stats>{stats}</stats></item>"), noon)
    assert (post.reposts, post.comments, post.likes) == (3, 40, 5)
    slash = "<slash:comments xmlns:slash='http://purl.org/rss/1.0/modules/slash/'>7</slash:comments>"
    post = only(rss(f"<item><title>一</title>{slash}</item>"), noon)
    assert (post.reposts, post.comments, post.likes) == (None, 7, None)


@pytest.mark.parametrize("kind", ["rss", "json"])
def test_five_hundred_entries_are_read_and_the_rest_is_counted(noon: datetime, kind: str) -> None:
    if kind == "rss":
        document = rss(*(f"<item><guid>{n}</guid><title>第{n}条</title></item>" for n in range(1_234)))
    else:
        document = json_feed(*({"id": str(n), "title": f"第{n}条"} for n in range(1_234)))
    found = read(document, noon)
    assert [post.external_id for post in found.posts] == [str(n) for n in range(500)]
    assert (found.health, found.reason, found.facts["left_out"]) == ("ok", "left_out", 734)


def test_nan_and_double_keys_are_no_obstacle(noon: datetime) -> None:
    feed = '{"version":"https://jsonfeed.org/version/1.1","items":[{"id":NaN,"id":"2","title":"一","x":-Infinity}]}'
    assert only(feed, noon).external_id == "2"
