"""The linear model under the hybrid engine: hashed character n-grams, NB-weighted logistic regression, int8."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .features import BUCKETS, NO_BUCKET, Batch, buckets, read

CLASSES = ("neg", "neu", "pos")
NEG, NEU, POS = range(3)
SMOOTHING = 0.5  # counts added to every bucket before the class ratios are taken
STEPS = 60  # of L-BFGS; measured: figures do not move after 40
MEMORY = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """How much each bucket speaks for negative and for positive, both against neutral.

    weights  int8 (BUCKETS, 2)
    scale    float (2,): the worth of one int8 step
    bias     float (2,)
    """

    weights: NDArray[np.int8]
    scale: Floats
    bias: Floats
    table: NDArray[np.complex64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The two columns as one complex number: two sums for the price of one. NO_BUCKET, the last, says nothing.
        pairs = np.zeros((BUCKETS + 1, 2), dtype=np.float32)
        pairs[:-1] = self.weights
        object.__setattr__(self, "table", pairs.view(np.complex64).ravel())

    def logits(self, batch: Batch, unseen: NDArray[np.bool_] | None = None) -> Floats:
        """(texts, 2): log-odds of negative and of positive against neutral; an empty text gets the bias.

        unseen  for each character whether the n-grams that begin there are left out
        """
        first, *longer = buckets(batch)
        per_character = self.table.take(first)
        for found in longer:
            per_character += self.table.take(found)
        if unseen is not None:
            per_character[unseen] = 0
        sums = np.add.reduceat(per_character, batch.start)
        pair = np.stack([sums.real, sums.imag], axis=1).astype(np.float64)
        return pair * self.scale / np.sqrt(np.maximum(batch.gram_count, 1))[:, None] + self.bias


def softmax(logits: Floats) -> Floats:
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def one_hot(labels: Sequence[str]) -> Floats:
    """(texts, 3), 1 in the column of the label. Raises ValueError when a class has no text."""
    truth = np.array([[label == name for name in CLASSES] for label in labels], dtype=np.float64).reshape(-1, 3)
    for name, count in zip(CLASSES, truth.sum(axis=0), strict=True):
        if not count:
            raise ValueError(f"no row is labelled {name}")
    return truth


def bar_neutral(two_sided: Sequence[bool]) -> Floats:
    """(texts, 3), to add to logits: no chance of neutral where a text could not have been labelled so."""
    barred = np.zeros((len(two_sided), 3))
    barred[np.asarray(two_sided, dtype=bool), NEU] = -1e9
    return barred


def alike(truth: Floats, mass: Floats) -> Floats:
    """The weights of the texts, changed so that the classes weigh alike."""
    return np.asarray(mass * (truth * (mass.sum() / 3 / (truth * mass[:, None]).sum(axis=0))).sum(axis=1))


def train(
    folded: Sequence[str],
    labels: Sequence[str],
    weights: Sequence[float],
    two_sided: Sequence[bool],
    *,
    strength: float = 1.0,
) -> Linear:
    """Fit the three classes. Deterministic: no random numbers, sums in a fixed order.

    folded     texts that went through `fold`
    labels     one of CLASSES per text; every class must occur
    weights    how much each text counts, > 0
    two_sided  texts that could not have been labelled neutral: they teach bad against good, nothing about neutral
    strength   inverse of the penalty; > 0
    Raises ValueError when a class has no text.
    Source: Wang & Manning 2012, "Baselines and Bigrams" (log-count ratios as feature weights).
    """
    truth = one_hot(labels)
    mass = alike(truth, np.asarray(weights, dtype=np.float64))
    batch = read(folded)
    grams = np.stack(buckets(batch))
    real = grams != NO_BUCKET
    used, bucket = np.unique(grams[real], return_inverse=True)  # only buckets that occur are worth a number
    text = np.broadcast_to(batch.owner, grams.shape)[real]
    value = 1 / np.sqrt(np.maximum(batch.gram_count, 1))[text]
    width, size = len(used), len(folded)
    barred = bar_neutral(two_sided)
    ratio = _ratios(bucket, text, truth * mass[:, None], np.asarray(two_sided, dtype=bool), width)

    def loss(flat: Floats) -> tuple[float, Floats]:
        free = flat.reshape(width + 1, 3)
        scaled = free[:width] * ratio
        logits = np.stack(
            [np.bincount(text, weights=scaled[bucket, c] * value, minlength=size) for c in range(3)], axis=1
        )
        chance = softmax(logits + free[width] + barred)
        cost = -(mass * np.log((chance * truth).sum(axis=1) + 1e-300)).sum() * strength
        push = (chance - truth) * mass[:, None] * strength
        slope = np.empty_like(free)
        for c in range(3):
            slope[:width, c] = np.bincount(bucket, weights=push[text, c] * value, minlength=width)
        slope[:width] *= ratio
        slope[:width] += free[:width]
        slope[width] = push.sum(axis=0)
        return float(cost + 0.5 * (free[:width] ** 2).sum()), slope.ravel()

    best = minimise(loss, np.zeros((width + 1) * 3)).reshape(width + 1, 3)
    learned = np.zeros((BUCKETS, 3))
    learned[used] = best[:width] * ratio
    return _quantised(learned, best[width])


def _ratios(
    bucket: NDArray[np.int64], text: NDArray[np.int64], mass: Floats, two_sided: NDArray[np.bool_], width: int
) -> Floats:
    """(width, 3): how much likelier a bucket is in a class than outside it, as a log ratio."""
    inside = np.stack([np.bincount(bucket, weights=mass[text, c], minlength=width) for c in range(3)], axis=1)
    outside = inside.sum(axis=1, keepdims=True) - inside
    polar = mass.sum(axis=1) * two_sided
    outside[:, NEU] -= np.bincount(bucket, weights=polar[text], minlength=width)
    outside = np.maximum(outside, 0)
    shares = (inside + SMOOTHING) / (inside + SMOOTHING).sum(axis=0)
    other_shares = (outside + SMOOTHING) / (outside + SMOOTHING).sum(axis=0)
    return np.asarray(np.log(shares) - np.log(other_shares))


def _quantised(weights: Floats, bias: Floats) -> Linear:
    pair = weights[:, [NEG, POS]] - weights[:, [NEU]]
    scale = np.maximum(np.quantile(np.abs(pair), 0.9999, axis=0), 1e-9) / 127
    return Linear(
        weights=np.clip(np.rint(pair / scale), -127, 127).astype(np.int8),
        scale=scale,
        bias=bias[[NEG, POS]] - bias[NEU],
    )


def minimise(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """L-BFGS with backtracking: enough for a convex loss, and the same bits at every run."""
    point, (cost, slope) = start, loss(start)
    moves: list[tuple[Floats, Floats, float]] = []
    for _ in range(STEPS):
        direction = _direction(slope, moves)
        descent = float(slope @ direction)
        step = 1.0
        while True:
            candidate = point + step * direction
            new_cost, new_slope = loss(candidate)
            if new_cost <= cost + 1e-4 * step * descent or step < 1e-6:
                break
            step /= 2
        move, turn = candidate - point, new_slope - slope
        gain = float(move @ turn)
        if gain > 1e-10:
            moves = [*moves[-MEMORY + 1 :], (move, turn, 1 / gain)]
        done = cost - new_cost < 1e-5 * max(1.0, abs(cost))
        point, cost, slope = candidate, new_cost, new_slope
        if done:
            break
    return point


def _direction(slope: Floats, moves: list[tuple[Floats, Floats, float]]) -> Floats:
    """The two-loop recursion of L-BFGS (Nocedal 1980)."""
    direction = -slope
    if not moves:
        return direction / max(1.0, float(np.linalg.norm(slope)))
    shares = []
    for move, turn, inverse in reversed(moves):
        shares.append(inverse * float(move @ direction))
        direction = direction - shares[-1] * turn
    move, turn, _ = moves[-1]
    direction = direction * float((move @ turn) / (turn @ turn))
    for (move, turn, inverse), share in zip(moves, reversed(shares), strict=True):
        direction = direction + move * (share - inverse * float(turn @ direction))
    return direction
