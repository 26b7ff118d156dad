"""Posts are gathered into stories: closeness in words, and in time where a watch hears little."""

from datetime import timedelta

import pytest

from opinion.grouping import ALIKE, LEAST, LIVES, Group, Stories, bag, join, likeness, nearest, needed
from tests.factories import NOON

HOUR = timedelta(hours=1)


def group(terms, at=NOON, size=1):
    return Group("story", terms, size, at, at)


def test_likeness_is_the_cosine():
    assert likeness({"a": 1.0}, {"a": 2.0}) == pytest.approx(1)
    assert likeness({"a": 1.0, "b": 1.0}, {"a": 1.0}) == pytest.approx(0.7071, abs=1e-4)
    assert likeness({"a": 1.0}, {}) == 0


def test_the_words_of_the_watch_weigh_half():
    weighed = bag({"晴野": 1.0, "标签": 1.0}, ["晴野茶饮"])
    assert weighed["晴野"] == pytest.approx(weighed["标签"] / 2)
    assert likeness(weighed, weighed) == pytest.approx(1)


def test_where_little_is_heard_two_posts_within_the_hour_need_little_in_common():
    assert needed(timedelta(0), 0.01) == LEAST
    assert needed(timedelta(0), 10) == pytest.approx(ALIKE, abs=1e-4)
    assert needed(timedelta(0), 0.3) < needed(24 * HOUR, 0.3) <= ALIKE


def test_a_post_joins_the_story_it_resembles_most():
    tags, queue = group({"标签": 1.0}), group({"排队": 1.0})
    assert nearest({"标签": 1.0, "店员": 0.5}, [queue, tags], NOON, 1) is tags


def test_a_post_that_resembles_none_opens_its_own():
    assert nearest({"招聘": 1.0}, [group({"标签": 1.0})], NOON, 1) is None
    assert nearest({}, [group({"标签": 1.0})], NOON, 1) is None


def test_a_story_nobody_spoke_of_for_two_days_takes_no_more_posts():
    old = group({"标签": 1.0}, NOON - LIVES - HOUR)
    assert nearest({"标签": 1.0}, [old], NOON, 1) is None
    assert nearest({"标签": 1.0}, [group({"标签": 1.0}, NOON - LIVES)], NOON, 1) is not None


def test_joining_moves_the_story_towards_the_post_and_a_repost_moves_nothing():
    story = group({"标签": 1.0})
    join(story, {"店员": 1.0}, NOON + HOUR)
    assert story == Group("story", {"店员": 0.5, "标签": 0.5}, 2, NOON, NOON + HOUR)
    join(story, {}, NOON - HOUR)
    assert story == Group("story", {"店员": 0.5, "标签": 0.5}, 3, NOON - HOUR, NOON + HOUR)


def test_stories_are_found_by_their_words_and_grow_as_posts_come():
    stories = Stories()
    stories.add(group({"标签": 1.0, "店员": 1.0}))
    taken = stories.take({"标签": 1.0}, NOON, 1)
    assert (taken.key, taken.size) == ("story", 2)
    opened = stories.take({"招聘": 1.0}, NOON, 1)
    assert (opened.key, opened.size, opened.terms) == (None, 1, {"招聘": 1.0})
    assert stories.take({"招聘": 1.0, "店长": 0.2}, NOON + HOUR, 1) is opened
    assert stories.take({}, NOON, 1).size == 1
