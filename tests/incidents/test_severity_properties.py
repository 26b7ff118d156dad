"""The severity index, whatever goes in: its bounds, its direction, its sums."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from incidents.severity import (
    DIGITS,
    FACT_STATE,
    HOT_LIST,
    MEDIA,
    NATURE,
    RED_LINES,
    REGULATOR,
    Inputs,
    compute,
    recompute,
    shown_points,
)

ROUNDING = 20 * 10**-DIGITS  # ten items and the index are each kept to DIGITS
GRAVITY = {"1": 3, "2": 2, "3": 1, "attention": 0}
counts = st.none() | st.integers(0, 10**9)
LOOKED_UP = {"media": MEDIA, "hot_list": HOT_LIST, "regulator": REGULATOR, "nature": NATURE, "fact_state": FACT_STATE}
known_values = {
    **dict.fromkeys(["posts", "reposts", "reads", "plays", "platforms", "last_hour"], st.integers(0, 10**9)),
    "previous_hourly": st.floats(0, 10**6, allow_nan=False),
    "negative_share": st.floats(0, 1),
    **{name: st.sampled_from(sorted(table)) for name, table in LOOKED_UP.items()},
}
inputs = st.builds(
    Inputs,
    **{name: st.none() | values for name, values in known_values.items()},
    red_lines=st.lists(st.sampled_from(sorted(RED_LINES)), unique=True).map(tuple),
    coordinated=counts,
)
full = st.builds(Inputs, **known_values, red_lines=st.just(()))


@given(inputs)
def test_the_index_lies_between_0_and_100_or_is_unknown(given_inputs):
    severity = compute(given_inputs)
    assert severity.index is None or 0 <= severity.index <= 100 + ROUNDING
    assert 0 <= severity.confidence <= 1
    assert (severity.index is None) == (severity.confidence == 0)
    for factor in severity.factors:
        assert factor.score is None or 0 <= factor.score <= 100
        assert all(item.score is None or 0 <= item.score <= 100 for item in factor.items)


@given(inputs)
def test_points_add_up_to_the_index_as_it_is_shown(given_inputs):
    severity = compute(given_inputs)
    assume(severity.index is not None)
    points = [factor.points for factor in severity.factors]
    assert sum(points) == pytest.approx(severity.index, abs=ROUNDING)
    shown = shown_points(severity.index, points)
    assert round(sum(shown), 1) == round(severity.index, 1)
    assert all(abs(each - exact) <= 0.1 + ROUNDING for each, exact in zip(shown, points, strict=True))
    for factor in severity.factors:
        assert sum(item.points for item in factor.items) == pytest.approx(factor.points, abs=ROUNDING)


@given(inputs)
def test_what_was_stored_computes_to_the_same_bit(given_inputs):
    severity = compute(given_inputs)
    stored = json.loads(json.dumps(given_inputs.as_stored()))
    again = recompute(severity.formula, stored)
    assert again == severity
    if severity.index is not None:
        assert again.index.hex() == severity.index.hex()


@given(inputs, counts)
def test_arranged_posts_weigh_nothing_themselves(given_inputs, number):
    assert compute(replace(given_inputs, coordinated=number)) == compute(given_inputs)


# --- which way it moves ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["posts", "reposts", "reads", "plays", "platforms", "last_hour", "negative_share"])
@given(data=st.data())
def test_more_is_never_less_grave(name, data):
    low = data.draw(full)
    more = data.draw(known_values[name].filter(lambda value: value >= getattr(low, name)))
    assert_no_calmer(low, replace(low, **{name: more}))


@given(full, st.floats(0, 10**6, allow_nan=False))
def test_growth_from_a_higher_base_is_never_graver(low, base):
    assume(0 < base <= low.previous_hourly)
    assert_no_calmer(low, replace(low, previous_hourly=base))


@pytest.mark.parametrize("name", LOOKED_UP)
@given(data=st.data())
def test_a_graver_word_is_never_less_grave(name, data):
    low = data.draw(full)
    table = LOOKED_UP[name]
    graver = data.draw(st.sampled_from([word for word, score in table.items() if score >= table[getattr(low, name)]]))
    assert_no_calmer(low, replace(low, **{name: graver}))


def assert_no_calmer(low, high):
    """Monotone as far as DIGITS tell; a suggestion may differ only within that."""
    before, after = compute(low), compute(high)
    assert after.index >= before.index - ROUNDING
    if after.index - before.index >= 0:
        assert GRAVITY[after.suggestion] >= GRAVITY[before.suggestion]


# --- red lines and the unknown ---------------------------------------------------------------------------------------
@given(inputs, st.sampled_from(sorted(RED_LINES)))
def test_a_red_line_never_lowers_the_suggestion_and_moves_no_number(given_inputs, code):
    assume(code not in given_inputs.red_lines)
    without = compute(given_inputs)
    crossed = compute(replace(given_inputs, red_lines=(*given_inputs.red_lines, code)))
    assert GRAVITY[crossed.suggestion] >= GRAVITY[without.suggestion]
    assert GRAVITY[crossed.suggestion] >= GRAVITY[str(RED_LINES[code])]
    assert (crossed.index, crossed.confidence, crossed.factors) == (without.index, without.confidence, without.factors)


@given(inputs, st.sampled_from([each.name for each in fields(Inputs) if each.name in known_values]))
def test_what_is_unknown_never_raises_the_confidence(given_inputs, name):
    assert compute(replace(given_inputs, **{name: None})).confidence <= compute(given_inputs).confidence


@given(inputs)
def test_an_unknown_item_has_no_score_and_no_points(given_inputs):
    severity = compute(given_inputs)
    items = {item.code: item for factor in severity.factors for item in factor.items}
    for code, name in {"volume": "posts", "platforms": "platforms", "negative_share": "negative_share"}.items():
        assert (items[code].score is None) == (getattr(given_inputs, name) is None)
    for code in LOOKED_UP:
        assert (items[code].score is None) == (getattr(given_inputs, code) is None)
    assert all(item.points == 0 for item in items.values() if item.score is None)
