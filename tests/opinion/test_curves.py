"""Curves are read from counts, hour by hour without gaps, and never from posts."""

from datetime import timedelta

import pytest

from opinion.models import HourCount, TopicCount
from opinion.selectors.curves import curve, topic_curves, watch_days
from tests.factories import NOON, TopicFactory, WatchFactory

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_a_curve_of_watches_by_sentiment():
    one, other = WatchFactory(), WatchFactory()
    for watch, hour, platform, sentiment, posts in [
        (one, NOON, "微博", "neg", 3),
        (one, NOON, "知乎", "neg", 2),
        (one, NOON - 2 * HOUR, "微博", "pos", 1),
        (one, NOON - 9 * HOUR, "微博", "pos", 7),
        (other, NOON, "微博", "neu", 4),
    ]:
        HourCount.objects.create(watch=watch, hour=hour, platform=platform, sentiment=sentiment, posts=posts)
    drawn = curve(until=NOON + timedelta(minutes=50), hours=3, watches=[one.pk])
    assert drawn.hours == [NOON - 2 * HOUR, NOON - HOUR, NOON]
    assert (drawn.neg, drawn.neu, drawn.pos, drawn.total) == ([0, 0, 5], [0, 0, 0], [1, 0, 0], [1, 0, 5])
    assert curve(until=NOON, hours=1).neu == [4]


def test_curves_of_topics(django_assert_num_queries):
    topics = [TopicFactory() for _ in range(3)]
    TopicCount.objects.create(topic=topics[0], hour=NOON, platform="微博", sentiment="neg", posts=3)
    TopicCount.objects.create(topic=topics[0], hour=NOON, platform="知乎", sentiment="neg", posts=1)
    TopicCount.objects.create(topic=topics[2], hour=NOON - HOUR, platform="微博", sentiment="pos", posts=5)
    with django_assert_num_queries(1):
        lines = topic_curves([topic.pk for topic in topics], until=NOON, hours=3)
    assert list(lines.values()) == [[0, 0, 4], [0, 0, 0], [0, 5, 0]]
    assert curve(until=NOON, hours=2, topics=[topics[2].pk]).pos == [5, 0]


def test_days_of_a_watch_are_those_of_the_company(django_assert_num_queries):
    watch = WatchFactory()
    late = NOON.replace(hour=15) - timedelta(days=1)  # 23:00 in Shanghai, the day before
    early = NOON.replace(hour=16) - timedelta(days=1)  # midnight there: today
    for hour, posts in ((late, 2), (early, 3)):
        HourCount.objects.create(watch=watch, hour=hour, platform="微博", sentiment="neu", posts=posts)
    with django_assert_num_queries(1):
        assert watch_days([watch], until=NOON, days=3) == {watch.pk: [0, 2, 3]}
