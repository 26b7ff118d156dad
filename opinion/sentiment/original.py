"""SnowNLP as it is shipped: its segmenter, its stop words, its shop reviews. For comparison, never on the hot path."""

from collections.abc import Sequence
from importlib.metadata import version

from .scores import Score

NEUTRAL_FROM, NEUTRAL_TO = 0.4, 0.6  # SnowNLP knows no neutral; this band is what people commonly use


class OriginalEngine:
    name = "snownlp-original"

    def __init__(self) -> None:
        from snownlp import sentiment  # here, because it takes four seconds

        self.model_version = f"snownlp-original-{version('snownlp')}"
        self._classify = sentiment.classify

    def score(self, texts: Sequence[str], cuts: Sequence[Sequence[str]] | None = None) -> list[Score]:
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> Score:
        if not text.strip():  # SnowNLP divides by zero
            return Score(0.5, "neu", self.name, self.model_version)
        value = float(self._classify(text))
        label = "neg" if value < NEUTRAL_FROM else "pos" if value > NEUTRAL_TO else "neu"
        return Score(value, label, self.name, self.model_version)
