"""拆分 and its undo."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incidents.figures import posts_of
from incidents.levels import Level, Stage
from incidents.models import AffectedKind, Incident, IncidentChange
from incidents.refusals import Refused
from incidents.services import levels, merging, opening
from incidents.services.opening import open_incident
from monitoring.models import Signal
from opinion.models import Post
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import asked, standing_at
from tests.incidents.test_merge_incidents import belongings, reload

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def story(noon, *hours_ago, title):
    """A topic with a post seen at each of these hours."""
    topic = TopicFactory(title=title)
    for hours in hours_ago:
        at = noon - hours * HOUR
        MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(published_at=at, first_seen_at=at))
    return topic


@pytest.fixture
def stale_milk(noon):
    return story(noon, 1, 5, title="效期标签")


@pytest.fixture
def queue_fight(noon):
    return story(noon, 2, 3, title="排队冲突")


@pytest.fixture
def whole(cast, stale_milk, queue_fight, noon):
    """An incident of two stories and a post put in by hand, under a level."""
    whole = open_incident(
        actor=cast["pr"],
        title="建国路店",
        now=noon,
        topic=stale_milk,
        affects=[AffectedKind.objects.get(code="quality")],
        department=cast["head"].department,
    )
    whole.topics.add(queue_fight)
    signal = Signal.objects.create(
        watch=queue_fight.watch, topic=queue_fight, kind="burst", opened_at=noon, grown_at=noon
    )
    whole.signals.add(signal)
    by_hand = PostFactory(published_at=noon, first_seen_at=noon)
    opening.attach(whole, by_hand, actor=cast["pr"], now=noon)
    Incident.objects.filter(pk=whole.pk).update(stage=Stage.RESPONDING, level=Level.TWO)
    return reload(whole)


def split(whole, cast, noon, **chosen):
    chosen = {"title": "排队冲突", "topics": [], "posts": [], **chosen}
    return merging.split(whole, actor=cast["legal"], now=noon, **chosen)


def test_a_topic_becomes_an_incident_of_its_own(cast, whole, stale_milk, queue_fight, noon):
    new = split(whole, cast, noon, topics=[queue_fight])

    assert (new.number, reload(new).position) == ("YQ-2026-002", {"stage": "triaged", "level": 0})
    assert (new.first_known_at, new.first_post_at) == (noon - 3 * HOUR, noon - 3 * HOUR)
    assert (list(new.topics.all()), list(whole.topics.all())) == ([queue_fight], [stale_milk])
    assert (new.signals.count(), whole.signals.count()) == (1, 0)
    assert set(posts_of(new)) == set(Post.objects.filter(matches__topic=queue_fight))
    assert not set(posts_of(new)) & set(posts_of(whole))
    assert reload(whole).position == {"stage": "responding", "level": 2}
    assert [side.timeline.first().event for side in (whole, new)] == ["incidents.split", "incidents.split_off"]


def test_who_works_on_it_and_what_it_harms_come_along(cast, whole, queue_fight, noon):
    new = split(whole, cast, noon, topics=[queue_fight])
    assert (new.lead, new.department) == (cast["pr"], cast["head"].department)
    assert {member.person for member in new.memberships.current()} == {cast["pr"], cast["legal"]}
    assert [kind.code for kind in new.affects.all()] == ["quality"]
    assert new.assessments.get().inputs["posts"] == 2


def test_known_as_long_as_the_whole_where_its_posts_were(cast, whole, noon):
    eldest = posts_of(whole).order_by("first_seen_at").first()
    assert split(whole, cast, noon, posts=[eldest]).first_known_at == whole.first_known_at == noon - 5 * HOUR


def test_single_posts_go_out_of_a_topic_that_stays(cast, whole, stale_milk, noon):
    post = Post.objects.filter(matches__topic=stale_milk).order_by("pk").first()
    new = split(whole, cast, noon, posts=[post])
    assert list(posts_of(new)) == [post]
    assert post not in posts_of(whole)
    assert stale_milk in whole.topics.all()


def test_a_secret_stays_one(cast, whole, queue_fight, noon):
    Incident.objects.filter(pk=whole.pk).update(is_confidential=True)
    opening.Membership.objects.create(incident=whole, person=cast["legal"], added_at=noon)
    new = split(reload(whole), cast, noon, topics=[queue_fight])
    assert new.is_confidential
    assert not Incident.objects.visible_to(cast["tech"]).exists()


@pytest.mark.parametrize("reason", ["nothing", "everything", "not part of it", "gone meanwhile"])
def test_not_just_anything(cast, whole, stale_milk, queue_fight, noon, reason):
    chosen = {
        "nothing": {},
        "everything": {"topics": [stale_milk, queue_fight], "posts": list(posts_of(whole))},
        "not part of it": {"posts": [PostFactory()]},
        "gone meanwhile": {"topics": [queue_fight]},
    }[reason]
    if reason == "gone meanwhile":
        split(whole, cast, noon, topics=[queue_fight])
    before, count = belongings(whole), Incident.objects.count()
    with pytest.raises(Refused):
        split(whole, cast, noon, **chosen)
    assert (belongings(whole), Incident.objects.count()) == (before, count)


@pytest.mark.parametrize("who", ["monitor", "gm", "spokesperson", "auditor"])
def test_only_the_working_group_splits(cast, whole, queue_fight, noon, who):
    with pytest.raises(PermissionDenied):
        merging.split(whole, title="排队", topics=[queue_fight], posts=[], actor=cast[who], now=noon)
    assert Incident.objects.count() == 1


def test_undone_the_whole_is_as_it_was(cast, whole, stale_milk, queue_fight, noon):
    before = belongings(whole)
    first = Post.objects.filter(matches__topic=stale_milk).order_by("pk").first()
    new = split(whole, cast, noon, topics=[queue_fight], posts=[first])
    merging.undo(IncidentChange.objects.get(), actor=cast["pr"], now=noon + HOUR)

    assert belongings(whole) == before
    assert (reload(new).stage, reload(new).merged_into, reload(new).closed_at) == (Stage.MERGED, whole, noon + HOUR)
    assert [side.timeline.first().event for side in (whole, new)] == ["incidents.split_undone"] * 2


def test_what_the_part_was_given_since_comes_along(cast, whole, queue_fight, noon):
    new = split(whole, cast, noon, topics=[queue_fight])
    since = PostFactory()
    opening.attach(new, since, actor=cast["pr"], now=noon)
    merging.undo(IncidentChange.objects.get(), actor=cast["pr"], now=noon)
    assert since in posts_of(whole)


@pytest.mark.parametrize("reason", ["a level was decided", "the whole is closed", "the part has become confidential"])
def test_not_undone_any_more(cast, whole, queue_fight, noon, reason):
    new = split(whole, cast, noon, topics=[queue_fight])
    if reason == "a level was decided":
        request = asked(new, Level.THREE, by=cast["market"])
        levels.approve(request, actor=cast["gm"], now=noon, seen_version=1, fresh=False)
    elif reason == "the whole is closed":
        Incident.objects.filter(pk=whole.pk).update(stage=Stage.ARCHIVED)
    else:
        Incident.objects.filter(pk=new.pk).update(is_confidential=True)
    before = belongings(whole), belongings(new)
    with pytest.raises(Refused):
        merging.undo(IncidentChange.objects.get(), actor=cast["pr"], now=noon)
    assert (belongings(whole), belongings(new)) == before


def test_the_page_splits(signed_in, whole, queue_fight):
    client, url = signed_in("pr"), reverse("incidents:split", args=[whole.number])
    assert client.get(url).status_code == 200
    for bad in ({"title": "   ", "topics": [queue_fight.pk]}, {"title": "字" * 201, "topics": [queue_fight.pk]}):
        assert client.post(url, bad).status_code == 422
    answer = client.post(url, {"title": "排队冲突", "topics": [queue_fight.pk]})
    new = Incident.objects.get(title="排队冲突")
    assert (answer.status_code, answer.url) == (302, new.get_absolute_url())
    assert list(new.topics.all()) == [queue_fight]


def test_over_it_is_not_split(signed_in, cast, noon):
    closed = standing_at(Stage.ARCHIVED, Level.THREE, opened_by=cast["pr"])
    assert signed_in("pr").get(reverse("incidents:split", args=[closed.number])).status_code == 403
