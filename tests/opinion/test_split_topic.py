"""A story taken apart: the chosen posts and their copies are one of their own, until somebody undoes it."""

import pytest

from audit.models import Entry
from monitoring.models import Signal
from opinion.models import Match, Post, Topic
from opinion.services import regrouping
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


@pytest.fixture
def story(cast, source):
    """One story of two originals, the second with a copy, put together by a person."""
    WatchFactory(rule="晴野")
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    take_in(source, [raw(2, STORIES[2], at=NOON + minutes(1))], now=NOON + minutes(1))
    take_in(source, [raw(3, "//@甲:" + STORIES[2], at=NOON + minutes(2))], now=NOON + minutes(2))
    one, other = Topic.objects.order_by("pk")
    regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    one.refresh_from_db()
    return one


def post(number):
    return Post.objects.get(key__external_id=f"p{number}")


def inside(topic):
    return sorted(Match.objects.filter(topic=topic).values_list("post__key__external_id", flat=True))


def test_originals_leave_with_their_copies(cast, story):
    change = regrouping.split(story, [post(2)], actor=cast["monitor"], now=NOON + minutes(3))
    assert (inside(story), inside(change.other)) == (["p1"], ["p2", "p3"])
    change.other.refresh_from_db()
    assert (change.other.size, change.other.title, change.other.first_at) == (2, STORIES[2], NOON + minutes(1))
    assert change.other.changed_at == NOON + minutes(3)
    assert Entry.objects.order_by("seq").last().event == "opinion.topic_split"


def test_new_posts_about_it_go_to_the_new_story(cast, source, story):
    change = regrouping.split(story, [post(2)], actor=cast["monitor"], now=NOON + minutes(3))
    again = "晴野青年路门店招聘店长，待遇从优，有意者投递简历面谈"
    take_in(source, [raw(4, again, at=NOON + minutes(4))], now=NOON + minutes(5))
    assert "p4" in inside(change.other)


def test_undo_puts_all_of_it_back_with_what_came_in_and_its_signal(cast, source, story):
    change = regrouping.split(story, [post(2)], actor=cast["monitor"], now=NOON + minutes(3))
    take_in(source, [raw(5, "//@乙:" + STORIES[2], at=NOON + minutes(4))], now=NOON + minutes(5))
    signal = Signal.objects.create(
        watch=story.watch, topic=change.other, kind="burst", opened_at=NOON, grown_at=NOON, suggestion="3"
    )
    regrouping.undo(change, actor=cast["pr"], now=NOON + minutes(6))
    assert inside(story) == ["p1", "p2", "p3", "p5"]
    story.refresh_from_db()
    signal.refresh_from_db()
    assert (story.size, signal.topic) == (4, story)
    assert Topic.objects.get(pk=change.other.pk).merged_into == story


@pytest.mark.parametrize("numbers", [(), (1, 2)])
def test_something_must_go_and_something_must_stay(cast, story, numbers):
    before = Topic.objects.count()
    with pytest.raises(regrouping.CannotRegroup):
        regrouping.split(story, [post(number) for number in numbers], actor=cast["monitor"], now=NOON)
    assert (Topic.objects.count(), inside(story)) == (before, ["p1", "p2", "p3"])
