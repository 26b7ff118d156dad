"""Stories are worked out in the background, and posts of arranged bursts are marked and unmarked."""

from datetime import timedelta

import pytest

from accounts.models import Exercise
from opinion.models import Match, Post, Topic, TopicSpread
from opinion.services import spreading
from opinion.services.pipeline import take_in
from opinion.services.spreading import due, spread_stories
from opinion.tasks import spread_stories as task
from tests.factories import NOON, MatchFactory, PostFactory, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db
YOUNG = {"followers": 2, "author_since": NOON - timedelta(days=9)}
LATER = NOON + timedelta(hours=9)


def burst(count=10, text=STORIES[0], start=0, **more):
    """So many young accounts that say the same within minutes, as a source hands them over."""
    return [
        raw(f"b{start}-{n}", text, at=NOON + minutes(start + n), author=f"新号{start}-{n}", **{**YOUNG, **more})
        for n in range(count)
    ]


@pytest.fixture
def weibo():
    WatchFactory(rule="晴野")
    return SourceFactory()


def topic_with(*posts, **values):
    topic = TopicFactory(**{"size": len(posts), **values})
    for post in posts:
        MatchFactory(topic=topic, watch=topic.watch, post=post, published_at=post.published_at)
    return topic


def arranged():
    return Post.everywhere.filter(is_coordinated=True)


# --- through the pipeline --------------------------------------------------------------------------------------------
def test_a_burst_that_was_heard_is_worked_out_and_marked(weibo):
    honest = [
        raw("h1", "带孩子去看了医生，说是积食，跟晴野茶饮的芋泥没有关系", author="妈妈", followers=800, at=NOON),
        raw("h2", f"真的假的？//@新号0-1:{STORIES[0]}", author="路人", followers=5, at=NOON + minutes(12)),
    ]  # fmt: skip
    take_in(weibo, [*burst(), *honest], now=NOON)

    assert spread_stories(LATER) >= 1

    assert arranged().count() == 10
    assert not arranged().filter(author__in=("妈妈", "路人")).exists()
    kept = TopicSpread.objects.order_by("-topic__size").first()
    assert kept.as_of == LATER
    assert kept.figures["coordination"]["coordinated"] == 10
    assert kept.figures["spread"]["posts"] == kept.topic.size == kept.figures["size"]
    assert "新号" not in str(kept.figures)  # names and words stay with the posts, where they can be erased
    assert "芋泥" not in str(kept.figures)


def test_sources_that_tell_nothing_of_accounts_leave_it_unknown(weibo):
    take_in(weibo, burst(followers=None, author_since=None), now=NOON)
    spread_stories(LATER)
    figures = TopicSpread.objects.get().figures["coordination"]
    assert (figures["organic"], figures["coordinated"], figures["unknown"], figures["unclear"]) == (0, 0, 10, 1)
    assert not arranged().exists()


def test_a_mark_is_taken_off_where_the_burst_no_longer_holds(weibo):
    take_in(weibo, burst(author_since=None), now=NOON)
    spread_stories(LATER)
    assert arranged().count() == 9
    Post.everywhere.update(followers=20_000)  # what the source said at the next poll
    Topic.everywhere.update(size=11)

    spread_stories(LATER + minutes(1))

    assert not arranged().exists()


def test_a_mark_stays_while_another_watchs_story_calls_the_post_arranged(weibo):
    WatchFactory(rule="芋泥")
    take_in(weibo, burst(), now=NOON)
    spread_stories(LATER)
    small = Topic.everywhere.order_by("pk").last()
    gone = Match.objects.filter(topic=small).order_by("pk")[:5]
    Match.objects.filter(pk__in=[match.pk for match in gone]).delete()
    Topic.everywhere.filter(pk=small.pk).update(size=5)

    spread_stories(LATER + minutes(1))

    assert TopicSpread.objects.get(topic=small).figures["coordination"]["coordinated"] == 0
    assert arranged().count() == 10


# --- which stories ---------------------------------------------------------------------------------------------------
def test_a_story_is_looked_at_again_when_posts_came_in(weibo):
    take_in(weibo, burst(3), now=NOON)
    assert [spread_stories(NOON + minutes(5)), spread_stories(NOON + minutes(6))] == [1, 0]
    take_in(weibo, burst(2, start=4), now=NOON + minutes(7))
    assert [spread_stories(NOON + minutes(8)), spread_stories(NOON + minutes(9))] == [1, 0]
    assert TopicSpread.objects.get().figures["spread"]["posts"] == 5


def test_a_story_that_ended_is_looked_at_every_hour_until_its_figures_stand():
    topic_with(PostFactory(), PostFactory(published_at=NOON + minutes(90)))
    Topic.everywhere.update(last_at=NOON + minutes(90))
    times = [NOON + timedelta(hours=hours) for hours in (2, 2.5, 3.5, 48, 52, 54, 300)]
    assert [spread_stories(time) for time in times] == [1, 0, 1, 1, 1, 0, 0]
    spread = TopicSpread.objects.get().figures["spread"]
    assert (spread["grows"], spread["half_life_hours"]) == (False, 0.5)


def test_one_post_alone_has_not_travelled():
    topic_with(PostFactory())
    assert spread_stories(LATER) == 0


def test_a_story_merged_into_another_is_left_alone():
    into = topic_with(PostFactory(), PostFactory())
    topic_with(PostFactory(), PostFactory(), merged_into=into)
    assert list(due(LATER)) == [into]


def test_the_largest_stories_come_first_and_a_round_has_an_end(monkeypatch):
    small, large = topic_with(*[PostFactory() for _ in range(2)]), topic_with(*[PostFactory() for _ in range(3)])
    monkeypatch.setattr(spreading, "MOST_TOPICS", 1)
    assert spread_stories(LATER) == 1
    assert TopicSpread.objects.get().topic == large
    assert spread_stories(LATER) == 1
    assert TopicSpread.objects.filter(topic=small).exists()


def test_a_long_story_is_counted_by_its_newest_posts_and_keeps_its_first_voice(monkeypatch):
    monkeypatch.setattr(spreading, "MOST_POSTS", 3)
    posts = [PostFactory(published_at=NOON + minutes(n)) for n in range(5)]
    spreading.spread_story(topic_with(*posts), LATER)
    figures = TopicSpread.objects.get().figures
    assert (figures["is_cut"], figures["spread"]["posts"], figures["spread"]["first"]) == (True, 3, posts[0].pk)


def test_a_story_whose_posts_are_gone_is_no_picture():
    spreading.spread_story(topic_with(size=2), LATER)
    assert TopicSpread.objects.get().figures["spread"] is None


def test_the_number_of_queries_does_not_grow_with_the_posts(django_assert_max_num_queries):
    for count in (2, 40):
        topic = topic_with(*[PostFactory() for _ in range(count)])
        with django_assert_max_num_queries(7):  # the posts; the story's row in savepoints
            spreading.spread_story(topic, LATER)


# --- drills ----------------------------------------------------------------------------------------------------------
def test_a_drill_is_worked_out_by_its_own_clock():
    clock = NOON - timedelta(days=300)
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=clock, speed=0)
    ended = Exercise.objects.create(name="旧演练", kind="drill", started_at=NOON, clock_from=clock, ended_at=NOON)
    live, drilled, over = (
        topic_with(*[PostFactory(exercise=exercise) for _ in range(2)], exercise=exercise)
        for exercise in (None, drill, ended)
    )
    task()
    assert TopicSpread.objects.get(topic=drilled).as_of == clock
    assert TopicSpread.objects.filter(topic=live).exists()
    assert not TopicSpread.objects.filter(topic=over).exists()
