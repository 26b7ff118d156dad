"""SnowNLP's Bayes classifier on jieba words, trained on our rows: its own arithmetic, as a table made once.

SnowNLP spends its time in its segmenter (a Viterbi in Python); jieba is faster, and a post is cut anyway for search.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from math import exp, log
from pathlib import Path

import numpy as np

from opinion import words

from . import model_file
from .features import read
from .linear import CLASSES
from .model_file import WordCounts
from .scores import Reason, Score, heaviest

_NEGATIONS = frozenset(
    ["不", "没", "没有", "未", "无", "别", "非", "不是", "从未", "毫无", "不会", "不能", "不要", "并非", "不再"]
)
_TOKEN_FLOOR = 0.7  # log ratio from which a word is told as a reason


def tokens(cut: Iterable[str]) -> list[str]:
    """The words the classifier counts: those with a letter in them, a negation joined to the word it stands before."""
    found = []
    before = ""
    for word in cut:
        if any(char.isalpha() for char in word):
            found.append(before + word if before in _NEGATIONS else word)
            before = word
    return found


class SnowNLPEngine:
    name = "snownlp"

    def __init__(self, counts: WordCounts, model_version: str):
        self.model_version = model_version
        self._first, self._table = _log_chances(counts)

    @classmethod
    def load(cls, path: Path) -> "SnowNLPEngine":
        model = model_file.load(path)
        return cls(model.bayes, model.snownlp_version)

    def score(self, texts: Sequence[str], cuts: Sequence[Sequence[str]] | None = None) -> list[Score]:
        if cuts is None:
            cuts = [words.cut(text) for text in read(texts).texts] if texts else []
        return [self._score(tokens(cut)) for cut in cuts]

    def chances(self, found: Iterable[str]) -> tuple[float, float, float]:
        """Probability of each class, as SnowNLP's `Bayes.classify` has it; words never seen are left out."""
        sums = list(self._first)
        for token in found:
            row = self._table.get(token)
            if row is not None:
                sums[0] += row[0]
                sums[1] += row[1]
                sums[2] += row[2]
        top = max(sums)
        parts = [exp(part - top) for part in sums]
        total = sum(parts)
        return parts[0] / total, parts[1] / total, parts[2] / total

    def _score(self, found: list[str]) -> Score:
        if not found:
            return Score(0.5, "neu", self.name, self.model_version)
        chances = self.chances(found)
        label = CLASSES[chances.index(max(chances))]
        value = 0.5 + (chances[2] - chances[0]) / 2
        return Score(value, label, self.name, self.model_version, partial(self._reasons, found, label))

    def _reasons(self, found: list[str], label: str) -> tuple[Reason, ...]:
        if label == "neu":
            return ()
        toward = -1 if label == "neg" else 1
        reasons = []
        for token in dict.fromkeys(found):
            row = self._table.get(token)
            if row is not None and (row[2] - row[0]) * toward > _TOKEN_FLOOR:
                reasons.append(Reason(token, "token", row[2] - row[0]))
        return heaviest(reasons)


def _log_chances(counts: WordCounts) -> tuple[list[float], dict[str, list[float]]]:
    """The logarithms SnowNLP's `AddOneProb` would take word by word: (class, word -> class)."""
    seen = counts.counts > 0
    totals = (counts.counts.sum(axis=0) + seen.sum(axis=0)).astype(np.float64)  # a word counts one extra
    chances = np.log(np.where(seen, counts.counts + 1, 1) / totals)
    first = [log(total) - log(float(totals.sum())) for total in totals.tolist()]
    return first, dict(zip(counts.words, chances.tolist(), strict=True))
