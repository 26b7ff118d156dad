"""Whom the bad words are about: ours is 晴野, the rivals are 青野 and 禾味."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.aspect import aim
from opinion.sentiment.signs import TermReader
from opinion.sentiment.terms import read_terms

OURS, RIVALS = ["晴野", "晴野茶饮"], ["青野", "禾味", "leafy"]


@pytest.fixture(scope="module")
def reader() -> TermReader:
    return TermReader(read_terms())


def aimed(reader: TermReader, text: str) -> str:
    [(folded, negative, positive)] = reader.tones([text])
    return aim(folded, OURS, RIVALS, negative, positive)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # named in the clause
        ("晴野的奶茶太难喝了", "own"),
        ("青野的奶茶太难喝了", "rival"),
        ("晴野还行，青野难喝", "rival"),
        ("青野还行，晴野难喝", "own"),
        ("难喝的青野，排队的晴野", "rival"),
        ("晴野和青野都被罚款了", "both"),
        ("晴野、禾味因虚假宣传被立案", "both"),
        ("晴野难喝，青野更难喝", "both"),
        ("Leafy翻车了，晴野没受影响", "rival"),
        # named before, in the sentence or in the text
        ("昨天喝了青野，结果拉肚子了", "rival"),
        ("晴野今天出新品，味道很失望", "own"),
        ("青野开到楼下了。服务恶劣，再也不去。晴野还开着", "rival"),
        ("太恶心了！居然是晴野，青野就在隔壁", "own"),
        ("晴野发布新品。青野被曝使用过期原料", "rival"),
        # who does it and who suffers it
        ("晴野被青野起诉侵权", "own"),
        ("青野被晴野起诉侵权", "rival"),
        ("青野投诉晴野虚假宣传", "own"),
        ("顾客投诉青野，晴野躺枪", "rival"),
        ("晴野举报青野偷税", "rival"),
        # comparisons
        ("晴野不如青野", "own"),
        ("青野不如晴野", "rival"),
        ("晴野真的不如隔壁的青野", "own"),
        ("还不如去喝青野", "own"),
        ("晴野比青野差远了", "own"),
        ("晴野比青野难喝", "own"),
        ("晴野比青野好喝", "rival"),
        ("青野比晴野好喝多了", "own"),
        ("青野比晴野坑", "rival"),
        ("晴野比青野贵", "own"),
        ("晴野的投诉比青野还多", "own"),
        ("晴野的投诉比青野少", "rival"),
        ("晴野不比青野差", ""),
        ("晴野不比青野好", "own"),
        ("晴野比青野好不到哪去", "own"),
        ("晴野没有青野好喝", "own"),
        ("青野没有晴野好", "rival"),
        ("晴野没有青野难喝", "rival"),
        ("晴野没有青野那么坑", "rival"),
        ("比起青野，晴野好喝太多", "rival"),
        ("比起青野，晴野差太多", "own"),
        ("跟青野比，晴野真的难喝", "own"),
        ("和晴野相比，青野的服务更差", "rival"),
        ("晴野吊打青野", "rival"),
        ("青野碾压晴野", "own"),
        ("晴野被青野碾压", "own"),
        ("青野这次秒杀晴野", "own"),
        ("晴野把青野甩开几条街", "rival"),
        ("晴野甩青野几条街", "rival"),
        ("晴野输给青野", "own"),
        ("青野销量不敌晴野", "rival"),
        ("晴野比青野便宜但是难喝", "both"),
        ("晴野比不上禾味", "own"),
        # nothing bad, or nobody to aim at
        ("晴野和青野今天都开业", ""),
        ("晴野没有青野的门店多", ""),
        ("排队三小时，太离谱了", ""),
        ("晴野今天上新", ""),
        ("晴野未发现过期原料，青野也没有", ""),
        ("", ""),
    ],
)
def test_whom_it_is_aimed_at(reader: TermReader, text: str, expected: str):
    assert aimed(reader, text) == expected


def test_a_word_of_both_names_nobody():
    assert aim("奶茶难喝", ["奶茶"], ["奶茶"], [(2, 4)]) == ""


def test_a_bad_word_a_rule_asks_for_is_no_name():
    assert aim("投诉青野", ["晴野", "投诉"], ["青野"], [(0, 2)]) == "rival"


def test_a_latin_word_is_not_a_part_of_a_longer_one():
    assert aim("leafyish is bad", [], ["leafy"], [(12, 15)]) == ""


@given(
    st.lists(
        st.sampled_from(
            ["晴野", "青野", "难喝", "好喝", "比", "不如", "没有", "被", "碾压", ",", "。", "跟", "但", "a"]
        )
        | st.text(max_size=3),
        max_size=20,
    ).map("".join)
)
def test_any_text_has_an_answer_and_keeps_it(reader: TermReader, text: str):
    said = aimed(reader, text)
    assert said in ("own", "rival", "both", "")
    assert aimed(reader, text) == said
    if "晴野" not in text and "青野" not in text:
        assert said == ""
