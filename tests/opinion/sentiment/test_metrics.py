"""Figures counted by hand."""

import pytest

from opinion.sentiment.metrics import COLUMNS, figures, lines, report
from opinion.sentiment.scores import Score


def said(*values: tuple[float, str]) -> list[Score]:
    return [Score(value, label, "hybrid", "v") for value, label in values]


def test_figures_are_those_counted_by_hand():
    labels = ["neg", "neg", "neu", "pos", "pos", "pos"]
    told = figures(labels, said((0.1, "neg"), (0.6, "pos"), (0.2, "neg"), (0.9, "pos"), (0.8, "pos"), (0.5, "neu")))
    # neg: 1 hit of 2 claimed, 2 real → ½, ½, ½; neu: 0 of 1; pos: 2 of 3 claimed, 3 real → F1 ⅔
    assert {name: value for name, value in told.items() if not name.endswith("_interval")} == {
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
        "neutral_called_negative": 1.0,  # the one there is
    }


def test_every_figure_has_an_interval_around_it_and_the_same_at_every_run():
    labels = ["neg", "neu", "pos"] * 40
    scores = said(*((0.1, "neg"), (0.5, "neu"), (0.9, "pos")) * 30, *((0.9, "pos"), (0.1, "neg"), (0.1, "neg")) * 10)
    told = figures(labels, scores)
    for name in COLUMNS:
        low, high = told[f"{name}_interval"]
        assert low < told[name] < high, name
    # 30 of 40: the normal approximation says 0.75 ± 0.134
    assert told["negative_recall_interval"] == [pytest.approx(0.616, abs=0.04), pytest.approx(0.884, abs=0.04)]
    assert figures(labels, scores) == told


def test_more_rows_make_the_interval_narrower():
    def width(times: int) -> float:
        told = figures(
            ["neg", "neg", "pos", "pos"] * times, said((0.1, "neg"), (0.9, "pos"), (0.9, "pos"), (0.9, "pos")) * times
        )
        return told["polar_f1_interval"][1] - told["polar_f1_interval"][0]

    assert width(100) < width(10) / 2


def test_what_the_rows_cannot_tell_is_none():
    told = figures(["pos", "pos"], said((0.9, "pos"), (0.2, "neg")))
    unknown = ("negative_precision", "negative_recall", "polar_f1", "negative_rest", "neutral_called_negative")
    assert [told[name] for name in unknown] == [None] * 5
    assert [told[f"{name}_interval"] for name in unknown] == [None] * 5
    assert told["macro_f1"] == pytest.approx(2 / 3)


def test_each_source_weighs_alike():
    labels = ["neg", "pos", "neg", "pos", "neg", "pos", "neu"]
    sources = ["a", "a", "a", "a", "b", "b", "b"]
    right, wrong = ((0.1, "neg"), (0.9, "pos")), ((0.9, "pos"), (0.1, "neg"))
    told = report(labels, sources, said(*right, *right, *wrong, (0.5, "neu")))
    assert told["mean_of_sources"]["polar_f1"] == 0.5
    assert told["mean_of_sources"]["negative_rest"] == told["by_source"]["b"]["negative_rest"]
    assert [line.split()[0] for line in lines(told)] == ["n", "all", "a", "b", "mean"]
