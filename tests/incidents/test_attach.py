from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.levels import Level, Stage
from incidents.models import IncidentPost
from incidents.selectors.likeness import likely_incidents
from incidents.services.opening import attach, detach
from opinion.models import Post, Triage
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db


def test_a_post_put_in_leaves_the_inbox_and_is_held(cast, incident, noon):
    post = PostFactory(platform="知乎")
    attach(incident, post, actor=cast["monitor"], now=noon)
    post.refresh_from_db()

    assert (post.triage, post.triaged_by, post.is_held) == (Triage.ATTACHED, cast["monitor"], True)
    assert incident.posts.get() == post
    entry = incident.timeline.get()
    assert (entry.event, entry.detail) == ("incidents.post_attached", {"post": str(post.uuid), "platform": "知乎"})
    incident.refresh_from_db()
    assert incident.first_post_at == post.published_at


def test_twice_is_once(cast, incident, noon):
    post = PostFactory()
    first = attach(incident, post, actor=cast["pr"], now=noon)
    assert attach(incident, Post.objects.get(), actor=cast["legal"], now=noon) == first
    assert (IncidentPost.objects.count(), incident.timeline.count()) == (1, 1)


def test_a_repost_goes_in_as_its_original(cast, incident, noon):
    original = PostFactory()
    attach(incident, PostFactory(original=original), actor=cast["pr"], now=noon)
    assert incident.posts.get() == original


def test_taken_out_it_is_back_in_the_inbox_and_both_are_on_record(cast, incident, noon):
    post = PostFactory()
    attach(incident, post, actor=cast["pr"], now=noon)
    assert detach(incident, Post.objects.get(), actor=cast["pr"], now=noon) is True
    assert detach(incident, Post.objects.get(), actor=cast["pr"], now=noon) is False

    assert Post.objects.get().triage == Triage.WAITING
    assert IncidentPost.objects.get().detached_at == noon
    assert incident.timeline.count() == 2
    attach(incident, Post.objects.get(), actor=cast["pr"], now=noon)
    assert IncidentPost.objects.count() == 2


def test_a_post_of_two_incidents_stays_out_of_the_inbox(cast, incident, noon):
    other = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
    post = PostFactory()
    attach(incident, post, actor=cast["pr"], now=noon)
    attach(other, Post.objects.get(), actor=cast["pr"], now=noon)
    detach(incident, Post.objects.get(), actor=cast["pr"], now=noon)
    assert Post.objects.get().triage == Triage.ATTACHED


def test_a_post_that_came_with_a_topic_is_taken_out_for_good(cast, incident, noon):
    topic, post = TopicFactory(), PostFactory()
    MatchFactory(topic=topic, watch=topic.watch, post=post)
    incident.topics.add(topic)
    assert detach(incident, post, actor=cast["pr"], now=noon) is True
    assert detach(incident, Post.objects.get(), actor=cast["pr"], now=noon) is False


@pytest.mark.parametrize("who", ["gm", "spokesperson", "auditor", "outsider"])
def test_others_put_nothing_in(cast, incident, noon, who):
    post = PostFactory()
    with pytest.raises(PermissionDenied):
        attach(incident, post, actor=cast[who], now=noon)
    post.refresh_from_db()
    assert (post.triage, post.is_held, IncidentPost.objects.count()) == (Triage.WAITING, False, 0)


def test_what_is_over_takes_no_more(cast, noon):
    with pytest.raises(PermissionDenied):
        attach(standing_at(Stage.ARCHIVED, 3, opened_by=cast["pr"]), PostFactory(), actor=cast["pr"], now=noon)


# --- from the inbox --------------------------------------------------------------------------------------------------
def test_put_in_from_where_it_is_read_with_undo(signed_in, incident):
    post, client = PostFactory(), signed_in("monitor")
    answer = client.post(reverse("incidents:attach", args=[incident.number, post.uuid]), {"next": "/styleguide/"})
    [toast] = get_messages(answer.wsgi_request)
    undo = toast.extra_tags.removeprefix("undo:")

    assert (answer.url, undo) == ("/styleguide/", reverse("incidents:detach", args=[incident.number, post.uuid]))
    assert client.post(undo).status_code == 302
    post.refresh_from_db()
    assert (post.triage, incident.attachments.get().detached_at is None) == (Triage.WAITING, False)


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(signed_in, incident, evil):
    url = reverse("incidents:attach", args=[incident.number, PostFactory().uuid])
    assert signed_in("pr").post(url, {"next": evil}).url == reverse("incidents:posts", args=[incident.number])


