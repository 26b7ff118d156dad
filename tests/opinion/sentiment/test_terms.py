"""Terms are read in their surroundings: negated, denied, asked about, repaired, guarded by a longer word."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.sentiment.features import read
from opinion.sentiment.signs import NO_SIGN, SIGNS, TONE, TermReader, signs
from opinion.sentiment.terms import Term, lists_digest, read_terms, terms_version, with_terms


@pytest.fixture(scope="module")
def reader() -> TermReader:
    return TermReader(read_terms())


def told(reader: TermReader, text: str) -> list[tuple[str, str]]:
    found = reader.read(read([text]))
    pairs = zip(found.term.tolist(), found.sign.tolist(), strict=True)
    found_signs = [(reader.terms[term].text, SIGNS[sign]) for term, sign in pairs if sign != NO_SIGN]
    return [(text, sign) for text, sign in found_signs if sign not in ("negation", "spoken")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("厂区昨夜爆炸", [("爆炸", "crisis_3")]),
        ("三批次产品被召回", [("召回", "crisis_2")]),
        ("排查后未发现信息泄露", [("信息泄露", "crisis_negated")]),
        ("并没有拖欠工资", [("拖欠工资", "crisis_negated")]),
        ("没有通知,工厂爆炸", [("爆炸", "crisis_3")]),  # the negation ends with its clause
        ("不是因为天气和交通的原因而是工厂爆炸", [("爆炸", "crisis_3")]),  # too far away
        ("网传爆炸系谣言", [("爆炸", "crisis_denied"), ("系谣言", "denial")]),
        ("公司否认裁员", [("否认", "denial"), ("裁员", "crisis_denied")]),
        ("谣言。工厂爆炸了", [("谣言", "denial"), ("爆炸", "crisis_3")]),  # another sentence
        ("举行火灾应急演练", [("火灾", "crisis_asked")]),
        ("会召回吗?", [("召回", "crisis_asked")]),
        ("系统已恢复正常", [("已恢复", "repair")]),
        ("这鞋很舒服", [("舒服", "pos")]),
        ("一点也没有舒服的感觉", [("舒服", "pos_negated")]),
        ("没有人不满意,也没有哪个不舒服", [("不满意", "neg_negated"), ("不舒服", "neg_negated")]),
        ("不是没有爆炸", [("爆炸", "crisis_3")]),  # two negations cancel each other
        ("暂无满意的答复", []),  # nothing good yet, and nothing bad
        ("好用,但是难看", [("难看", "neg")]),  # what stands before a turn is conceded
        ("好用,但是要排队", [("好用", "pos")]),  # nothing follows it
        (
            "否认裁员,但拖欠工资",
            [("裁员", "crisis_denied"), ("但", "belied"), ("拖欠工资", "crisis_3")],
        ),
        ("爆炸?没有起火", [("爆炸", "crisis_denied"), ("起火", "crisis_negated")]),  # asked and answered
        ("爆炸?消防已到场", [("爆炸", "crisis_3")]),
        ("已按时发货", []),  # what is due says nothing where it came
        ("尚未退款", [("退款", "unmet")]),
        ("暂无答复", []),
        ("至今未上门", [("至今未", "unmet"), ("上门", "unmet")]),
        ("至今未发生泄露", [("泄露", "crisis_negated")]),  # nobody waits for that
        ("说好包邮,没有", [("没有", "unmet")]),
        ("承诺不涨价", []),  # the promise itself
        ("否认裁员,可员工的工位都空了", [("裁员", "crisis_denied"), (",可", "belied")]),
        ("辟谣三天了,还有人抢盐", [("还有人", "belied")]),  # a denial that is belied says nothing
        ("还有人抢盐", []),
        ("一处异味都没有", [("异味", "crisis_negated")]),  # the negation follows what it counts
        ("一点满意的地方都没有", [("满意", "pos")]),  # too far away
        ("一处异味,都没有来", [("异味", "crisis_2")]),
        ("没见过这么难吃的面", [("难吃", "neg")]),  # the most of its kind
        ("听说难吃,去了觉得好用", [("好用", "pos")]),  # what is heard is conceded
        ("听说难吃,先不去", [("难吃", "neg")]),
        ("走出困境", [("困境", "neg_negated")]),
        ("《好用的谎言》开机", []),  # the name of a work says nothing
        ("《车间爆炸》开机", [("爆炸", "crisis_3")]),  # but a report may be named so
        ("《好用", [("好用", "pos")]),
        ("拐卖一事并不存在", [("拐卖", "crisis_denied"), ("并不存在", "denial")]),
        ("他没来 遗憾离场", [("遗憾离场", "neg")]),  # a blank parts the clauses of a headline
        ("口味因人而异", [("因人而异", "even")]),
        ("新车谍照曝光", []),
        ("被曝光用地沟油", [("被曝光", "crisis_2"), ("地沟油", "crisis_3")]),
        ("不得不赞一个", [("赞", "pos")]),  # 不得不 is a word of its own
        ("病毒和消毒", []),
    ],
)
def test_a_term_is_read_in_its_surroundings(reader: TermReader, text: str, expected: list[tuple[str, str]]):
    assert told(reader, text) == expected


def test_a_batch_reads_each_text_as_if_it_were_alone(reader: TermReader):
    texts = ["没有", "爆炸", "", "网传爆炸", "系谣言", "会召回吗?", "好用"]
    together = signs(batch := read(texts), reader.read(batch))
    alone = [signs(batch := read([text]), reader.read(batch))[0].tolist() for text in texts]
    assert together.tolist() == alone


def test_tone_balances_good_and_bad(reader: TermReader):
    table = signs(batch := read(["好用 舒服", "好用 难看", "今天周四"]), reader.read(batch))
    assert table[:, SIGNS.index("tone")].tolist() == [2 / 3, 0.0, 0.0]
    assert table[:, SIGNS.index("silent")].tolist() == [0.0, 0.0, 1.0]


def test_a_text_is_silent_where_no_word_is_listed_negated_or_spoken(reader: TermReader):
    texts = ["三号馆今日开放", "我到三号馆", "我喜欢三号馆", "三号馆不改期", "三号馆尚未退款"]
    table = signs(batch := read(texts), reader.read(batch))
    silent, spoken, negation = (table[:, SIGNS.index(name)].tolist() for name in ("silent", "spoken", "negation"))
    assert silent == [1, 0, 0, 0, 0]
    assert spoken == [0, 1, 1, 0, 0]
    assert negation == [0, 0, 0, 1, 0]


def test_what_somebody_else_is_quoted_with_is_not_the_writer_speaking(reader: TermReader):
    texts = ["我去看展", "“我去看展”", "《我和展馆》", "专访:我去看展", "展馆馆长昨天说:我去看展", "“展”我去看"]
    table = signs(batch := read(texts), reader.read(batch))
    assert table[:, SIGNS.index("spoken")].tolist() == [1, 0, 0, 0, 1, 1]


def test_a_text_asks_where_it_questions_or_supposes_and_nobody_speaks(reader: TermReader):
    texts = ["如何看展", "今天看展?", "举行演练", "我该如何看展", "今天看展"]
    table = signs(batch := read(texts), reader.read(batch))
    assert table[:, SIGNS.index("asked")].tolist() == [1, 1, 1, 0, 0]


def test_what_was_called_off_is_no_negation_of_what_is_not_listed(reader: TermReader):
    texts = ["取消预展", "取消处罚"]
    table = signs(batch := read(texts), reader.read(batch))
    assert table[:, SIGNS.index("negation")].tolist() == [0, 0]
    assert told(reader, "取消处罚") == [("处罚", "crisis_negated")]


def test_crises_are_told_gravest_first_and_only_those_that_stand(reader: TermReader):
    told = reader.crises(["产品被召回,车间爆炸,又爆炸", "未发现泄露", ""])
    assert [[(term.text, term.severity) for term in terms] for terms in told] == [[("爆炸", 3), ("召回", 2)], [], []]
    assert reader.crises([]) == []


def test_every_crisis_term_has_a_category_and_the_classes_are_all_there():
    crises = [term for term in read_terms() if term.kind == "crisis"]
    assert {
        "casualties", "accident", "food_drug", "leak", "recall", "enforcement", "shutdown", "fraud", "arrears",
        "dignity", "environment", "outage", "outrage",
    } == {term.category for term in crises}  # fmt: skip
    assert {term.severity for term in crises} == {2, 3}


def test_signs_of_tone_are_signs():
    assert set(TONE) < set(SIGNS)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("爆炸,accident,9", "crisis_terms.csv line 2: severity is one of (2, 3)"),
        (",accident,3", "crisis_terms.csv line 2: the term is empty"),
    ],
)
def test_a_bad_line_in_a_list_is_named(tmp_path: Path, line: str, reason: str):
    (tmp_path / "crisis_terms.csv").write_text(f"term,category,severity\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError) as error:
        read_terms(tmp_path)
    assert str(error.value) == reason


def test_terms_of_a_company_stand_before_shipped_ones_and_name_themselves():
    ours = [Term("爆炸", "guard"), Term("掉渣门", "crisis", "food_drug", 3)]
    reader = TermReader(with_terms(read_terms(), ours))
    assert [[term.text for term in terms] for terms in reader.crises(["掉渣门爆炸"])] == [["掉渣门"]]
    assert terms_version([]) == ""
    assert terms_version(ours) == terms_version(ours[::-1]) != terms_version(ours[:1])
    assert terms_version(ours).startswith("+t")


def test_places_of_good_and_bad_words_are_those_of_the_folded_text(reader: TermReader):
    assert reader.tones(["Ａ 好用", "没有爆炸，难看"]) == [("a 好用", [], [(2, 4)]), ("没有爆炸,难看", [(5, 7)], [])]


@given(
    st.lists(
        st.text(max_size=60)
        | st.sampled_from(["没有", "爆炸?没有", "但", "谣言", "\0", "《好用", "》", "“我", "”", "\ud800"]),
        max_size=6,
    )
)
def test_any_text_is_read_alone_as_among_others(reader: TermReader, texts: list[str]):
    assert reader.crises(texts) == [found for text in texts for found in reader.crises([text])]
    assert reader.tones(texts) == [found for text in texts for found in reader.tones([text])]


def test_a_changed_list_changes_the_digest(tmp_path: Path):
    for name in ("crisis_terms.csv", "polarity.csv", "cues.csv"):
        (tmp_path / name).write_text("term\n", encoding="utf-8")
    before = lists_digest(tmp_path)
    (tmp_path / "cues.csv").write_text("term\n不,negation\n", encoding="utf-8")
    assert lists_digest(tmp_path) != before
