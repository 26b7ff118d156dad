"""How often a chat, a channel and a person may be spoken to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.pace import budget, channel_free_at, chat_free_at

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def before(*seconds):
    return [NOON - timedelta(seconds=each) for each in seconds]


@pytest.mark.parametrize(
    ("quiet", "loud", "is_loud", "waits"),
    [
        ([], [], False, 0),
        (before(20), [], False, 40),
        ([], before(20), False, 40),  # what can wait also waits after what could not
        (before(20), [], True, 0),  # 一级 goes past what can wait
        ([], before(50), True, 0),
        ([], before(50, 20), True, 10),  # the third of a minute is folded
    ],
)
def test_a_chat_hears_one_that_can_wait_and_two_that_cannot(quiet, loud, is_loud, waits):
    assert chat_free_at(quiet, loud, NOON, is_loud=is_loud) == NOON + timedelta(seconds=waits)


def test_a_quarter_is_kept_free_for_what_cannot_wait():
    assert (budget(15, is_loud=False), budget(15, is_loud=True)) == (15, 18)
    assert (budget(4, is_loud=False), budget(4, is_loud=True)) == (4, 5)


@given(st.lists(st.integers(0, 300), min_size=1, max_size=80), st.integers(1, 20))
def test_no_stretch_of_the_rates_length_ever_holds_too_many(asked, allowed):
    sent: list[datetime] = []
    for seconds in sorted(asked):
        now = NOON + timedelta(seconds=seconds)
        lately = [each for each in sent if each > now - MINUTE]
        if channel_free_at(lately, allowed, MINUTE, now) <= now:
            sent.append(now)
    assert all(sum(begin - MINUTE < each <= begin for each in sent) <= allowed for begin in sent)
