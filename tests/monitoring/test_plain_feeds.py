"""Plain feeds are read by our own reader, and say through it exactly what feedparser would have made of them."""

import csv
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench._feeds import Feed as BenchFeed
from monitoring.reading import reader
from monitoring.reading.decode import decode
from monitoring.reading.entries import Feed, NotAFeed, Unreadable
from monitoring.reading.feeds import read_any, read_feed_text, tidied
from monitoring.reading.plain import read_plain

NOON = datetime(2026, 11, 18, 4, tzinfo=UTC)
FEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"


def told(feed: Feed) -> Any:
    """What a feed comes to: everything that is kept of it."""
    posts, blank = reader._posts(feed, url="https://n.example/feed", now=NOON)
    return posts, blank, feed.title.strip(), feed.ttl_minutes, feed.same_id_is_same_entry


def assert_read_alike(text: str) -> bool:
    """Whether our reader takes it; if so, it says what feedparser says."""
    ours = read_plain(text)
    if ours is not None:
        assert told(ours) == told(read_any(text))
    return ours is not None


# --- documents of our own ----------------------------------------------------------------------------------------
def rss(*parts: str, channel: str = "<title>晴野资讯</title>", root: str = "version='2.0'") -> str:
    """An RSS feed of one entry with these parts."""
    return f"<rss {root}><channel>{channel}<item>{''.join(parts)}</item></channel></rss>"


def atom(*parts: str, root: str = "") -> str:
    top = f"<feed xmlns='http://www.w3.org/2005/Atom' {root}><title>晴野资讯</title>"
    return f"{top}<entry>{''.join(parts)}</entry></feed>"


