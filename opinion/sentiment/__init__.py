"""How bad it sounds. Three engines behind one interface; pure Python and numpy, no Django, nothing loads at import.

    from opinion.sentiment import engine
    engine("hybrid").score(["这家店太差了", "明天开业"])

hybrid            character n-grams in numpy under our rule layer of crisis terms, negation and denial
snownlp           SnowNLP's Bayes classifier on jieba words, trained on our rows
snownlp-original  SnowNLP as it is shipped, for comparison
"""

import threading
from pathlib import Path

from .scores import LABELS, Engine, Reason, Score

__all__ = ["ENGINES", "LABELS", "SHIPPED", "Engine", "Reason", "Score", "engine"]

ENGINES = ("hybrid", "snownlp", "snownlp-original")
SHIPPED = Path(__file__).parent / "models" / "shipped.npz"

_loaded: dict[tuple[str, Path, int], Engine] = {}
_loading = {name: threading.Lock() for name in ENGINES}  # one each: SnowNLP's four seconds hold up nobody else


def engine(name: str, model: Path | None = None) -> Engine:
    """The engine of that name with a model file (the shipped one without). Loads once per process; threads may race.

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
    return found


def _load(name: str, path: Path) -> Engine:
    if name == "hybrid":
        from .hybrid import HybridEngine

        return HybridEngine.load(path)
    if name == "snownlp":
        from .bayes import SnowNLPEngine

        return SnowNLPEngine.load(path)
    from .original import OriginalEngine

    return OriginalEngine()
