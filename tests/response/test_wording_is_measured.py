"""A hundred statements of our own: what the checks miss, where they cry wolf. `make bench ARGS=wording` prints it."""

from bench import wording


def test_the_checks_stay_as_good_as_they_were_measured() -> None:
    figures = wording.measure()
    assert {half: figures[half]["statements"] for half in figures} == {
        "good": 30,
        "faulty": 33,
        "good held back": 20,
        "faulty held back": 17,
    }
    assert sum(half["misses"] for half in figures.values()) <= 1
    assert sum(half["false_alarms"] for half in figures.values()) <= 1