NAMES = (
    "version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' "
    "xmlns:slash='http://purl.org/rss/1.0/modules/slash/' xmlns:atom='http://www.w3.org/2005/Atom'"
)
PLAIN = {
    "the usual": rss(
        "<title>晴野排队 &lt;两小时&gt;</title><link>https://n.example/1?a=1&amp;b=2</link><guid>https://n.example/1</guid>",
        "<pubDate>Wed, 18 Nov 2026 03:00:00 GMT</pubDate><author>a@n.example (小周)</author>",
        "<description><![CDATA[<p>等了&nbsp;两小时</p>]]></description><category>餐饮</category>",
    ),
    "extensions": rss(
        "<title>晴野</title><dc:creator>小周</dc:creator><dc:date>2026-11-18</dc:date><slash:comments>7</slash:comments>",
        "<description>短</description><content:encoded><![CDATA[<p>更长的全文</p>]]></content:encoded>",
        root=NAMES,
        channel="<title>台</title><ttl>30</ttl><atom:link href='/feed' rel='self'/><image><title>标</title><url>x</url>"
        "</image>",
    ),
    "an id that is the link": rss("<title>晴野</title><guid>https://n.example/2</guid>"),
    "an id that is no link": rss("<title>晴野</title><guid isPermaLink='false'>n-3</guid>"),
    "an empty link": rss("<title>晴野</title><link/><guid>https://n.example/2</guid>"),
    "no title": rss("<description>晴野A &amp; B门店</description>"),
    "an ampersand in a title": rss("<title>晴野 A &amp; B</title>"),
    "a comment in a text": rss("<title>晴<!-- 一 -->野</title>"),
    "no entries": "<rss version='2.0'><channel><title>晴野</title></channel></rss>",
    "atom": atom(
        "<title>晴野 &amp;amp; 云岫</title><id>tag:n,1</id><updated>2026-11-18T03:00:00Z</updated>",
        "<link rel='alternate' href='https://n.example/1'/><link rel='self' href='/api'/><link href='/2' type='a/b'/>",
        "<author><name>小周</name><email>a@n.example</email></author>",
        "<content type='html'>&lt;b&gt;全文&lt;/b&gt;</content>",
        "<summary>短 &amp;lt; 长</summary>",
    ),
    "atom without a link": atom("<title>晴野</title><id>https://n.example/9</id>"),
}
NOT_PLAIN = {
    "a document type": "<!DOCTYPE rss>" + rss("<title>晴野</title>"),
    "two titles": rss("<title>晴野</title><title>云岫</title>"),
    "two ways to say who": rss("<author>甲</author><dc:creator>乙</dc:creator>", root=NAMES),
    "an element nobody told us of": rss("<title>晴野</title><media>1</media>"),
    "markup that is not escaped": rss("<title>晴野</title><description>等了<b>两小时</b></description>"),
    "a title that may be HTML": rss("<title>晴野 &amp;quot;排队&amp;quot;</title>"),
    "a link that was escaped twice": rss("<link>https://n.example/?a=1&amp;amp;b=2</link><title>晴野</title>"),
    "a base": rss("<title>晴野</title>", root="version='2.0' xml:base='https://m.example/'"),
    "UTF-8 taken for Latin-1": rss("<title>æ\x99´é\x87\x8e</title>"),
    "Latin-1": rss("<title>café</title>"),
    "XHTML": atom("<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>晴野</div></content>"),
    "two authors": atom("<author><name>甲</name></author><author><name>乙</name></author>"),
    "an author without a name": atom("<title>晴野</title><author><email>a@n.example</email></author>"),
    "a ttl with more to it": rss("<title>晴野</title>", channel="<title>台</title><ttl unit='m'>5</ttl>"),
    "two formats": atom("<title>晴野</title>", root="xmlns:r='http://purl.org/rss/1.0/'"),
    "broken": rss("<title>晴野")[:-5],
    "a prefix without a name": rss("<dc:creator>甲</dc:creator>"),
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_what_is_plain_is_read_as_feedparser_reads_it(text: str) -> None:
    assert assert_read_alike(text)


@pytest.mark.parametrize("text", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_what_is_not_plain_is_left_to_feedparser(text: str) -> None:
    assert read_plain(text) is None
    assert told(read_feed_text(text)) == told(read_any(text))


@pytest.mark.parametrize("kind", ["rss", "gbk", "atom", "rdf"])
def test_the_feeds_that_polling_is_measured_with_are_plain(kind: str) -> None:
    feed = BenchFeed(1, random.Random(1))
    feed.kind = kind
    feed.typeset()
    assert assert_read_alike(tidied(decode(feed.body).text)[0])


# --- documents of any shape --------------------------------------------------------------------------------------
WORDS = st.sampled_from(
    ["晴野", " 排队\n", "A &amp; B", "&amp;nbsp;", "&lt;b&gt;慢&lt;/b&gt;", "&#150;", "café", "https://n.example/1",
     "http:////x", "<![CDATA[<p>好</p>]]>", "2026-11-18", "<!-- x -->", "<i>斜</i>", "a@b.cn (周)", "7",
     "?a=1&amp;amp;b"]
)  # fmt: skip
ATTRIBUTES = st.sampled_from(
    [*[""] * 20, " type='html'", " type='text'", " type='xhtml'", " isPermaLink='false'", " href='/a'",
     " xml:lang='zh'", " rel='self'", " xml:base='/x/'", " mode='base64'"]
)  # fmt: skip
TAGS = st.sampled_from(
    ["title", "title", "link", "guid", "id", "description", "summary", "content", "content:encoded", "pubDate",
     "updated", "published", "dc:date", "dc:creator", "author", "category", "slash:comments", "source"]
)  # fmt: skip
FEED_TAGS = st.sampled_from(["title", "ttl", "link", "image", "description", "atom:link", "language", "id", "author"])


def elements(tags: st.SearchStrategy[str], most: int) -> st.SearchStrategy[str]:
    texts = st.lists(WORDS, max_size=3).map("".join)
    several = st.lists(st.tuples(tags, ATTRIBUTES, texts), max_size=most, unique_by=lambda one: one[0])
    return several.map(lambda some: "".join(f"<{tag}{more}>{text}</{tag}>" for tag, more, text in some))


@settings(max_examples=300, deadline=None)
@given(about=elements(FEED_TAGS, 3), entries=st.lists(elements(TAGS, 6), max_size=3), kind=st.sampled_from("raf"))
def test_whatever_our_reader_takes_it_reads_as_feedparser_does(about: str, entries: list[str], kind: str) -> None:
    names = NAMES.replace("version='2.0'", "")
    if kind == "r":
        text = f"<rss {names}><channel>{about}{''.join(f'<item>{one}</item>' for one in entries)}</channel></rss>"
    elif kind == "a":
        inside = "".join(f"<entry>{one.replace('author>', 'name>')}</entry>" for one in entries)
        text = f"<feed xmlns='http://www.w3.org/2005/Atom' {names}>{about}{inside}</feed>"
    else:
        items = "".join(f"<item rdf:about=' /{n}'>{one}</item>" for n, one in enumerate(entries))
        rdf = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
        text = f"<rdf:RDF {rdf} {names}><channel>{about}</channel>{items}</rdf:RDF>".replace(
            "xmlns:atom='http://www.w3.org/2005/Atom'", "xmlns:atom='urn:atom'"
        )
    assert_read_alike(text)


# --- documents of others -----------------------------------------------------------------------------------------
@pytest.mark.real_data
@pytest.mark.skipif(not FEEDS.exists(), reason="../shared/data/feeds is not here")
def test_on_every_real_document_both_readers_agree_and_most_are_plain() -> None:
    with open(FEEDS / "MANIFEST.csv", encoding="utf-8") as manifest:
        files = {FEEDS / row["file"] for row in csv.DictReader(manifest)}
    files |= {file for folder in ("sequences", "derived") for file in (FEEDS / folder).rglob("*") if file.is_file()}
    plain = total = 0
    for file in sorted(files):
        text = decode(file.read_bytes()).text.lstrip("\ufeff \t\r\n")
        if text.startswith(("{", "[")):
            continue
        try:
            text, _left_out = tidied(text)
        except (NotAFeed, Unreadable):
            continue
        total += 1
        plain += assert_read_alike(text)
    assert plain > total / 2
