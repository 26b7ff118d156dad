"""What a score costs: our engines against SnowNLP as it is shipped, on the same texts."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from opinion import words
from opinion.sentiment import SHIPPED, engine
from opinion.sentiment.rows import our_rows, package_rows, share_of

BATCH = 256
ROUNDS = 3  # the best of them counts: a shared machine can only be slower than it is
LOAD = """
import time
began = time.perf_counter()
from opinion.sentiment import engine
engine("hybrid")
print(time.perf_counter() - began)
"""


def texts(most: int) -> list[str]:
    """Posts of ordinary length, 20 to 200 characters: our rows and reviews of the snownlp package, mixed."""
    found = [row.text for row in (*our_rows(), *package_rows(4000)) if 20 <= len(row.text) <= 200]
    return sorted(found, key=share_of)[:most]


def rate(act: Callable[[Sequence[str]], object], given: Sequence[str], batch: int) -> float:
    """Texts per second of processor time, the best of ROUNDS."""
    act(given[:batch])
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for at in range(0, len(given), batch):
            act(given[at : at + batch])
        best = max(best, len(given) / (time.process_time() - began))
    return best


def run() -> dict[str, float]:
    """Texts a second by each engine, SnowNLP first; the model's size and loading time are printed."""
    from snownlp import SnowNLP

    many, few = texts(4096), texts(4096)[::32]
    words.cut("热身")
    hybrid, bayes = engine("hybrid"), engine("snownlp")
    found = {
        "SnowNLP(text).sentiments": rate(lambda given: [SnowNLP(text).sentiments for text in given], few, 1),
        f"hybrid, {BATCH} at a time": rate(hybrid.score, many, BATCH),
        "hybrid with its reasons": rate(lambda given: [one.reasons for one in hybrid.score(given)], many, BATCH),
        "hybrid, one by one": rate(hybrid.score, many[::8], 1),
        "snownlp on jieba words": rate(bayes.score, many[::2], BATCH),
        "jieba alone": rate(lambda given: [words.cut(text) for text in given], many[::2], BATCH),
    }
    load = min(float(subprocess.check_output([sys.executable, "-c", LOAD])) for _ in range(ROUNDS))
    length = sum(map(len, many)) / len(many)
    print(
        f"{len(many)} texts of {length:.0f} characters; model {SHIPPED.stat().st_size:,} bytes, ready in {load:.2f} s"
    )
    return found
