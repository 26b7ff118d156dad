"""Taking the same posts in again changes nothing; a death on the way loses nothing and doubles nothing."""

from datetime import timedelta

import pytest

from opinion.models import Heard, HourCount, Match, Post, PostKey, Topic, TopicCount, Watch
from opinion.services import analysis, pipeline, storing
from opinion.services.pipeline import Intake, take_in, take_in_all
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return SourceFactory()


@pytest.fixture(autouse=True)
def watch():
    return WatchFactory(rule="晴野")


def state():
    """Everything a poll may write, to compare before and after."""
    return {
        "heard": sorted(Heard.objects.values_list("external_id", "text")),
        "keys": sorted(PostKey.objects.values_list("external_id")),
        "posts": sorted(Post.objects.values_list("key__external_id", "text", "published_at", "copy_count")),
        "matches": Match.objects.count(),
        "topics": sorted(Topic.objects.values_list("title", "size")),
        "hours": sorted(HourCount.objects.values_list("hour", "posts")),
        "topic hours": sorted(TopicCount.objects.values_list("hour", "posts")),
    }


BATCH = [raw(1, STORIES[0]), raw(2, "//@小周:" + STORIES[0], at=NOON + minutes(1)), raw(3, STORIES[1])]


def test_the_same_batch_again_changes_nothing(source):
    take_in(source, BATCH, now=NOON)
    before = state()
    assert take_in(source, BATCH, now=NOON + minutes(5)) == Intake(known=3)
    assert state() == before


def test_one_id_twice_in_a_batch_is_one_post(source):
    assert take_in(source, [raw(1), raw(1, "晴野改了说法")], now=NOON) == Intake(heard=1, stored=1, known=1)
    assert Post.objects.get().text == "晴野茶饮今天排队"


def test_an_edited_or_redated_item_under_a_known_id_makes_nothing_new(source):
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    before = state()
    edited = [raw(1, "晴野改了标题", at=NOON + timedelta(hours=3), title="新标题")]
    assert take_in(source, edited, now=NOON + timedelta(hours=3)) == Intake(known=1)
    after = state()
    assert after.pop("posts") == [("p1", "晴野改了标题", NOON, 0)]
    assert {name: [row for row in rows if row[-1]] for name, rows in after.items() if "hours" in name} == {
        "hours": before["hours"],
        "topic hours": before["topic hours"],
    }
    assert [after[name] == before[name] for name in ("heard", "keys", "matches", "topics")] == [True] * 4


def test_two_sources_may_use_the_same_id(source):
    take_in(source, [raw(1)], now=NOON)
    assert take_in(SourceFactory(), [raw(1)], now=NOON).heard == 1


def test_several_sources_together_are_as_each_for_itself(source):
    """Little of many is one transaction; the same id in two sources is two posts, one of them known here."""
    other, third = SourceFactory(), SourceFactory()
    take_in(other, [raw(1, STORIES[1])], now=NOON)
    handed = [
        (source, [raw(1, STORIES[0]), raw(2, "路边")]),
        (other, [raw(1, STORIES[1]), raw(2, STORIES[0])]),
        (third, []),
    ]
    assert take_in_all(handed, now=NOON + minutes(5)) == {
        source.pk: Intake(heard=2, stored=1),
        other.pk: Intake(heard=1, stored=1, folded=1, known=1),
        third.pk: Intake(),
    }
    before = state()
    again = take_in_all(handed, now=NOON + minutes(9))
    assert again == {source.pk: Intake(known=2), other.pk: Intake(known=2), third.pk: Intake()}
    assert state() == before


def test_one_source_that_fails_harms_no_other(source, monkeypatch):
    """Not even those that were in one transaction with it, nor what they are said to have brought."""
    real, other = analysis.prepared, SourceFactory()

    def fails_for_one(source_, posts):
        if source_ == source:
            raise ZeroDivisionError
        return real(source_, posts)

    monkeypatch.setattr(analysis, "prepared", fails_for_one)
    handed = [(other, [raw(1)]), (source, [raw(1)])]
    assert take_in_all(handed, now=NOON) == {source.pk: None, other.pk: Intake(heard=1, stored=1)}
    assert list(Heard.objects.values_list("source", "external_id")) == [(other.pk, "p1")]


