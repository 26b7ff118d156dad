"""Masking whatever people write: as long as before, done once, and no mobile number gets through."""

import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from opinion.masking import is_identity_number, mask

SIGNS = st.sampled_from("0123456789-+ ·.京沪AB年X号@qqcom()１３八一幺〇①²\u20e3*_\u00a0\n")
ANY = st.text(st.one_of(SIGNS, st.characters()), max_size=60)
DIGITS = st.text("0123456789", min_size=9, max_size=9)
MOBILES = st.builds("1{}{}".format, st.sampled_from("3456789"), DIGITS)
# What may stand beside a number without being a part of it.
BESIDE = ANY.filter(lambda text: not text or (not text[0].isdigit() and not text[-1].isdigit()))
# At most what typists put between digits; the number is told apart from a list by how it begins.
GAPS = st.lists(st.sampled_from(["", "", " ", "-", " - ", "\u00a0"]), min_size=8, max_size=8)
often = settings(max_examples=300, deadline=None)


def bare(text: str) -> str:
    return re.sub(r"[^0-9*]", "", text)


@often
@given(ANY)
def test_masking_never_fails_keeps_the_length_and_is_done_once(said):
    once = mask(said)
    assert len(once) == len(said)
    assert mask(once) == once


@often
@given(ANY)
def test_masking_changes_nothing_but_to_stars(said):
    assert all(kept in (was, "*") for was, kept in zip(said, mask(said), strict=True))


@often
@given(BESIDE, MOBILES, BESIDE)
def test_no_mobile_number_survives_between_anything(before, number, after):
    assert number not in mask(before + number + after)


@often
@given(MOBILES, GAPS)
def test_no_mobile_number_survives_in_pieces(number, gaps):
    written = number[:3] + "".join(gap + digit for gap, digit in zip(gaps, number[3:], strict=True))
    masked = mask(f"电话：{written}，")
    assert number not in bare(masked)
    assert "****" in bare(masked)


@often
@given(MOBILES, st.sampled_from(["０１２３４５６７８９", "零一二三四五六七八九", "〇壹贰叁肆伍陆柒捌玖", "⓪①②③④⑤⑥⑦⑧⑨"]))
def test_no_mobile_number_survives_in_disguise(number, signs):
    written = number.translate(dict(zip(map(ord, "0123456789"), signs, strict=True)))
    assert mask(f"加我{written}。")[2:13] == f"{written[:3]}****{written[7:]}"


@settings(max_examples=200, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(0, 999),
    st.integers(110000, 659999),
    st.sampled_from(["", "。", " 13", "号"]),
)
def test_no_identity_number_survives(day, serial, place, after):
    first = f"{place}{day:%Y%m%d}{serial:03d}"
    number = next(first + check for check in "0123456789X" if is_identity_number(first + check))
    assert number not in mask(f"身份证{number}{after}")


@often
@given(st.text(st.characters(exclude_categories=["Nd", "No", "Nl"], exclude_characters="@"), max_size=80))
def test_a_text_without_digits_stays_as_it_is(said):
    spoken = "零〇○洞一幺二三四五六七八九壹贰叁肆伍陆柒捌玖"
    if not any(char in spoken for char in said):
        assert mask(said) == said
