"""How good the labels are: counting, and how far the count could be off by the choice of rows. No model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .scores import LABELS, Score

Figures = dict[str, Any]
COLUMNS = (
    "accuracy",
    "macro_f1",
    "negative_precision",
    "negative_recall",
    "polar_f1",
    "negative_rest",
    "neutral_called_negative",
)
OF_SOURCES = ("polar_f1", "negative_rest")
NEG, NEU, POS = range(3)
RESAMPLES = 500
SEED = 20260101  # any fixed number: the same rows give the same intervals
WITHIN = (0.025, 0.975)

Floats = NDArray[np.float64]
Cells = NDArray[np.int64]  # (drawings, true label, told label, side of the value: 0 below 0.5, 1 from 0.5)


def figures(labels: Sequence[str], scores: Sequence[Score]) -> Figures:
    """What one group of labelled rows says about an engine; a figure is None where the rows cannot tell.

    macro_f1                 over the labels that occur
    polar_f1                 macro-F1 on the neg and pos rows alone, by value below / from 0.5; None unless both occur
    negative_rest            macro-F1 of negative against everything else; None unless both occur
    neutral_called_negative  share of the neutral rows that are called negative
    …_interval               [low, high], 95 %: the rows drawn again RESAMPLES times with replacement
    """
    return _told(_cells(labels, scores))


def report(labels: Sequence[str], sources: Sequence[str] | None, scores: Sequence[Score]) -> Figures:
    """Figures over all rows and, where there are sources, per source and their mean (each source weighs alike)."""
    told: Figures = {"all": figures(labels, scores)}
    if sources is None:
        return told
    cells = {}
    for source in sorted(set(sources)):
        rows = [index for index, name in enumerate(sources) if name == source]
        cells[source] = _cells([labels[row] for row in rows], [scores[row] for row in rows])
    told["by_source"] = {source: _told(one) for source, one in cells.items()}
    told["mean_of_sources"] = _mean_of(cells)
    return told


def lines(told: Figures) -> list[str]:
    """The figures as a table for a terminal, each with its 95 % interval."""
    shown = {"all": told["all"], **told.get("by_source", {})}
    if "mean_of_sources" in told:
        shown["mean of sources"] = told["mean_of_sources"]
    width = max(len(name) for name in shown)
    table = [f"{'':{width}} {'n':>7} " + " ".join(f"{name:>23}" for name in COLUMNS)]
    for name, one in shown.items():
        cells = " ".join(f"{_cell(one, column):>23}" for column in COLUMNS)
        table.append(f"{name:{width}} {one.get('n', ''):>7} {cells}")
    return table


def _cell(one: Figures, column: str) -> str:
    value, interval = one.get(column), one.get(f"{column}_interval")
    if value is None:
        return "-"
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def _cells(labels: Sequence[str], scores: Sequence[Score]) -> Cells:
    """How many rows fell into each cell: one drawing."""
    truth = np.array([LABELS.index(label) for label in labels])
    told = np.array([LABELS.index(score.label) for score in scores])
    side = np.array([score.value >= 0.5 for score in scores], dtype=np.int64)
    return np.bincount((truth * 3 + told) * 2 + side, minlength=18).reshape(1, 3, 3, 2)


def _drawn(cells: Cells, group: int = 0) -> Cells:
    """The same rows drawn again with replacement: every figure is a function of the cells, so these are drawn.

    group  another number, other dice: sources are drawn independently
    """
    total = cells.sum()
    drawings = np.random.default_rng([SEED, group]).multinomial(total, cells.ravel() / total, size=RESAMPLES)
    return drawings.reshape(RESAMPLES, 3, 3, 2)


def _told(cells: Cells) -> Figures:
    counted = cells[0].sum(axis=(1, 2)).tolist()
    told: Figures = {"n": sum(counted), "labels": dict(zip(LABELS, counted, strict=True))}
    point, drawn = _measured(cells), _measured(_drawn(cells))
    for name in COLUMNS:
        told[name] = _number(point[name])
        told[f"{name}_interval"] = _interval(drawn[name]) if told[name] is not None else None
    return told


def _mean_of(by_source: dict[str, Cells]) -> Figures:
    told: Figures = {}
    for name in OF_SOURCES:
        # only where there is a neutral row to be confused with, otherwise it is the polar figure again
        counted = [one for one in by_source.values() if name != "negative_rest" or one[0, NEU].any()]
        pairs = [(_measured(one)[name], _measured(_drawn(one, group))[name]) for group, one in enumerate(counted)]
        known = [(point, drawn) for point, drawn in pairs if not np.isnan(point[0])]
        told[name] = float(np.mean([point[0] for point, _ in known])) if known else None
        told[f"{name}_interval"] = _interval(np.mean([drawn for _, drawn in known], axis=0)) if known else None
    return told


def _measured(cells: Cells) -> dict[str, Floats]:
    """Every figure of every drawing; nan where its rows cannot tell."""
    by_label = cells.sum(axis=3).astype(np.float64)
    bad = np.stack([by_label[:, NEG], by_label[:, [NEU, POS]].sum(axis=1)], axis=1)
    bad = np.stack([bad[:, :, NEG], bad[:, :, NEU] + bad[:, :, POS]], axis=2)
    polar = cells[:, [NEG, POS]].sum(axis=2).astype(np.float64)
    real, claimed, hits = by_label.sum(axis=2), by_label.sum(axis=1), np.diagonal(by_label, axis1=1, axis2=2)
    return {
        "accuracy": hits.sum(axis=1) / by_label.sum(axis=(1, 2)),
        "macro_f1": _macro_f1(by_label),
        # nothing called negative is a precision of 0, but only where something negative was there to be called
        "negative_precision": np.where(
            real[:, NEG] > 0, np.where(claimed[:, NEG] > 0, _share(hits[:, NEG], claimed[:, NEG]), 0), np.nan
        ),
        "negative_recall": _share(hits[:, NEG], real[:, NEG]),
        "polar_f1": _both_occur(polar, _macro_f1(polar)),
        "negative_rest": _both_occur(bad, _macro_f1(bad)),
        "neutral_called_negative": _share(by_label[:, NEU, NEG], real[:, NEU]),
    }


def _macro_f1(table: Floats) -> Floats:
    """(drawings, true, told) → mean F1 over the classes that occur in truth."""
    hits = np.diagonal(table, axis1=1, axis2=2)
    real, claimed = table.sum(axis=2), table.sum(axis=1)
    each = np.where(real > 0, 2 * hits / np.maximum(real + claimed, 1), 0.0)
    return np.asarray(each.sum(axis=1) / np.maximum((real > 0).sum(axis=1), 1))


def _both_occur(table: Floats, values: Floats) -> Floats:
    return np.where((table.sum(axis=2) > 0).all(axis=1), values, np.nan)


def _share(part: Floats, whole: Floats) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _number(values: Floats) -> float | None:
    return None if np.isnan(values[0]) else float(values[0])


def _interval(drawn: Floats) -> list[float]:
    return [float(edge) for edge in np.nanquantile(drawn, WITHIN)]
