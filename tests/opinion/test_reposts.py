"""Reposts are recognised through what people change when they pass something on; different texts stay apart."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion import reposts
from opinion.text import fold
from tests.opinion.factories import STORIES

ORIGINAL = STORIES[0]
REPOSTS = [
    ORIGINAL,
    "转发微博//@某某:" + ORIGINAL,
    "太可怕了，大家都来看看 " + ORIGINAL + " https://t.cn/abc",
    ORIGINAL[: len(ORIGINAL) * 7 // 10],
    ORIGINAL.replace("，", "！") + "[怒][怒]#晴野#",
    ORIGINAL.replace("顾客", "客人").replace("热线", "电话"),
]
EMPTY = [
    "",
    "转发微博",
    "转发微博转发微博",
    "轉發微博//@甲:转发微博//@乙:",
    "//@甲://@乙:",
    "[怒][怒][怒]",
    "😡😡👍👍🙏🏻",
    "哈哈哈哈哈哈哈",
    "Repost",
    "@甲乙丙 @丁戊己",
    "。。。。。。。。！！！！",
    "233333333",
]
OTHERS = [STORIES[1], STORIES[2], "晴野茶饮建国路店今天关门", "晴野茶饮"]


def grams(text):
    return reposts.grams(fold(text).text)


def share_a_band(one, other):
    keys = reposts.bands([grams(one), grams(other)])
    return bool(set(keys[0].tolist()) & set(keys[1].tolist()))


@pytest.mark.parametrize("text", REPOSTS)
def test_a_repost_shares_a_band_and_is_verified(text):
    assert share_a_band(ORIGINAL, text)
    assert reposts.is_repost(grams(ORIGINAL), grams(text))


@pytest.mark.parametrize("text", OTHERS)
def test_another_text_is_no_repost(text):
    assert not reposts.is_repost(grams(ORIGINAL), grams(text))


@pytest.mark.parametrize("text", [text for text in EMPTY if "丁戊己" not in text])
def test_a_text_with_next_to_nothing_in_it_is_compared_with_none(text):
    assert len(grams(text)) == 0
    assert not reposts.is_repost(grams(text), grams(text))


def test_short_headlines_that_share_a_name_stay_apart():
    assert not reposts.is_repost(grams("晴野茶饮致歉"), grams("晴野茶饮上市"))


def test_band_keys_do_not_depend_on_the_batch():
    alone = reposts.bands([grams(ORIGINAL)])[0]
    among = reposts.bands([grams(""), grams(STORIES[1]), grams(ORIGINAL), grams(STORIES[2])])[2]
    assert np.array_equal(alone, among)
    assert not reposts.bands([grams("")])[0].any()


@pytest.mark.parametrize("text", EMPTY)
def test_an_empty_repost_says_nothing(text):
    assert not reposts.says_something(fold(text).text)


@pytest.mark.parametrize("text", [ORIGINAL, "太差了", "转发微博 晴野又上热搜", "@晴野茶饮 难喝", "//@甲:差评"])
def test_words_of_ones_own_say_something(text):
    assert reposts.says_something(fold(text).text)


def test_what_the_platform_writes_makes_two_posts_no_more_alike():
    one, other = grams("#李四# 转发微博 话题详情:http://t.cn/a"), grams("#大部制# 转发微博 话题详情:http://t.cn/b")
    assert not reposts.is_repost(one, other)


# --- any text --------------------------------------------------------------------------------------------------------
@given(st.text(max_size=300))
def test_any_text_is_read_and_repeats_itself_unless_it_says_too_little(text):
    found = grams(text)
    assert reposts.is_repost(found, found) == bool(len(found))
    assert reposts.bands([found]).any() == bool(len(found))


@given(st.text(max_size=120), st.text(max_size=120))
def test_two_texts_are_as_alike_either_way_round(one, other):
    mine, theirs = grams(one), grams(other)
    assert reposts.likeness(mine, theirs) == reposts.likeness(theirs, mine)
    assert reposts.is_repost(mine, theirs) == reposts.is_repost(theirs, mine)


@given(st.lists(st.text(max_size=60), max_size=8))
def test_the_band_keys_of_a_text_are_the_same_in_every_batch(texts):
    among = reposts.bands([grams(text) for text in texts])
    assert among.shape == (len(texts), reposts.BANDS)
    for text, row in zip(texts, among, strict=True):
        assert np.array_equal(reposts.bands([grams(text)])[0], row)
