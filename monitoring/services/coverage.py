"""How well each day was heard, counted every ten minutes from the log of polls before that log is thrown away."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Subquery

from monitoring.duty.days import bounds, today
from monitoring.duty.stretches import not_heard
from monitoring.models import CoverageDay, Poll
from monitoring.selectors.duty import rule
from monitoring.services.polling import HEARING
from opinion.models import Post, Source, SourceClass, SourceKind

QUIET = timedelta(minutes=75)  # the longest pause between two polls of a source that is well is an hour
PAUSES = 3  # or so many of its own pauses, where a person set longer ones
POLLS_REACH = 6  # days back that are still whole in the log of polls
GAPS_KEPT = 40
ASKED = (SourceKind.FEED, SourceKind.HOT_LIST, SourceKind.MAILBOX)  # we go there; what is pushed to us leaves no poll


def count_days(now: datetime) -> None:
    """Write today down anew, and every earlier day that was not counted after its end."""
    last = CoverageDay.objects.aggregate(last=Max("day"))["last"] or today(now)
    first = max(min(last, today(now) - timedelta(days=1)), today(now) - timedelta(days=POLLS_REACH))
    counted = dict(CoverageDay.objects.filter(day__gte=first).order_by().values_list("day").annotate(Min("counted_at")))
    for n in range((today(now) - first).days + 1):
        day = first + timedelta(days=n)
        if day not in counted or counted[day] < bounds(day)[1]:
            count_day(day, now)


def count_day(day: date, now: datetime) -> None:
    """Write one day down, a row for each of the three classes."""
    since, until = bounds(day)
    until = min(until, now)
    visits: dict[int, list[tuple[datetime, bool]]] = defaultdict(list)
    earlier = Poll.objects.filter(source=OuterRef("pk"), started_at__lt=since, health__in=HEARING)
    last = Subquery(
        earlier.order_by("-started_at").values("started_at")[:1]
    )  # a step each into the index, not a week's polls
    for source, at in (
        Source.objects.annotate(last=last).filter(last__isnull=False).order_by().values_list("pk", "last")
    ):
        visits[source].append((at, True))
    polls = Poll.objects.filter(started_at__gte=since, started_at__lt=until).order_by("started_at", "pk")
    totals: dict[str, dict[str, int]] = {code: {"polls_ok": 0, "polls_failed": 0} for code in SourceClass.values}
    sources = {source.pk: source for source in Source.objects.filter(kind__in=ASKED)}
    for source, at, health in polls.values_list("source", "started_at", "health").iterator(chunk_size=5000):
        if source in sources:
            is_good = health in HEARING
            visits[source].append((at, is_good))
            totals[sources[source].source_class]["polls_ok" if is_good else "polls_failed"] += 1
    posts = dict(
        Post.objects.standing()
        .filter(first_seen_at__gte=since, first_seen_at__lt=until)
        .order_by()
        .values_list("source__source_class")
        .annotate(Count("pk"))
    )
    gaps = _gaps(sources, visits, since, until)
    for code in SourceClass.values:
        CoverageDay.objects.update_or_create(
            day=day,
            source_class=code,
            defaults={
                "sources": sum(
                    source.source_class == code and (pk in visits or (source.is_enabled and day == today(now)))
                    for pk, source in sources.items()
                ),
                **totals[code],
                "posts": posts.get(code, 0),
                "gaps": gaps[code][:GAPS_KEPT],
                "counted_at": now,
            },
        )


def _gaps(
    sources: dict[int, Source], visits: dict[int, list[tuple[datetime, bool]]], since: datetime, until: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Of each class the stretches in which one of its sources was not heard, the longest first."""
    troubled = timedelta(minutes=rule().tell_after_minutes)
    found: dict[str, list[tuple[timedelta, dict[str, Any]]]] = defaultdict(list)
    for pk, seen in visits.items():
        source = sources.get(pk)
        if source is None:
            continue
        quiet = max(QUIET, PAUSES * timedelta(seconds=source.poll_every_seconds))
        # One that was switched off is not missed after its last visit.
        end = until if source.is_enabled or source.health == "gone" else seen[-1][0]
        for began, stop in not_heard(seen, end, quiet=quiet, troubled=troubled):
            start = max(began, since)  # it may have begun the day before
            if stop <= start:
                continue
            gap = {"source": str(source.uuid), "name": source.name}
            found[source.source_class].append(
                (stop - start, {**gap, "since": start.isoformat(), "until": stop.isoformat()})
            )
    return defaultdict(
        list, {code: [gap for _length, gap in sorted(rows, key=lambda row: -row[0])] for code, rows in found.items()}
    )
