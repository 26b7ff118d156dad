"""How a story travelled, worked by hand."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.spread import MOST_POINTS, MOST_RELAYS, Voice, cumulative, half_life, relays, work_out
from tests.factories import NOON

LATER = NOON + timedelta(days=3)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def voice(key: int, minutes: float, platform: str = "微博", author: str = "", **more) -> Voice:
    return Voice(key, at(minutes), platform, author or f"用户{key}", **more)


# --- who was first ---------------------------------------------------------------------------------------------------
def test_the_first_voice_is_the_earliest_whatever_the_order():
    found = work_out([voice(2, 30), voice(1, 5, "小红书"), voice(3, 90)], LATER)
    assert (found.first, found.first_at, found.last_at, found.posts) == (1, at(5), at(90), 3)


def test_the_first_voices_of_a_story_too_long_to_count_are_not_lost():
    found = work_out([voice(8, 600), voice(9, 610, "知乎")], LATER, earliest=[voice(1, 0), voice(2, 20, "知乎")])
    assert (found.first, found.posts) == (1, 2)
    assert [(row.name, row.first, row.posts) for row in found.platforms] == [("微博", 1, 1), ("知乎", 2, 1)]


def test_platforms_stand_in_the_order_the_story_reached_them():
    posts = [voice(1, 0), voice(2, 45, "抖音"), voice(3, 50), voice(4, 130, "知乎"), voice(5, 140)]
    found = work_out(posts, LATER).platforms
    assert [(row.name, row.first, row.posts, row.share, row.delay_seconds) for row in found] == [
        ("微博", 1, 3, 0.6, 0),
        ("抖音", 2, 1, 0.2, 45 * 60),
        ("知乎", 4, 1, 0.2, 130 * 60),
    ]


def test_a_name_on_two_platforms_is_two_accounts_and_a_nameless_post_is_none():
    posts = [
        voice(1, 0, author="小林"), voice(2, 1, author="小林"), voice(3, 2, "知乎", author="小林"),
        Voice(4, at(3), "知乎"),
    ]  # fmt: skip
    found = work_out(posts, LATER)
    assert (found.accounts, found.nameless) == (2, 1)


def test_accounts_are_unknown_where_no_post_names_its_author():
    assert work_out([Voice(1, NOON), Voice(2, at(1))], LATER).accounts is None


def test_without_posts_there_is_nothing():
    assert work_out([], LATER) is None


# --- half-life -------------------------------------------------------------------------------------------------------
# Noon is the start of an hour. Three posts in the peak hour 12:00–13:00, then four: half of them have come with the
# second, at 13:40, which is 40 minutes after the peak hour.
PEAK = [0, 10, 20]


@pytest.mark.parametrize(
    ("after", "hours"),
    [
        ([70, 100, 200, 260], 0.67),
        ([70, 100, 200], 0.67),  # the second of three
        ([90], 0.5),
        ([60], 0.0),  # on the hour: the next one has begun
        ([], None),  # nothing came after the peak
    ],
)
def test_half_life_is_the_time_from_the_end_of_the_peak_hour_to_half_of_what_came_after(after, hours):
    assert half_life([at(minute) for minute in PEAK + after], LATER) == hours


def test_posts_before_the_peak_do_not_count():
    assert half_life([at(minute) for minute in [-300, -200, *PEAK, 90, 150]], LATER) == 0.5


def test_of_equal_hours_the_first_is_the_peak():
    assert half_life([at(0), at(60), at(120)], LATER) == 0.0


@pytest.mark.parametrize(("minutes_later", "grows"), [(30, True), (3 * 60 + 59, True), (4 * 60, False)])
def test_it_is_unknown_while_the_story_still_grows(minutes_later, grows):
    found = work_out([voice(n, minute) for n, minute in enumerate([*PEAK, 90])], at(minutes_later))
    assert (found.grows, found.half_life_hours) == (grows, None if grows else 0.5)


# --- the curve -------------------------------------------------------------------------------------------------------
def test_the_curve_counts_up_by_the_hour_without_gaps():
    curve = cumulative([at(5), at(50), at(60), at(200)])
    assert (curve.step_hours, curve.starts) == (1, [at(0), at(60), at(120), at(180)])
    assert curve.totals == [2, 3, 3, 4]


@pytest.mark.parametrize(("hours", "step"), [(119, 1), (120, 2), (300, 3), (1_000, 12), (5_000, 48), (100_000, 840)])
def test_a_long_story_has_coarser_steps(hours, step):
    curve = cumulative([at(0), at(60 * hours)])
    assert curve.step_hours == step
    assert len(curve.starts) <= MOST_POINTS
    assert (curve.totals[0], curve.totals[-1]) == (1, 2)


# --- relays ----------------------------------------------------------------------------------------------------------
def test_the_post_that_a_rise_followed_is_credited_with_it_once():
    """One post an hour, then a big account speaks and thirty follow within the hour."""
    quiet = [voice(n, -60 * n) for n in range(5, 0, -1)]
    before = voice(10, 9, followers=12)  # a minute before the big account: followed by the same rise
    big = voice(11, 10, followers=2_000_000, reposts=900, comments=80, likes=20)
    crowd = [voice(100 + n, 11 + n, followers=30, original=11) for n in range(30)]
    found = relays([*quiet, before, big, *crowd], first=5)

    assert (found[0].key, found[0].rise, found[0].copies) == (11, 30 - 1, 30)
    assert (found[0].interactions, found[0].followers) == (1_000, 2_000_000)
    assert found[0].weight == pytest.approx(29 / 31 + 1 + 1, abs=1e-3)  # the one before it has the rise of 31
    assert all(row.weight < 0.001 for row in found[1:])  # the followers of the others, and no rise


def test_where_nothing_is_told_the_rise_alone_decides():
    posts = [voice(1, 0), voice(2, 300), *(voice(10 + n, 310 + n) for n in range(9))]
    found = relays(posts, first=1)
    assert (found[0].key, found[0].rise, found[0].weight) == (2, 9, 1.0)
    assert (found[0].interactions, found[0].followers) == (None, None)


def test_nobody_is_a_relay_where_nothing_followed_and_nothing_is_told():
    assert relays([voice(1, 0), voice(2, 300)], first=1) == []


def test_the_first_voice_is_no_relay_of_itself():
    posts = [voice(1, 0, reposts=500), voice(2, 300, reposts=5)]
    assert [row.key for row in relays(posts, first=1)] == [2]


def test_unknown_interactions_are_none_and_known_ones_are_added():
    posts = [voice(1, 0), voice(2, 300, likes=0), voice(3, 600, reposts=3, likes=4)]
    assert [(row.key, row.interactions) for row in relays(posts, first=1)] == [(3, 7)]


# --- whatever comes --------------------------------------------------------------------------------------------------
numbers = st.none() | st.integers(min_value=0, max_value=10**9)
voices = st.lists(
    st.builds(
        Voice,
        key=st.integers(0, 10**6),
        at=st.integers(-(10**6), 10**6).map(at),
        platform=st.sampled_from(["微博", "抖音", "知乎", ""]),
        author=st.sampled_from(["", "甲", "乙", "丙"]),
        original=st.none() | st.integers(0, 10),
        followers=numbers,
        reposts=numbers,
        comments=numbers,
        likes=numbers,
        reads=numbers,
    ),
    max_size=40,
    unique_by=lambda each: each.key,
)


@given(voices, st.integers(-(10**6), 10**6), st.randoms())
def test_any_posts_give_a_picture_and_their_order_does_not_matter(posts, minutes, random):
    found = work_out(posts, at(minutes))
    shuffled = posts[:]
    random.shuffle(shuffled)
    assert work_out(shuffled, at(minutes)) == found
    if found is None:
        assert not posts
        return
    assert sum(row.share for row in found.platforms) == pytest.approx(1)
    assert sum(row.posts for row in found.platforms) == found.posts == found.curve.totals[-1] == len(posts)
    assert all(one <= two for one, two in pairwise(found.curve.totals))
    assert len(found.curve.totals) <= MOST_POINTS
    assert len(found.relays) <= MOST_RELAYS
    assert found.half_life_hours is None or found.half_life_hours >= 0
    assert all(0 <= row.weight <= 3 for row in found.relays)