def test_looking_puts_nothing_in(signed_in, incident):
    post = PostFactory()
    assert signed_in("pr").get(reverse("incidents:attach", args=[incident.number, post.uuid])).status_code == 405
    assert not IncidentPost.objects.exists()


# --- where it may belong ---------------------------------------------------------------------------------------------
@pytest.fixture
def similar(cast, noon):
    """Incidents that share the topic, the words, the watch of a post, or nothing; and the post."""
    names = ("topic", "words", "watch", "nothing")
    incidents = {name: standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"], title=name) for name in names}
    topic = TopicFactory()
    sister = TopicFactory(watch=topic.watch)
    post = PostFactory(tokens="店员 更换 效期 标签 芋泥")
    MatchFactory(topic=topic, watch=topic.watch, post=post)
    incidents["topic"].topics.add(topic)
    incidents["watch"].topics.add(sister)
    incidents["words"].attachments.create(post=PostFactory(tokens="店员 撕下 效期 标签"), attached_at=noon)
    incidents["nothing"].attachments.create(post=PostFactory(tokens="排队 联名 杯子"), attached_at=noon)
    return incidents, post


def test_the_likeliest_first_and_why(cast, similar):
    _incidents, post = similar
    found = likely_incidents(cast["pr"], post)
    assert [each.incident.title for each in found] == ["topic", "words", "watch"]
    assert [each.rank for each in found] == [0, 1, 2]


def test_what_one_may_not_know_of_is_not_proposed(cast, similar):
    incidents, post = similar
    incidents["topic"].is_confidential = True
    incidents["topic"].save(update_fields=["is_confidential"])
    assert [each.incident.title for each in likely_incidents(cast["legal"], post)] == ["words", "watch"]


def test_the_panel_offers_one_key(signed_in, similar):
    incidents, post = similar
    url = reverse("incidents:likely", args=[post.uuid])
    html = signed_in("monitor").get(url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in html
    assert html.count('data-key="1"') == 1
    assert reverse("incidents:attach", args=[incidents["topic"].number, post.uuid]) in html


def test_the_page_offers_the_other_open_incidents_too(signed_in, similar):
    incidents, post = similar
    page = signed_in("monitor").get(reverse("incidents:likely", args=[post.uuid]))
    assert page.context["others"] == [incidents["nothing"]]
    assert reverse("incidents:attach", args=[incidents["nothing"].number, post.uuid]) in page.content.decode()


def test_from_the_inbox_it_goes_on_with_the_next_post_and_undo_comes_back(signed_in, incident, noon):
    first, second = (PostFactory(published_at=noon - timedelta(minutes=n)) for n in (1, 2))
    client = signed_in("monitor")
    here, there = (reverse("monitoring:open-post", args=[post.uuid]) for post in (first, second))

    attached = client.post(reverse("incidents:attach", args=[incident.number, first.uuid]), {"next": here})
    assert attached.url == there
    undone = client.post(
        reverse("incidents:detach", args=[incident.number, first.uuid]),
        headers={"Referer": f"http://testserver{there}"},
    )
    assert undone.url == here


def test_the_panel_says_what_it_is_in_already(signed_in, cast, similar, noon):
    incidents, post = similar
    attach(incidents["topic"], post, actor=cast["pr"], now=noon)
    page = signed_in("monitor").get(reverse("incidents:likely", args=[post.uuid]))
    assert [row.is_in for row in page.context["likely"]] == [True, False, False]


def test_the_panel_takes_the_same_queries_however_many(signed_in, cast, similar, noon):
    _incidents, post = similar
    client, url = signed_in("pr"), reverse("incidents:likely", args=[post.uuid])
    client.get(url)  # the first request of a session writes it down
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        counts.append(len(queries))
        for _more in range(5):
            standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"]).topics.add(post.matches.get().topic)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", ["auditor", "dept", "outsider"])
def test_who_reads_no_posts_gets_no_panel(signed_in, similar, who):
    assert signed_in(who).get(reverse("incidents:likely", args=[similar[1].uuid])).status_code == 404
