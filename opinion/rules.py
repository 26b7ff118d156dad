"""The rule language of a watch, and every watch found in one pass over a text. Pure; both on folded text.

    晴野茶饮                      the word occurs
    晴野 奶茶   晴野 AND 奶茶       both (a space means AND)
    奶茶 OR 果茶   晴野 NOT 招聘     either; the second drops the whole post
    (晴野 OR 青野) 茶饮            parentheses; OR binds weakest, then AND, then NOT
    "晴野 茶饮"                   the phrase as it stands
    晴野 NEAR/20 腹泻              at most 20 characters between the two, in either order
    荣耀{-王者荣耀}                an occurrence inside a guard does not count; another one may

A word of Latin letters or digits is a whole word: BYD does not occur in BYDFI, but iPhone does in iPhone15. Operators
are written in capitals; full-width brackets and quotes are read as the plain ones.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Generic, TypeVar

import ahocorasick_rs

from opinion.text import fold_word

LONGEST_RULE, MOST_TERMS, DEEPEST, WIDEST_NEAR = 4000, 500, 40, 500
_MOST_NEAR = 200  # occurrences of one side of NEAR that are compared; a text that repeats a word oftener adds nothing

_PLAIN = str.maketrans("（）“”「」『』｛｝＂　", '()""""""{}" ')
_OPERATORS = {"AND", "OR", "NOT"}
_SPECIAL = frozenset('()"{}')
_COMMAS = frozenset("|｜,，、;；")


class RuleError(ValueError):
    """A rule that cannot be read: `reason` is a code, `position` counts characters from 0, `word` stands there."""

    def __init__(self, reason: str, position: int, word: str = "") -> None:
        super().__init__(f"{reason} at {position}: {word}" if word else f"{reason} at {position}")
        self.reason, self.position, self.word = reason, position, word


@dataclass(frozen=True, slots=True)
class Hit:
    """A word of a rule, found: half-open place in the folded text."""

    start: int
    end: int
    word: str


# --- the tree --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase with its guards, all folded."""

    word: str
    guards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Near:
    left: tuple[Term, ...]  # one of these …
    right: tuple[Term, ...]  # … near one of these
    reach: int


