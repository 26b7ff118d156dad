"""Every format a feed may have, one small document of each: what is in it arrives, whole and once."""

from datetime import UTC, datetime

import pytest

from monitoring.reading.reader import read_document

CHANNEL = "<title>晴野新闻</title><link>https://n.example/</link><description>d</description>"
ITEM = "<title>晴野致歉</title><link>https://n.example/1</link><description>一段话</description>"
DATE = "<pubDate>Wed, 18 Nov 2026 10:20:00 +0800</pubDate>"


def rss(version: str, item: str = ITEM) -> str:
    return f'<?xml version="1.0"?><rss version="{version}"><channel>{CHANNEL}<item>{item}</item></channel></rss>'


RSS_090 = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
    f"<channel>{CHANNEL}</channel><item>{ITEM}</item></rdf:RDF>"
)
RSS_091_NETSCAPE = (
    '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">' + rss("0.91").removeprefix('<?xml version="1.0"?>')
)
RSS_10 = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://n.example/">'
    f"{CHANNEL}</channel><item rdf:about='https://n.example/1'>{ITEM}"
    "<dc:date>2026-11-18T10:20:00+08:00</dc:date></item></rdf:RDF>"
)
ATOM_03 = (
    '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>晴野新闻</title><entry>'
    "<title mode='escaped' type='text/html'>晴野致歉</title><link rel='alternate' type='text/html' "
    "href='https://n.example/1'/><id>tag:n.example,2026:1</id><issued>2026-11-18T10:20:00+08:00</issued>"
    "<modified>2026-11-18T10:30:00+08:00</modified>"
    "<content type='text/html' mode='escaped'>&lt;p&gt;一段话&lt;/p&gt;</content></entry></feed>"
)
ATOM_10 = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>晴野新闻</title><entry><id>tag:n.example,2026:1</id>'
    "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>晴野<b>致歉</b></div></title>"
    "<link rel='alternate' href='https://n.example/1'/><published>2026-11-18T02:20:00Z</published>"
    "<updated>2026-11-18T02:30:00Z</updated><content type='html'>&lt;p&gt;一段话&lt;/p&gt;</content></entry></feed>"
)
JSON_ITEM = (
    '{"id":"1","url":"https://n.example/1","title":"晴野致歉","content_text":"一段话",'
    '"date_published":"2026-11-18T10:20:00+08:00",%s}'
)
JSON_10 = (
    '{"version":"https://jsonfeed.org/version/1","title":"晴野新闻","items":['
    + JSON_ITEM % '"author":{"name":"林记者"}'
    + "]}"
)
JSON_11 = (
    '{"version":"https://jsonfeed.org/version/1.1","title":"晴野新闻","items":['
    + JSON_ITEM % '"authors":[{"name":"林记者"}]'
    + "]}"
)
DOCUMENTS = {
    "RSS 0.90": (RSS_090, ""),
    "RSS 0.91": (rss("0.91"), ""),
    "RSS 0.91 with Netscape's DTD": (RSS_091_NETSCAPE, ""),
    "RSS 0.92": (rss("0.92", ITEM + "<category>食品</category>"), ""),
    "RSS 0.93": (rss("0.93", ITEM + DATE), "dated"),
    "RSS 0.94": (rss("0.94", ITEM + DATE), "dated"),
    "RSS 1.0 (RDF)": (RSS_10, "dated"),
    "RSS 2.0": (rss("2.0", ITEM + DATE + "<guid isPermaLink='false'>1</guid>"), "dated"),
    "RSS 2.0.1 without a version": (rss("2.0.1", ITEM + DATE).replace(' version="2.0.1"', ""), "dated"),
    "Atom 0.3": (ATOM_03, "dated"),
    "Atom 1.0": (ATOM_10, "dated"),
    "JSON Feed 1.0": (JSON_10, "dated"),
    "JSON Feed 1.1": (JSON_11, "dated"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_every_format_is_read_in_every_encoding(noon: datetime, name: str, encoding: str) -> None:
    document, dated = DOCUMENTS[name]
    found = read_document(document.encode(encoding), content_type="", url="https://n.example/feed", now=noon)
    (post,) = found.posts
    assert (found.health, found.title, found.undated) == ("ok", "晴野新闻", False)
    assert (post.title, post.text, post.url) == ("晴野致歉", "一段话", "https://n.example/1")
    expected = (datetime(2026, 11, 18, 2, 20, tzinfo=UTC), "") if dated else (noon, "missing")
    assert (post.published_at, post.date_doubt) == expected


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_document_gives_the_same_ids_again(noon: datetime, name: str) -> None:
    document, _dated = DOCUMENTS[name]
    one, other = (
        read_document(document.encode(), content_type=kind, url="https://n.example/feed", now=noon).posts
        for kind in ("text/html", "application/xml; charset=utf-8")
    )
    assert one == other
