"""How times, spans and numbers are said."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from config.templatetags.look import big, duration, in_words, moment, percent, relative, short_number

NOW = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # Wednesday, 12:00 in Shanghai


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=12), "12 minutes ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(hours=24), "17 Nov 12:00"),
        (timedelta(days=400), "14 Oct 2025 12:00"),
        (timedelta(minutes=-80), "in 1 hour 20 minutes"),
    ],
)
def test_a_time_within_a_day_is_relative_and_else_absolute(span, words):
    assert relative(NOW - span, NOW) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (datetime(2026, 11, 18, 2, 44, tzinfo=UTC), "10:44"),
        (datetime(2026, 11, 17, 15, 59, tzinfo=UTC), "17 Nov 23:59"),
        (datetime(2026, 11, 17, 16, 0, tzinfo=UTC), "00:00"),  # midnight in Shanghai is today there
        (datetime(2025, 12, 31, 15, 0, tzinfo=UTC), "31 Dec 2025 23:00"),
    ],
)
def test_a_moment_is_said_in_the_companys_zone(when, words):
    assert moment(when, NOW) == words


def test_ago_carries_the_exact_time_for_machines_and_on_hover():
    html = Template("{% load look %}{% ago when %}").render(Context({"when": NOW - timedelta(minutes=12), "now": NOW}))
    assert html == (
        '<time datetime="2026-11-18T11:48:00+08:00" title="Wednesday 18 November 2026, 11:48:00">12 minutes ago</time>'
    )


def test_ago_of_nothing_is_a_dash():
    assert Template("{% load look %}{% ago when %}{% at when %}").render(Context({"when": None})) == "——"


def test_a_passed_now_wins_over_the_pages_now():
    page = Context({"when": NOW, "now": NOW, "later": NOW + timedelta(minutes=5)})
    assert "5 minutes ago" in Template("{% load look %}{% ago when later %}").render(page)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=5), "1 minute"),
        (timedelta(minutes=48), "48 minutes"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(hours=2, minutes=33), "2 hours 33 minutes"),
        (timedelta(days=1, hours=1, minutes=50), "1 day 1 hour"),
        (timedelta(days=3, minutes=5), "3 days"),
        (-timedelta(minutes=10), "10 minutes"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(span, words):
    assert in_words(span) == words


@pytest.mark.parametrize(
    ("number", "chinese", "english"),
    [
        (0, "0", "0"),
        (890, "890", "890"),
        (6204, "6,204", "6.2K"),
        (9999, "9,999", "10K"),
        (10_000, "1 万", "10K"),
        (18_600, "1.86 万", "18.6K"),
        (124_000, "12.4 万", "124K"),
        (21_400_000, "2,140 万", "21.4M"),
        (1_430_000_000, "14.3 亿", "1.43B"),
        (-18_600, "-1.86 万", "-18.6K"),
        (2.5, "2.5", "2.5"),
    ],
)
def test_big_numbers_keep_three_figures_and_a_unit(number, chinese, english):
    assert short_number(number, "zh-hans") == chinese
    assert short_number(number, "en") == english


def test_a_shortened_number_shows_its_exact_value_on_hover():
    with translation.override("zh-hans"):
        assert big(18_612) == '<data value="18612" title="18,612">1.86 万</data>'
        assert big(890) == "890"
        assert big(None) == "—"


def test_shares_and_spans_of_nothing_are_dashes():
    assert [percent(0.584), percent(0), percent(None)] == ["58%", "0%", "—"]
    assert [duration(timedelta(minutes=153)), duration(None)] == ["2 hours 33 minutes", "—"]
