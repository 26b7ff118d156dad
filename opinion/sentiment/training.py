"""From rows to a model file. No clock, no random numbers: the same rows give the same file, byte for byte."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from opinion import words

from .bayes import SnowNLPEngine, tokens
from .features import fold, read
from .hybrid import LOGITS, HybridEngine
from .linear import CLASSES, NEG, NEU, POS, Linear, alike, bar_neutral, minimise, one_hot, softmax, train
from .metrics import Figures, report
from .model_file import Model, WordCounts
from .rows import Row, package_rows, same_text_once, share_of
from .scores import Engine
from .signs import SIGNS, TermReader, signs, turned_round
from .terms import Term, lists_digest, read_terms

# How much a text counts beside a row of ours. Chosen on rows held back and on the mean of several public corpora that
# were never trained on; the figures move little around them.
PACKAGE_TEXTS = 12_000
PACKAGE_WEIGHT = 0.2  # for the linear model
TERM_WEIGHTS = ((0.15, False), (0.35, True))  # of a listed word against neutral and good, against good alone
PACKAGE_RULE_WEIGHT = 0.05  # for the rules: reviews are long, full of polar words, and know no neutral
OTHERS_RULE_WEIGHT = 0.12  # what a negation does is learned from rows that show it, not drowned by many that do not
STRENGTH = 4.0
TWO_SIDED_FROM = 50  # rows of bad and of good from which a source without a neutral one is taken to know none
FOLDS = 3
PULL_TO_PRIOR = 20.0
# Our rows are half hard cases; the world is mostly texts without one listed word, and these say nothing. Added to the
# neutral logit of such texts after training, less where more rows are learned from. Chosen on news headlines labelled
# by hand and on lines of ours (opinion/README.md).
NEUTRAL_SHIFT, SHIFTED_ROWS = 3.0, 4000
ROW_COUNT, NEUTRAL_COUNT, TERM_COUNT, PACKAGE_COUNT = 10, 30, 10, 1  # for the Bayes counts; neutral rows are the fewest
RAREST_WORD = 2  # a word counted less often is left out of the file

# What we believe of each sign before any row is seen: (neg, neu, pos) added to the logits.
BELIEFS = {
    "pos": (0.0, 0.0, 0.5),
    "neg": (0.5, 0.0, 0.0),
    "pos_negated": (0.6, 0.0, 0.0),
    "neg_negated": (-0.5, 0.2, 0.6),
    "crisis_2": (0.7, 0.0, 0.0),
    "crisis_3": (1.2, 0.0, 0.0),
    "crisis_negated": (0.0, 0.7, 0.2),
    "crisis_denied": (0.0, 1.0, 0.0),
    "crisis_asked": (0.0, 0.6, 0.0),
    "denial": (0.0, 0.7, 0.0),
    "repair": (0.0, 0.0, 0.5),
    "unmet": (1.6, 0.0, 0.0),
    "belied": (2.0, 0.0, 0.0),
    "negation": (0.0, 0.0, 0.0),
    "even": (0.0, 1.2, 0.0),
    "tone": (-0.8, 0.0, 0.8),
    "silent": (0.0, 0.8, 0.0),
    "spoken": (0.0, 0.0, 0.0),
    "asked": (0.0, 0.5, 0.0),
}


@dataclass(frozen=True, slots=True)
class _Text:
    folded: str
    label: str
    weight: float
    rule_weight: float
    two_sided: bool


def train_model(rows: Sequence[Row], others: Sequence[Row] = ()) -> Model:
    """Train both engines on the rows that are not held back, and tell how they do on those that are.

    rows    ours, and what people corrected; each of neg, neu and pos must occur
    others  rows of labelled files: the linear model learns from them as from ours, the rules less; of one text labelled
            here and there the label in `rows` stands
    Raises ValueError when a label is missing.
    """
    rows, foreign = same_text_once([*others, *rows]), set(others)
    learned = [row for row in rows if not row.is_held_back]
    held_back = [row for row in rows if row.is_held_back]
    package = package_rows(PACKAGE_TEXTS)
    terms = read_terms()
    reader = TermReader(terms)
    folded = read([row.text for row in (*learned, *package)]).texts
    ours = len(learned)
    two_sided = _two_sided([*learned, *package])
    texts = [
        _Text(text, row.label, 1.0, OTHERS_RULE_WEIGHT if row in foreign else 1.0, row.source in two_sided)
        for text, row in zip(folded, learned, strict=False)
    ]
    texts += [
        _Text(text, row.label, PACKAGE_WEIGHT, PACKAGE_RULE_WEIGHT, row.source in two_sided)
        for text, row in zip(folded[ours:], package, strict=True)
    ]
    linear = _linear(texts, terms)
    rules = _toward_neutral(_rules(texts, terms, reader), ours)
    bayes = _word_counts(learned, package, terms)
    model = Model(linear, rules, bayes)
    engines: list[Engine] = [
        HybridEngine(linear, rules, reader, model.hybrid_version),
        SnowNLPEngine(bayes, model.snownlp_version),
    ]
    told: Figures = {
        "made_from": made_from(rows),
        "rows": {"learned": len(learned), "held_back": len(held_back), "package": len(package), "terms": len(terms)},
        "held_back": {engine.name: _figures(engine, held_back) for engine in engines} if held_back else {},
    }
    return Model(linear, rules, bayes, told)


def _two_sided(rows: Sequence[Row]) -> set[str]:
    """The sources that know no neutral: their rows cannot tell what neutral is, only bad from good."""
    count = Counter((row.source, row.label) for row in rows)
    return {
        row.source
        for row in rows
        if not count[row.source, "neu"] and min(count[row.source, "neg"], count[row.source, "pos"]) >= TWO_SIDED_FROM
    }


def made_from(rows: Sequence[Row]) -> str:
    """Changes whenever the rows or the lists of terms change."""
    digest = hashlib.sha256(lists_digest())
    for row in same_text_once(rows):
        digest.update(f"{row.label} {fold(row.text)}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:16]


def _figures(engine: Engine, rows: Sequence[Row]) -> Figures:
    scores = engine.score([row.text for row in rows])
    return report([row.label for row in rows], [row.source for row in rows], scores)


def _linear(texts: Sequence[_Text], terms: Sequence[Term]) -> Linear:
    """The terms go along as tiny texts, so that n-grams near them are known from the start."""
    polar = [(term.text, "pos" if term.kind == "pos" else "neg") for term in terms if term.is_polar]
    told = [*texts, *(_Text(*term, weight, 0, sides) for weight, sides in TERM_WEIGHTS for term in polar)]
    return train(
        [text.folded for text in told],
        [text.label for text in told],
        [text.weight for text in told],
        [text.two_sided for text in told],
        strength=STRENGTH,
    )


def _rules(texts: Sequence[_Text], terms: Sequence[Term], reader: TermReader) -> NDArray[np.float64]:
    """How far to trust the linear model and each sign, learned on texts the linear model had not seen."""
    part = [int(share_of(text.folded, "fold") * FOLDS) for text in texts]
    unseen = np.zeros((len(texts), LOGITS))
    for fold_number in range(FOLDS):
        others = [text for text, number in zip(texts, part, strict=True) if number != fold_number]
        these = [index for index, number in enumerate(part) if number == fold_number]
        if these:
            part_batch = read([texts[index].folded for index in these])
            hidden = turned_round(part_batch, reader.read(part_batch))
            unseen[these] = _linear(others, terms).logits(part_batch, hidden)
    batch = read([text.folded for text in texts])
    inputs = np.hstack([unseen, signs(batch, reader.read(batch))])
    return _fit_rules(
        inputs,
        [text.label for text in texts],
        [text.rule_weight for text in texts],
        [text.two_sided for text in texts],
    )


def _toward_neutral(rules: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
    moved = rules.copy()
    moved[LOGITS + SIGNS.index("silent"), NEU] += NEUTRAL_SHIFT * min(1.0, SHIFTED_ROWS / max(rows, 1))
    return moved


def _fit_rules(
    inputs: NDArray[np.float64], labels: Sequence[str], weights: Sequence[float], two_sided: Sequence[bool]
) -> NDArray[np.float64]:
    truth = one_hot(labels)
    barred = bar_neutral(two_sided)
    mass = alike(truth, np.asarray(weights))
    believed = np.vstack([np.eye(3)[[NEG, POS]], np.array([BELIEFS[name] for name in SIGNS]), np.zeros((1, 3))])
    believed -= believed.mean(axis=1, keepdims=True)
    size = believed.shape

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        rules = flat.reshape(size)
        chance = softmax(inputs @ rules[:-1] + rules[-1] + barred)
        off = rules[:-1] - believed[:-1]
        push = (chance - truth) * mass[:, None]
        slope = np.vstack([inputs.T @ push + PULL_TO_PRIOR * off, push.sum(axis=0)])
        cost = -(mass * np.log((chance * truth).sum(axis=1) + 1e-300)).sum() + 0.5 * PULL_TO_PRIOR * (off**2).sum()
        return float(cost), slope.ravel()

    return minimise(loss, believed.ravel()).reshape(size)


def _word_counts(rows: Sequence[Row], package: Sequence[Row], terms: Sequence[Term]) -> WordCounts:
    counts = {name: Counter[str]() for name in CLASSES}
    for row in rows:
        times = NEUTRAL_COUNT if row.label == "neu" else ROW_COUNT
        counts[row.label].update({token: times * n for token, n in _tokens(row.text).items()})
    for row in package:
        counts[row.label].update({token: PACKAGE_COUNT * n for token, n in _tokens(row.text).items()})
    for term in terms:
        if term.is_polar:
            counts["pos" if term.kind == "pos" else "neg"][term.text] += TERM_COUNT
    kept = sorted(word for word, n in sum(counts.values(), Counter[str]()).items() if n >= RAREST_WORD)
    return WordCounts(kept, np.array([[counts[name][word] for name in CLASSES] for word in kept], dtype=np.int64))


def _tokens(text: str) -> Counter[str]:
    return Counter(tokens(words.cut(fold(text))))
