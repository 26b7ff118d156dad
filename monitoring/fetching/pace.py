"""How long until a source is asked again, and how often it usually says something new. Pure: figures in, a pause out.

What a person set is the shortest pause; a source that seldom speaks is asked less often, a third as often at least.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

PATIENCE = 3  # failures in a row before the pauses grow, and before we call a source silent
LONGEST = timedelta(hours=24)
STRETCHED = 3  # times what a person set: its habits stretch the pause so far, for even a quiet source may be first
ASKED_PER_GAP = 2  # so often we ask between two of its posts
ASKED_PER_QUIET = 48  # and so often in as long as it has been quiet by now
WISH_LONGEST = timedelta(hours=6)  # its own wish (ttl, max-age) is heeded so far
POSTS_IN_SIGHT = 5  # a feed shows its newest ten or so: after five gaps none has fallen off its end yet
SPREAD = 0.1  # pauses are up to a tenth longer, so that what was claimed together comes apart
WEIGHT = 0.1  # of each new post in the usual gap
GAP_SHORTEST, GAP_LONGEST = timedelta(seconds=1), timedelta(days=90)
ARRIVAL = timedelta(hours=1)  # what comes by itself within it is one arrival
USUAL_ARRIVAL = timedelta(days=7)  # between two of them, until we know better
STALE_GAPS, STALE_SHORTEST, STALE_LONGEST, STALE_GAPS_OF_THE_SLOW = 24, timedelta(days=1), timedelta(days=7), 4


def pause_after_success(
    every: timedelta,
    *,
    usual_gap: timedelta | None,
    quiet_for: timedelta | None,
    wish: timedelta | None,
    is_key: bool,
) -> timedelta:
    """The pause after a poll that went well.

    every      what a person set: never sooner
    usual_gap  what passes between two of its posts; None where that is not known yet
    quiet_for  how long nothing new has come; None where nothing ever came
    wish       what the source asks for itself: ttl, Cache-Control, Expires; None where it does not
    is_key     a key source is asked at the pace a person set, whatever its habits and wishes
    """
    if is_key:
        return every
    nothing = timedelta(0)
    habit = max((usual_gap or nothing) / ASKED_PER_GAP, (quiet_for or nothing) / ASKED_PER_QUIET)
    heeded = min(wish or nothing, WISH_LONGEST, usual_gap * POSTS_IN_SIGHT if usual_gap else WISH_LONGEST)
    return max(every, min(habit, every * STRETCHED), heeded)


def pause_after_failure(every: timedelta, *, failures: int, asked_for: timedelta | None) -> timedelta:
    """The pause after a poll that failed: as set for the first two, then doubled each time, a day at most.

    failures   in a row, this one counted; >= 1
    asked_for  what the server asked for (Retry-After); never come sooner
    """
    doubled = every * 2 ** min(max(0, failures - PATIENCE + 1), 20)
    return min(max(doubled, asked_for or timedelta(0)), max(LONGEST, every))


def spread(pause: timedelta, *, key: int, at: datetime) -> timedelta:
    """The pause, up to a tenth longer: by source and minute, so that the same figures give the same answer."""
    fraction = zlib.crc32(f"{key} {int(at.timestamp()) // 60}".encode()) / 2**32
    return pause * (1 + SPREAD * fraction)


# --- what it usually does --------------------------------------------------------------------------------------------
def learnt_gap(usual: timedelta | None, *, since: timedelta, new: int) -> timedelta:
    """The usual gap between posts after `new` of them came, `since` the last ones before: an exponential mean.

    It is a mean of logarithms, for gaps differ by orders: one quiet night must not make an hourly source a daily one.
    new  >= 1
    """
    seen = _bounded(since / new)
    if usual is None:
        return seen
    share = 1 - (1 - WEIGHT) ** new
    return _bounded(usual * (seen / _bounded(usual)) ** share)


def arrival_gap(usual: timedelta | None, *, since: timedelta) -> timedelta:
    """The usual gap between arrivals after one more, `since` the last: pushes, letters and entries come in bundles.

    Two or three of them tell little, so it begins long and comes down a tenth with each.
    """
    return learnt_gap(usual or USUAL_ARRIVAL, since=max(since, ARRIVAL), new=1)


def gap_between(times: Sequence[datetime]) -> timedelta | None:
    """The usual gap as the dates of a feed's entries tell it at first acquaintance; None for fewer than three dates."""
    ordered = sorted(set(times))
    if len(ordered) < 3:
        return None
    gaps = [after - before for before, after in pairwise(ordered)]
    return _bounded(timedelta(seconds=median(gap.total_seconds() for gap in gaps)))


def stale_after(usual_gap: timedelta) -> timedelta:
    """How long nothing new may come before something must be wrong: a day at least; for slow sources four gaps."""
    patient = max(STALE_LONGEST, STALE_GAPS_OF_THE_SLOW * usual_gap)
    return max(STALE_SHORTEST, min(STALE_GAPS * usual_gap, patient))


def _bounded(gap: timedelta) -> timedelta:
    return min(max(gap, GAP_SHORTEST), GAP_LONGEST)
