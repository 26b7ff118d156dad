"""What the first page says about listening: all three classes, who is silent, the newest signals."""

from datetime import timedelta

import pytest

from monitoring.models import Signal
from monitoring.selectors import coverage_today, newest_signals
from tests.factories import NOON, PostFactory, SourceFactory, TopicFactory

pytestmark = pytest.mark.django_db


def test_coverage_names_all_three_classes_even_one_nobody_listens_to(django_assert_num_queries):
    weibo = SourceFactory(source_class="platform", last_good_at=NOON - timedelta(minutes=5))
    SourceFactory(source_class="media", last_good_at=NOON - timedelta(hours=25))
    SourceFactory(name="知乎", source_class="platform", failures=9, health="unreachable", last_good_at=NOON)
    PostFactory(source=weibo, first_seen_at=NOON)
    PostFactory(source=weibo, first_seen_at=NOON - timedelta(days=1))
    with django_assert_num_queries(2):
        found = {row.code: row for row in coverage_today(NOON)}
    assert list(found) == ["platform", "media", "own"]
    platform = found["platform"]
    assert (platform.sources, platform.listening, platform.posts, platform.is_covered) == (2, 1, 1, True)
    assert [source.name for source in platform.silent] == ["知乎"]
    assert (found["media"].sources, found["media"].is_covered) == (1, False)
    assert (found["own"].sources, found["own"].is_covered) == (0, False)


def test_the_newest_signals_are_those_that_grew_last(django_assert_num_queries):
    for minutes in (3, 1, 2):
        topic = TopicFactory(title=f"{minutes}")
        at = NOON + timedelta(minutes=minutes)
        Signal.objects.create(watch=topic.watch, topic=topic, kind="burst", opened_at=NOON, grown_at=at, suggestion="3")
    Signal.objects.filter(topic__title="2").update(closed_at=NOON)
    with django_assert_num_queries(1):
        assert [signal.topic.title for signal in newest_signals()] == ["3", "1"]
