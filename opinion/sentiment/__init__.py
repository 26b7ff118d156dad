"""How bad it sounds. Three engines behind one interface; pure Python and numpy, no Django, nothing loads at import.

    from opinion.sentiment import engine
    engine("hybrid").score(["这家店太差了", "明天开业"])

hybrid            character n-grams in numpy under our rule layer of crisis terms, negation and denial
snownlp           SnowNLP's Bayes classifier on jieba words, trained on our rows
snownlp-original  SnowNLP as it is shipped, for comparison
"""

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from .scores import LABELS, Engine, Reason, Score

if TYPE_CHECKING:
    from .hybrid import HybridEngine
    from .terms import Term

__all__ = ["ENGINES", "LABELS", "SHIPPED", "Engine", "Reason", "Score", "engine"]

ENGINES = ("hybrid", "snownlp", "snownlp-original")
SHIPPED = Path(__file__).parent / "models" / "shipped.npz"

_loaded: dict[tuple[str, Path, int], Engine] = {}
_loading = {name: threading.Lock() for name in ENGINES}  # one each: SnowNLP's four seconds hold up nobody else


def engine(name: str, model: Path | None = None, terms: "Sequence[Term]" = ()) -> Engine:
    """The engine of that name with a model file (the shipped one without). Loads once per process; threads may race.

    terms  words of a company's own, beside the shipped lists; only `hybrid` reads them
    Raises ValueError for an unknown name, ModelUnreadable (a ValueError) for a file that is no model of ours.
    """
    if name not in ENGINES:
        raise ValueError(f"there is no engine {name}: choose one of {', '.join(ENGINES)}")
    path = (model or SHIPPED).resolve()
    key = (name, path, path.stat().st_mtime_ns if path.exists() else 0)
    found = _loaded.get(key)
    if found is None:
        with _loading[name]:
            found = _loaded.get(key)
            if found is None:
                found = _loaded[key] = _load(name, path)
    if terms and name == "hybrid":
        return _with_terms(cast("HybridEngine", found), tuple(terms))
    return found


@lru_cache(maxsize=32)  # one for each set of watches whose words differ
def _with_terms(found: "HybridEngine", terms: "tuple[Term, ...]") -> "HybridEngine":
    return found.with_terms(terms)


def _load(name: str, path: Path) -> Engine:
    if name == "hybrid":
        from .hybrid import HybridEngine

        return HybridEngine.load(path)
    if name == "snownlp":
        from .bayes import SnowNLPEngine

        return SnowNLPEngine.load(path)
    from .original import OriginalEngine

    return OriginalEngine()
