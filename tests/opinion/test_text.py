"""Texts as kept and as read: nothing unseen, widths and case folded, and every place can be found again."""

from hypothesis import given
from hypothesis import strategies as st

from opinion.text import clean, excerpt, fold, fold_word, pieces

TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("晴野茶ＡＢab  \n，。:/@#http\u200b"), st.characters(codec="utf-8")), max_size=80
)


def test_what_shows_nothing_is_dropped_and_emoji_stay_whole():
    assert clean("晴\u200b野\u00ad茶\u202e饮\x00\ud83d", 100) == "晴野茶饮\ufffd"
    assert clean("👨\u200d👩\u200d👧 ❤\ufe0f", 100) == "👨\u200d👩\u200d👧 ❤\ufe0f"
    assert clean("荣\u200d耀\ufe0f", 100) == "荣耀"


def test_a_long_text_is_cut_with_an_ellipsis():
    assert clean("一二三四五六", 4) == "一二三…"
    assert clean("一二三四", 4) == "一二三四"


def test_widths_case_and_blanks_are_folded():
    assert fold("ＨＵＡＷＥＩ　Ｐ６０\nMate").text == "huawei p60 mate"


def test_addresses_and_forwarding_marks_are_left_out_but_not_what_was_forwarded():
    said = "转发微博//@小周:看看这个 https://t.cn/a?b=1，真的吗//@老李： 晴野换标签"
    assert fold(said).text == "转发微博 看看这个 ,真的吗 晴野换标签"


def test_folded_places_lead_back_to_the_kept_text():
    kept = "看 https://t.cn/abc 　ＱＩＮＧ晴野"
    folded = fold(kept)
    start = folded.text.index("qing晴野")
    begin, end = folded.span(start, start + len("qing晴野"))
    assert kept[begin:end] == "ＱＩＮＧ晴野"


def test_words_are_marked_where_they_stand_and_nothing_else_changes():
    assert pieces("ＡＢ荣耀手机", ["ab", "荣耀", "耀手"]) == [("ＡＢ荣耀手", True), ("机", False)]
    assert pieces("<b>晴野</b>", ["晴野"]) == [("<b>", False), ("晴野", True), ("</b>", False)]
    assert pieces("没有这个词", ["晴野"]) == [("没有这个词", False)]
    assert pieces("", ["晴野"]) == []


def test_an_excerpt_begins_shortly_before_a_word_that_stands_far_behind():
    kept = "前" * 200 + "晴野换标签" + "后" * 200
    shown = excerpt(kept, ["晴野"], 40)
    assert shown.startswith("…前")
    assert "晴野换标签" in shown
    assert shown.endswith("后…")
    assert excerpt("短短的一句", ["晴野"], 40) == "短短的一句"


@given(TEXTS)
def test_folding_keeps_every_place_in_order(kept):
    folded = fold(kept)
    if folded.origins is None:
        assert len(folded.text) == len(kept)
    else:
        assert len(folded.origins) == len(folded.text)
        assert folded.origins == sorted(folded.origins)


@given(TEXTS, st.lists(st.text(alphabet="晴野茶ab", min_size=1, max_size=3), max_size=3))
def test_the_pieces_together_are_the_text(kept, words):
    assert "".join(piece for piece, _hit in pieces(kept, words)) == kept


@given(TEXTS)
def test_folding_twice_is_folding_once(kept):
    word = fold_word(kept)
    assert fold_word(word) == word