@dataclass(frozen=True, slots=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Term | Near | And | Or | Not


# --- reading ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  # ( ) word phrase AND OR NOT NEAR guards end
    at: int
    text: str = ""
    guards: tuple[tuple[str, int], ...] = ()


def _tokens(rule: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    while at < len(rule):
        char = rule[at]
        if char.isspace():
            at += 1
        elif char in "()":
            found.append(_Token(char, at, char))
            at += 1
        elif char == '"':
            end = rule.find('"', at + 1)
            if end < 0:
                raise RuleError("quote_open", at)
            found.append(_Token("phrase", at, rule[at + 1 : end]))
            at = end + 1
        elif char == "{":
            end = rule.find("}", at)
            if end < 0:
                raise RuleError("guard_open", at)
            found.append(_Token("guards", at, guards=tuple(_guards(rule, at + 1, end))))
            at = end + 1
        elif char == "}":
            raise RuleError("guard_stray", at, char)
        else:
            end = at
            while end < len(rule) and rule[end] not in _SPECIAL and not rule[end].isspace():
                end += 1
            found.append(_word_or_operator(rule[at:end], at))
            at = end
    return [*found, _Token("end", len(rule))]


def _word_or_operator(word: str, at: int) -> _Token:
    if word in _OPERATORS:
        return _Token(word, at, word)
    if word == "NEAR" or word.startswith("NEAR/"):
        reach = word.removeprefix("NEAR").removeprefix("/")
        if not (reach.isascii() and reach.isdigit() and len(reach) < 5 and 0 < int(reach) <= WIDEST_NEAR):
            raise RuleError("near_reach", at, word)
        return _Token("NEAR", at, reach)
    for place, char in enumerate(word):
        if char in _COMMAS:
            raise RuleError("comma", at + place, char)
    if not any(char.isalnum() for char in word):
        raise RuleError("no_letters", at, word)
    return _Token("word", at, word)


def _guards(rule: str, start: int, end: int) -> Iterable[tuple[str, int]]:
    at = start
    while at < end:
        if rule[at].isspace():
            at += 1
            continue
        stop = at
        while stop < end and not rule[stop].isspace():
            stop += 1
        word = rule[at:stop]
        if word[0] not in "-－−" or not fold_word(word[1:]):
            raise RuleError("guard_form", at, word)
        yield word[1:], at
        at = stop
    if not rule[start:end].strip():
        raise RuleError("guard_form", start - 1, "{}")


class _Reader:
    def __init__(self, rule: str) -> None:
        self.tokens = _tokens(rule)
        self.at = 0
        self.depth = 0
        self.terms = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def whole(self) -> Node:
        node = self.either()
        if self.next.kind != "end":
            raise RuleError("bracket_stray", self.next.at, self.next.text)
        return node

    def either(self) -> Node:
        parts = [self.all_of()]
        while self.next.kind == "OR":
            self.take()
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def all_of(self) -> Node:
        parts = [self.negated()]
        while self.next.kind in ("AND", "NOT", "word", "phrase", "("):
            if self.next.kind == "AND":
                self.take()
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def negated(self) -> Node:
        negations = 0
        while self.next.kind == "NOT":
            self.take()
            negations += 1
        node = self.near()
        return Not(node) if negations % 2 else node

    def near(self) -> Node:
        first, start = self.atom(), self.next
        if start.kind != "NEAR":
            return first
        self.take()
        second_at = self.next.at
        second = self.atom()
        if self.next.kind == "NEAR":
            raise RuleError("near_chain", self.next.at)
        return Near(_words_of(first, start.at), _words_of(second, second_at), int(start.text))

    def atom(self) -> Node:
        token = self.take()
        if token.kind == "(":
            self.depth += 1
            if self.depth > DEEPEST:
                raise RuleError("too_deep", token.at)
            node = self.either()
            if self.next.kind != ")":
                raise RuleError("bracket_open", token.at)
            self.take()
            self.depth -= 1
            return node
        if token.kind in ("word", "phrase"):
            return self.term(token)
        if token.kind == "guards":
            raise RuleError("guard_stray", token.at)
        raise RuleError("word_missing", token.at, token.text)

    def term(self, token: _Token) -> Term:
        word = fold_word(token.text)
        if not word:
            raise RuleError("no_letters", token.at, token.text)
        self.terms += 1
        guards = self.take().guards if self.next.kind == "guards" else ()
        for guard, at in guards:
            if word not in fold_word(guard) or word == fold_word(guard):
                raise RuleError("guard_without_word", at, guard)
        self.terms += len(guards)
        if self.terms > MOST_TERMS:
            raise RuleError("too_many", token.at)
        return Term(word, tuple(fold_word(guard) for guard, _at in guards))


def _words_of(node: Node, at: int) -> tuple[Term, ...]:
    """The alternatives on one side of NEAR: a word, or words joined by OR."""
    parts = node.parts if isinstance(node, Or) else (node,)
    words = tuple(part for part in parts if isinstance(part, Term))
    if len(words) != len(parts):
        raise RuleError("near_side", at)
    return words


def read(rule: str) -> Node:
    """The tree of a rule. Raises RuleError where it cannot be read, or would want posts with none of its words."""
    if len(rule) > LONGEST_RULE:
        raise RuleError("too_long", LONGEST_RULE)
    rule = rule.translate(_PLAIN)
    if not rule.strip():
        raise RuleError("empty", 0)
    node = _Reader(rule).whole()
    if _holds(node, lambda term: []) is not None:
        raise RuleError("only_not", len(rule) - len(rule.lstrip()))
    return node


# --- finding ---------------------------------------------------------------------------------------------------------
Find = Callable[[Term], list[Hit]]


def _holds(node: Node, find: Find) -> list[Hit] | None:
    """The hits that make a node true, or None where it is not; [] where it is true by what is absent."""
    match node:
        case Term():
            return find(node) or None
        case Near():
            close = [
                (left, right)
                for left, right in product(_all(node.left, find), _all(node.right, find))
                if 0 <= max(left.start, right.start) - min(left.end, right.end) <= node.reach
            ]
            return [hit for pair in close for hit in pair] or None
        case And():
            hits: list[Hit] = []
            for part in node.parts:
                found = _holds(part, find)
                if found is None:
                    return None
                hits += found
            return hits
        case Or():
            alternatives = [found for part in node.parts if (found := _holds(part, find)) is not None]
            return [hit for found in alternatives for hit in found] if alternatives else None
        case Not():
            return [] if _holds(node.part, find) is None else None


def _all(terms: Iterable[Term], find: Find) -> list[Hit]:
    return [hit for term in terms for hit in find(term)][:_MOST_NEAR]


def _terms(node: Node) -> Iterable[Term]:
    match node:
        case Term():
            yield node
        case Near():
            yield from (*node.left, *node.right)
        case And() | Or():
            for part in node.parts:
                yield from _terms(part)
        case Not():
            yield from _terms(node.part)


def asked_words(node: Node) -> list[str]:
    """The words a rule asks for, folded, each once: those behind NOT and inside guards are left out."""
    match node:
        case And() | Or():
            return list(dict.fromkeys(word for part in node.parts for word in asked_words(part)))
        case Not():
            return []
        case _:
            return list(dict.fromkeys(term.word for term in _terms(node)))


Key = TypeVar("Key", bound=Hashable)


class Matcher(Generic[Key]):
    """Many rules, found together: one pass for all their words, then the rules of those that occurred.

    rules  by whatever the caller calls them; trees made by `read`
    """

    def __init__(self, rules: Mapping[Key, Node]) -> None:
        self.rules = dict(rules)
        self._number: dict[str, int] = {}
        wakes: dict[int, dict[Key, None]] = defaultdict(dict)
        for key, node in self.rules.items():
            for term in _terms(node):
                wakes[self._numbered(term.word)][key] = None
                for guard in term.guards:
                    self._numbered(guard)
        self._wakes = {number: tuple(keys) for number, keys in wakes.items()}
        self._words = ahocorasick_rs.AhoCorasick(list(self._number))

    def _numbered(self, word: str) -> int:
        return self._number.setdefault(word, len(self._number))

    def words(self, keys: Iterable[Key]) -> frozenset[str]:
        """The words these rules ask for."""
        return frozenset(word for key in keys if key in self.rules for word in asked_words(self.rules[key]))

    def match(self, folded: str) -> dict[Key, list[Hit]]:
        """The rules that want a folded text, each with the hits that made it want it, in the order of the text."""
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, start, end in self._words.find_matches_as_indexes(folded, overlapping=True):
            places[number].append((start, end))
        if not places:
            return {}
        seen: dict[Term, list[Hit]] = {}

        def find(term: Term) -> list[Hit]:
            if term not in seen:
                seen[term] = self._hits(term, places, folded)
            return seen[term]

        woken = {key: None for number in places for key in self._wakes.get(number, ())}
        wanted = {}
        for key in woken:
            hits = _holds(self.rules[key], find)
            if hits is not None:
                wanted[key] = sorted(set(hits), key=lambda hit: (hit.start, hit.end))
        return wanted

    def _hits(self, term: Term, places: Mapping[int, list[tuple[int, int]]], folded: str) -> list[Hit]:
        found = places.get(self._number[term.word], [])
        if found and term.word.isascii():
            found = [place for place in found if _stands_alone(folded, *place)]
        guards = [place for guard in term.guards for place in places.get(self._number[guard], [])]
        return [
            Hit(start, end, term.word)
            for start, end in found
            if not any(from_ <= start and end <= to for from_, to in guards)
        ]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a Latin word is not a part of a longer one: no letter beside its letters, no digit beside its digits."""
    return not (start and _alike(text[start - 1], text[start])) and not (
        end < len(text) and _alike(text[end - 1], text[end])
    )


def _alike(one: str, other: str) -> bool:
    if not (one.isascii() and other.isascii()):
        return False
    return (one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit())
