"""What is usual, unusual, shared and talked of more: the rules of the trend page, by hand and by property."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import isclose
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opinion.trends import (
    FEWEST_FOR_WORD,
    FEWEST_UNUSUAL,
    SPANS,
    Span,
    WordSums,
    change,
    edges,
    is_unusual,
    movers,
    negative_share,
    quantile,
    shade,
    shares,
    usual,
    usual_of,
    week_table,
    word_score,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=SHANGHAI)
DAYS = Span("test", 3, 24)
counts = st.integers(0, 10**6)
pasts = st.lists(counts, max_size=7)


# --- where points begin ----------------------------------------------------------------------------------------------
def test_hours_end_with_the_one_that_runs():
    found = edges(SPANS["24h"], NOW)
    assert len(found) == 25
    assert (found[0].isoformat(), found[-1].isoformat()) == ("2026-11-17T15:00:00+08:00", "2026-11-18T15:00:00+08:00")


def test_three_hours_begin_at_midnight_and_days_in_the_zone_of_the_company():
    assert [edge.hour for edge in edges(SPANS["7d"], NOW)[-3:]] == [9, 12, 15]
    assert edges(SPANS["30d"], NOW)[-2].astimezone(UTC) == datetime(2026, 11, 17, 16, tzinfo=UTC)


@given(st.integers(10**9, 4 * 10**9), st.sampled_from(sorted(SPANS)))
def test_now_always_lies_in_the_last_point_and_all_points_are_alike(seconds, code):
    now, span = datetime.fromtimestamp(seconds, SHANGHAI), SPANS[code]
    found = edges(span, now)
    assert len(found) == span.points + 1
    assert found[-2] <= now < found[-1]
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(hours=span.hours)}


# --- what is usual ---------------------------------------------------------------------------------------------------
def test_the_band_of_a_week_worked_by_hand():
    week = usual([3, 8, 4, 5, 6, 5, 7])
    assert week is not None
    # p10 = 3.6, p90 = 7.4; MAD = 1, below the deviation of a Poisson stream (2.24): 5 + 3 * 2.24 = 11.7
    assert (week.low, week.median, week.high, week.threshold) == (3, 5, 8, 12)
    assert [is_unusual(posts, week) for posts in (11, 12, 42)] == [False, True, True]


def test_a_quiet_past_does_not_make_one_post_unusual():
    quiet = usual([0] * 7)
    assert quiet is not None
    assert (quiet.low, quiet.high, quiet.threshold) == (0, 0, FEWEST_UNUSUAL)


def test_one_loud_day_does_not_hide_the_next():
    assert usual([3, 2, 3, 4, 3, 2, 200]).threshold < 100


def test_what_happened_on_some_of_the_days_is_inside_the_band_and_no_alarm():
    weekend = usual([0, 0, 0, 0, 30, 40, 50])
    assert not is_unusual(40, weekend)


@pytest.mark.parametrize("past", [[], [5], [5, 9]])
def test_fewer_than_three_days_of_past_say_nothing(past):
    assert usual(past) is None
    assert not is_unusual(10**6, usual(past))


def test_each_day_is_held_against_the_seven_before_it():
    found = usual_of([1, 2, 3, 4, 5, 6, 7, 100, 0, 0], DAYS, known_from=0)
    assert [week.median for week in found] == [4, 5, 5]


def test_an_hour_is_held_against_the_same_hour_of_other_days():
    span = Span("test", 1, 12)
    by_half_day = [10, 90] * 7 + [11]
    [week] = usual_of(by_half_day, span, known_from=0)
    assert (week.low, week.high) == (10, 10)


def test_what_lies_before_we_listened_is_unknown_and_not_nothing():
    found = usual_of([0, 0, 0, 0, 0, 8, 8, 8, 8, 8], DAYS, known_from=5)
    assert found[0] is None
    assert found[1] is not None
    assert found[1].low == 8


@given(pasts)
def test_any_past_gives_a_band_around_its_median_or_nothing(past):
    week = usual(past)
    assert (week is None) is (len(past) < 3)
    if week:
        assert min(past) <= week.low <= week.median <= week.high <= max(past)
        assert week.threshold > week.high
        assert week.threshold >= FEWEST_UNUSUAL


@given(pasts, counts, counts)
def test_what_is_unusual_stays_so_with_more_posts(past, posts, more):
    week = usual(past)
    assert is_unusual(posts + more, week) >= is_unusual(posts, week)


@given(st.lists(counts, max_size=120), st.integers(0, 120), st.sampled_from(sorted(SPANS)))
def test_any_counts_give_one_answer_a_point(numbers, known_from, code):
    span = SPANS[code]
    found = usual_of(numbers, span, known_from)
    assert len(found) == max(len(numbers) - span.lookback, 0)


@given(st.lists(counts, min_size=1), st.floats(0, 1), st.floats(0, 1))
def test_quantiles_are_in_order_and_inside(numbers, one, other):
    low, high = sorted((one, other))
    assert min(numbers) <= quantile(numbers, low) <= quantile(numbers, high) <= max(numbers)


def test_there_is_no_quantile_of_nothing():
    with pytest.raises(ValueError, match="no numbers"):
        quantile([], 0.5)


# --- shares and changes ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("negative", "posts", "share"), [(0, 0, None), (4, 4, None), (2, 5, 0.4), (0, 9, 0.0)])
def test_a_share_of_fewer_than_five_posts_is_unknown(negative, posts, share):
    assert negative_share(negative, posts) == share


@given(st.dictionaries(st.text(max_size=3), counts))
def test_shares_add_up_to_one_or_there_is_nothing_to_share(numbers):
    found = shares(numbers)
    assert found.keys() == numbers.keys()
    if sum(numbers.values()):
        assert isclose(sum(share or 0 for share in found.values()), 1)
    else:
        assert set(found.values()) <= {None}


@pytest.mark.parametrize(("now", "before", "growth"), [(3, 2, 0.5), (0, 4, -1.0), (7, 0, None), (0, 0, None)])
def test_growth_from_nothing_is_no_percentage(now, before, growth):
    assert change(now, before) == growth


# --- words -----------------------------------------------------------------------------------------------------------
def test_words_that_rose_and_fell_worked_by_hand():
    words = {
        "效期": WordSums(40, 2, 30),
        "排队": WordSums(5, 0),
        "新品": WordSums(3, 40),
        "门店": WordSums(50, 50),
        "偶尔": WordSums(4, 0),
    }
    risen, fallen = movers(words, said_now=1000, said_before=1000)
    assert [mover.word for mover in risen] == ["效期", "排队"]
    assert [mover.word for mover in fallen] == ["新品"]
    assert risen[0].score == pytest.approx(2.68, abs=0.01)  # log2(45 / 7)
    assert risen[1].score == 1  # log2(10 / 5)


def test_a_day_that_is_not_over_is_weighed_by_what_was_said_in_it():
    words = {"门店": WordSums(10, 100), "效期": WordSums(30, 20)}
    risen, fallen = movers(words, said_now=100, said_before=1000)
    assert ([mover.word for mover in risen], fallen) == (["效期"], [])


def test_a_word_said_more_often_has_not_fallen_because_all_the_rest_became_louder():
    assert movers({"茶饮": WordSums(52, 35)}, said_now=3000, said_before=1000) == ([], [])


@pytest.mark.parametrize(("now", "before"), [(0, 100), (100, 0), (0, 0)])
def test_without_a_period_to_compare_with_no_word_moved(now, before):
    assert movers({"效期": WordSums(9, 9)}, said_now=now, said_before=before) == ([], [])


@given(st.dictionaries(st.text(max_size=2), st.builds(WordSums, counts, counts)), counts, counts)
def test_any_words_are_sorted_by_how_far_they_moved(words, now, before):
    risen, fallen = movers(words, said_now=now, said_before=before)
    assert all(mover.score > 0 for mover in risen)
    assert all(mover.score < 0 for mover in fallen)
    for found in (risen, fallen):
        assert [abs(mover.score) for mover in found] == sorted((abs(mover.score) for mover in found), reverse=True)
        assert all(max(mover.sums.now, mover.sums.before) >= FEWEST_FOR_WORD for mover in found)


@given(counts, counts, counts, st.floats(0.001, 1000))
def test_a_word_said_more_often_never_scores_less(now, before, more, weight):
    assert word_score(WordSums(now + more, before), weight) >= word_score(WordSums(now, before), weight)
    assert word_score(WordSums(now, before + more), weight) <= word_score(WordSums(now, before), weight)


# --- when posts come -------------------------------------------------------------------------------------------------
def test_the_week_adds_hours_of_the_same_weekday():
    hour = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)  # a Wednesday
    table = week_table({hour: 3, hour - timedelta(weeks=1): 4, hour + timedelta(days=1): 5})
    assert (table[2][9], table[3][9]) == (7, 5)
    assert sum(map(sum, table)) == 12


@given(counts, counts)
def test_the_highest_is_darkest_and_only_nothing_is_blank(one, other):
    low, high = sorted((one, other))
    assert 0 <= shade(low, high) <= shade(high, high) == (4 if high else 0)
    assert (shade(low, high) == 0) is (low == 0)
