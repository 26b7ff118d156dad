"""Posts of arranged bursts are counted apart: no number of an assessment holds them, and it says how many there are."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents import figures
from incidents.selectors.reading import read
from incidents.services import assessing
from incidents.services.assessing import Entered, assess
from incidents.severity import recompute
from opinion.models import Post
from tests.factories import MatchFactory, PostFactory, SourceFactory, TopicFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(incident, noon):
    """Put posts into the incident's topic; copies are counted at their original."""
    topic = TopicFactory(title="芋泥效期标签")
    incident.topics.add(topic)

    def hear(count=1, *, minutes_ago=10, **values):
        posts = []
        for _ in range(count):
            post = PostFactory(published_at=noon - timedelta(minutes=minutes_ago), **values)
            MatchFactory(topic=topic, watch=topic.watch, post=post, published_at=post.published_at)
            posts.append(post)
        if lead := values.get("original"):
            lead.copy_count += count
            lead.save(update_fields=["copy_count"])
        return posts

    return hear


def test_no_number_holds_them(incident, heard, noon):
    heard(2, sentiment="neg", reposts=10, likes=0, comments=0)
    heard(1, sentiment="neu", reposts=20, likes=0, comments=0, minutes_ago=100)
    before = read(incident, noon).inputs
    douyin = SourceFactory(platform="抖音")
    heard(9, sentiment="neg", reposts=500, is_coordinated=True, source=douyin, followers=2)
    heard(3, sentiment="neg", reads=90_000, is_coordinated=True, source=douyin, minutes_ago=100)

    inputs = read(incident, noon).inputs

    assert inputs.coordinated == 12
    assert before.coordinated is None  # nothing is told of any account
    for name in ("posts", "reposts", "reads", "plays", "platforms", "last_hour", "previous_hourly", "negative_share"):
        assert getattr(inputs, name) == getattr(before, name), name
    assert (inputs.posts, inputs.reposts, inputs.last_hour) == (3, 40, 2)
    assert inputs.negative_share == pytest.approx(22 / 43)


def test_reposts_in_bursts_weigh_nothing_in_the_negative_share(incident, heard, noon):
    angry = heard(1, sentiment="neg")[0]
    heard(3, sentiment="neu")
    heard(2, sentiment="neg", original=angry)
    heard(40, sentiment="neg", original=angry, is_coordinated=True)
    inputs = read(incident, noon).inputs
    assert (inputs.posts, inputs.coordinated) == (4, 40)
    assert inputs.negative_share == pytest.approx(3 / 6)


def test_what_a_burst_began_counts_once_others_pass_it_on(incident, heard, noon):
    planted = heard(1, sentiment="neg", is_coordinated=True, reposts=7)[0]
    heard(9, sentiment="neg", is_coordinated=True, original=planted)
    inputs = read(incident, noon).inputs
    assert (inputs.posts, inputs.reposts, inputs.coordinated) == (0, None, 10)

    heard(2, sentiment="neg", original=planted)
    heard(2, sentiment="neu")

    inputs = read(incident, noon).inputs
    assert (inputs.posts, inputs.reposts, inputs.coordinated) == (3, 7, 10)
    assert inputs.negative_share == pytest.approx((2 + 7) / (2 + 7 + 2))


def test_none_found_is_zero_only_where_something_is_told_of_accounts(incident, heard, noon):
    heard(3)
    assert read(incident, noon).inputs.coordinated is None
    heard(1, author_since=noon - timedelta(days=3))
    assert read(incident, noon).inputs.coordinated == 0


def test_bursts_before_the_measured_day_are_not_of_it(incident, heard, noon):
    planted = heard(1, sentiment="neg", minutes_ago=30 * 60)[0]
    heard(8, is_coordinated=True, minutes_ago=26 * 60, original=planted)
    heard(3, is_coordinated=True, minutes_ago=60, original=planted, followers=1)
    assert read(incident, noon).inputs.coordinated == 3


@pytest.mark.parametrize("item", ["volume", "platforms", "growth", "negative_share", "nature", "media", "coordinated"])
def test_every_number_leads_to_its_posts_and_to_no_others(signed_in, incident, heard, noon, item):
    label = [{"term": "过期", "category": "food_drug", "severity": 2}]
    angry = heard(3, sentiment="neg", risks=label)
    heard(2, sentiment="neu")
    heard(4, sentiment="neg", risks=label, is_coordinated=True)
    heard(5, sentiment="neg", original=angry[0], is_coordinated=True)
    heard(6, sentiment="neg", original=angry[1])
    evidence = read(incident, noon).evidence[item]
    page = signed_in("pr").get(reverse("incidents:posts", args=[incident.number]), evidence["query"])
    found = page.context["page_obj"].paginator.count
    assert found == {"negative_share": 3, "nature": 3, "coordinated": 9}.get(item, 11 if item == "media" else 5)
    if item in ("volume", "negative_share", "nature", "coordinated"):
        assert found == evidence["number"]
    if item == "coordinated":
        assert all(post.is_coordinated for post in page.context["page_obj"])


