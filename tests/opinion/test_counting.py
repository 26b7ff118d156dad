"""The counts behind the curves: added to as posts arrive, moved when a person corrects, made anew when stories move."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Exercise
from opinion.models import HourCount, Match, Post, Topic, TopicCount
from opinion.services import counting
from opinion.services.pipeline import take_in
from tests.factories import NOON, MatchFactory, PostFactory, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


def told(model, **where):
    """(platform, sentiment): posts, without the rows that stand at nothing."""
    rows = model._base_manager.filter(posts__gt=0, **where).values_list("platform", "sentiment", "posts")
    return {(platform, sentiment): posts for platform, sentiment, posts in rows}


def counted(post, topic, *, exercise=None):
    """A post of a watch and story, counted as storing counts it."""
    MatchFactory(post=post, watch=topic.watch, topic=topic, published_at=post.published_at)
    key = (counting.hour_of(post.published_at), post.platform, post.sentiment)
    counting.add(HourCount, ("watch", *counting.BY_HOUR), {(topic.watch_id, *key): {"posts": 1}}, exercise=exercise)
    counting.add(TopicCount, ("topic", *counting.BY_HOUR), {(topic.pk, *key): {"posts": 1}})
    return post


def test_adding_opens_a_row_once_and_raises_it_after():
    watch = WatchFactory()
    for times in (1, 2, 3):
        counting.add(HourCount, ("watch", *counting.BY_HOUR), {(watch.pk, NOON, "微博", "neg"): {"posts": 2}})
        assert HourCount.objects.get().posts == 2 * times


def test_many_rows_are_added_in_statements_of_200():
    watch = WatchFactory()
    sums = {(watch.pk, NOON + timedelta(hours=n), "微博", "neg"): {"posts": n + 1} for n in range(401)}
    with CaptureQueriesContext(connection) as queries:
        counting.add(HourCount, ("watch", *counting.BY_HOUR), sums)
    assert (len(queries), HourCount.objects.count()) == (3, 401)
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 401 * 402 // 2


def test_an_exercise_counts_apart():
    watch = WatchFactory()
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    for exercise in (None, drill, drill):
        sums = {(watch.pk, NOON, "微博", "neg"): {"posts": 1}}
        counting.add(HourCount, ("watch", *counting.BY_HOUR), sums, exercise=exercise)
    assert dict(HourCount.everywhere.values_list("exercise", "posts")) == {None: 1, drill.pk: 2}


def test_moving_takes_away_there_and_adds_here_in_every_watch_and_story():
    one, other = TopicFactory(), TopicFactory()
    post = counted(PostFactory(platform="微博", sentiment="pos"), one)
    counted(post, other)
    counted(PostFactory(platform="微博", sentiment="pos"), one)
    counting.move_sentiment(Post.objects.filter(pk=post.pk), "neg", exercise=None)
    assert told(HourCount, watch=one.watch) == told(TopicCount, topic=one) == {("微博", "pos"): 1, ("微博", "neg"): 1}
    assert told(HourCount, watch=other.watch) == told(TopicCount, topic=other) == {("微博", "neg"): 1}


def test_moving_leaves_what_counts_there_already_and_other_hours_and_platforms():
    topic = TopicFactory()
    here = counted(PostFactory(platform="微博", sentiment="neg"), topic)
    later = counted(PostFactory(platform="微博", sentiment="pos", published_at=NOON + timedelta(hours=1)), topic)
    elsewhere = counted(PostFactory(platform="知乎", sentiment="pos"), topic)
    stays = counted(PostFactory(platform="知乎", sentiment="neu"), topic)
    counting.move_sentiment(Post.objects.exclude(pk=stays.pk), "neg", exercise=None)
    assert {here.pk, later.pk, elsewhere.pk} < set(Post.objects.values_list("pk", flat=True))
    rows = HourCount.objects.filter(posts__gt=0).values_list("hour", "platform", "sentiment", "posts")
    assert sorted(rows) == [
        (NOON, "微博", "neg", 1),
        (NOON, "知乎", "neg", 1),
        (NOON, "知乎", "neu", 1),
        (NOON + timedelta(hours=1), "微博", "neg", 1),
    ]


def test_moving_in_an_exercise_leaves_the_live_counts():
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    topic = TopicFactory()
    counted(PostFactory(platform="微博", sentiment="pos"), topic)
    post = counted(PostFactory(platform="微博", sentiment="pos", exercise=drill), topic, exercise=drill)
    counting.move_sentiment(Post.everywhere.filter(pk=post.pk), "neg", exercise=drill)
    assert told(HourCount, exercise=None) == {("微博", "pos"): 1}
    assert told(HourCount, exercise=drill) == {("微博", "neg"): 1}


def test_moving_there_and_back_is_as_if_nothing_was_moved():
    """From what the pipeline counts by itself, copies included."""
    WatchFactory(rule="晴野")
    source = SourceFactory()
    take_in(source, [raw(1, STORIES[0]), raw(2, "//@甲:" + STORIES[0], at=NOON + minutes(70))], now=NOON)
    before, of_stories = told(HourCount), told(TopicCount)
    [label] = set(Post.objects.values_list("sentiment", flat=True))
    other = "pos" if label == "neg" else "neg"
    counting.move_sentiment(Post.objects.all(), other, exercise=None)
    Post.objects.update(sentiment=other)
    assert told(HourCount) != before
    counting.move_sentiment(Post.objects.all(), label, exercise=None)
    assert (told(HourCount), told(TopicCount)) == (before, of_stories)


def test_moving_takes_the_same_queries_however_many_posts_of_an_hour():
    topic = TopicFactory()
    posts = [counted(PostFactory(platform="微博", sentiment="pos"), topic) for _ in range(4)]
    numbers = []
    for some in (posts[:1], posts[1:]):
        with CaptureQueriesContext(connection) as queries:
            counting.move_sentiment(Post.objects.filter(pk__in=[post.pk for post in some]), "neg", exercise=None)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_a_story_is_counted_anew_from_its_posts():
    topic, emptied = TopicFactory(size=9), TopicFactory(size=2)
    counted(PostFactory(platform="微博", sentiment="pos", published_at=NOON - timedelta(hours=3)), topic)
    counted(PostFactory(platform="微博", sentiment="neg"), topic)
    moved = counted(PostFactory(platform="知乎", sentiment="neg", published_at=NOON + timedelta(hours=2)), emptied)
    Match.objects.filter(post=moved).update(topic=topic)
    counting.recount([topic, emptied])
    rows = TopicCount.objects.filter(topic=topic).values_list("hour", "platform", "sentiment", "posts")
    assert sorted(rows) == [
        (NOON - timedelta(hours=3), "微博", "pos", 1),
        (NOON, "微博", "neg", 1),
        (NOON + timedelta(hours=2), "知乎", "neg", 1),
    ]
    assert not TopicCount.objects.filter(topic=emptied).exists()
    assert Topic.objects.filter(pk=topic.pk).values_list("size", "first_at", "last_at").get() == (
        3,
        NOON - timedelta(hours=3),
        NOON + timedelta(hours=2),
    )
    assert Topic.objects.get(pk=emptied.pk).size == 0
