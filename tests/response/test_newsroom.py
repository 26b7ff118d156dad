"""The public side: nothing but what was released, in pages and feeds that bear hostile words."""

import json
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response import tasks as background
from response.models import Release, StatementVersion
from response.services.releases import publish, withdraw
from response.services.signing import approve
from response.services.statements import revise, save_draft, submit
from tests.response.factories import (
    GOOD_TEXT,
    SIGNERS,
    draft_of,
    drill,
    fact_of,
    in_review,
    incident_at,
    releasable,
)

PAGE = "/newsroom/SM-2026-001/"
CANONICAL = "http://127.0.0.1:8000/newsroom/SM-2026-001/"
HOSTILE = '</p><script>alert(1)</script>]]>&amp;<img src=x onerror=alert(1)> "quoted" 𠮷👨‍👩‍👧'


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


@pytest.fixture
def public(client: Client, speakers: dict[str, User], at_noon: datetime) -> Client:
    return client


def out(version: StatementVersion, cast: dict[str, User], now: datetime) -> Release:
    publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=now)
    with time_machine.travel(now, tick=False):
        background.send_releases()
    return Release.objects.get(version=version)


def corrected(version: StatementVersion, cast: dict[str, User], now: datetime, text: str) -> StatementVersion:
    """A next version, signed, with its reason."""
    who = cast["spokesperson"]
    following = revise(version, actor=who, now=now)
    save_draft(
        following, actor=who, now=now, seen_version=1, title=following.title, text=text, change_note="更正更新时间"
    )
    submit(following, actor=who, now=now, seen_version=2)
    for signoff in following.signoffs.all():
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=now, seen_hash=following.text_hash)
    following.refresh_from_db()
    return following


def everything(client: Client) -> str:
    """All the newsroom and the API say, together."""
    addresses = ["/newsroom/", "/newsroom/feed.xml", "/newsroom/feed.json", "/api/v1/statements/"]
    return "".join(client.get(address).content.decode() for address in addresses)


