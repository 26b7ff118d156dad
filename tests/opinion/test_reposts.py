"""Reposts are recognised through what people change when they pass something on; different texts stay apart."""

import numpy as np
import pytest

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


@pytest.mark.parametrize("text", ["", "转发微博", "[怒][怒][怒]", "哈哈哈哈哈哈哈"])
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
