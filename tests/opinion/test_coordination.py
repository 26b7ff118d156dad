"""Bursts of the same words by young or hardly followed accounts, and everything that only looks like one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.coordination import is_forward, look
from opinion.spread import Voice
from tests.factories import NOON

SAID = "晴野茶饮的芋泥吃坏了孩子的肚子，门店还不承认，大家千万不要再去买了，看到的都转一下"
OTHERS = [
    "中午去青年路那家排了二十分钟，杨枝甘露还是老味道，芒果给得挺足的",
    "新店装修得不错，靠窗的位子能看见江，就是音乐声音有点大，聊天要靠喊",
    "会员日第二杯半价，给同事带了六杯，袋子破了一个，店员马上换了新的",
]


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def voice(key: int, minutes: float, folded: str = SAID, **more) -> Voice:
    return Voice(key, at(minutes), "微博", more.pop("author", f"用户{key}"), folded=folded, **more)


def crowd(count: int, every: float = 2, first: int = 100, **more) -> list[Voice]:
    """So many accounts that say the same, one after another."""
    return [voice(first + n, n * every, **more) for n in range(count)]


YOUNG = {"since": NOON - timedelta(days=20)}
OLD = {"since": NOON - timedelta(days=2_000), "followers": 900}
LOW = {"followers": 3}
KEYS = set(range(100, 110))


# --- bursts ----------------------------------------------------------------------------------------------------------
def test_young_accounts_that_say_the_same_at_once_are_a_burst():
    found = look([*crowd(10, **YOUNG), voice(1, 5, OTHERS[0], **OLD), voice(2, 9, OTHERS[1], **OLD)])
    [burst] = found.bursts

    assert (found.organic, found.coordinated, found.unknown) == (2, 10, 0)
    assert (burst.since, burst.until, burst.accounts, burst.known) == (at(0), at(18), 10, 10)
    assert (burst.young_share, burst.low_share) == (1.0, None)
    assert set(burst.posts) == KEYS
    assert burst.examples == [100]


def test_hardly_followed_accounts_too_but_the_first_may_have_meant_it():
    found = look(crowd(10, **LOW))
    assert (found.organic, found.coordinated) == (1, 9)
    assert found.arranged == KEYS - {100}
    assert found.bursts[0].low_share == 1.0


def test_light_edits_do_not_hide_it():
    edited = [replace(post, folded=f"{SAID}{'呀啊哦呢吧嘛哈唉嗯哼'[n]}") for n, post in enumerate(crowd(10, **YOUNG))]
    found = look(edited)
    assert (found.coordinated, len(found.bursts), len(found.bursts[0].examples)) == (10, 1, 3)


@pytest.mark.parametrize(("accounts", "arranged"), [(7, 0), (8, 8)])
def test_fewer_than_eight_accounts_are_no_burst(accounts, arranged):
    assert look(crowd(accounts, **YOUNG)).coordinated == arranged


@pytest.mark.parametrize(("every", "arranged"), [(30 / 7, 8), (31 / 7, 0)])
def test_eight_accounts_within_thirty_minutes(every, arranged):
    assert look(crowd(8, every=every, **YOUNG)).coordinated == arranged


@pytest.mark.parametrize(("old", "arranged"), [(3, 7), (4, 0)])
def test_seven_in_ten_of_those_we_know_of(old, arranged):
    posts = [*crowd(10 - old, **YOUNG), *crowd(old, first=200, **OLD)]
    found = look(posts)
    assert (found.coordinated, found.organic) == (arranged, 10 - arranged)


def test_an_established_account_within_a_burst_is_not_counted_with_it():
    found = look([*crowd(9, **YOUNG), voice(1, 3, **OLD)])
    assert found.bursts[0].accounts == 10
    assert 1 not in found.arranged
    assert found.organic == 1


def test_one_account_that_repeats_itself_is_one_account():
    assert look([voice(n, n, author="话多的人", **YOUNG) for n in range(20)]).coordinated == 0


def test_a_second_wave_hours_later_is_a_burst_of_its_own():
    later = [replace(post, key=post.key + 500, at=post.at + timedelta(hours=5)) for post in crowd(8, **YOUNG)]
    found = look([*crowd(9, **YOUNG), *later])
    assert sorted((burst.since, len(burst.posts)) for burst in found.bursts) == [(at(0), 9), (at(300), 8)]


# --- what only looks like one ----------------------------------------------------------------------------------------
def test_forwards_are_what_platforms_are_made_for():
    found = look(crowd(50, every=0.2, is_forward=True, **LOW))
    assert (found.organic, found.coordinated, found.bursts) == (50, 0, [])


@pytest.mark.parametrize(
    ("words", "forward"),
    [
        ("求真相//@路人甲:晴野茶饮的芋泥吃坏了孩子", True),
        ("转发微博", True),
        ("转发 @路人甲：吃坏了", True),
        ("Repost", True),
        ("回复@路人甲:真的吗", True),
        (SAID, False),
        ("求转发！晴野茶饮的芋泥吃坏了孩子", False),
    ],
)
def test_how_a_forward_says_that_it_is_one(words, forward):
    assert is_forward(words) is forward


def test_the_press_prints_the_same_report_word_for_word():
    found = look(crowd(12, is_press=True))
    assert (found.organic, found.coordinated, found.unknown) == (12, 0, 0)


def test_readers_with_few_followers_share_a_report_from_its_page():
    report = voice(1, -60, is_press=True)
    assert look([report, *crowd(20, original=1, **LOW)]).coordinated == 0
    assert look([report, *crowd(20, original=1, followers=3, **YOUNG)]).coordinated == 20  # new accounts do not


def test_followers_share_the_words_of_a_big_account():
    big = voice(1, -60, followers=3_000_000, since=NOON - timedelta(days=900))
    assert look([big, *crowd(20, original=1, **LOW)]).coordinated == 0


def test_people_say_short_things_alike():
    assert look(crowd(30, folded="支持晴野茶饮加油", **YOUNG)).coordinated == 0


def test_people_who_say_different_things_at_once_are_people():
    posts = [voice(n, n, OTHERS[n % 3] + "一二三四五六七八九十"[n] * 40, **YOUNG) for n in range(10)]
    assert (look(posts).coordinated, look(posts).organic) == (0, 10)


# --- what is not told ------------------------------------------------------------------------------------------------
def test_accounts_of_which_nothing_is_told_are_unknown_never_organic():
    found = look([voice(1, 0, OTHERS[0]), voice(2, 1, OTHERS[1], **OLD), Voice(3, at(2), folded=OTHERS[2])])
    assert (found.organic, found.coordinated, found.unknown) == (1, 0, 2)


@pytest.mark.parametrize(("known", "arranged", "unclear"), [(4, 0, 1), (5, 10, 0)])
def test_with_less_than_half_of_the_accounts_known_nothing_is_said(known, arranged, unclear):
    found = look([*crowd(known, **YOUNG), *crowd(10 - known, first=200)])
    assert (found.coordinated, found.unknown, found.unclear) == (arranged, 10 - arranged, unclear)
    assert found.organic == 0  # not even those we know of: the crowd they are in is unclear


def test_what_one_post_tells_of_an_account_holds_for_its_others():
    told = [voice(300 + n, -600, OTHERS[n % 3], author=f"用户{100 + n}", **YOUNG) for n in range(8)]
    assert look([*told, *crowd(8)]).coordinated == 8


def test_a_story_without_posts_is_nothing():
    found = look([])
    assert (found.posts, found.bursts) == (0, [])


# --- whatever comes --------------------------------------------------------------------------------------------------
voices = st.lists(
    st.builds(
        Voice,
        key=st.integers(0, 10**6),
        at=st.integers(0, 90).map(at),
        platform=st.sampled_from(["微博", "抖音"]),
        author=st.sampled_from(["", *"甲乙丙丁戊己庚辛壬癸子丑"]),
        original=st.none() | st.integers(0, 10),
        followers=st.none() | st.integers(0, 100),
        since=st.none() | st.integers(-200, 0).map(lambda days: NOON + timedelta(days=days)),
        is_press=st.booleans() | st.just(False),
        is_forward=st.just(False) | st.booleans(),
        folded=st.sampled_from([SAID, SAID + "啊", SAID[:30], OTHERS[0], ""]) | st.text(max_size=40),
    ),
    max_size=60,
    unique_by=lambda each: each.key,
)


@given(voices, st.randoms())
def test_any_posts_are_told_apart_and_their_order_does_not_matter(posts, random):
    found = look(posts)
    shuffled = posts[:]
    random.shuffle(shuffled)

    assert look(shuffled) == found
    assert found.organic + found.coordinated + found.unknown == len(posts)
    assert min(found.organic, found.coordinated, found.unknown) >= 0
    assert len(found.arranged) == found.coordinated == sum(len(burst.posts) for burst in found.bursts)
    by_key = {post.key: post for post in posts}
    assert not any(by_key[key].is_press or by_key[key].is_forward or not by_key[key].author for key in found.arranged)
    assert all(burst.accounts >= 8 and burst.until >= burst.since for burst in found.bursts)
