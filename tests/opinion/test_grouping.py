"""Posts are gathered into stories: closeness in words, and in time where a watch hears little."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.grouping import (
    ALIKE,
    LEAST,
    LIVES,
    LOUD,
    OWN_WORDS_WEIGH,
    SURE,
    Group,
    Stories,
    bag,
    join,
    likeness,
    nearest,
    needed,
    unrelated,
)
from tests.factories import NOON

HOUR = timedelta(hours=1)


def group(terms, at=NOON, size=1):
    return Group("story", terms, size, at, at)


def test_likeness_is_the_cosine():
    assert likeness({"a": 1.0}, {"a": 2.0}) == pytest.approx(1)
    assert likeness({"a": 1.0, "b": 1.0}, {"a": 1.0}) == pytest.approx(0.7071, abs=1e-4)
    assert likeness({"a": 1.0}, {}) == 0


def test_the_words_of_the_watch_weigh_less():
    weighed = bag({"晴野": 1.0, "标签": 1.0}, ["晴野茶饮"])
    assert weighed["晴野"] == pytest.approx(weighed["标签"] * OWN_WORDS_WEIGH)
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
    assert story == Group("story", {"店员": 0.5, "标签": 0.5}, 2, NOON, NOON + HOUR, lately=1)
    join(story, {}, NOON - HOUR)
    assert story == Group("story", {"店员": 0.5, "标签": 0.5}, 3, NOON - HOUR, NOON + HOUR, lately=2)


def test_stories_are_found_by_their_words_and_grow_as_posts_come():
    stories = Stories()
    stories.add(group({"标签": 1.0, "店员": 1.0}))
    taken = stories.take({"标签": 1.0}, NOON, 1)
    assert (taken.key, taken.size) == ("story", 2)
    opened = stories.take({"招聘": 1.0}, NOON, 1)
    assert (opened.key, opened.size, opened.terms) == (None, 1, {"招聘": 1.0})
    assert stories.take({"招聘": 1.0, "店长": 0.2}, NOON + HOUR, 1) is opened
    assert stories.take({}, NOON, 1).size == 1


# --- a story that is what everybody talks about ----------------------------------------------------------------------
def loud(**more):
    return Group("affair", {"标签": 1.0}, 40, NOON, NOON, before=0.02, lately=40, **more)


def test_while_one_story_is_what_is_talked_of_the_next_post_is_about_it():
    affair = loud()
    assert unrelated(affair) <= SURE
    assert nearest({"店长": 1.0}, [affair], NOON + HOUR, 1) is affair
    stories = Stories()
    stories.add(affair)
    assert stories.take({"店长": 1.0}, NOON + HOUR, 1) is affair


def test_but_what_is_nearer_to_another_story_goes_there():
    jobs = group({"招聘": 1.0})
    assert nearest({"招聘": 1.0}, [loud(), jobs], NOON, 1) is jobs


def test_a_small_story_and_one_whose_past_is_not_known_are_never_loud():
    small = Group("new", {"标签": 1.0}, LOUD - 1, NOON, NOON, before=0.02, lately=11)
    unknown = Group("old", {"标签": 1.0}, 40, NOON, NOON, lately=40)
    assert (unrelated(small), unrelated(unknown)) == (1.0, 1.0)
    assert nearest({"店长": 1.0}, [small, unknown], NOON, 1) is None


def test_where_a_brand_is_always_talked_of_no_story_is_loud():
    assert unrelated(Group("launch", {}, 40, NOON, NOON, before=2.0, lately=40)) > SURE


def test_nobody_joins_a_loud_story_without_words_or_after_two_days():
    assert nearest({}, [loud()], NOON, 1) is None
    assert nearest({"店长": 1.0}, [loud()], NOON + LIVES + HOUR, 1) is None


def test_the_parts_of_a_latin_word_do_not_count_beside_it():
    assert bag({"iphone15": 1.0, "iphone": 1.0, "上市": 1.0}, []).keys() == {"iphone15", "上市"}


WORDS = st.dictionaries(
    st.sampled_from(["标签", "店长", "招聘", "排队", "新品", "举报"]), st.floats(0.1, 3), max_size=4
)
POSTS = st.lists(st.tuples(WORDS, st.integers(0, 3000)), max_size=12)


@given(POSTS)
def test_gathering_is_the_same_every_time_and_loses_no_post(posts):
    def gathered():
        stories = Stories()
        found = [stories.take(bag(words, []), NOON + HOUR * (at / 60), 0.1) for words, at in posts]
        return [(group.size, group.terms, group.first_at, group.last_at) for group in found], found

    once, groups = gathered()
    again, _groups = gathered()
    assert once == again
    assert sum({id(group): group.size for group in groups}.values()) == len(posts)
    assert all(group.first_at <= group.last_at for group in groups)
