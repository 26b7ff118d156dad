import pytest

from incidents.brief_words import LIMIT, Part, fitted, shortened


def test_everything_stays_while_it_fits():
    assert fitted([Part("甲", 1), Part("乙")]) == "甲\n乙"


def test_the_lightest_goes_first_and_of_equals_the_last():
    parts = [Part("一" * 10), Part("二" * 10, 5), Part("三" * 10, 4), Part("四" * 10, 4), Part("五" * 10)]
    assert fitted(parts, limit=43) == "\n".join(["一" * 10, "二" * 10, "三" * 10, "五" * 10])
    assert fitted(parts, limit=32) == "\n".join(["一" * 10, "二" * 10, "五" * 10])
    assert fitted(parts, limit=21) == "\n".join(["一" * 10, "五" * 10])


def test_the_limit_itself_fits():
    assert len(fitted([Part("字" * LIMIT)])) == LIMIT


def test_what_must_stay_is_never_cut_in_silence():
    with pytest.raises(ValueError, match="301 characters must stay"):
        fitted([Part("字" * (LIMIT + 1))])


@pytest.mark.parametrize(
    ("text", "length", "short"),
    [("短句", 4, "短句"), ("四个字呢", 4, "四个字呢"), ("五个字的话", 4, "五个字…"), ("两\n行", 9, "两 行")],
)
def test_a_line_is_shortened_with_a_mark(text, length, short):
    assert shortened(text, length) == short
