"""Rules of any shape: read or refused with a place, and found as a reader without an automaton would find them."""

from dataclasses import dataclass

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from opinion.rules import WIDEST_NEAR, Matcher, RuleError, read
from opinion.text import fold

often = settings(max_examples=300, deadline=None)

WORDS = st.text("晴野茶饮荣耀王", min_size=1, max_size=3)  # no Latin: those are whole words, which has tests of its own
TEXTS = st.text("晴野茶饮荣耀王， ", max_size=30)
RULE_SIGNS = [
    "晴野",
    "ab",
    " ",
    "(",
    ")",
    '"',
    "{",
    "}",
    "{-",
    "AND",
    "OR",
    "NOT",
    "NEAR/5",
    "NEAR",
    "，",
    "（",
    "」",
    "　",
]
RULES = st.one_of(
    st.lists(st.sampled_from(RULE_SIGNS), max_size=14).map("".join),
    st.lists(st.sampled_from(RULE_SIGNS), max_size=14).map(" ".join),
    st.text(st.characters(exclude_categories=[]), max_size=40),
)


def wants(rule: str, text: str) -> bool:
    return 0 in Matcher({0: read(rule)}).match(fold(text).text)


# --- reading ---------------------------------------------------------------------------------------------------------
@often
@given(RULES)
def test_any_string_is_a_rule_or_is_refused_with_a_place_inside_it(rule):
    try:
        place = len(Matcher({0: read(rule)}).match(fold("晴野 and ab 茶").text))
    except RuleError as refused:
        place = refused.position
    assert 0 <= place <= len(rule)


@often
@given(RULES, TEXTS)
def test_brackets_around_a_whole_rule_change_nothing(rule, text):
    try:
        read(rule)
        bracketed = f"({rule})"
        read(bracketed)
    except RuleError:
        assume(False)
    assert wants(bracketed, text) == wants(rule, text)


# --- the same as a reader that looks for each word by itself ---------------------------------------------------------
@dataclass(frozen=True)
class Tree:
    """kind: word | AND | OR | NOT (its second part must not hold)."""

    kind: str
    word: str = ""
    parts: tuple["Tree", ...] = ()

    def written(self) -> str:
        if self.kind == "word":
            return self.word
        if self.kind == "NOT":
            return f"({self.parts[0].written()} NOT {self.parts[1].written()})"
        return f"({f' {self.kind} '.join(part.written() for part in self.parts)})"

    def holds(self, text: str) -> bool:
        if self.kind == "word":
            return self.word in text
        if self.kind == "NOT":
            return self.parts[0].holds(text) and not self.parts[1].holds(text)
        return (all if self.kind == "AND" else any)(part.holds(text) for part in self.parts)


TREES = st.recursive(
    WORDS.map(lambda word: Tree("word", word)),
    lambda inner: st.one_of(
        st.builds(
            Tree, st.sampled_from(["AND", "OR"]), st.just(""), st.lists(inner, min_size=2, max_size=3).map(tuple)
        ),
        st.builds(Tree, st.just("NOT"), st.just(""), st.tuples(inner, inner)),
    ),
    max_leaves=8,
)


@often
@given(TREES, TEXTS)
def test_a_rule_holds_just_where_each_of_its_words_looked_for_alone_says_so(tree, text):
    assert wants(tree.written(), text) == tree.holds(fold(text).text)


@often
@given(st.lists(TREES, min_size=1, max_size=5), TEXTS)
def test_rules_found_together_are_found_as_each_alone(trees, text):
    rules = {number: tree.written() for number, tree in enumerate(trees)}
    together = Matcher({number: read(rule) for number, rule in rules.items()}).match(fold(text).text)
    assert set(together) == {number for number, rule in rules.items() if wants(rule, text)}


@often
@given(TREES, TEXTS)
def test_every_hit_names_a_word_that_stands_there(tree, text):
    folded = fold(text).text
    for hits in Matcher({0: read(tree.written())}).match(folded).values():
        assert hits
        assert all(folded[hit.start : hit.end] == hit.word for hit in hits)
        assert hits == sorted(set(hits), key=lambda hit: (hit.start, hit.end))


# --- what more words do ----------------------------------------------------------------------------------------------
@often
@given(TREES, WORDS, TEXTS)
def test_or_another_word_loses_nothing_and_and_another_word_gains_nothing(tree, word, text):
    rule = tree.written()
    alone = wants(rule, text)
    assert wants(f"{rule} OR {word}", text) >= alone
    assert wants(f"{rule} AND {word}", text) <= alone
    assert wants(f"{rule} NOT {word}", text) <= alone


@often
@given(WORDS, WORDS, WORDS, TEXTS)
def test_another_guard_never_gains_a_text(word, before, after, text):
    first, second = f"{before}{word}", f"{word}{after}"
    bare, one, both = (
        wants(word, text),
        wants(f"{word}{{-{first}}}", text),
        wants(f"{word}{{-{first} -{second}}}", text),
    )
    assert bare >= one >= both


@often
@given(WORDS, WORDS, st.integers(1, WIDEST_NEAR - 1), TEXTS)
def test_a_wider_reach_loses_nothing_and_near_is_never_more_than_and(one, other, reach, text):
    near, wider = wants(f"{one} NEAR/{reach} {other}", text), wants(f"{one} NEAR/{reach + 1} {other}", text)
    assert near <= wider <= wants(f"{one} AND {other}", text)


@often
@given(WORDS, WORDS, st.integers(1, 20), TEXTS)
def test_near_does_not_ask_which_comes_first(one, other, reach, text):
    assert wants(f"{one} NEAR/{reach} {other}", text) == wants(f"{other} NEAR/{reach} {one}", text)
