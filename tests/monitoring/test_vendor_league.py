"""The league table: volume, duplicates, delay, who was first, false alarms, over the last thirty days."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitoring.models import Push, PushedItem, Signal
from monitoring.selectors.vendors import days, league, percentile, standing
from opinion.models import Post
from tests.factories import PostFactory, SourceFactory, TopicFactory
from tests.monitoring.vendor_tools import vendor_with_key

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def two(cast, noon):
    """Two vendors with a key each."""
    return [vendor_with_key(cast["pr"], name=name, now=noon) for name in ("甲", "乙")]


def pushed(vendor_and_key, posts, *, at, delay=60, outcome="stored", duplicates=0):
    """A push that brought these posts and so many duplicates."""
    vendor, shown = vendor_and_key
    counts = {outcome: len(posts), "duplicate": duplicates}
    batch = Push.objects.create(
        vendor=vendor,
        key=shown.key,
        message_id=str(Push.objects.count()),
        received_at=at,
        items=len(posts) + duplicates,
        answer=[],
        **counts,
    )
    for position, post in enumerate(posts):
        PushedItem.objects.create(push=batch, position=position, outcome=outcome, post=post, delay_seconds=delay)
    return batch


def a_post(vendor_and_key, at, **more):
    source = vendor_and_key[0].channels.get().source if vendor_and_key else SourceFactory()
    return PostFactory(source=source, first_seen_at=at, published_at=at - MINUTE, **more)


def test_volume_duplicates_and_the_days(two, noon):
    first, _second = two
    pushed(first, [a_post(first, noon)], at=noon, duplicates=3)
    pushed(first, [a_post(first, noon)], at=noon - timedelta(days=2), duplicates=0)
    pushed(first, [a_post(first, noon)], at=noon - timedelta(days=31), duplicates=50)
    row = standing(first[0], noon)
    assert (row.items, row.stored, row.duplicate, row.duplicate_share) == (5, 2, 3, 0.6)
    assert row.last_push_at == noon
    listed = days(first[0], noon)
    assert [(day.day.day, day.items, day.stored, day.duplicate) for day in listed[:4]] == [
        (18, 4, 1, 3),
        (17, 0, 0, 0),
        (16, 1, 1, 0),
        (15, 0, 0, 0),
    ]
    assert len(listed) == 14


def test_delay_is_the_median_and_what_nine_of_ten_did_not_exceed(two, noon):
    first, second = two
    for minutes in range(1, 11):
        pushed(first, [a_post(first, noon)], at=noon, delay=60 * minutes)
    pushed(first, [a_post(first, noon)], at=noon, delay=86_400, outcome="duplicate")
    row = standing(first[0], noon)
    assert (row.median, row.p90) == (timedelta(minutes=5), timedelta(minutes=9))
    assert (standing(second[0], noon).median, standing(second[0], noon).p90) == (None, None)


def test_percentiles_by_nearest_rank():
    assert percentile([(5, 1)], 0.9) == timedelta(seconds=5)
    assert percentile([(1, 9), (100, 1)], 0.9) == timedelta(seconds=1)
    assert percentile([(1, 8), (100, 2)], 0.9) == timedelta(seconds=100)


def test_who_was_first_counts_by_groups_of_reposts(two, noon):
    first, second = two
    alone = a_post(first, noon)
    led = a_post(first, noon, copy_count=1)
    followed = a_post(second, noon + MINUTE, original=led)
    # A feed of our own had it; the vendor's copy came later.
    ours = a_post(None, noon, copy_count=1)
    late = a_post(first, noon + MINUTE, original=ours)
    # The copy was heard before the original it was folded into.
    original = a_post(second, noon + 5 * MINUTE, copy_count=1)
    early = a_post(first, noon, original=original)
    # Two copies of one vendor do not beat each other.
    pushed(first, [alone, led, late, early], at=noon)
    pushed(second, [followed, original], at=noon)
    table = {row.vendor.name: (row.told, row.first) for row in league(noon + 10 * MINUTE)}
    assert table == {"甲": (4, 3), "乙": (2, 0)}
    assert [row.vendor.name for row in league(noon + 10 * MINUTE)] == ["甲", "乙"]


def test_ones_own_earlier_channel_does_not_beat_one(two, noon):
    first, _second = two
    led = a_post(first, noon, copy_count=1)
    copy = a_post(first, noon + MINUTE, original=led)
    pushed(first, [led, copy], at=noon)
    assert (standing(first[0], noon).told, standing(first[0], noon).first) == (2, 2)


def test_false_alarms_are_the_judged_signals_that_cite_its_posts(two, noon):
    first, second = two
    mine, theirs = [a_post(first, noon), a_post(first, noon)], a_post(second, noon)
    for is_useful, posts in [(False, [*mine, theirs]), (True, mine[:1]), (None, mine), (False, [a_post(None, noon)])]:
        topic = TopicFactory()
        signal = Signal.objects.create(
            watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon, is_useful=is_useful
        )
        signal.posts.set(posts)
    assert {row.vendor.name: (row.false_alarms, row.judged) for row in league(noon)} == {"甲": (1, 2), "乙": (1, 1)}


def test_the_table_takes_the_same_queries_for_any_number_of_vendors(two, cast, noon):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            league(noon)
        return len(caught)

    for one in two:
        pushed(one, [a_post(one, noon)], at=noon)
    few = queries()
    for number in range(4):
        more = vendor_with_key(cast["pr"], name=f"第{number}家", now=noon)
        pushed(more, [a_post(more, noon), a_post(more, noon)], at=noon)
    assert queries() == few
    assert Post.objects.count() == 10