def test_nothing_unreleased_is_ever_shown(public: Client, cast: dict[str, User], noon: datetime) -> None:
    secret = GOOD_TEXT + "机密草稿。"
    draft_of(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
    in_review(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
    signed = releasable(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
    queued = releasable(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
    publish(queued, channels=["newsroom", "weibo"], actor=cast["spokesperson"], now=noon)
    for state in ("refused", "unknown", "sending"):
        version = releasable(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
        publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=noon)
        Release.objects.filter(version=version).update(state=state, public_at=noon)
    by_hand = releasable(incident_at(Level.TWO, cast, noon), cast, noon, text=secret)
    publish(by_hand, channels=["weibo"], actor=cast["spokesperson"], now=noon)
    Release.objects.filter(version=by_hand).update(state="sent", sent_at=noon)
    drilled = incident_at(Level.TWO, cast, noon, number="YL-1-YQ-001", exercise=drill(noon))
    version = releasable(drilled, cast, noon, text=secret)
    publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=noon)
    Release.everywhere.filter(version=version).update(state="sent", sent_at=noon, public_at=noon)
    assert "机密草稿" not in everything(public)
    assert "SM-2026" not in everything(public)
    assert public.get(f"/newsroom/{signed.statement.number}/").status_code == 404
    assert public.get(f"/newsroom/{version.statement.number}/").status_code == 404


def test_a_released_statement_stands_at_its_address_without_the_marks_of_facts(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    out(releasable(incident, cast, noon), cast, noon)
    page = public.get(PAGE).content.decode()
    assert f'<link rel="canonical" href="{CANONICAL}">' in page
    assert "已停止该店营业。" in page
    assert "F1" not in page
    assert '<time datetime="2026-11-18T12:00:00+08:00">2026-11-18 12:00 (UTC+0800)</time>' in page
    assert "关于建国路店的说明" in public.get("/newsroom/").content.decode()


def test_the_newsroom_needs_no_session_and_sets_none(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    out(releasable(incident, cast, noon), cast, noon)
    for address in ("/newsroom/", PAGE, "/newsroom/feed.xml", "/newsroom/feed.json"):
        answer = public.get(address)
        assert answer.status_code == 200
        assert not answer.cookies
        assert "max-age=60" in answer.headers["Cache-Control"]
        assert public.post(address).status_code == 405


@pytest.mark.parametrize("address", ["/newsroom/", PAGE, "/newsroom/feed.xml", "/newsroom/feed.json"])
def test_who_has_it_already_gets_304_until_it_changes(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime, address: str
) -> None:
    release = out(releasable(incident, cast, noon), cast, noon)
    first = public.get(address)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    assert modified == "Wed, 18 Nov 2026 04:00:00 GMT"
    assert public.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert public.get(address, headers={"If-Modified-Since": modified}).status_code == 304
    withdraw(release, actor=cast["spokesperson"], now=noon + timedelta(minutes=1), note="撤回")
    assert public.get(address, headers={"If-None-Match": etag}).status_code == 200
    assert public.get(address, headers={"If-Modified-Since": modified}).status_code == 200


def test_a_correction_shows_the_new_words_and_the_trace(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    first = releasable(incident, cast, noon)
    out(first, cast, noon)
    later = noon + timedelta(hours=2)
    out(corrected(first, cast, later, GOOD_TEXT.replace("18时", "20时")), cast, later)
    page = public.get(PAGE).content.decode()
    assert "20时" in page
    assert "18时" not in page
    assert "更正更新时间" in page
    assert "2026-11-18 12:00" in page  # the trace of the first one
    assert everything(public).count(">关于建国路店的说明<") >= 1
    (entry,) = feedparser.parse(public.get("/newsroom/feed.xml").content).entries
    assert (entry.published, entry.updated) == ("2026-11-18T12:00:00+08:00", "2026-11-18T14:00:00+08:00")


def test_while_a_correction_is_written_the_released_words_stay(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = releasable(incident, cast, noon)
    out(version, cast, noon)
    revise(version, actor=cast["spokesperson"], now=noon)
    assert "18时" in public.get(PAGE).content.decode()


def test_a_withdrawn_statement_keeps_its_page_with_the_note_and_without_the_words(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    release = out(releasable(incident, cast, noon), cast, noon)
    withdraw(release, actor=cast["spokesperson"], now=noon, note="内容有误")
    answer = public.get(PAGE)
    assert answer.status_code == 200
    said = everything(public) + answer.content.decode()
    assert "内容有误" in said
    assert "已停止该店营业" not in said


def test_withdrawing_a_correction_does_not_bring_the_first_words_back(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    first = releasable(incident, cast, noon)
    out(first, cast, noon)
    later = noon + timedelta(hours=2)
    second = out(corrected(first, cast, later, GOOD_TEXT.replace("18时", "20时")), cast, later)
    withdraw(second, actor=cast["spokesperson"], now=later, note="重新核实")
    assert "已停止该店营业" not in public.get(PAGE).content.decode() + everything(public)


def test_hostile_words_stay_words_everywhere(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    fact_of(incident, cast, noon)
    version = draft_of(incident, cast, noon)
    who = cast["spokesperson"]
    save_draft(
        version, actor=who, now=noon, seen_version=version.version, title=HOSTILE,
        text=GOOD_TEXT + "\n" + HOSTILE,
    )  # fmt: skip
    submit(version, actor=who, now=noon, seen_version=version.version)
    for signoff in version.signoffs.all():
        approve(signoff, actor=cast[SIGNERS[signoff.place]], now=noon, seen_hash=version.text_hash)
    out(version, cast, noon)
    for address in ("/newsroom/", PAGE):
        page = public.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img" not in page
    raw = public.get("/newsroom/feed.xml").content
    ElementTree.fromstring(raw)
    (entry,) = feedparser.parse(raw).entries
    assert "<script" not in entry.summary
    assert "<img" not in entry.summary
    item = json.loads(public.get("/newsroom/feed.json").content)["items"][0]
    assert item["title"] == version.title
    assert "𠮷👨‍👩‍👧" in item["content_text"]


def test_the_atom_feed_is_whole(public: Client, incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    out(releasable(incident, cast, noon), cast, noon)
    answer = public.get("/newsroom/feed.xml")
    feed = feedparser.parse(answer.content)
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert (feed.bozo, feed.version, len(feed.entries)) == (False, "atom10", 1)
    (entry,) = feed.entries
    assert (entry.id, entry.link, entry.title) == (CANONICAL, CANONICAL, "关于建国路店的说明")
    assert entry.published == "2026-11-18T12:00:00+08:00"
    assert "已停止该店营业" in entry.summary


def test_the_json_feed_is_version_1_1(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    out(releasable(incident, cast, noon), cast, noon)
    answer = public.get("/newsroom/feed.json")
    feed = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["items"] == [
        {
            "id": CANONICAL,
            "url": CANONICAL,
            "title": "关于建国路店的说明",
            "content_text": GOOD_TEXT.replace("[F1]", ""),
            "date_published": "2026-11-18T12:00:00+08:00",
            "date_modified": "2026-11-18T12:00:00+08:00",
        }
    ]


def test_empty_feeds_are_whole_too(public: Client) -> None:
    assert feedparser.parse(public.get("/newsroom/feed.xml").content).bozo is False
    assert json.loads(public.get("/newsroom/feed.json").content)["items"] == []
    assert public.get("/newsroom/").status_code == 200


@pytest.mark.parametrize("address", ["/newsroom/", "/newsroom/feed.xml", "/newsroom/feed.json", "/api/v1/statements/"])
def test_as_many_queries_however_many(public: Client, cast: dict[str, User], noon: datetime, address: str) -> None:
    counts = []
    for number in range(3):
        out(releasable(incident_at(Level.THREE, cast, noon), cast, noon), cast, noon + timedelta(minutes=number))
        with CaptureQueriesContext(connection) as counted:
            public.get(address)
        counts.append(len(counted))
    assert len(set(counts)) == 1


def test_the_api_reads_what_is_public(
    public: Client, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    release = out(releasable(incident, cast, noon), cast, noon)
    answer = public.get("/api/v1/statements/")
    assert answer.status_code == 200
    expected: dict[str, Any] = {
        "uuid": str(release.version.statement.uuid),
        "number": "SM-2026-001",
        "version": 1,
        "kind": "T0",
        "title": "关于建国路店的说明",
        "text": GOOD_TEXT.replace("[F1]", ""),
        "url": CANONICAL,
        "state": "sent",
        "published_at": "2026-11-18T12:00:00+08:00",
        "withdrawn_at": None,
        "note": "",
    }
    assert answer.json()["results"] == [expected]
    assert public.post("/api/v1/statements/", {}).status_code in (403, 405)
