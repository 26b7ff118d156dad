"""The panel of how a story spread: as a fragment, as a page, as a spreadsheet."""

import csv
import io
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from audit.models import Entry
from opinion.models import Post, Topic
from opinion.selectors.spread import spread_of
from opinion.services.pipeline import take_in
from opinion.services.spreading import spread_stories
from tests.factories import NOON, PostFactory, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw
from tests.opinion.test_spread_task import burst, topic_with

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=9)


@pytest.fixture(autouse=True)
def _later():
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def story():
    """A report, an account with a million followers three hours later, and a burst after it."""
    WatchFactory(rule="晴野")
    take_in(SourceFactory(platform="微博"), burst(12, start=240), now=NOON)
    first = raw("first", STORIES[0], at=NOON, author="最早的人", followers=300, title="")
    big = raw("big", STORIES[0], at=NOON + minutes(180), author="=大V", followers=1_200_000, reposts=5_000)
    take_in(SourceFactory(platform="小红书"), [first, big], now=NOON)
    spread_stories(LATER)
    return Topic.objects.get()


def url(topic, name="topic-spread"):
    return reverse(f"opinion:{name}", args=[topic.uuid])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_tells_how_it_spread(signed_in, story, language):
    client = signed_in("pr")
    client.cookies["django_language"] = language
    page = client.get(url(story))
    text = page.content.decode()

    assert text.count("<h1") == 1
    assert page.context["page"].first.author == "最早的人"
    assert [row.name for row in page.context["page"].platforms] == ["小红书", "微博"]
    assert page.context["page"].platforms[1].delay == minutes(240)
    assert page.context["page"].relays[0].post.author == "=大V"
    assert page.context["page"].made.coordinated == 12
    assert [row["posts"] for row in page.context["shares"]] == [2, 12, 0]
    assert sum(row["share"] for row in page.context["shares"]) == pytest.approx(1)
    assert "<details>" in text
    assert "style=" not in text


def test_htmx_gets_the_panel_alone(signed_in, story):
    text = signed_in("pr").get(url(story), headers={"HX-Request": "true"}).content.decode()
    assert text.strip().startswith("<section")
    assert "<h1" not in text


def test_unknown_is_said_and_never_zero(signed_in, story):
    relays = signed_in("pr").get(url(story)).context["page"].relays
    assert relays[0].interactions == 5_000
    assert all(row.interactions is None for row in relays[1:])


@pytest.mark.parametrize(("posts", "words"), [(1, "One post so far"), (2, "Not worked out yet")])
def test_before_it_was_worked_out_the_panel_says_why(signed_in, posts, words):
    topic = topic_with(*[PostFactory() for _ in range(posts)])
    client = signed_in("pr")
    client.cookies["django_language"] = "en"
    page = client.get(url(topic))
    assert (page.status_code, page.context["page"]) == (200, None)
    assert words in page.content.decode()


@pytest.mark.parametrize("who", ["pr", "gm", "monitor", "spokesperson", "head"])
def test_who_reads_posts_sees_it(signed_in, story, who):
    assert signed_in(who).get(url(story)).status_code == 200


@pytest.mark.parametrize("who", ["auditor", "admin", "security", "dept", "outsider"])
def test_who_does_not_is_refused(signed_in, story, who):
    client = signed_in(who)
    assert [client.get(url(story, name)).status_code for name in ("topic-spread", "topic-relays")] == [403, 403]


def test_nobody_sees_it_without_signing_in(client, cast, story):
    assert client.get(url(story)).status_code == 302


def test_a_story_nobody_knows_is_not_found(signed_in):
    assert signed_in("pr").get(url(TopicFactory.build())).status_code == 404


def test_names_are_those_the_posts_have_now(signed_in, story):
    Post.everywhere.filter(author="最早的人").update(author="")
    text = signed_in("pr").get(url(story)).content.decode()
    assert "最早的人" not in text


def test_the_relays_as_a_spreadsheet_that_runs_nothing(signed_in, story):
    client = signed_in("pr")
    client.cookies["django_language"] = "en"
    response = client.get(url(story, "topic-relays"))
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))

    assert response.content.startswith("\ufeff".encode())
    assert rows[0][:5] == ["Rank", "Time", "Platform", "Author", "Followers"]
    assert rows[1][2:6] == ["小红书", "'=大V", "1200000", "5000"]
    assert rows[2][5] == ""  # nobody told
    entry = Entry.objects.latest("seq")
    assert (entry.event, entry.detail) == ("opinion.relays_exported", {"rows": len(rows) - 1})


def test_the_panel_takes_as_many_queries_however_many_relays(story, django_assert_num_queries):
    with django_assert_num_queries(2):
        spread_of(story)
