"""The rule layer: terms found in a batch of texts, each read in its surroundings; what that says is its sign."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from .features import Batch, read
from .terms import (
    CRISIS,
    DENIAL,
    DUE,
    ENDING,
    EVEN,
    HEARSAY,
    HYPOTHESIS,
    KINDS,
    LEAST,
    NEG,
    NEGATION,
    OVERDUE,
    PENDING,
    PERSIST,
    POS,
    PROMISE,
    REPAIR,
    SPOKEN,
    TURN,
    Term,
)

SIGNS = (
    "pos",  # good word, as it stands
    "neg",
    "pos_negated",  # 不 … 好看
    "neg_negated",  # 没有 … 异味
    "crisis_2",  # crisis term of severity 2, as it stands
    "crisis_3",
    "crisis_negated",  # 未发现泄露
    "crisis_denied",  # 网传爆炸系谣言
    "crisis_asked",  # drill, hint, question, rule: 火灾应急演练
    "denial",
    "repair",  # 已恢复正常
    "unmet",  # 至今未上门, 说好包邮,没有
    "belied",  # 否认裁员,可…; 辟谣三天,还有人信
    "negation",  # of something that is not listed
    "even",
    "tone",  # the balance of what TONE names: (good - bad) / (good + bad + 1)
    "silent",  # 1 where nothing above was found and nobody speaks, as in most headlines
    "spoken",  # 1 where somebody speaks, whatever was found
    "asked",  # 1 where it asks or supposes, and nobody speaks: 如何评价…, a rule, a drill
)
TONE = {
    "pos": 1.0,
    "neg_negated": 0.5,
    "neg": -1.0,
    "pos_negated": -1.0,
    "crisis_2": -1.0,
    "crisis_3": -1.0,
    "unmet": -1.0,
}
NO_SIGN = -1  # a cue or a guard
_COLUMN = {name: index for index, name in enumerate(SIGNS)}
_PLAIN = [_COLUMN["pos"], _COLUMN["neg"]]
_NEGATED = [_COLUMN["pos_negated"], _COLUMN["neg_negated"]]
_CONCEDED = (*_PLAIN, *_NEGATED)
_TURNED = (*_NEGATED, _COLUMN["crisis_negated"], _COLUMN["crisis_denied"])
_BAD = {_COLUMN[name] for name, tone in TONE.items() if tone < 0}
_GOOD = {_COLUMN[name] for name, tone in TONE.items() if tone > 0}
_CLAUSE_ENDS = "\0，。！？；,!?;… "  # a blank parts the clauses of a headline
_SENTENCE_ENDS = "\0。！？!?"
_BASIC = 0x10000
_NEAR, _NEAR_WORD = 2, 8  # characters a one-character / longer negation reaches within its clause
_NEAR_LEAST = 3  # characters after 一次 in which begins what it counts, and after that the negation: 一次故障都没出过
_NEAR_NEGATION = 6  # characters between two negations that cancel each other
_DENIAL_REACH = 40
_TITLES, _QUOTES = "《》", ("“”", "「」", "()")  # as they are folded
_LONGEST_QUOTE = 24
_AFTER_SPEAKER, _LONGEST_SPEAKER = (ord(":"), ord(" ")), 6
_MOST = 4.0  # a word said ten times is not ten times the news

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]
Place = tuple[int, int]  # half-open, in a folded text


@dataclass(frozen=True, slots=True)
class Found:
    """The terms in a batch, in order: number of the term, of its text, where it stands, its sign or NO_SIGN.

    since  where the stretch begins that is read as one: at the negation, for a term that is negated
    asked  for each text whether it asks or supposes
    """

    term: Places
    text: Places
    start: Places
    end: Places
    sign: Places
    since: Places
    asked: Flags


class TermReader:
    """Finds the terms of a list in folded texts, the longest at each place, and reads each in its surroundings."""

    def __init__(self, terms: Iterable[Term]):
        self.terms = list(terms)
        self._kind = np.array([KINDS.index(term.kind) for term in self.terms])
        self._is_grave = np.array([term.severity == 3 for term in self.terms])
        self._reach = np.array([_NEAR if len(term.text) == 1 else _NEAR_WORD for term in self.terms])

    @cached_property
    def _matcher(self) -> ahocorasick_rs.AhoCorasick:
        """Built when the first text is read, which starting need not wait for."""
        words = [term.text for term in self.terms]
        return ahocorasick_rs.AhoCorasick(words, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)

    def read(self, batch: Batch) -> Found:
        """Every term in the batch. Terms never overlap: 不得不 is one, so its 不 negates nothing."""
        hits = np.array(self._matcher.find_matches_as_indexes(batch.joined), dtype=np.int64).reshape(-1, 3)
        term, start, end = hits[:, 0], hits[:, 1], hits[:, 2]
        text = np.searchsorted(batch.start, start, side="right") - 1
        kind = self._kind[term]
        clauses, sentences = _ends_before(batch, _CLAUSE_ENDS), _ends_before(batch, _SENTENCE_ENDS)
        negation, pending, since = self._negation_of(clauses, term, kind, start, end)
        negated = negation >= 0
        denied = _is_denied(sentences, kind, start, end)
        asked = np.zeros(len(batch.start), dtype=bool)
        asked[text[kind == HYPOTHESIS]] = True
        asked |= batch.codes[batch.start + batch.length - 1] == ord("?")
        sign = np.full(len(term), NO_SIGN, dtype=np.int64)
        polar = kind <= NEG
        sign[polar] = np.where(negated, np.take(_NEGATED, kind % 2), np.take(_PLAIN, kind % 2))[polar]
        crisis = np.where(self._is_grave[term], _COLUMN["crisis_3"], _COLUMN["crisis_2"])
        crisis = np.where(asked[text], _COLUMN["crisis_asked"], crisis)
        crisis = np.where(denied, _COLUMN["crisis_denied"], crisis)
        crisis = np.where(negated, _COLUMN["crisis_negated"], crisis)
        sign[kind == CRISIS] = crisis[kind == CRISIS]
        sign[kind == DENIAL] = _COLUMN["denial"]
        sign[kind == REPAIR] = _COLUMN["repair"]
        free = (kind == NEGATION) | (kind == OVERDUE)  # 取消 and the like say nothing alone
        free[negation[negated & ((kind <= CRISIS) | (kind == DUE))]] = False
        sign[free] = _COLUMN["negation"]
        sign[_is_unmet(clauses, text, kind, start, end, negation) & ~pending] = _COLUMN["unmet"]
        sign[(kind == POS) & pending] = NO_SIGN  # 暂无签约时间: nothing good was said, and nothing bad
        _belie(sentences, kind, start, end, sign)
        sign[kind == EVEN] = _COLUMN["even"]
        sign[kind == SPOKEN] = _COLUMN["spoken"]
        sign[(kind == SPOKEN) & _is_quoted(batch, start)] = NO_SIGN
        _answer(batch, text, end, sign)
        _concede(sentences, clauses, kind, start, end, sign)
        sign[(kind != CRISIS) & _within(batch, *_TITLES)[start]] = NO_SIGN  # the name of a book or a game
        return Found(term, text, start, end, sign, since, asked)

    def crises(self, texts: Sequence[str]) -> list[list[Term]]:
        """Per text the crisis terms in it that are not negated, denied or asked about, each once, the gravest first."""
        if not texts:
            return []
        found = self.read(batch := read(texts))
        told: list[dict[str, Term]] = [{} for _ in batch.start]
        stands = (found.sign == _COLUMN["crisis_2"]) | (found.sign == _COLUMN["crisis_3"])
        for term, text in zip(found.term[stands].tolist(), found.text[stands].tolist(), strict=True):
            told[text][self.terms[term].text] = self.terms[term]
        return [sorted(terms.values(), key=lambda term: (-term.severity, term.text)) for terms in told]

    def tones(self, texts: Sequence[str]) -> list[tuple[str, list[Place], list[Place]]]:
        """Per text: the text folded, and where in it bad and good words stand, as they are meant."""
        if not texts:
            return []
        found = self.read(batch := read(texts))
        told: list[tuple[str, list[Place], list[Place]]] = [(text, [], []) for text in batch.texts]
        first = batch.start.tolist()
        places = zip(found.text.tolist(), found.start.tolist(), found.end.tolist(), found.sign.tolist(), strict=True)
        for text, start, end, sign in places:
            if sign in _BAD or sign in _GOOD:
                told[text][1 if sign in _BAD else 2].append((start - first[text], end - first[text]))
        return told

    def _negation_of(
        self, clauses: Places, term: Places, kind: Places, start: Places, end: Places
    ) -> tuple[Places, Flags, Places]:
        """The negation of each term, -1 where it has none: the last one before it, near it, in the same clause;
        whether it is one of those that wait (暂无); where the stretch of both begins.

        Two negations close together cancel each other: 没有人不满意 is no blame, 不排除爆炸 no denial.
        """
        negations = (kind == NEGATION) | (kind == PENDING) | (kind == OVERDUE) | (kind == ENDING)
        last = _last_before(negations)
        near = (last >= 0) & (start - end[last] >= 0) & (start - end[last] <= self._reach[term[last]])
        near &= _same_stretch(clauses, end[last], start)
        first = np.concatenate([[-1], last[:-1]])[last]  # the negation before that one
        gap = start[last] - end[first]
        twice = near & (first >= 0) & (gap >= 0) & (gap <= _NEAR_NEGATION)
        twice &= _same_stretch(clauses, end[first], start[last])
        negated = near & ~twice
        after, least = _next_after(negations), _last_before(kind == LEAST)
        counted = ~near & (kind != LEAST) & ~negations & (least >= 0) & (after < len(kind))
        after = np.minimum(after, len(kind) - 1)
        counted &= (start - end[least] >= 0) & (start - end[least] <= _NEAR_LEAST)
        counted &= (start[after] - end >= 0) & (start[after] - end <= _NEAR_LEAST)
        counted &= _same_stretch(clauses, end[least], start[after])
        return (
            np.where(negated, last, np.where(counted, after, -1)),
            near & (kind[last] == PENDING),
            np.where(negated, start[last], np.where(counted, start[least], start)),
        )


def _is_unmet(clauses: Places, text: Places, kind: Places, start: Places, end: Places, negation: Places) -> Flags:
    """What was due and did not come: 没有回复; 至今未上门, unless something bad did not come; 说好包邮,没有."""
    spares = np.zeros(len(kind), dtype=bool)  # negations of something bad
    spares[negation[(negation >= 0) & ((kind == NEG) | (kind == CRISIS))]] = True
    promise = _last_before(kind == PROMISE)
    broken = (kind == NEGATION) & (promise >= 0) & (text[promise] == text)
    broken &= ~_same_stretch(clauses, end[promise], start)  # 承诺不涨价 is a promise, and all there is
    return ((kind == DUE) & (negation >= 0)) | ((broken | (kind == OVERDUE)) & ~spares)


def _belie(sentences: Places, kind: Places, start: Places, end: Places, sign: Places) -> None:
    """否认裁员,可…: what turns against a denial, or a repair, before it belies it, and that says nothing."""
    against = (kind == TURN) | (kind == PERSIST)
    if not against.any():
        return
    denials = np.isin(kind, (DENIAL, REPAIR)) | (sign == _COLUMN["crisis_negated"])
    denial = _last_before(denials)
    belies = against & (denial >= 0) & _is_near(sentences, end[denial], start)
    belied = denial[belies]
    sign[belied[sign[belied] != _COLUMN["crisis_negated"]]] = NO_SIGN
    sign[belies] = _COLUMN["belied"]


def _answer(batch: Batch, text: Places, end: Places, sign: Places) -> None:
    """爆炸?没有事故: a crisis term in a question counts as denied where the text goes on to deny or negate."""
    stands = np.isin(sign, (_COLUMN["crisis_2"], _COLUMN["crisis_3"]))
    answers = np.isin(sign, (_COLUMN["denial"], _COLUMN["crisis_negated"], _COLUMN["neg_negated"]))
    if not (stands.any() and answers.any()):
        return
    stops = np.flatnonzero(_flags(_SENTENCE_ENDS)[np.minimum(batch.codes, _BASIC)])
    asked = batch.codes[stops[np.searchsorted(stops, end)]] == ord("?")
    last = np.full(len(batch.start), -1)
    np.maximum.at(last, text[answers], np.flatnonzero(answers))
    sign[stands & asked & (last[text] > np.arange(len(sign)))] = _COLUMN["crisis_denied"]


def _concede(sentences: Places, clauses: Places, kind: Places, start: Places, end: Places, sign: Places) -> None:
    """便宜,但是难吃: what stands before a turn says nothing where something good or bad follows it in the sentence.

    听说难吃,去了觉得不错: nor does what is heard, where something follows its clause.
    """
    if not np.isin(kind, (TURN, HEARSAY)).any():
        return
    place = np.arange(len(sign))
    sentence = sentences[start]
    turn, said = (np.full(sentence[-1] + 1, -1) for _ in range(2))
    np.maximum.at(turn, sentence[kind == TURN], place[kind == TURN])
    weighs = np.isin(sign, [*(_COLUMN[name] for name in TONE), _COLUMN["belied"]])
    np.maximum.at(said, sentence[weighs], place[weighs])
    conceded = (place < turn[sentence]) & (
        said[sentence] >= turn[sentence]
    )  # a turn itself says something if it belies
    heard = _last_before(kind == HEARSAY)
    is_heard = (heard >= 0) & _same_stretch(clauses, end[heard], start)
    conceded |= is_heard & (said[sentence] > place) & ~_same_stretch(clauses, start, start[said[sentence]])
    sign[conceded & np.isin(sign, _CONCEDED)] = NO_SIGN


def _within(batch: Batch, opening: str, closing: str) -> Flags:
    """For each character whether it stands between two of these, near each other and in one text."""
    size = len(batch.codes)
    opens, closes = (np.flatnonzero(batch.codes == ord(mark)) for mark in (opening, closing))
    if not (len(opens) and len(closes)):
        return np.zeros(size, dtype=bool)
    closed = np.append(closes, size)[np.searchsorted(closes, opens)]
    same_text = np.searchsorted(batch.start, opens, side="right") == np.searchsorted(batch.start, closed, side="right")
    whole = same_text & (closed < size) & (closed - opens <= _LONGEST_QUOTE)
    edges = np.zeros(size + 1, dtype=np.int32)
    np.add.at(edges, opens[whole], 1)
    np.add.at(edges, closed[whole], -1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def _is_quoted(batch: Batch, start: Places) -> Flags:
    """Whether a place is within quotation marks or brackets, or follows 专访: or a name and a blank."""
    quoted = np.zeros(len(start), dtype=bool)
    for marks in _QUOTES:
        quoted |= _within(batch, *marks)[start]
    colon, blank = _AFTER_SPEAKER
    stops = np.append(np.flatnonzero((batch.codes == colon) | (batch.codes == blank)), len(batch.codes))
    text = np.searchsorted(batch.start, start, side="right") - 1
    first = stops[np.searchsorted(stops, batch.start)][text]
    return quoted | ((first < start) & (first - batch.start[text] <= _LONGEST_SPEAKER))


def _last_before(flags: Flags) -> Places:
    """For each place the last one at or before it whose flag is set; -1 where there is none."""
    return np.asarray(np.maximum.accumulate(np.where(flags, np.arange(len(flags)), -1), dtype=np.int64))


def _next_after(flags: Flags) -> Places:
    """For each place the first one at or after it whose flag is set; their number where there is none."""
    last = _last_before(flags[::-1])[::-1]
    return np.where(last < 0, len(flags), len(flags) - 1 - last)


def _is_denied(sentences: Places, kind: Places, start: Places, end: Places) -> Flags:
    """Whether a denial stands in the same sentence as each term: after it, or before it with no turn between.

    否认裁员,但确有欠薪 leaves the second standing.
    """
    denials = kind == DENIAL
    if not denials.any():
        return np.zeros(len(denials), dtype=bool)
    size = len(denials)
    before = _last_before(denials)
    after = _next_after(denials)
    denied = (before >= 0) & _is_near(sentences, end[before], start) & (_last_before(kind == TURN) < before)
    after_at = np.minimum(after, size - 1)
    return denied | ((after < size) & _is_near(sentences, end, start[after_at]))


def _is_near(sentences: Places, left_end: Places, right_start: Places) -> Flags:
    gap = right_start - left_end
    return (gap >= 0) & (gap <= _DENIAL_REACH) & _same_stretch(sentences, left_end, right_start)


def _ends_before(batch: Batch, ends: str) -> Places:
    """How many of the characters `ends` stand before each place of the batch."""
    count = np.zeros(len(batch.codes) + 1, dtype=np.int64)
    np.cumsum(_flags(ends)[np.minimum(batch.codes, _BASIC)], out=count[1:])
    return count


def _same_stretch(ends_before: Places, left: Places, right: Places) -> Flags:
    """Whether no end stands in [left, right)."""
    return np.asarray(ends_before[left] == ends_before[np.maximum(right, left)])


@cache
def _flags(ends: str) -> Flags:
    """For each character of the basic plane, and one for all others, whether it is among these."""
    flags = np.zeros(_BASIC + 1, dtype=bool)
    flags[[ord(char) for char in ends]] = True
    return flags


def turned_round(batch: Batch, found: Found) -> Flags:
    """For each character whether an n-gram beginning there meets a term that is negated or denied, or its negation.

    The model counts n-grams and would hear the pain in 不疼; what the rules turned round it is not shown.
    """
    turned = np.isin(found.sign, _TURNED)
    edges = np.zeros(len(batch.codes) + 1, dtype=np.int32)
    np.add.at(edges, np.maximum(found.since[turned] - 1, 0), 1)
    np.add.at(edges, found.end[turned], -1)
    return np.asarray(np.cumsum(edges[:-1]) > 0)


def signs(batch: Batch, found: Found) -> NDArray[np.float64]:
    """(texts, SIGNS): what was found in each text, as numbers for the model; counts are capped."""
    texts, width = len(batch.start), len(SIGNS)
    told = found.sign != NO_SIGN
    flat = np.bincount(found.text[told] * width + found.sign[told], minlength=texts * width)
    table = flat.reshape(texts, width).astype(np.float64)
    weighed = table[:, [_COLUMN[name] for name in TONE]] * np.array(list(TONE.values()))
    table = np.minimum(table, _MOST)
    table[:, _COLUMN["tone"]] = weighed.sum(axis=1) / (np.abs(weighed).sum(axis=1) + 1)
    table[:, _COLUMN["spoken"]] = np.minimum(table[:, _COLUMN["spoken"]], 1)
    table[:, _COLUMN["silent"]] = ~table.any(axis=1)
    table[:, _COLUMN["asked"]] = found.asked & (table[:, _COLUMN["spoken"]] == 0)
    return table