def test_a_failure_while_storing_takes_back_the_whole_batch_before_each_is_tried_alone(source, monkeypatch):
    real, calls = storing._write_posts, []

    def fails_once(*args):
        posts = real(*args)
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return posts

    monkeypatch.setattr(storing, "_write_posts", fails_once)
    other = SourceFactory()
    found = take_in_all([(source, [raw(1, STORIES[0])]), (other, [raw(1, STORIES[1])])], now=NOON)
    assert found == {source.pk: Intake(heard=1, stored=1), other.pk: Intake(heard=1, stored=1)}
    assert (Post.objects.count(), sum(HourCount.objects.values_list("posts", flat=True))) == (2, 2)


def test_metrics_grow_and_never_fall(source):
    take_in(source, [raw(1, likes=10, comments=5, rank=20)], now=NOON)
    take_in(source, [raw(1, likes=7, comments=8, reads=100, rank=3)], now=NOON)
    take_in(source, [raw(1, likes=None, comments=None, reads=50, rank=30)], now=NOON)
    post = Post.objects.get()
    assert (post.likes, post.comments, post.reads, post.reposts, post.rank) == (10, 8, 100, None, 3)


def test_an_id_longer_than_its_column_stays_unique(source):
    long = [raw("1" * 600 + "a"), raw("1" * 600 + "b", STORIES[0])]
    assert take_in(source, long, now=NOON).stored == 2
    assert take_in(source, long, now=NOON) == Intake(known=2)


def test_what_nobody_wanted_is_not_looked_at_again_when_a_rule_changes(source, watch):
    take_in(source, [raw(1, "青野的新品")], now=NOON)
    Watch.objects.update(rule="晴野 OR 青野", version=2)
    assert take_in(source, [raw(1, "青野的新品"), raw(2, "青野的旧款")], now=NOON) == Intake(heard=1, stored=1, known=1)


STEPS = ["_ours", "_write_posts", "_write_topics", "_write_matches", "_count", "newest_match"]


@pytest.mark.parametrize("step", STEPS)
def test_a_death_before_any_step_leaves_nothing_and_the_next_poll_finishes(source, monkeypatch, step):
    class Died(BaseException):
        pass

    def die(*args, **kwargs):
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(storing, step, die)
        with pytest.raises(Died):
            take_in(source, BATCH, now=NOON)
    assert not any(state().values())
    assert take_in(source, BATCH, now=NOON) == Intake(heard=3, stored=3, folded=1)
    once = state()
    take_in(source, BATCH, now=NOON)
    assert state() == once
    assert sum(posts for _hour, posts in once["hours"]) == 3


def test_a_death_between_two_transactions_loses_nothing(source, monkeypatch):
    posts = [raw(number, f"晴野第{number}号门店的编号是{number * 7919}") for number in range(250)]
    real, calls = pipeline._stored, []

    def second_dies(*args):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "_stored", second_dies)
        with pytest.raises(KeyboardInterrupt):
            take_in(source, posts, now=NOON)
    assert Post.objects.count() == 200
    again = take_in(source, posts, now=NOON)
    assert (again.heard, again.stored, again.known) == (50, 50, 200)
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 250


def test_a_plan_made_before_somebody_else_stored_is_made_again(source, monkeypatch):
    real, calls = analysis.score, []

    def somebody_is_faster(items):
        calls.append(1)
        if len(calls) == 1:
            take_in(SourceFactory(), [raw(9, STORIES[0], at=NOON - minutes(5))], now=NOON)
        return real(items)

    monkeypatch.setattr(analysis, "score", somebody_is_faster)
    assert take_in(source, [raw(1, STORIES[0])], now=NOON) == Intake(heard=1, stored=1, folded=1)
    assert Topic.objects.get().size == 2
