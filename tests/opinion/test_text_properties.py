"""Any text at all, lone surrogates, control characters and emoji included, can be kept, read, marked and shortened."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from opinion.text import clean, excerpt, fold, fold_word, pieces

ODD = "晴野茶ＡＢab  \n\r\t\u3000，。:：/@#http\u200b\u200d\ufe0f\u2028\x00\x85\ud83d\udc69👩❤ßİŒﬁ㍿"
TEXTS = st.text(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=[])), max_size=80)
PARTS = st.lists(
    st.one_of(TEXTS, st.sampled_from(["https://t.cn/a?b=1", "//@小周:", "转发 @老李：", "www.a.com", "  "])), max_size=6
)
SAID = st.one_of(TEXTS, PARTS.map("".join))
WORDS = st.lists(st.one_of(st.text("晴野茶ab ", max_size=3), TEXTS), max_size=4)
CAPS = st.integers(1, 60)
often = settings(max_examples=300, deadline=None)


@often
@given(SAID, CAPS)
def test_cleaning_never_fails_and_cleaning_twice_is_cleaning_once(said, cap):
    once = clean(said, cap)
    assert len(once) <= cap
    assert clean(once, cap) == once
    once.encode()  # can be stored


@often
@given(SAID)
def test_folding_never_fails_and_a_folded_text_folds_to_itself(said):
    folded = fold(clean(said, 1000)).text
    assert fold(folded).text == folded


@often
@given(SAID)
def test_every_folded_character_knows_its_place(said):
    folded = fold(said)
    origins = folded.origins or list(range(len(said)))
    assert len(origins) == len(folded.text)
    assert origins == sorted(set(origins))
    assert all(0 <= place < len(said) for place in origins)


@often
@given(SAID, st.integers(0, 90), st.integers(0, 90))
def test_every_span_lies_within_the_text(said, one, other):
    folded = fold(said)
    start, end = sorted(min(place, len(folded.text)) for place in (one, other))
    begin, finish = folded.span(start, end)
    assert 0 <= begin <= finish <= len(said)


@often
@given(SAID, WORDS)
def test_the_pieces_together_are_the_text_and_marks_stand_apart(said, words):
    cut = pieces(said, words)
    assert "".join(piece for piece, _hit in cut) == said
    assert all(piece for piece, _hit in cut)
    assert not any(one and other for (_a, one), (_b, other) in pairwise(cut))


@often
@given(SAID, WORDS)
def test_a_word_is_marked_just_where_the_folded_text_has_one(said, words):
    has_word = any(word in fold(said).text for word in map(fold_word, words) if word)
    assert has_word == any(hit for _piece, hit in pieces(said, words))


@often
@given(SAID)
def test_a_word_folds_to_a_word_that_folds_to_itself(said):
    word = fold_word(said)
    assert fold_word(word) == word
    assert word == word.strip()


@often
@given(SAID, WORDS, st.integers(4, 60))
def test_an_excerpt_is_no_longer_than_asked_and_comes_out_of_the_text(said, words, length):
    line, shown = " ".join(said.split()), excerpt(said, words, length)
    assert len(shown) <= length + 2  # an ellipsis on either side
    assert shown.strip("…").strip() in line