def test_the_assessment_says_how_many_and_leads_to_them(signed_in, cast, incident, heard, noon):
    heard(2, sentiment="neg")
    heard(9, sentiment="neg", is_coordinated=True)
    made = assess(incident, actor=cast["legal"], now=noon, entered=Entered(fact_state="doubtful"))
    client = signed_in("pr")
    client.cookies["django_language"] = "en"

    for name in ("assess", "detail"):
        text = client.get(reverse(f"incidents:{name}", args=[incident.number])).content.decode()
        assert "9 posts in arranged bursts are not counted." in text, name
        assert "only=arranged" in text, name
    assert made.inputs["coordinated"] == 9
    assert recompute(made.formula, made.inputs).index == made.severity


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Arranged bursts: unknown"),
        ({"followers": 300}, "No arranged burst was found"),
    ],
)
def test_unknown_is_not_none(signed_in, incident, heard, noon, values, words):
    heard(2, **values)
    assessing.measure(incident, noon)
    client = signed_in("pr")
    client.cookies["django_language"] = "en"
    assert words in client.get(reverse("incidents:detail", args=[incident.number])).content.decode()


def test_an_assessment_made_before_says_so(signed_in, incident, heard, noon):
    heard(2)
    made = assessing.measure(incident, noon)
    del made.inputs["coordinated"]
    del made.parts["evidence"]["coordinated"]
    made.save()
    client = signed_in("pr")
    client.cookies["django_language"] = "en"
    text = client.get(reverse("incidents:detail", args=[incident.number])).content.decode()
    assert "Arranged bursts were not told apart then." in text
    assert recompute(made.formula, made.inputs).index == made.severity


def test_the_posts_page_shows_them_on_demand_and_nothing_to_who_reads_no_posts(signed_in, incident, heard):
    heard(2, is_coordinated=True)
    url = reverse("incidents:posts", args=[incident.number])
    assert signed_in("pr").get(url, {"only": "arranged"}).context["page_obj"].paginator.count == 2
    assert signed_in("pr").get(url, {"only": "organic"}).context["page_obj"].paginator.count == 0
    assert signed_in("auditor").get(url, {"only": "arranged"}).context["page_obj"].paginator.count == 0


def test_measuring_takes_as_many_queries_however_many_posts(incident, heard, noon, django_assert_num_queries):
    lead = heard(1)[0]
    with django_assert_num_queries(7):
        figures.measured(figures.posts_of(incident), noon)
    heard(30, sentiment="neg", is_coordinated=True)
    heard(30, original=lead)
    with django_assert_num_queries(7):
        figures.measured(figures.posts_of(incident), noon)


# --- what reposts do count for ---------------------------------------------------------------------------------------
def test_central_media_that_repeats_a_post_is_heard_all_the_same(signed_in, incident, heard, noon):
    complaint = heard(1, sentiment="neg")[0]
    central = SourceFactory(platform="新华网", tier="central", source_class="media")
    heard(1, sentiment="neg", original=complaint, source=central)
    heard(1, sentiment="neg", original=complaint, source=SourceFactory(platform="抖音"), followers=2_000_000)
    reading = read(incident, noon)

    assert (reading.inputs.posts, reading.inputs.platforms, reading.inputs.media) == (1, 3, "central")
    assert reading.inputs.red_lines == ("big_account", "central_media")
    client = signed_in("pr")
    url = reverse("incidents:posts", args=[incident.number])
    for code in ("central_media", "big_account"):
        found = client.get(url, reading.evidence[code]["query"]).context["page_obj"].paginator.count
        assert found == reading.evidence[code]["number"] == 1
    shown = client.get(url, {"only": "central"}).context["page_obj"].paginator.count
    assert figures.overview(incident, noon).central == shown == 1


# --- the panels of its stories ---------------------------------------------------------------------------------------
def test_the_incident_loads_how_its_largest_stories_spread(signed_in, incident, heard):
    heard(1)
    sizes = [5, 40, 30, 20]
    topics = [TopicFactory(size=size) for size in sizes]
    incident.topics.add(*topics)
    text = signed_in("pr").get(reverse("incidents:detail", args=[incident.number])).content.decode()
    loaded = [topic.size for topic in topics if f"/opinion/topics/{topic.uuid}/spread/" in text]
    assert loaded == [40, 30, 20]


def test_who_reads_no_posts_is_offered_no_such_panel(signed_in, incident, heard):
    heard(1)
    assert Post.objects.exists()
    text = signed_in("auditor").get(reverse("incidents:detail", args=[incident.number])).content.decode()
    assert "/opinion/topics/" not in text
