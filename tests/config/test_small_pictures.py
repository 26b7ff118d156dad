"""Sparklines, bars, clocks, badges and charts as the tags draw them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from config.templatetags.look import bars, chart, clock, level, sentiment, spark_path, sparkline, trend

NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_a_sparkline_runs_from_left_to_right_with_the_largest_on_top():
    assert spark_path([0, 5, 10]) == [(0, 18), (36, 10), (72, 2)]


def test_a_flat_series_runs_along_the_middle():
    assert spark_path([7, 7, 7]) == [(0, 10), (36, 10), (72, 10)]


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        ([1, 2, 3, 8, 20, 40, 70, 90], "rising"),
        ([90, 70, 40, 20, 8, 3, 2, 1], "falling"),
        ([10, 11, 9, 10, 10, 11, 9, 10], "steady"),
        ([0, 0, 0, 0], "steady"),
        ([0, 0, 0, 1], "rising"),
    ],
)
def test_the_trend_is_said_in_a_word(numbers, word):
    assert trend(numbers) == word


def test_the_sparkline_says_its_trend_to_those_who_cannot_see_it():
    page = Template("{% load look %}{% sparkline numbers 'Volume' %}").render(Context({"numbers": [0, 5, 10]}))
    assert page.strip() == (
        '<svg class="spark" viewBox="0 0 72 20" role="img" aria-label="Volume: rising">'
        '<path d="M0.0 18.0 L36.0 10.0 L72.0 2.0"/><circle cx="72.0" cy="2.0" r="2.2"/></svg>'
    )


@pytest.mark.parametrize("numbers", [[], [3]])
def test_too_few_numbers_draw_nothing(numbers):
    assert sparkline(numbers) == {"points": []}


def test_the_highest_bar_is_dark_and_carries_its_figure():
    drawn = bars([1, 4, 2], ["9:00", "10:00", "11:00"], "Volume")["bars"]
    assert [bar["peak"] for bar in drawn] == [False, True, False]
    assert [bar["height"] for bar in drawn] == [24, 96, 48]


def test_no_bar_is_the_highest_when_all_are_nothing():
    assert [bar["peak"] for bar in bars([0, 0], ["a", "b"], "Volume")["bars"]] == [False, False]


@pytest.mark.parametrize(
    ("started", "due", "done", "state", "percent", "span"),
    [
        (-30, 90, None, "", 25, "1 hour 30 minutes"),
        (-72, 28, None, "soon", 72, "28 minutes"),
        (-70, 30, None, "", 70, "30 minutes"),
        (-300, -10, None, "late", 100, "10 minutes"),
        (-300, -60, -120, "kept", 75, "1 hour"),
        (-300, -60, -30, "late", 100, "30 minutes"),
        (None, 20, None, "", None, "20 minutes"),
    ],
)
def test_a_clock_is_calm_then_soon_then_late_or_kept(started, due, done, state, percent, span):
    def at(minutes):
        return None if minutes is None else NOW + timedelta(minutes=minutes)

    shown = clock(Context(), "First statement", at(due), at(started), at(done), now=NOW)
    assert (shown["state"], shown["percent"], shown["span"]) == (state, percent, span)


def test_the_clock_is_read_in_words():
    tag = "{% load look %}{% clock 'First statement' due started now=now %}"
    page = Template(tag).render(
        Context({"now": NOW, "due": NOW + timedelta(minutes=28), "started": NOW - timedelta(minutes=72)})
    )
    assert "<b>28 minutes left</b>" in page
    assert 'aria-label="First statement: 72% of the time used"' in page


def test_badges_know_levels_the_verdict_and_nothing_else():
    assert level(2, "二级") == '<span class="lv l2">二级</span>'
    assert level("attention", "日常关注", hint=True) == '<span class="lv l0 hint">日常关注</span>'
    assert level(0, "未定") == level(None, "未定") == '<span class="lv unset">未定</span>'


def test_a_badge_escapes_its_word():
    assert level(1, "<b>") == '<span class="lv l1">&lt;b&gt;</span>'
    assert sentiment("neg", "<b>") == '<span class="senti neg">&lt;b&gt;</span>'


def test_a_chart_brings_its_table():
    data = {
        "labels": ["08:00", "08:15"],
        "series": [{"name": "Negative", "tone": "neg", "values": [3, 5]}],
        "band": {"name": "usual", "low": [1, 1], "high": [4, 4]},
    }
    shown = chart(data, label="It grows")
    assert shown["columns"] == ["Negative", "usual"]
    assert shown["rows"] == [("08:00", [3, "1–4"]), ("08:15", [5, "1–4"])]


def test_without_the_library_the_table_stands_open(monkeypatch):
    monkeypatch.setattr("config.templatetags.look.vendor", lambda name: "")
    data = {"labels": ["08:00"], "series": [{"name": "All", "tone": "ink", "values": [3]}]}
    page = Template("{% load look %}{% chart data label='Volume' %}").render(Context({"data": data}))
    assert "<details open>" in page
    assert "data-chart" not in page


def test_words_in_a_chart_cannot_leave_their_script():
    data = {"labels": ["</script><b>"], "series": [{"name": "All", "tone": "ink", "values": [3]}]}
    page = Template("{% load look %}{% chart data label='Volume' %}").render(Context({"data": data}))
    assert "</script><b>" not in page
