"""The wording rules: for each a text that triggers it and one that must not."""

import pytest

from response.templates_of_statements import template
from response.wording import fact_numbers, findings, paragraphs, public_text, rules

FACTS = {1: "verified", 4: "checking", 5: "untrue", 6: "unverifiable"}
# What keeps T0's own rule quiet while another one is tried.
SOON = "进展将于今日18时前更新。"


def codes(text: str, kind: str = "T6", title: str = "说明", **more: object) -> list[str]:
    """What is found in an excerpt: whether the whole template is there is tried apart."""
    found = findings(title, text, kind=kind, facts=FACTS, **more)  # type: ignore[arg-type]
    return [one.rule for one in found if one.rule != "element"]


@pytest.mark.parametrize(
    ("code", "kind", "text", "is_bad"),
    [
        (rule.code, rule.example_kind, text, is_bad)
        for rule in rules().values()
        for is_bad, texts in ((True, rule.bad), (False, rule.good))
        for text in texts
    ],
)
def test_every_rule_has_texts_that_trigger_it_and_texts_that_must_not(
    code: str, kind: str, text: str, is_bad: bool
) -> None:
    assert (code in codes(text, kind)) is is_bad


def test_no_rule_is_without_both() -> None:
    looked_at_elsewhere = {"channel", "length", "element", "channels_differ"}  # their own tests: see below
    assert {rule.code for rule in rules().values() if not (rule.bad and rule.good)} == looked_at_elsewhere


def test_what_a_template_asks_for_and_the_text_leaves_out_is_named() -> None:
    text = "我们今早8点注意到此事，已停业[F1]，正在核实，18时前更新。"
    missing = [one.detail for one in findings("说明", text, kind="T0", facts=FACTS) if one.rule == "element"]
    assert [template("T0").elements[int(place)].zh for place in missing] == ["关切对象", "联系方式"]
    whole = text + "我们关心每位顾客。联系：400-000-0000。"
    assert "element" not in [one.rule for one in findings("说明", whole, kind="T0", facts=FACTS)]


def test_a_channels_text_may_not_say_what_the_full_text_does_not() -> None:
    full = "已有327名顾客退款[F1]，热线400-000-0000。"
    same = {"weibo": "已为327名顾客退款[F1]。http://127.0.0.1:8000/newsroom/SM-2026-001/"}
    assert codes(full, channels=same) == []
    other = {"weibo": "已为372名顾客退款[F1]，见[F4]。"}
    assert codes(full, channels=other) == ["fact", "channels_differ", "channels_differ"]
    assert codes(full, channels={"wechat": "请联系13800138000。"}) == ["personal", "channels_differ"]


