"""How good the rules are: which signals people called useful, and what would have spared them the others. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

FEWEST = 3  # judged signals from which a rule is called noisy, and false alarms from which advice is given
NOISY = 0.5  # precision below which a rule is noisy
WORTH = 0.5  # share of the false alarms a better threshold must spare

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Raised:
    """A signal as it counts here.

    rule     what raised it first: (watch, kind)        useful  what people said; None while nobody has
    kinds    every kind of reason it has                posts   in six hours, where it is a burst; else None
    terms    its risk words
    """

    rule: tuple[int, str]
    useful: bool | None
    kinds: frozenset[str]
    posts: int | None = None
    terms: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Record:
    """What became of the signals of one rule, or of those that cite one word."""

    useful: int
    false: int
    waiting: int

    @property
    def judged(self) -> int:
        return self.useful + self.false

    @property
    def precision(self) -> float | None:
        """Share of the judged ones that were useful; None while none was judged."""
        return self.useful / self.judged if self.judged else None

    @property
    def is_noisy(self) -> bool:
        return self.judged >= FEWEST and self.useful < NOISY * self.judged


@dataclass(frozen=True, slots=True)
class Advice:
    """A burst of fewer than `burst_from` posts raised `spared` of `false` false alarms and no useful signal."""

    burst_from: int
    spared: int
    false: int


def summed(judged: Iterable[tuple[Key, bool | None]]) -> dict[Key, Record]:
    """What became of signals, by whatever the caller calls them: (key, what people said of it)."""
    sums: dict[Key, list[int]] = defaultdict(lambda: [0, 0, 0])
    for key, useful in judged:
        sums[key][2 if useful is None else 0 if useful else 1] += 1
    return {key: Record(*numbers) for key, numbers in sums.items()}


def better_burst(signals: Sequence[Raised]) -> Advice | None:
    """The threshold that would have spared the most false alarms of a watch and lost no useful signal.

    Only signals that were a burst and nothing else: what had another reason would have been raised all the same.
    None where fewer than three were false, or no threshold spares half of them.
    """
    bursts = [(signal.posts, signal.useful) for signal in signals if signal.kinds == {"burst"} and signal.posts]
    false = [posts for posts, useful in bursts if useful is False]
    if len(false) < FEWEST:
        return None
    burst_from = min((posts for posts, useful in bursts if useful), default=max(false) + 1)
    spared = sum(posts < burst_from for posts in false)
    return Advice(burst_from, spared, len(false)) if spared >= WORTH * len(false) else None
