"""Real feeds, served from this machine and polled: ../shared/data/feeds, which is no part of the project."""

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db.models import Count

from monitoring.services import polling
from opinion.models import Heard, Source
from tests.monitoring.feedserver import FeedServer

FEEDS = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"
pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FEEDS.exists(), reason="../shared/data/feeds is not here"),
]

NOTHING_SAID = "entries with neither title nor text (a link, a date, a picture or a figure alone) are no posts"
# Where we store something else than the manifest counts, file by file: (how many, why).
ADJUDICATED: dict[str, tuple[int, str]] = {
    "rome__issue137-rss.xml__eb4dff2.xml": (
        4,
        "four articles share the address of their page as id: kept apart by title",
    ),
    "wucoding__techweb.xml__8d0b985.xml": (27, "two entries are a picture without title, link or text"),
    "miniflux__no_encoding_ISO-8859-1.xml__06e28e4.xml": (9, "one of its ten entries has only empty elements"),
    "fp_wellformed__atommathml.xml__1795a2e.xml": (0, "all it says is a formula in MathML, which is not kept"),
    **dict.fromkeys(
        (
            "fp_encoding__euc-kr-attribute.xml__7dd0b65.xml",
            "fp_encoding__http_encoding_attribute_crash.xml__19c9dd6.xml",
            "fp_illformed__georss_point_no_coords.xml__8ab9ada.xml",
            "fp_illformed__georss_polygon_insufficient_coords.xml__9f64336.xml",
            "fp_illformed__gml_point.xml__0df1b4f.xml",
            "fp_illformed__rss_incomplete_cdata.xml__873da37.xml",
            "fp_illformed__rss_item_link_corrupted_ampersands.xml__36f88ca.xml",
            "fp_sanitize__acceptable_attribute_list.xml__36f34ac.xml",
            "fp_sanitize__acceptable_attribute_loopcount.xml__ef1eed4.xml",
            "fp_sanitize__acceptable_element_acronym.xml__d11b537.xml",
            "fp_sanitize__entry_content_ondblclick.xml__70aa172.xml",
            "fp_sanitize__entry_title_onfocus.xml__4a4632b.xml",
            "fp_sanitize__entry_title_onreset.xml__cd23d55.xml",
            "fp_sanitize__item_content_encoded_onerror.xml__fa1cee7.xml",
            "fp_sanitize__item_xhtml_body_onfocus.xml__e7ddf74.xml",
            "fp_wellformed__atomxlink.xml__ed7105e.xml",
            "fp_wellformed__entry_id_no_normalization_1.xml__8e2ffb5.xml",
            "fp_wellformed__entry_link_href.xml__33e5999.xml",
            "fp_wellformed__entry_link_no_rel.xml__7d2617f.xml",
            "fp_wellformed__entry_link_rel_license.xml__9de15ef.xml",
            "fp_wellformed__entry_rights.xml__ad0b798.xml",
            "fp_wellformed__entry_rights_content_value.xml__8cd4051.xml",
            "fp_wellformed__entry_source_authors_uri.xml__11cfaa0.xml",
            "fp_wellformed__entry_source_rights_inline_markup.xml__f0ef570.xml",
            "fp_wellformed__entry_source_title_inline_markup.xml__e0642b3.xml",
            "fp_wellformed__http_entry_author_url_base_docuri.xml__17b64eb.xml",
            "fp_wellformed__item_dc_subject_2.xml__e379668.xml",
            "fp_wellformed__item_dcterms_created.xml__34e0b1a.xml",
            "fp_wellformed__itunes_item_link_image.xml__2520177.xml",
            "gofeed__atom03_feed_entry_author_url.xml__4e41359.xml",
            "gofeed__atom10_feed_entry_author_multiple.xml__b9481dc.xml",
            "gofeed__atom10_feed_entry_source_generator_uri.xml__cb4a53e.xml",
            "gofeed__atom10_feed_entry_source_subtitle.xml__8a1b433.xml",
            "gofeed__rss_channel_item_guid_cdata_escaped_markup.xml__2a519fc.xml",
            "gofeed__rss_channel_item_guid_naked_markup.xml__ab2dc61.xml",
            "gofeed__rss_channel_item_links.xml__7e33dee.xml",
        ),
        (0, NOTHING_SAID),
    ),
}
NOT_FEEDS = {
    "fp_illformed__rss_empty_document.xml__6878cca.xml",
    "fp_wellformed__channel_href_map_links.xml__e724f4e.xml",
    "gofeed__unknown_feed.xml__97de621.xml",
    "miniflux__iso88591.xml__df50603.xml",
    "miniflux__iso88591_utf8_mismatch.xml__2fa1a61.xml",
    "rome__logback-test.xml__c34b099.xml",
}