def test_figures_that_need_no_source() -> None:
    quiet = "我们于11月18日10:30获知，7日内答复，24小时值守，编号SM-2026-011，电话95001。一、整改。3号车间。"
    assert codes(quiet) == []
    assert codes("已有３２７名顾客退款。共二十三家门店，12.5%的订单。") == ["unsourced"] * 3
    assert codes("已有327名顾客退款。[F1]") == []  # the mark after the full stop


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        # slots
        ("我们于{时间}注意到此事。", "T6", ["slot"]),
        ("我们于｛时间｝注意到此事。", "T6", ["slot"]),
        ("我们于10时30分注意到此事。", "T6", []),
        # facts
        ("该店已停业[F1]。", "T6", []),
        ("该店已停业［Ｆ１］。", "T6", []),
        ("其他门店也有此情况[F4]。", "T6", ["fact"]),
        ("其他门店也有此情况[F4]。" + SOON, "T0", ["fact"]),
        ("其他门店的情况正在核实[F4]。" + SOON, "T0", []),
        ("其他门店的情况正在核实[F4]。", "T6", ["fact"]),  # only templates that list what is being checked
        ("原因正在核实。其他门店也有此情况[F4]。" + SOON, "T0", ["fact"]),  # said of something else
        ("其他门店的情况正在核实。[F4]\n" + SOON, "T0", []),  # the mark after the full stop
        ("网传有人中毒[F5]，该说法不属实。", "T1", []),
        ("有人中毒[F5]。", "T1", ["fact"]),
        ("据称有人离职[F6]。", "T6", ["fact"]),
        ("见[F99]。", "T6", ["fact"]),
        # personal information
        ("请联系13800138000。", "T6", ["personal"]),
        ("请联系138-0013-8000。", "T6", ["personal"]),
        ("请联系＋86 138 0013 8000。", "T6", ["personal"]),
        ("当事人身份证11010519491231002X。", "T6", ["personal"]),
        ("当事人身份证１１０１０５１９４９１２３１００２１。", "T6", ["personal"]),
        ("客服热线400-138-0013，或8008201234。", "T6", []),
        ("公司总机010-62345678。", "T6", []),
        ("订单号202611151234567890123。", "T6", []),
        # absolute words
        ("我们绝对没有此类问题。", "T6", ["absolute"]),
        ("产品100%安全[F1]。", "T6", ["absolute"]),
        ("产品１００％安全[F1]。", "T6", ["absolute"]),
        ("完全不存在上述情况。", "T6", ["absolute"]),
        ("这是史上最严整改。", "T6", ["absolute"]),
        ("温度的绝对值不超过5度。", "T6", []),
        # blame
        ("系临时工所为。", "T6", ["blame"]),
        ("个别员工违规操作。", "T6", ["blame"]),
        ("不明真相的网友受到别有用心者一小撮人煽动。", "T6", ["blame", "blame", "blame"]),
        ("我们对每位员工的操作负责。", "T6", []),
        # threat before sympathy
        ("我们保留追究法律责任的权利。", "T6", ["threat"]),
        ("我们深表歉意。对造谣者保留追究法律责任的权利。", "T6", []),
        ("我们保留追究法律责任的权利。", "T1", []),
        # apology and denial
        ("我们诚恳道歉，但上述情况不属实。", "T6", ["apology_denial"]),
        ("我们诚恳道歉。", "T6", []),
        ("上述情况不属实。", "T6", []),
        # the next word
        ("情况正在核实。", "T0", ["next_update"]),
        ("情况正在核实，将于今日18时前更新。", "T0", []),
        ("我们将于明日上午公布调查结果。", "T4", []),
        ("情况已查清。", "T6", []),
        # length
        ("关" * 201 + SOON, "T0", ["length"]),
        ("关" * 180 + SOON, "T0", []),
        ("关" * 201, "T6", []),
    ],
)
def test_rules(text: str, kind: str, expected: list[str]) -> None:
    assert codes(text, kind) == expected


def test_which_rules_block() -> None:
    assert [rule.code for rule in rules().values() if rule.blocks] == ["slot", "fact", "personal", "channel"]


def test_the_title_is_checked_too() -> None:
    (found,) = (one for one in findings("关于{事项}的说明", "已查清。", kind="T6", facts={}) if one.rule != "element")
    assert (found.rule, found.where, found.excerpt) == ("slot", "title", "{事项}")


def test_a_finding_says_where_it_is() -> None:
    text = "第一段。\n电话１３８００１３８０００。"
    found = findings("说明", text, kind="T6", facts={})[0]
    assert text[found.start : found.end] == "１３８００１３８０００" == found.excerpt


def test_the_marks_of_facts_stay_inside() -> None:
    assert public_text("已停业[F1]，已封存［Ｆ12］。") == "已停业，已封存。"
    assert fact_numbers("说明[F3]", "已停业[F1]，已封存［Ｆ12］。") == {1, 3, 12}


def test_paragraphs_mark_facts_and_risks() -> None:
    text = "该店绝对停业[F1]。\n\n完。"
    cut = paragraphs(text, findings("说明", text, kind="T6", facts=FACTS))
    assert [[(piece.words, piece.fact, piece.finding) for piece in paragraph] for paragraph in cut] == [
        [("该店", None, None), ("绝对", None, 0), ("停业", None, None), ("[F1]", 1, None), ("。", None, None)],
        [("完。", None, None)],
    ]


def test_a_text_as_long_as_it_may_be_is_checked_to_its_end() -> None:
    text = ("我们于11月18日注意到此事，正在核实[F4]，追究" * 800)[:19996] + "绝对安全"
    assert "绝对" in [finding.excerpt for finding in findings("说明", text, kind="T0", facts=FACTS)]
