"""How long until a source is asked again. Pure: figures in, a pause out."""

from datetime import timedelta

PATIENCE = 3  # failures in a row before the pauses grow, and before we call a source silent
LONGEST = timedelta(hours=24)
QUIET = ((timedelta(days=7), 4), (timedelta(days=1), 2))  # so long without anything new: so many times the pause
QUIET_LONGEST = timedelta(hours=1)


def pause_after_success(every: timedelta, *, quiet_for: timedelta | None, is_key: bool) -> timedelta:
    """The pause after a poll that went well.

    every      what a person set
    quiet_for  how long nothing new has come; None where nothing ever came
    is_key     a key source is asked at its own pace, however quiet it is
    A quiet source is asked half or a quarter as often, but at least every hour where it was set to be.
    """
    if is_key or quiet_for is None:
        return every
    times = next((times for since, times in QUIET if quiet_for >= since), 1)
    return max(every, min(every * times, QUIET_LONGEST))


def pause_after_failure(every: timedelta, *, failures: int, asked_for: timedelta | None) -> timedelta:
    """The pause after a poll that failed: as set for the first two, then doubled each time, a day at most.

    failures   in a row, this one counted; >= 1
    asked_for  what the server asked for (Retry-After); never come sooner
    """
    doubled = every * 2 ** min(max(0, failures - PATIENCE + 1), 20)
    return min(max(doubled, asked_for or timedelta(0)), max(LONGEST, every))
