"""A search in the language of the watch rules: what the index is asked, and what is checked word for word. Pure.

The index knows words as jieba cuts them, so it is asked for a little more than was wanted; each candidate is then read
by `rules.Matcher`, so that search and watch always agree on what a rule means.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from opinion.rules import And, Matcher, Near, Node, Not, Or, Term, asked_words, read
from opinion.text import fold
from opinion.words import LONGEST_TOKEN

Cut = Callable[[str], Sequence[str]]


# --- what the index is asked -----------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Has:
    """The word stands in the post."""

    token: str


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Condition", ...]


Condition = Has | AllOf | AnyOf


def condition_of(node: Node, cut: Cut) -> Condition | None:
    """What must stand among a post's words for a rule to want it; None where the index cannot narrow it.

    cut  a text into words, as the posts were cut
    """
    match node:
        case Term():
            return _of_word(node.word, cut)
        case Near():
            return _all((_any(_of_word(term.word, cut) for term in side)) for side in (node.left, node.right))
        case And():
            return _all(condition_of(part, cut) for part in node.parts)
        case Or():
            return _any(condition_of(part, cut) for part in node.parts)
        case Not():
            return None


def _of_word(word: str, cut: Cut) -> Condition | None:
    """A word of a rule: whole, or as the words it is cut into.

    A single character of a longer Chinese word is not asked for: in the post it may belong to the word beside it. A
    single character by itself is no word the index could be relied on for.
    """
    if word.isascii():
        return _all(_has(part) for part in letters_and_digits(word))
    if len(word) == 1:
        return None
    parts = [part for part in cut(word) if any(char.isalnum() for char in part)]
    long = [part for part in parts if len(part) > 1]
    return _any([_all(_has(part) for part in (long or parts)), _has(word)])


def _has(token: str) -> Has | None:
    return Has(token) if len(token) <= LONGEST_TOKEN else None


def letters_and_digits(word: str) -> list[str]:
    """The runs of Latin letters and of digits in a word: what a rule takes for a whole word (iPhone in iPhone15)."""
    return re.findall(r"[a-z]+|[0-9]+", word)


def _all(parts: Iterable[Condition | None]) -> Condition | None:
    known = tuple(dict.fromkeys(part for part in parts if part is not None))
    if not known:
        return None
    return known[0] if len(known) == 1 else AllOf(known)


def _any(parts: Iterable[Condition | None]) -> Condition | None:
    parts = list(parts)
    known = tuple(dict.fromkeys(part for part in parts if part is not None))
    if not known or None in parts:
        return None
    return known[0] if len(known) == 1 else AnyOf(known)


# --- what is checked word for word -----------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Query:
    """A search that could be read.

    condition  what the index is asked; None where it cannot help: then only the newest posts are read
    words      what is to be marked in what was found
    """

    condition: Condition | None
    words: tuple[str, ...]
    matcher: Matcher[int]

    def wants(self, text: str) -> bool:
        """Whether a kept text fulfils it, read as a watch reads it."""
        return bool(self.matcher.match(fold(text).text))


def query_of(rule: str, cut: Cut) -> Query:
    """A search as it was typed. Raises RuleError where it cannot be read, or has no word that must occur."""
    node = read(rule)
    return Query(condition_of(node, cut), tuple(asked_words(node)), Matcher({0: node}))
