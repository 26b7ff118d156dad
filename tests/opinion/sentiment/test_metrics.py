"""Figures counted by hand."""

import pytest

from opinion.sentiment.metrics import figures, lines, report
from opinion.sentiment.scores import Score


def said(*values: tuple[float, str]) -> list[Score]:
    return [Score(value, label, "hybrid", "v") for value, label in values]


def test_figures_are_those_counted_by_hand():
    labels = ["neg", "neg", "neu", "pos", "pos", "pos"]
    told = figures(labels, said((0.1, "neg"), (0.6, "pos"), (0.2, "neg"), (0.9, "pos"), (0.8, "pos"), (0.5, "neu")))
    # neg: 1 hit of 2 claimed, 2 real → ½, ½, ½; neu: 0 of 1; pos: 2 of 3 claimed, 3 real → F1 ⅔
    assert told == {
        "n": 6,
        "labels": {"neg": 2, "neu": 1, "pos": 3},
        "accuracy": 3 / 6,
        "macro_f1": pytest.approx((1 / 2 + 0 + 2 / 3) / 3),
        "negative_precision": 0.5,
        "negative_recall": 0.5,
        # by value: neg, pos | pos, pos, pos → neg 1 of 1 claimed, 2 real → ⅔; pos 3 of 4 claimed, 3 real → 6/7
        "polar_f1": pytest.approx((2 / 3 + 6 / 7) / 2),
        # negative: ½; the rest: 3 hits of 4 claimed, 4 real → ¾
        "negative_rest": pytest.approx((1 / 2 + 3 / 4) / 2),
    }


def test_what_the_rows_cannot_tell_is_none():
    told = figures(["pos", "pos"], said((0.9, "pos"), (0.2, "neg")))
    assert [told[name] for name in ("negative_precision", "negative_recall", "polar_f1", "negative_rest")] == [None] * 4
    assert told["macro_f1"] == pytest.approx(2 / 3)


def test_each_source_weighs_alike():
    labels = ["neg", "pos", "neg", "pos", "neg", "pos", "neu"]
    sources = ["a", "a", "a", "a", "b", "b", "b"]
    right, wrong = ((0.1, "neg"), (0.9, "pos")), ((0.9, "pos"), (0.1, "neg"))
    told = report(labels, sources, said(*right, *right, *wrong, (0.5, "neu")))
    assert told["mean_of_sources"]["polar_f1"] == 0.5
    assert told["mean_of_sources"]["negative_rest"] == told["by_source"]["b"]["negative_rest"]
    assert [line.split()[0] for line in lines(told)] == ["n", "all", "a", "b", "mean"]
