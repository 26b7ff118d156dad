"""The engine of the hot path: the linear model over character n-grams, under the rule layer."""

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from . import model_file
from .features import BUCKETS, Batch, buckets, read
from .linear import CLASSES, NEG, NEU, POS, Linear, softmax
from .scores import MOST_REASONS, Reason, Score, heaviest
from .signs import NO_SIGN, SIGNS, TONE, Found, TermReader, signs, turned_round
from .terms import Term, read_terms, terms_version, with_terms

LOGITS = 2  # rows of `rules` that take the linear model; the signs follow, the bias is last
_GRAVE_MARGIN = 0.1
_UNTOLD = {NO_SIGN, SIGNS.index("negation"), SIGNS.index("spoken")}  # a bare 不 or 我 explains nothing
_GRAM_FLOOR = 0.12  # an n-gram that pulls less is no reason anybody would accept


class HybridEngine:
    name = "hybrid"

    def __init__(self, linear: Linear, rules: NDArray[np.float64], reader: TermReader, model_version: str):
        self.linear, self.rules, self.reader, self.model_version = linear, rules, reader, model_version
        self._pull = rules[:, POS] - rules[:, NEG]  # what one unit of each input adds to positive over negative
        self._sign_pull = dict(zip(SIGNS, self._pull[LOGITS:-1].tolist(), strict=True))

    @cached_property
    def _bucket_pull(self) -> NDArray[np.float64]:
        """What an n-gram of each bucket adds; worked out when reasons are first asked for, not while loading."""
        pull = np.zeros(BUCKETS + 1)
        pull[:-1] = self.linear.weights @ (self.linear.scale * self._pull[:LOGITS])
        return pull

    @classmethod
    def load(cls, path: Path) -> "HybridEngine":
        model = model_file.load(path)
        return cls(model.linear, model.rules, TermReader(read_terms()), model.hybrid_version)

    def with_terms(self, added: Sequence[Term]) -> "HybridEngine":
        """The same model under the shipped lists and the company's terms; its scores carry a version of their own."""
        reader = TermReader(with_terms(self.reader.terms, added))
        return HybridEngine(self.linear, self.rules, reader, self.model_version + terms_version(added))

    def score(self, texts: Sequence[str], cuts: Sequence[Sequence[str]] | None = None) -> list[Score]:
        if not texts:
            return []
        batch = read(texts)
        found = self.reader.read(batch)
        told = signs(batch, found)
        logits = (
            np.hstack([self.linear.logits(batch, turned_round(batch, found)), told]) @ self.rules[:-1] + self.rules[-1]
        )
        grave = told[:, SIGNS.index("crisis_3")] > 0  # whatever is learned, such a text is never called neutral
        logits[grave, NEG] = np.maximum(logits[grave, NEG], logits[grave, NEU] + _GRAVE_MARGIN)
        chances = softmax(logits)
        values = 0.5 + (chances[:, POS] - chances[:, NEG]) / 2
        labels = chances.argmax(axis=1)
        empty = batch.length == 0
        values[empty], labels[empty] = 0.5, CLASSES.index("neu")
        why = _Why(self, batch, found, labels)
        return [
            Score(value, CLASSES[label], self.name, self.model_version, partial(why.reasons, number))
            for number, (value, label) in enumerate(zip(values.tolist(), labels.tolist(), strict=True))
        ]

    def rule_reasons(self, batch: Batch, found: Found) -> list[list[Reason]]:
        """Per text the terms that counted, each once."""
        told: list[dict[str, tuple[int, str]]] = [{} for _ in batch.start]
        for term, text, sign in zip(found.term.tolist(), found.text.tolist(), found.sign.tolist(), strict=True):
            if sign not in _UNTOLD:
                told[text][self.reader.terms[term].text] = (term, SIGNS[sign])
        reasons = []
        for terms in told:
            tone = self._sign_pull["tone"] / (1 + sum(sign in TONE for _, sign in terms.values()))
            reasons.append(
                [
                    Reason(
                        text, sign, self._sign_pull[sign] + TONE.get(sign, 0) * tone, self.reader.terms[term].category
                    )
                    for text, (term, sign) in terms.items()
                ]
            )
        return reasons

    def gram_reasons(self, batch: Batch, found: Found, labels: NDArray[np.int64]) -> list[list[Reason]]:
        """Per text the stretches whose n-grams pulled most towards its label; overlapping ones are told as one."""
        owner = batch.owner
        toward = np.array([-1.0, 0.0, 1.0])[labels][owner]
        weight = np.where(turned_round(batch, found), 0, 1 / np.sqrt(np.maximum(batch.gram_count, 1))[owner])
        spans: list[list[tuple[int, int, float]]] = [[] for _ in batch.start]
        pulls, starts, lengths = [], [], []
        for size, bucket in enumerate(buckets(batch)[1:], start=2):  # single characters explain nothing
            pull = self._bucket_pull[bucket] * weight
            strong = np.flatnonzero(pull * toward > _GRAM_FLOOR)
            pulls.append(pull[strong])
            starts.append(strong)
            lengths.append(np.full(len(strong), size))
        pull, start, length = np.concatenate(pulls), np.concatenate(starts), np.concatenate(lengths)
        for at in np.argsort(-np.abs(pull), kind="stable").tolist():
            kept = spans[owner[start[at]]]
            if len(kept) < MOST_REASONS:
                kept.append((int(start[at]), int(start[at] + length[at]), float(pull[at])))
        return [
            [
                Reason(stretch, "ngram", weight)
                for begin, end, weight in _merged(sorted(kept))
                if len(stretch := batch.joined[begin:end].strip()) > 1
            ]
            for kept in spans
        ]


class _Why:
    """The reasons of a batch, worked out the first time one of its scores is asked for them."""

    def __init__(self, engine: HybridEngine, batch: Batch, found: Found, labels: NDArray[np.int64]):
        self._given = (engine, batch, found, labels)
        self._reasons: list[tuple[Reason, ...]] | None = None

    def reasons(self, number: int) -> tuple[Reason, ...]:
        if self._reasons is None:
            engine, batch, found, labels = self._given
            rules, pieces = engine.rule_reasons(batch, found), engine.gram_reasons(batch, found, labels)
            self._reasons = [heaviest([*rule, *_new(piece, rule)]) for rule, piece in zip(rules, pieces, strict=True)]
        return self._reasons[number]


def _new(pieces: list[Reason], told: list[Reason]) -> list[Reason]:
    """The pieces that say something the terms did not say already."""
    return [piece for piece in pieces if not any(piece.text in one.text or one.text in piece.text for one in told)]


def _merged(spans: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    merged: list[tuple[int, int, float]] = []
    for start, end, weight in spans:
        if merged and start < merged[-1][1]:
            first, last, total = merged[-1]
            merged[-1] = (first, max(last, end), total + weight)
        else:
            merged.append((start, end, weight))
    return merged
