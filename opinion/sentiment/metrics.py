"""How good the labels are. Plain counting, no model."""

from collections.abc import Sequence
from typing import Any

from .scores import LABELS, Score

Figures = dict[str, Any]


def f1(truth: Sequence[Any], told: Sequence[Any], one: Any) -> tuple[float, float, float]:
    """Precision, recall and F1 of one class; each 0 where it cannot be counted."""
    hits = sum(a == one and b == one for a, b in zip(truth, told, strict=True))
    claimed, real = sum(b == one for b in told), sum(a == one for a in truth)
    return (
        hits / claimed if claimed else 0.0,
        hits / real if real else 0.0,
        2 * hits / (claimed + real) if hits else 0.0,
    )


def macro_f1(truth: Sequence[Any], told: Sequence[Any]) -> float:
    """Mean F1 over the classes that occur in `truth`."""
    classes = sorted(set(truth))
    return sum(f1(truth, told, one)[2] for one in classes) / len(classes)


def figures(labels: Sequence[str], scores: Sequence[Score]) -> Figures:
    """What one group of labelled rows says about an engine; a figure is None where the rows cannot tell.

    macro_f1       over the labels that occur
    polar_f1       macro-F1 on the neg and pos rows alone, by value below / from 0.5; None unless both occur
    negative_rest  macro-F1 of negative against everything else; None unless both occur
    """
    told = [score.label for score in scores]
    precision, recall, _ = f1(labels, told, "neg")
    pairs = zip(labels, scores, strict=True)
    polar = [(label, "neg" if score.value < 0.5 else "pos") for label, score in pairs if label != "neu"]
    bad, called_bad = [label == "neg" for label in labels], [label == "neg" for label in told]
    return {
        "n": len(labels),
        "labels": {label: list(labels).count(label) for label in LABELS},
        "accuracy": sum(a == b for a, b in zip(labels, told, strict=True)) / len(labels),
        "macro_f1": macro_f1(labels, told),
        "negative_precision": precision if "neg" in labels else None,
        "negative_recall": recall if "neg" in labels else None,
        "polar_f1": macro_f1(*zip(*polar, strict=True)) if len({label for label, _ in polar}) == 2 else None,
        "negative_rest": macro_f1(bad, called_bad) if len(set(bad)) == 2 else None,
    }


def report(labels: Sequence[str], sources: Sequence[str] | None, scores: Sequence[Score]) -> Figures:
    """Figures over all rows and, where there are sources, per source and their mean (each source weighs alike)."""
    told: Figures = {"all": figures(labels, scores)}
    if sources is None:
        return told
    by_source = {}
    for source in sorted(set(sources)):
        rows = [index for index, name in enumerate(sources) if name == source]
        by_source[source] = figures([labels[row] for row in rows], [scores[row] for row in rows])
    told["by_source"] = by_source
    told["mean_of_sources"] = {
        "polar_f1": _mean([one["polar_f1"] for one in by_source.values()]),
        # only where there is a neutral row to be confused with, otherwise it is the polar figure again
        "negative_rest": _mean([one["negative_rest"] for one in by_source.values() if one["labels"]["neu"]]),
    }
    return told


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


COLUMNS = ("accuracy", "macro_f1", "negative_precision", "negative_recall", "polar_f1", "negative_rest")


def lines(told: Figures) -> list[str]:
    """The figures as a table for a terminal."""
    shown = {"all": told["all"], **told.get("by_source", {})}
    if "mean_of_sources" in told:
        shown["mean of sources"] = told["mean_of_sources"]
    width = max(len(name) for name in shown)
    table = [f"{'':{width}} {'n':>7} " + " ".join(f"{name:>18}" for name in COLUMNS)]
    for name, one in shown.items():
        cells = (one.get(column) for column in COLUMNS)
        numbers = " ".join(f"{'-' if cell is None else format(cell, '.3f'):>18}" for cell in cells)
        table.append(f"{name:{width}} {one.get('n', ''):>7} {numbers}")
    return table
