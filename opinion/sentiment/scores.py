"""What an engine answers: the shape all three share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

LABELS = ("neg", "neu", "pos")
MOST_REASONS = 6


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that weighed. text: as it stands in the folded text; weight: below 0 pulls to negative.

    kind  "ngram" or "token" (the model), or a name of `signs.SIGNS` (the rules: crisis_3, pos_negated, denial …)
    about the category of a crisis term (leak, recall …), else ""
    """

    text: str
    kind: str
    weight: float
    about: str = ""

    def as_json(self) -> dict[str, Any]:
        return {"text": self.text, "kind": self.kind, "weight": round(self.weight, 3), "about": self.about}


def no_reasons() -> tuple[Reason, ...]:
    return ()


@dataclass(slots=True)  # not frozen: that takes three times as long to make, and a batch makes hundreds
class Score:
    """How a text sounds. value: 0 negative … 1 positive; label: neg, neu or pos.

    explain  works out the reasons when they are asked for: scoring a million texts needs none
    """

    value: float
    label: str
    engine: str
    model_version: str
    explain: Callable[[], tuple[Reason, ...]] = field(default=no_reasons, repr=False, compare=False)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What weighed, the heaviest first; empty where the engine cannot tell."""
        return self.explain()


class Engine(Protocol):
    name: str
    model_version: str

    def score(self, texts: Sequence[str], cuts: Sequence[Sequence[str]] | None = None) -> list[Score]:
        """One score per text, in order. Batches of 64 to 256 are fastest. An empty text is neutral, 0.5.

        cuts  `words.cut` of each folded text, where the caller has them already; only `snownlp` reads them
        """
        ...


def heaviest(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.weight))[:MOST_REASONS])
