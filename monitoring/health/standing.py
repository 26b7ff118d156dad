"""How a source stands: heard as always, silent of late, or with a clock that is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from monitoring.fetching.pace import PATIENCE, arrival_gap, gap_between, learnt_gap, stale_after
from monitoring.health.clocks import AGREED, TOGETHER, Behind
from opinion.models import Source, SourceHealth
from opinion.raw import RawPost
from opinion.text import fold, fold_word

CANARY_SILENT = timedelta(days=1)
NEWEST = 5  # entries of a document by which its clock is judged: old ones were dated when it may have been right
DOUBTED_SHARE = 0.5  # of their dates, from which the clock is to blame and not the one entry
WELL = (SourceHealth.OK, SourceHealth.UNCHANGED)
# The states in which people have to be told, sooner or later. Whoever switched a source off knows it.
TROUBLES = tuple(state for state in SourceHealth if state not in (*WELL, SourceHealth.NEVER, SourceHealth.OFF))
# Silence that needs no patience: it shows only after a long time, or does not pass by itself.
SILENT_AT_ONCE = (SourceHealth.CAPTCHA, SourceHealth.STALE, SourceHealth.QUIET, SourceHealth.OVERDUE)
# We should hear it and do not, and its silence must not be taken for calm: gone; a captcha; stale; quiet;
# overdue; a feed that used to bring entries and is an empty shell; or three failures in a row.
SILENT = Q(health=SourceHealth.GONE) | Q(is_enabled=True) & (
    Q(health__in=SILENT_AT_ONCE) | Q(health=SourceHealth.EMPTY, last_post_at__isnull=False) | Q(failures__gte=PATIENCE)
)


@dataclass(frozen=True, slots=True)
class Habits:
    """What is known of how a source speaks.

    last_post_at  when its newest post was published, by its own clock; when we first saw it, where it has no date
    usual_gap     between two of its posts
    canary_at     when its canary word was last heard, or set
    behind        what its arrivals say of its clock; None where they say nothing yet
    """

    last_post_at: datetime | None
    usual_gap: timedelta | None
    canary_at: datetime | None
    behind: Behind | None


def learnt(source: Source, posts: Sequence[RawPost], *, heard: int, now: datetime) -> Habits:
    """The habits of a source after a visit.

    posts  of the document that was read; none where nothing was
    heard  how many of them were new to us: a week after the last time, old entries are new to us again
    """
    gap = timedelta(seconds=source.usual_gap_seconds) if source.usual_gap_seconds else None
    last = source.last_post_at
    times = [min(post.published_at, now) for post in posts if last is None or post.published_at > last]
    if heard and times:
        if last is None:  # at first acquaintance the document itself tells its past
            gap = gap_between([post.published_at for post in posts if not post.date_doubt])
        else:
            gap = learnt_gap(gap, since=max(times) - last, new=min(heard, len(times)))
        last = max(times)
    word = fold_word(source.canary)
    is_heard = bool(word) and any(word in fold(f"{post.title}\n{post.text}").text for post in posts)
    # A canary just set is waited for from now on.
    canary_at = now if is_heard or (word and source.canary_at is None) else source.canary_at
    return Habits(last, gap, canary_at, _behind(source, posts, heard=heard, now=now))


def _behind(source: Source, posts: Sequence[RawPost], *, heard: int, now: datetime) -> Behind | None:
    """What its newest arrival adds to what is known of its clock."""
    behind = None
    if source.behind_least_seconds is not None and source.behind_most_seconds is not None:
        least, most = source.behind_least_seconds, source.behind_most_seconds
        behind = Behind(timedelta(seconds=least), timedelta(seconds=most), source.behind_seen)
    last, read_before = source.last_post_at, source.last_good_at
    dates = [post.published_at for post in posts if not post.date_doubt]
    newest = max(dates, default=None)
    if not heard or last is None or read_before is None or newest is None or not last < newest <= last + TOGETHER:
        return behind
    if localtime(newest).time() == time.min:  # a day without an hour
        return behind
    if behind is None:
        return Behind(read_before - newest, now - newest, 1)
    return behind.and_now(newest, read_before=read_before, now=now)


def judged(
    source: Source, health: str, words: str, habits: Habits, posts: Sequence[RawPost], *, now: datetime
) -> tuple[str, str]:
    """The state of a source and the sentence for it, after a visit that ended in `health` and `words`.

    Only an answer that was read, or that is unchanged, can be stale or wrong about the time; a failure is a failure.
    """
    if health not in WELL:
        return health, words
    if source.canary and habits.canary_at and now - habits.canary_at >= CANARY_SILENT:
        since = {"word": source.canary, "since": _when(habits.canary_at)}
        return SourceHealth.STALE, _("Its canary word “%(word)s” has not been heard since %(since)s.") % since
    if habits.usual_gap and habits.last_post_at and now - habits.last_post_at >= stale_after(habits.usual_gap):
        facts = {"since": _when(habits.last_post_at), "usual": _span(habits.usual_gap)}
        return SourceHealth.STALE, _("Nothing new since %(since)s; usually there is something %(usual)s.") % facts
    newest = _newest(posts)
    doubted = sum(post.date_doubt == "out_of_range" for post in newest)
    if newest and doubted >= DOUBTED_SHARE * len(newest):
        facts = {"doubted": str(doubted), "entries": str(len(newest))}
        words = _(
            "Of its newest %(entries)s entries %(doubted)s are dated in the future or ten years back; "
            "the time of the poll counts."
        )
        return SourceHealth.CLOCK_WRONG, words % facts
    if habits.behind and (behind := habits.behind.by):
        words = _(
            "The last %(seen)s times something new appeared, its own time lay %(hours)s hours before: a clock or "
            "a time zone that is behind, or a feed that is served late."
        )
        return SourceHealth.CLOCK_WRONG, words % {"seen": AGREED, "hours": f"{behind / timedelta(hours=1):g}"}
    if health == SourceHealth.UNCHANGED and source.health == SourceHealth.CLOCK_WRONG:
        return source.health, source.health_words  # the same document is as wrong as before
    return health, words


def _newest(posts: Sequence[RawPost]) -> Sequence[RawPost]:
    """The newest entries of a document, by its order: a clock that is wrong cannot be asked which they are."""
    dated = [post.published_at for post in posts if not post.date_doubt]
    is_oldest_first = bool(dated) and dated[0] < dated[-1]
    return posts[-NEWEST:] if is_oldest_first else posts[:NEWEST]


# --- those that come to us -------------------------------------------------------------------------------------------
def arrived(source: Source, now: datetime) -> dict[str, Any]:
    """What changes about a source when something new came by itself: its habits, and its state."""
    gap = timedelta(seconds=source.usual_gap_seconds) if source.usual_gap_seconds else None
    if source.last_post_at:
        gap = arrival_gap(gap, since=now - source.last_post_at)
    changes: dict[str, Any] = {
        "health": SourceHealth.OK,
        "health_words": "",
        "last_good_at": now,
        "last_post_at": now,
        "usual_gap_seconds": gap and round(gap.total_seconds()),
    }
    if source.health_since is None or source.health in TROUBLES:
        changes["health_since"] = now
    return changes


def quiet_words(source: Source, now: datetime) -> str:
    """Why a source that comes to us has been quiet for too long, in words; "" where it has not."""
    if source.health == SourceHealth.QUIET:
        return source.health_words
    if not source.usual_gap_seconds or source.last_post_at is None:
        return ""
    gap = timedelta(seconds=source.usual_gap_seconds)
    since = max(source.last_post_at, source.health_since or source.last_post_at)  # it may have been off meanwhile
    if now - since < stale_after(gap):
        return ""
    facts = {"since": _when(source.last_post_at), "usual": _span(gap)}
    return _("Nothing new since %(since)s; usually there is something %(usual)s.") % facts


def is_silent(source: Source) -> bool:
    """Whether we should hear this source and do not: `SILENT`, for one we have already."""
    if source.health == SourceHealth.GONE:
        return True
    is_shell = source.health == SourceHealth.EMPTY and source.last_post_at is not None
    return source.is_enabled and (source.health in SILENT_AT_ONCE or is_shell or source.failures >= PATIENCE)


def _when(time: datetime) -> str:
    return f"{localtime(time):%Y-%m-%d %H:%M}"


def _span(gap: timedelta) -> str:
    if gap < timedelta(hours=2):
        return _("every %(minutes)s minutes") % {"minutes": max(1, round(gap / timedelta(minutes=1)))}
    if gap < timedelta(days=2):
        return _("every %(hours)s hours") % {"hours": round(gap / timedelta(hours=1))}
    return _("every %(days)s days") % {"days": round(gap / timedelta(days=1))}
