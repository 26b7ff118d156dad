from datetime import timedelta

import pytest

from monitoring.pace import pause_after_failure, pause_after_success

FIVE = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("every", "quiet_for", "is_key", "pause"),
    [
        (FIVE, None, False, FIVE),
        (FIVE, timedelta(hours=23), False, FIVE),
        (FIVE, timedelta(days=1), False, 2 * FIVE),
        (FIVE, timedelta(days=7), False, 4 * FIVE),
        (FIVE, timedelta(days=30), True, FIVE),
        (timedelta(minutes=30), timedelta(days=7), False, timedelta(hours=1)),
        (timedelta(hours=6), timedelta(days=7), False, timedelta(hours=6)),
    ],
)
def test_a_quiet_source_is_asked_less_often_unless_it_is_a_key_source(
    every: timedelta, quiet_for: timedelta | None, is_key: bool, pause: timedelta
) -> None:
    assert pause_after_success(every, quiet_for=quiet_for, is_key=is_key) == pause


@pytest.mark.parametrize(
    ("failures", "asked_for", "pause"),
    [
        (1, None, FIVE),
        (2, None, FIVE),
        (3, None, 2 * FIVE),
        (4, None, 4 * FIVE),
        (10, None, timedelta(hours=21, minutes=20)),
        (11, None, timedelta(hours=24)),
        (10_000, None, timedelta(hours=24)),
        (1, timedelta(minutes=2), FIVE),
        (1, timedelta(hours=2), timedelta(hours=2)),
        (1, timedelta(hours=24), timedelta(hours=24)),
    ],
)
def test_pauses_double_from_the_third_failure_up_to_a_day(
    failures: int, asked_for: timedelta | None, pause: timedelta
) -> None:
    assert pause_after_failure(FIVE, failures=failures, asked_for=asked_for) == pause


def test_a_source_polled_every_other_day_is_not_asked_more_often_for_failing() -> None:
    assert pause_after_failure(timedelta(days=2), failures=5, asked_for=None) == timedelta(days=2)
