"""The rule language: what it wants, what it does not, and where a rule that cannot be read is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.rules import Matcher, RuleError, read
from opinion.text import fold


def wants(rule: str, text: str) -> bool:
    return 0 in Matcher({0: read(rule)}).match(fold(text).text)


WANTED = [
    ("晴野", "今天的晴野很好喝"),
    ("晴野 奶茶", "奶茶还是晴野的好"),
    ("晴野 AND 奶茶", "奶茶还是晴野的好"),
    ("晴野 OR 青野", "青野也不错"),
    ("晴野 茶饮 OR 青野 茶饮", "青野茶饮"),
    ("（晴野　OR　青野） 茶饮", "青野茶饮"),
    ("晴野 NOT 招聘", "晴野换标签"),
    ("晴野 NOT NOT 招聘", "晴野招聘"),
    ("晴野 NOT (招聘 OR 兼职)", "晴野换标签"),
    ('"model 3"', "ＭＯＤＥＬ　 3 来了"),
    ("“晴野 茶饮”", "晴野 茶饮"),
    ('"AND"', "this and that"),
    ("晴野 NEAR/4 腹泻", "晴野喝完就腹泻"),
    ("腹泻 NEAR/4 晴野", "晴野喝完就腹泻"),
    ("(晴野 OR 青野) NEAR/4 (腹泻 OR 呕吐)", "青野喝了会呕吐"),
    ("荣耀{-王者荣耀}", "王者荣耀联名荣耀手机"),
    ("国航{-中国航天}", "国航客服回应"),
    ("统一{-祖国统一}", "统一致歉"),
    ("荣耀{-王者荣耀 -荣耀战队} 手机", "荣耀手机发布"),
    ("iPhone", "iphone15 起售价"),
    ("SU7", "小米SU7Ultra"),
    ("byd", "BYD海豹"),
]
UNWANTED = [
    ("晴野", "今天的晴 野很好喝"),
    ("晴野 奶茶", "晴野"),
    ("晴野 NOT 招聘", "晴野招聘店长"),
    ("晴野 NEAR/3 腹泻", "晴野喝完就会腹泻"),
    ("荣耀{-王者荣耀}", "王者荣耀新皮肤"),
    ("荣耀 NOT 王者荣耀", "王者荣耀联名荣耀手机"),
    ("国航{-中国航天}", "中国航天再创辉煌"),
    ("统一{-祖国统一}", "为了祖国统一"),
    ("byd", "BYDFI 交易所"),
    ('"晴野 茶饮"', "晴野茶饮"),
]


@pytest.mark.parametrize(("rule", "text"), WANTED)
def test_what_a_rule_wants(rule, text):
    assert wants(rule, text)


@pytest.mark.parametrize(("rule", "text"), UNWANTED)
def test_what_a_rule_does_not_want(rule, text):
    assert not wants(rule, text)


WRONG = [
    ("", "empty", 0),
    ("   ", "empty", 0),
    ("晴野 OR", "word_missing", 5),
    ("OR 晴野", "word_missing", 0),
    ("晴野 AND AND 茶", "word_missing", 7),
    ("(晴野", "bracket_open", 0),
    ("晴野)", "bracket_stray", 2),
    ("()", "word_missing", 1),
    ('"晴野', "quote_open", 0),
    ('晴野 ""', "no_letters", 3),
    ("晴野 ……", "no_letters", 3),
    ("晴野，青野", "comma", 2),
    ("晴野|青野", "comma", 2),
    ("NOT 招聘", "only_not", 0),
    ("晴野 OR NOT 招聘", "only_not", 0),
    ("晴野 NEAR 腹泻", "near_reach", 3),
    ("晴野 NEAR/0 腹泻", "near_reach", 3),
    ("晴野 NEAR/9999 腹泻", "near_reach", 3),
    ("晴野 NEAR/5 腹泻 NEAR/5 呕吐", "near_chain", 13),
    ("(晴野 茶) NEAR/5 腹泻", "near_side", 7),
    ("荣耀{王者荣耀}", "guard_form", 3),
    ("荣耀{}", "guard_form", 2),
    ("荣耀{-王者}", "guard_without_word", 3),
    ("荣耀{-荣耀}", "guard_without_word", 3),
    ("荣耀{-王者荣耀", "guard_open", 2),
    ("{-王者荣耀}", "guard_stray", 0),
    ("荣耀}", "guard_stray", 2),
    ("(" * 60 + "晴野" + ")" * 60, "too_deep", 40),
    ("晴 " * 600, "too_many", 1000),
    ("晴" * 4001, "too_long", 4000),
]


@pytest.mark.parametrize(("rule", "reason", "position"), WRONG)
def test_a_rule_that_cannot_be_read_is_refused_with_its_place(rule, reason, position):
    with pytest.raises(RuleError) as refused:
        read(rule)
    assert (refused.value.reason, refused.value.position) == (reason, position)


def test_the_hits_name_the_words_and_where_they_stand():
    [hits] = Matcher({"w": read("晴野 NEAR/5 腹泻 NOT 招聘")}).match("昨天晴野喝完腹泻").values()
    assert [(hit.word, hit.start, hit.end) for hit in hits] == [("晴野", 2, 4), ("腹泻", 6, 8)]


def test_many_rules_are_found_in_one_pass_and_do_not_mix():
    matcher = Matcher({1: read("晴野"), 2: read("荣耀{-王者荣耀}"), 3: read("王者荣耀"), 4: read("腹泻")})
    assert set(matcher.match("晴野与王者荣耀联名")) == {1, 3}
    assert matcher.match("什么也没有") == {}
    assert Matcher({}).match("晴野") == {}


WORD = st.text(alphabet="晴野茶ab", min_size=1, max_size=3)


@given(st.lists(WORD, min_size=1, max_size=6, unique=True), st.text(alphabet="晴野茶ab ", max_size=30))
def test_many_words_at_once_find_what_a_plain_search_finds(words, text):
    matcher = Matcher({word: read(f'"{word}"') for word in words})
    found = set(matcher.match(text))
    assert found <= {word for word in words if word in text}
    assert found >= {word for word in words if word in text and not any(char.isascii() for char in word)}


@given(st.text(alphabet='晴野 ()"{}-ANDORT/20,', max_size=40))
def test_any_string_is_read_or_refused_in_our_own_words(rule):
    try:
        position = len(Matcher({0: read(rule)}).match("晴野 and not"))
    except RuleError as refused:
        position = refused.position
    assert 0 <= position <= len(rule)