def manifest(folder: str = "") -> list[dict[str, str]]:
    with open(FEEDS / folder / "MANIFEST.csv", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def polled(web: FeedServer, names: list[str]) -> dict[str, dict[str, Any]]:
    """What `manage.py poll --url … --json` says of these files, by name."""
    urls = {name: web.put(f"/{quote(name)}", (FEEDS / name).read_bytes()) for name in names}
    out = io.StringIO()
    call_command(
        "poll",
        *(f"--url={url}" for url in urls.values()),
        "--json",
        "--allow-private",
        stdout=out,
        stderr=io.StringIO(),
    )
    return dict(zip(urls, json.loads(out.getvalue()), strict=True))


def test_every_feed_gives_its_distinct_entries_or_a_reason(web: FeedServer) -> None:
    rows = {row["file"]: row for row in manifest()}
    found = polled(web, list(rows))
    for name, row in rows.items():
        posts, health = found[name]["posts"], found[name]["health"]
        expected, _why = ADJUDICATED.get(name, (int(row["entries_json"] or row["distinct_ids"]), ""))
        assert (name, len(posts)) == (name, expected)
        assert len({post["external_id"] for post in posts}) == expected
        assert all(post["title"] or post["text"] for post in posts)
        assert (name, health) == (name, "ok" if expected else "not_a_feed" if name in NOT_FEEDS else "empty")
        assert bool(found[name]["words"]) or health == "ok"


@pytest.mark.django_db
def test_all_of_them_polled_in_one_round_are_heard_once(web: FeedServer, settings: Any, noon: datetime) -> None:
    """By the road they take in earnest: claimed at the tick, taken up by the ring, fetched and read many at once."""
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    rows = {row["file"]: row for row in manifest()}
    for name in rows:
        url = web.put(f"/{quote(name)}", (FEEDS / name).read_bytes())
        Source.objects.create(name=name[:120], url=url, platform="资讯")

    def poll_all(now: datetime) -> None:
        for batch in polling.batches(polling.claim_due(now=now)):
            assert batch[0].leased_until
            sources = polling.take_up([source.pk for source in batch], batch[0].leased_until, now=now)
            polling.poll_all(sources, now=now)

    poll_all(noon)
    heard = dict(Heard.objects.order_by().values_list("source__url").annotate(Count("pk")))
    for name, row in rows.items():
        expected, _why = ADJUDICATED.get(name, (int(row["entries_json"] or row["distinct_ids"]), ""))
        assert (name, heard.get(web.url(f"/{quote(name)}"), 0)) == (name, expected)
    before = list(Heard.objects.order_by("pk").values())
    Source.objects.update(next_poll_at=None, body_hash="")  # read again, every one of them
    poll_all(noon + timedelta(minutes=10))
    assert len(web.asked) == 2 * len(rows)
    assert list(Heard.objects.order_by("pk").values()) == before


def test_titles_of_transcoded_feeds_equal_those_of_their_sources(web: FeedServer) -> None:
    pairs = {row["file"]: row["derived_from"] for row in manifest("derived")}
    found = polled(web, [*pairs, *dict.fromkeys(pairs.values())])
    for derived, source in pairs.items():
        assert [post["title"] for post in found[derived]["posts"]] == [post["title"] for post in found[source]["posts"]]
        assert (derived, found[derived]["encoding"]) == (derived, "gb18030")


@pytest.mark.django_db
@pytest.mark.parametrize("sequence", ["weibo_user_rss", "zhihu_daily_rss"])
def test_a_sequence_of_polls_stores_each_entry_once(
    web: FeedServer, settings: Any, noon: datetime, sequence: str
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    source = Source.objects.create(name=sequence, url=web.url("/feed"), platform="微博")
    rows = manifest(f"sequences/{sequence}")

    def listen_to_all_of_it(now: datetime) -> None:
        for number, row in enumerate(rows):
            web.put("/feed", (FEEDS / "sequences" / sequence / row["file"]).read_bytes())
            at = now + timedelta(minutes=number)
            source.refresh_from_db()
            assert polling.claim(source, now=at)
            assert polling.poll(source, now=at).health in ("ok", "unchanged")  # two files in a row may be the same
            heard.append(Heard.objects.filter(source=source).count())

    heard: list[int] = []
    listen_to_all_of_it(noon)
    assert heard == [int(row["cumulative_distinct_ids"]) for row in rows]
    before = list(Heard.objects.filter(source=source).order_by("pk").values())
    listen_to_all_of_it(noon + timedelta(days=1))
    assert list(Heard.objects.filter(source=source).order_by("pk").values()) == before
