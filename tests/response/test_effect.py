"""What happened around an act: worked by hand, and honest about what cannot be said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from response.effect import Hourly, measure

HOUR = timedelta(hours=1)
ACT = datetime(2026, 11, 18, 4, 37, tzinfo=UTC)
START = ACT.replace(minute=0)
LATER = START + 30 * HOUR


def flat(before: Hourly, after: Hourly) -> dict[datetime, Hourly]:
    return {START + HOUR * n: before if n < 0 else after for n in range(-24, 25) if n}


def test_the_share_falls_here_and_little_elsewhere() -> None:
    """10 an hour with 6 negative become 4 with 1: 60 to 25 %. Elsewhere 20 to 15 %: 30 points are left to explain."""
    found = measure(ACT, flat(Hourly(10, 6), Hourly(4, 1)), flat(Hourly(20, 4), Hourly(20, 3)), now=LATER)
    assert (found.before.posts, found.after.posts, found.before.hourly) == (240, 96, 10)
    assert found.shift == pytest.approx(-0.35)
    assert found.elsewhere == pytest.approx(-0.05)
    assert found.beyond_elsewhere == pytest.approx(-0.30)
    assert found.half_life_hours == 3  # of 18 negative in three hours at most 9: the first full mean has 3
    assert found.is_attributable


def test_half_life_is_read_off_a_mean_of_three_hours() -> None:
    counts = flat(Hourly(10, 6), Hourly(10, 6)) | {START + HOUR * n: Hourly(10, 3) for n in range(7, 25)}
    assert measure(ACT, counts, {}, now=LATER).half_life_hours == 9
    assert measure(ACT, flat(Hourly(9, 6), Hourly(9, 4)), {}, now=LATER).half_life_hours is None
    assert measure(ACT, flat(Hourly(9, 0), Hourly(9, 0)), {}, now=LATER).half_life_hours is None


def test_the_hour_of_the_act_belongs_to_neither_side() -> None:
    counts = flat(Hourly(2, 1), Hourly(2, 1)) | {START: Hourly(1000, 1000)}
    found = measure(ACT, counts, counts, now=LATER)
    assert (found.before.posts, found.after.posts) == (48, 48)


def test_what_stands_in_the_way_is_said() -> None:
    calm = flat(Hourly(20, 4), Hourly(20, 4))
    few = measure(ACT, flat(Hourly(1, 1), Hourly(1, 0)), calm, now=LATER)
    short = measure(ACT, calm, calm, now=START + 5 * HOUR + 10 * timedelta(minutes=1))
    falling = measure(ACT, {START - HOUR * n: Hourly(n * n, n) for n in range(1, 25)} | calm_after(), calm, now=LATER)
    twice = measure(ACT, calm, calm, now=LATER, acts=[("发布会", ACT + 23 * HOUR), ("旧文", ACT - 24 * HOUR)])
    alone = measure(ACT, calm, {}, now=LATER)
    assert (few.is_few, short.is_short, short.after.hours, falling.was_falling) == (True, True, 4, True)
    assert twice.others == ("发布会",)
    assert (alone.elsewhere, alone.beyond_elsewhere) == (None, None)
    assert not any(each.is_attributable for each in (few, short, falling, twice, alone))


def calm_after() -> dict[datetime, Hourly]:
    return {START + HOUR * n: Hourly(5, 1) for n in range(1, 25)}


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=48, max_size=48),
    st.integers(0, 40),
)
def test_any_counts_give_an_answer_and_a_half_life_after_the_act(rows: list[tuple[int, int]], hours: int) -> None:
    hours_of = [START + HOUR * n for n in range(-24, 25) if n]
    counts = {hour: Hourly(posts, min(posts, bad)) for hour, (posts, bad) in zip(hours_of, rows, strict=True)}
    found = measure(ACT, counts, counts, now=START + HOUR * hours)
    assert found.shift is None or -1 <= found.shift <= 1
    assert found.shift == found.elsewhere
    assert found.half_life_hours is None or 3 <= found.half_life_hours <= min(hours, 24)
