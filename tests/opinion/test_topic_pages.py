"""The pages of topics: the list, one of them, and what people may do on them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.services.opening import open_incident
from opinion.models import Post, Topic, TopicChange
from opinion.services import regrouping
from opinion.services.pipeline import take_in
from tests.factories import NOON, MatchFactory, PostFactory, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_noon(time_machine):
    time_machine.move_to(NOON + minutes(30), tick=False)


@pytest.fixture
def watch():
    return WatchFactory(rule="晴野", name="门店与食品安全")


@pytest.fixture
def topics(watch):
    """Two topics; the first is on two platforms and has a copy."""
    weibo, paper = SourceFactory(platform="微博"), SourceFactory(platform="新华网", source_class="media", name="晚报")
    take_in(weibo, [raw(1, STORIES[0]), raw(3, STORIES[2], at=NOON + minutes(3))], now=NOON + minutes(4))
    take_in(paper, [raw(2, STORIES[0], at=NOON + minutes(1))], now=NOON + minutes(4))
    return list(Topic.objects.order_by("-size"))


def page(client, name, *args, **query):
    answer = client.get(reverse(f"opinion:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_each_topic_is_and_where(signed_in, topics):
    shown = page(signed_in("monitor"), "topics")
    assert shown.count("<h1") == 1
    assert topics[0].title[:40] in shown
    assert "微博 1 · 新华网 1" in shown
    assert reverse("incidents:of-topics") in shown
    assert f'id="incidents-of-{topics[0].uuid}"' in shown


def test_the_list_takes_the_same_queries_for_one_and_for_three(signed_in, topics):
    client = signed_in("monitor")
    Topic.objects.filter(pk=topics[1].pk).update(size=0)
    page(client, "topics")
    with CaptureQueriesContext(connection) as one:
        page(client, "topics")
    Topic.objects.filter(pk=topics[1].pk).update(size=1)
    take_in(SourceFactory(), [raw(9, STORIES[1], at=NOON + minutes(6))], now=NOON + minutes(7))
    with CaptureQueriesContext(connection) as three:
        page(client, "topics")
    assert len(one) == len(three)


def test_one_topic_takes_the_same_queries_for_one_original_and_for_three(signed_in, topics):
    client = signed_in("monitor")
    page(client, "topic", topics[1].uuid)
    with CaptureQueriesContext(connection) as one:
        page(client, "topic", topics[1].uuid)
    for _number in range(2):
        MatchFactory(watch=topics[1].watch, topic=topics[1], post=PostFactory())
    with CaptureQueriesContext(connection) as three:
        page(client, "topic", topics[1].uuid)
    assert len(one) == len(three)


def test_rivals_merged_and_old_topics_are_not_listed_unless_asked_for(signed_in, cast, topics, watch):
    client = signed_in("monitor")
    rival = WatchFactory(rule="云岫", name="云岫茶", is_rival=True)
    take_in(SourceFactory(), [raw(8, "云岫茶新品上市排队两小时", at=NOON)], now=NOON + minutes(5))
    titles = [topic.title[:20] for topic in topics]
    assert "云岫茶新品" not in page(client, "topics")
    assert "云岫茶新品" in page(client, "topics", watch=rival.uuid)
    Topic.objects.filter(pk=topics[1].pk).update(last_at=NOON - timedelta(days=9))
    assert titles[1] not in page(client, "topics")
    assert titles[1] in page(client, "topics", days="0")
    regrouping.merge(topics[0], topics[1], actor=cast["monitor"], now=NOON)
    assert reverse("opinion:topic", args=[topics[1].uuid]) not in page(client, "topics", days="0")


def test_an_empty_list_says_why_and_what_to_do(signed_in, cast):
    client = signed_in("monitor")
    assert reverse("monitoring:sources") in page(client, "topics")
    assert reverse("opinion:topics") in page(client, "topics", days="30")


def test_one_topic_tells_its_platforms_sources_and_first_sighting(signed_in, topics):
    shown = page(signed_in("monitor"), "topic", topics[0].uuid)
    assert shown.count("<h1") == 1
    for words in ("微博", "新华网", "晚报", "效期"):
        assert words in shown
    first = Post.objects.get(key__external_id="p1")
    assert reverse("monitoring:open-post", args=[first.uuid]) in shown
    assert reverse("opinion:topic-spread", args=[topics[0].uuid]) in shown


def test_readers_see_and_do_not_change(signed_in, topics):
    client = signed_in("gm")
    assert reverse("opinion:rename-topic", args=[topics[0].uuid]) not in page(client, "topic", topics[0].uuid)
    for name in ("rename-topic", "merge-topics", "split-topic"):
        assert client.post(reverse(f"opinion:{name}", args=[topics[0].uuid])).status_code == 403


@pytest.mark.parametrize("who", ["outsider", "auditor", "dept"])
def test_who_reads_no_posts_reads_no_topics(signed_in, topics, who):
    client = signed_in(who)
    assert client.get(reverse("opinion:topics")).status_code == 403
    assert client.get(reverse("opinion:topic", args=[topics[0].uuid])).status_code == 403


def test_renaming_and_a_second_person_who_saw_the_old_name(signed_in, topics):
    client = signed_in("monitor")
    url = reverse("opinion:rename-topic", args=[topics[0].uuid])
    seen = topics[0].title
    assert client.post(url, {"title": "建国路店标签", "seen": seen}).status_code == 302
    assert Topic.objects.get(pk=topics[0].pk).title == "建国路店标签"
    assert client.post(url, {"title": "另一个", "seen": seen}).status_code == 409
    assert client.post(url, {"title": "", "seen": "建国路店标签"}).status_code == 422
    assert Topic.objects.get(pk=topics[0].pk).title == "建国路店标签"


def test_merging_splitting_and_undoing_by_the_buttons(signed_in, topics):
    client, (one, other) = signed_in("monitor"), topics
    assert client.post(reverse("opinion:merge-topics", args=[one.uuid]), {"other": other.uuid}).status_code == 302
    merge = TopicChange.objects.get()
    assert str(merge.uuid) in page(client, "topic", one.uuid)
    post = Post.objects.get(key__external_id="p3")
    answer = client.post(reverse("opinion:split-topic", args=[one.uuid]), {"post": [post.uuid]})
    split = TopicChange.objects.get(kind="split")
    assert answer.url == reverse("opinion:topic", args=[split.other.uuid])
    for change in (split, merge):
        assert client.post(reverse("opinion:undo-topic-change", args=[change.uuid])).status_code == 302
    assert client.post(reverse("opinion:undo-topic-change", args=[merge.uuid])).status_code == 409
    assert sorted(Topic.objects.filter(merged_into__isnull=True).values_list("size", flat=True)) == [1, 2]


def test_what_cannot_be_regrouped_is_said(signed_in, topics):
    client, (one, _other) = signed_in("monitor"), topics
    another = WatchFactory(rule="云岫")
    stranger = Topic.objects.create(watch=another, title="云岫", first_at=NOON, last_at=NOON, size=1)
    for name, data in (
        ("merge-topics", {"other": stranger.uuid}),
        ("merge-topics", {"other": "x"}),
        ("split-topic", {"post": ["x"]}),
    ):
        assert client.post(reverse(f"opinion:{name}", args=[one.uuid]), data).status_code == 302
    assert not TopicChange.objects.exists()


def test_the_incidents_of_a_topic_are_those_a_person_may_see(signed_in, cast, topics, settings):
    settings.INCIDENT_HOOKS = []
    url = reverse("incidents:of-topic", args=[topics[0].uuid])
    seen = open_incident(actor=cast["pr"], title="标签", now=NOON, topic=topics[0])
    hidden = open_incident(actor=cast["pr"], title="另案", now=NOON, is_confidential=True)
    hidden.topics.add(topics[0])
    answer = signed_in("monitor").get(url, headers={"HX-Request": "true"}).content.decode()
    assert (seen.number in answer, hidden.number in answer, "<h1" in answer) == (True, False, False)
    assert signed_in("monitor").get(url).content.decode().count("<h1") == 1


def test_one_answer_tells_the_incidents_of_every_line(signed_in, cast, topics, settings):
    settings.INCIDENT_HOOKS = []
    seen = open_incident(actor=cast["pr"], title="标签", now=NOON, topic=topics[0])
    hidden = open_incident(actor=cast["pr"], title="另案", now=NOON, is_confidential=True)
    hidden.topics.add(topics[1])
    asked = {"topic": [topics[0].uuid, topics[1].uuid, "nonsense"]}
    shown = signed_in("monitor").get(reverse("incidents:of-topics"), asked).content.decode()
    assert [f'id="incidents-of-{topic.uuid}"' in shown for topic in topics[:2]] == [True, True]
    assert (shown.count(seen.number), shown.count(hidden.number)) == (2, 0)
