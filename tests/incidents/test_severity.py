from dataclasses import asdict, replace

import pytest

from incidents.severity import (
    RED_LINES,
    Inputs,
    compute,
    growth,
    logarithmic,
    recompute,
    shown_points,
    suggest,
)

# The golden cases of practice.md C4: inputs, the three factors, the index, the suggestion.
CASES = {
    "A": (
        Inputs(
            posts=25, reposts=60, reads=800, platforms=2, last_hour=3, previous_hourly=2, media="ordinary",
            hot_list="none", regulator="none", negative_share=0.60, nature="service", fact_state="doubtful",
        ),
        (45.8, 11.2, 48.5), 36.2, "3",
    ),
    "B": (
        Inputs(
            posts=300, reposts=1_800, reads=20_000, plays=50_000, platforms=4, last_hour=60, previous_hourly=20,
            media="trade", hot_list="top_50", regulator="none", negative_share=0.72, nature="product",
            fact_state="suspected",
        ),
        (81.7, 40.0, 72.4), 66.4, "2",
    ),
    "C": (
        Inputs(
            posts=4_000, reposts=26_000, reads=300_000, plays=2_000_000, platforms=6, last_hour=900,
            previous_hourly=150, media="central", hot_list="top_10", regulator="inquiry", negative_share=0.85,
            nature="grave", fact_state="suspected",
        ),
        (97.9, 94.0, 90.0), 94.4, "1",
    ),
    "D": (
        Inputs(
            posts=3, reposts=0, reads=0, plays=0, platforms=1, last_hour=0, previous_hourly=1, media="none",
            hot_list="none", regulator="none", negative_share=0.33, nature="complaint", fact_state="doubtful",
        ),
        (10.0, 0.0, 19.6), 9.9, "attention",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("inputs", "factors", "index", "suggestion"), CASES.values(), ids=CASES)
def test_golden_cases(inputs, factors, index, suggestion):
    severity = compute(inputs)

    # 11.25 is written 11.2 there: a half goes to the even digit.
    assert tuple(round(factor.score, 1) for factor in severity.factors) == factors
    assert (round(severity.index, 1), severity.suggestion, severity.confidence) == (index, suggestion, 1.0)


def test_points_add_up_to_the_index_as_shown():
    severity = compute(CASES["A"][0])
    points = shown_points(severity.index, [factor.points for factor in severity.factors])
    assert points == [18.3, 3.4, 14.5]
    assert round(sum(points), 1) == 36.2


def test_what_is_unknown_leaves_with_its_weight_and_is_never_zero():
    whole = CASES["B"][0]
    unknown = replace(whole, regulator=None)
    zero = compute(whole)  # "none" scores 0
    without = compute(unknown)

    # 0.30 of influence's 0.30 is gone: 66.4 points out of 91 instead of 100.
    assert without.confidence == 0.91
    assert without.index == pytest.approx(zero.index / 0.91, abs=1e-4)
    influence = without.factors[1]
    assert [item.score for item in influence.items] == [50.0, 70.0, None]
    assert round(influence.score, 1) == round((0.45 * 50 + 0.25 * 70) / 0.70, 1)


def test_a_factor_of_which_nothing_is_known_has_no_score():
    harm = compute(replace(CASES["A"][0], negative_share=None, nature=None, fact_state=None)).factors[2]
    assert (harm.score, harm.points) == (None, 0)


def test_nothing_known_is_no_index_and_no_level():
    severity = compute(Inputs())
    assert (severity.index, severity.confidence, severity.suggestion) == (None, 0.0, "attention")


def test_nothing_known_but_a_red_line_is_a_level():
    assert compute(Inputs(red_lines=("casualties",))).suggestion == "1"


@pytest.mark.parametrize(
    ("index", "suggestion"),
    [(100, "1"), (70, "1"), (69.9, "2"), (40, "2"), (39.9, "3"), (15, "3"), (14.9, "attention"), (0, "attention")],
)
def test_thresholds(index, suggestion):
    assert suggest(index, ()) == suggestion


@pytest.mark.parametrize(("code", "level"), RED_LINES.items())
def test_a_red_line_lifts_and_never_lowers(code, level):
    assert suggest(0, (code,)) == str(level)
    assert suggest(99, (code,)) == "1"


def test_growth_has_no_past_to_grow_from():
    assert growth(5, 0) is None
    assert growth(5, None) is None
    assert growth(None, 3) is None
    assert (growth(3, 3), growth(2, 3)) == (0.0, 0.0)
    assert (growth(24, 3), growth(100, 3)) == (100.0, 100.0)


@pytest.mark.parametrize(("number", "score"), [(0, 0), (1_000, 100), (10**9, 100)])
def test_logarithmic_ends(number, score):
    assert logarithmic(number, 1_000) == score


@pytest.mark.parametrize("case", CASES)
def test_a_stored_score_recomputes_to_the_last_bit(case):
    import json

    severity = compute(CASES[case][0])
    stored = json.loads(json.dumps(CASES[case][0].as_stored()))
    again = recompute(severity.formula, stored)

    assert asdict(again) == asdict(severity)
    assert again.index.hex() == severity.index.hex()


# What stood in the database before arranged bursts were told apart: case B, kept by v1.
STORED_BEFORE = {
    "posts": 300, "reposts": 1800, "reads": 20000, "plays": 50000, "platforms": 4, "last_hour": 60,
    "previous_hourly": 20.0, "media": "trade", "hot_list": "top_50", "regulator": None, "negative_share": 0.72,
    "nature": "product", "fact_state": None, "red_lines": ["hot_list"],
}  # fmt: skip


def test_inputs_stored_before_bursts_were_known_recompute_to_the_last_bit():
    again = recompute("v1", STORED_BEFORE)
    assert (again.index.hex(), again.confidence, again.suggestion) == ("0x1.2895a4acf312bp+6", 0.835, "1")
    assert [factor.points for factor in again.factors] == [39.152125, 14.371257, 20.622754]


def test_an_unknown_formula_is_an_error():
    with pytest.raises(KeyError):
        recompute("v0", Inputs().as_stored())


@pytest.mark.parametrize("bad", [{"posts": -1}, {"previous_hourly": -0.5}, {"negative_share": 1.2}])
def test_numbers_that_cannot_be(bad):
    with pytest.raises(ValueError, match=next(iter(bad))):
        compute(Inputs(**bad))


@pytest.mark.parametrize("bad", [{"media": "paper"}, {"nature": "odd"}, {"red_lines": ("purple",)}])
def test_words_that_are_none(bad):
    with pytest.raises(KeyError):
        compute(Inputs(**bad))
