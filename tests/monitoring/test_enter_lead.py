"""录入线索: what a person saw goes through the same pipeline, under a source of its own, once."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from opinion.models import Match, Post, Source
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db

ADDRESS = "/inbox/enter/"


def test_a_lead_becomes_a_post_and_is_opened(signed_in, cast):
    WatchFactory(rule="晴野")
    values = {"text": "同事群里说晴野要召回\n电话13812345678", "platform": "微信群", "url": "https://example.com/1"}
    answer = signed_in("monitor").post(ADDRESS, values)
    post = Post.objects.get()
    assert answer.url == reverse("monitoring:open-post", args=[post.uuid])
    assert (post.title, post.text, post.platform) == ("同事群里说晴野要召回", "电话138****5678", "微信群")
    assert (post.source.source_class, post.source.is_enabled) == ("own", False)
    assert Entry.objects.get().event == "opinion.lead_entered"


def test_the_same_lead_again_leads_to_the_same_post(signed_in):
    WatchFactory(rule="晴野")
    client = signed_in("monitor")
    values = {"text": "晴野要召回", "platform": "微信群"}
    assert client.post(ADDRESS, values).url == client.post(ADDRESS, values).url
    assert (Post.objects.count(), Entry.objects.count()) == (1, 1)


def test_what_no_rule_wants_needs_a_watch_and_gets_it(signed_in):
    watch = WatchFactory(rule="晴野")
    client = signed_in("monitor")
    values = {"text": "楼下那家奶茶店要出事", "platform": "电话"}
    refused = client.post(ADDRESS, values)
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["watch"]
    assert not Post.objects.exists()
    assert client.post(ADDRESS, {**values, "watch": str(watch.uuid)}).status_code == 302
    assert Match.objects.get().watch == watch


def test_wrong_input_is_refused_at_its_field(signed_in):
    answer = signed_in("monitor").post(ADDRESS, {"text": " ", "platform": "", "url": "javascript:alert(1)"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"text", "platform", "url"}
    assert not Source.objects.exists()


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "admin", "outsider"])
def test_who_may_not_enter_one_is_refused(signed_in, who):
    client = signed_in(who)
    assert client.get(ADDRESS).status_code == 403
    assert client.post(ADDRESS, {"text": "晴野", "platform": "电话"}).status_code == 403
    assert not Post.objects.exists()


# --- what is here already --------------------------------------------------------------------------------------------
SAID = "晴野茶饮建国路店被拍到更换芋泥的效期标签，店员称总部要求不浪费，顾客已经拨打热线举报"


def stored(number: int = 0, text: str = SAID) -> Post:
    WatchFactory(rule="晴野")
    take_in(SourceFactory(), [raw(number, text)], now=NOON)
    return Post.objects.get(url=f"https://example.com/{number}")


def alike(client, **said):
    """The posts named in the answer, each with why."""
    page = client.post(reverse("monitoring:alike"), said, headers={"Accept-Language": "en"}).content.decode()
    found = re.findall(r'class="tag">([^<]+)</span> <a href="/inbox/([0-9a-f-]+)/', page)
    return [(Post.objects.get(uuid=uuid), why.strip()) for why, uuid in found]


@pytest.mark.parametrize("url", ["https://example.com/0", "http://example.com/0/", "https://example.com/0#comments"])
def test_the_same_address_is_found_however_it_was_copied(signed_in, url):
    post = stored()
    assert alike(signed_in("monitor"), text="别的话", url=url) == [(post, "same address")]


def test_the_same_words_and_reposts_of_them_are_found(signed_in):
    post, client = stored(), signed_in("monitor")
    assert alike(client, text=f"{SAID} https://t.cn/abc") == [(post, "same words")]
    assert alike(client, text=f"太过分了！{SAID}") == [(post, "100% alike")]
    assert alike(client, text="晴野新品白桃乌龙今天上市，排队两小时，味道清爽") == []


def test_what_is_found_leads_to_it_and_says_its_state(signed_in):
    post, client = stored(), signed_in("monitor")
    answer = client.post(reverse("monitoring:alike"), {"text": SAID}, headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert reverse("monitoring:open-post", args=[post.uuid]) in page
    assert "waiting" in page


def test_what_was_taken_back_is_not_found(signed_in):
    post = stored()
    Post.objects.filter(pk=post.pk).update(triage="undone")
    assert alike(signed_in("monitor"), text=SAID, url=post.url) == []


def test_asking_takes_the_same_queries_however_many_are_alike(signed_in):
    client = signed_in("monitor")
    said = {"text": SAID, "url": "https://example.com/0"}
    stored()
    client.post(reverse("monitoring:alike"), said)
    counts = []
    for number in (1, 2, 3):
        take_in(SourceFactory(), [raw(number, SAID + "转" * number)], now=NOON)
        with CaptureQueriesContext(connection) as queries:
            assert client.post(reverse("monitoring:alike"), said).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1


@pytest.mark.parametrize("who", ["gm", "auditor", "outsider"])
def test_who_enters_none_is_told_nothing_of_what_is_here(signed_in, who):
    stored()
    assert signed_in(who).post(reverse("monitoring:alike"), {"text": SAID}).status_code == 403


# --- when, where, and what proves it ---------------------------------------------------------------------------------
def test_screenshots_that_are_to_be_chosen_again_are_asked_for(signed_in):
    shot = SimpleUploadedFile("1.png", b"\x89PNG\r\n\x1a\n1")
    answer = signed_in("monitor").post(ADDRESS, {"text": "晴野", "platform": "", "screenshots": shot})
    assert set(answer.context["form"].errors) == {"platform", "screenshots"}


def test_a_lead_has_its_own_time_and_screenshots(signed_in, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    WatchFactory(rule="晴野")
    png = b"\x89PNG\r\n\x1a\n0"
    values = {
        "text": "晴野要召回",
        "platform": "微信群",
        "author": "群友",
        "said_at": "2026-11-17T21:30",
        "screenshots": [SimpleUploadedFile("1.png", png), SimpleUploadedFile("2.png", png + b"1")],
    }
    assert signed_in("monitor").post(ADDRESS, values).status_code == 302
    post = Post.objects.get()
    assert (post.author, post.published_at) == ("群友", datetime(2026, 11, 17, 13, 30, tzinfo=UTC))
    assert sorted(post.evidence.values_list("name", flat=True)) == ["1.png", "2.png"]
    assert post.is_held


def test_an_address_alone_is_enough_where_the_watch_is_named(signed_in):
    watch = WatchFactory(rule="晴野")
    values = {"url": "https://example.com/v/1", "platform": "抖音", "watch": str(watch.uuid)}
    assert signed_in("monitor").post(ADDRESS, values).status_code == 302
    assert Post.objects.get().url == "https://example.com/v/1"


def test_a_wrong_screenshot_or_a_time_to_come_stores_nothing(signed_in):
    WatchFactory(rule="晴野")
    values = {"text": "晴野", "platform": "群", "said_at": "2126-01-01T00:00"}
    answer = signed_in("monitor").post(ADDRESS, {**values, "screenshots": SimpleUploadedFile("a.svg", b"<svg>")})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"said_at", "screenshots"}
    assert not Post.objects.exists()
