"""Polling: whose turn it is, a round of visits from the fetch to the stored posts, and what is written down about it.

A visit is protected by a lease: a time until which the source is ours, different for every claim. A worker that dies
leaves its lease to run out, and the source is visited again; posts are unique by (source, external_id), so what it had
stored is stored once.
"""

import logging
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from monitoring.fetching.pace import pause_after_failure, pause_after_success, spread
from monitoring.fetching.visiting import Look, host_of, looks, our_fault
from monitoring.health.standing import TROUBLES, WELL, judged, learnt
from monitoring.health.words import LONGEST
from monitoring.models import Poll
from monitoring.services.trouble import tell_of_gone
from opinion.models import POLLED, Source, SourceHealth
from opinion.services.pipeline import Intake, take_in_all

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than a round: a minute of visits begun, a fetch of 30 s, a reading of 20 s
AT_ONCE = 1000  # sources claimed in one tick
BATCH = 200  # of them in one round
PER_HOST = 4  # of them on one host that is not ours
WRITTEN_AT_ONCE = 25  # outcomes in one transaction, or a few more
TRUSTED_FOR = timedelta(days=1)  # how long "unchanged" is believed before everything is fetched once more
HEARING = (*WELL, SourceHealth.EMPTY)


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that is over, its posts handed over, and not yet written down."""

    source: Source
    look: Look
    intake: Intake
    at: datetime


# --- whose turn it is ------------------------------------------------------------------------------------------------
def due(now: datetime) -> QuerySet[Source]:
    """Sources whose turn it is and that nobody visits, the longest overdue first."""
    turn = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=now)
    return Source.objects.filter(_free(now), turn, is_enabled=True, kind__in=POLLED).order_by("next_poll_at", "pk")


def claim_due(*, now: datetime) -> list[Source]:
    """Claim what is due: a thousand at most, and four on any one host that is not ours, so that nobody is flooded."""
    chosen: list[int] = []
    on_host: Counter[str] = Counter()
    for source in due(now).only("url").iterator():
        host = host_of(source)
        on_host[host] += 1
        if host in settings.FETCH_ALLOWED_HOSTS or on_host[host] <= PER_HOST:
            chosen.append(source.pk)
        if len(chosen) == AT_ONCE:
            break
    return _leased(chosen, _free(now), now) if chosen else []


def claim(source: Source, *, now: datetime) -> bool:
    """Take the lease of a source that is free and switched on. False: somebody else has it, or it is off."""
    ours = _leased([source.pk], _free(now), now)
    source.leased_until = ours[0].leased_until if ours else source.leased_until
    return bool(ours)


def take_up(keys: Sequence[int], lease: datetime, *, now: datetime) -> list[Source]:
    """The sources a doorbell rang for, their lease made new; not those for which the ring is stale."""
    return _leased(keys, Q(leased_until=lease), now)


def batches(claimed: Sequence[Source]) -> list[list[Source]]:
    """What was claimed, in rounds for one worker each; a host's sources stay together, as far as that goes."""
    by_host = sorted(claimed, key=host_of)
    return [by_host[at : at + BATCH] for at in range(0, len(by_host), BATCH)]


def _free(now: datetime) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=now)


def _leased(keys: Sequence[int], condition: Q, now: datetime) -> list[Source]:
    """The sources that a conditional update made ours. The lease says which: no other claim has the same."""
    lease = now + LEASE + timedelta(microseconds=secrets.randbelow(1_000_000))
    Source.objects.filter(condition, pk__in=keys, is_enabled=True).update(leased_until=lease)
    return list(Source.objects.filter(pk__in=keys, leased_until=lease).order_by("pk"))


# --- a round of visits -----------------------------------------------------------------------------------------------
def poll(source: Source, *, now: datetime) -> Poll:
    """Visit one source that was claimed."""
    (done,) = poll_all([source], now=now)
    return done


def poll_all(sources: Sequence[Source], *, now: datetime) -> list[Poll]:
    """Visit sources that were claimed: fetch, read, hand the posts over, write down how it went.

    No transaction is open while the network is touched. What there was no time for is given back, and gets no poll.
    """
    # A server whose "unchanged" is a lie would make us deaf for good: once a day everything is fetched anew.
    since = now - TRUSTED_FOR
    well = Poll.objects.filter(source__in=sources, health=SourceHealth.OK, started_at__gt=since)
    believed = set(well.order_by().values_list("source", flat=True))
    done: list[Poll] = []
    over: list[Visit] = []
    for seen in looks(sources, believed=believed, now=now):
        for source, look in seen:
            if look is None:
                Source.objects.filter(pk=source.pk, leased_until=source.leased_until).update(leased_until=None)
        over += _taken_in([(source, look) for source, look in seen if look is not None], now)
        if len(over) >= WRITTEN_AT_ONCE:
            done += _write_down(over)
            over = []
    return done + _write_down(over)


def _taken_in(seen: Sequence[tuple[Source, Look]], now: datetime) -> list[Visit]:
    # The oldest first, so that an original comes before what repeats it.
    handed = [(source, sorted(look.reading.posts, key=lambda post: post.published_at)) for source, look in seen]
    intakes = take_in_all(handed, now=now)
    over: list[Visit] = []
    for source, look in seen:
        intake = intakes[source.pk]
        look = look if intake is not None else our_fault(look.seconds)
        logger.info("source polled source=%s health=%s entries=%s", source.pk, look.health, len(look.reading.posts))
        over.append(Visit(source, look, intake or Intake(), now))
    return over


@transaction.atomic
def _write_down(visits: Sequence[Visit]) -> list[Poll]:
    """The outcomes, in the log of polls and, while the lease is still ours, on the sources."""
    for visit in sorted(visits, key=lambda visit: visit.source.pk):  # one order for all, so nobody waits in a ring
        source = visit.source
        mine = Source.objects.filter(pk=source.pk, leased_until=source.leased_until)
        changes = _changes(visit)
        if mine.filter(url=source.url, is_enabled=True).update(**changes, leased_until=None):
            if changes["health"] == SourceHealth.GONE:
                tell_of_gone(source)
        else:
            mine.update(leased_until=None)
            logger.warning("source changed during its poll source=%s", source.pk)
    return Poll.objects.bulk_create(
        Poll(
            source=visit.source,
            started_at=visit.at,
            ended_at=visit.at + timedelta(seconds=visit.look.seconds),
            health=visit.look.health,
            words=visit.look.words[:LONGEST],
            http_status=visit.look.fetched.status if visit.look.fetched else None,
            entries=len(visit.look.reading.posts),
            stored=visit.intake.stored,
            known=visit.intake.known,
        )
        for visit in visits
    )


def _changes(visit: Visit) -> dict[str, Any]:
    """What a visit changes about a source. The poll says how the visit went, the source how it stands."""
    source, look, now, fetched = visit.source, visit.look, visit.at, visit.look.fetched
    posts = look.reading.posts
    habits = learnt(source, posts, heard=visit.intake.heard, now=now)
    health, words = judged(source, look.health, look.words, habits, posts, now=now)
    changes: dict[str, Any] = {
        "health": health,
        "health_words": words[:LONGEST],
        "last_polled_at": now,
        "last_post_at": habits.last_post_at,
        "usual_gap_seconds": habits.usual_gap and round(habits.usual_gap.total_seconds()),
        "canary_at": habits.canary_at,
    }
    if habits.behind:
        changes["behind_least_seconds"] = round(habits.behind.least.total_seconds())
        changes["behind_most_seconds"] = round(habits.behind.most.total_seconds())
        changes["behind_seen"] = habits.behind.seen
    if source.health_since is None or (health in TROUBLES) != (source.health in TROUBLES):
        changes["health_since"] = now
    if fetched and fetched.permanent_url:
        changes["permanent_url"] = fetched.permanent_url[:2000]
    if look.health in WELL and health != SourceHealth.STALE:
        changes["last_good_at"] = now
    if look.health != SourceHealth.UNCHANGED:
        # Only a document that was read is worth asking "has it changed?" about; of a captcha the answer would be no.
        kept = fetched if look.health == SourceHealth.OK else None
        changes["etag"] = kept.etag if kept and len(kept.etag) <= 300 else ""
        changes["last_modified"] = kept.last_modified if kept and len(kept.last_modified) <= 120 else ""
        changes["body_hash"] = look.body_hash if kept else ""
    return {**changes, **_next_turn(visit, changes)}


def _next_turn(visit: Visit, changes: dict[str, Any]) -> dict[str, Any]:
    """When the source is asked again, and what that follows from."""
    source, look, now, fetched = visit.source, visit.look, visit.at, visit.look.fetched
    every = timedelta(seconds=source.poll_every_seconds)
    if look.health == SourceHealth.GONE:
        return {"is_enabled": False, "next_poll_at": None, "failures": source.failures + 1, "trouble_told": "gone"}
    if look.health in HEARING:
        wish = _wish(source, look)
        last_post_at, gap = changes["last_post_at"], changes["usual_gap_seconds"]
        pause = pause_after_success(
            every,
            usual_gap=timedelta(seconds=gap) if gap else None,
            quiet_for=now - last_post_at if last_post_at else None,
            wish=timedelta(seconds=wish) if wish else None,
            is_key=source.is_key,
        )
        return {"failures": 0, "ttl_seconds": wish, "next_poll_at": now + spread(pause, key=source.pk, at=now)}
    asked = fetched.retry_after_seconds if fetched else None
    pause = pause_after_failure(
        every, failures=source.failures + 1, asked_for=timedelta(seconds=asked) if asked else None
    )
    return {"failures": source.failures + 1, "next_poll_at": now + spread(pause, key=source.pk, at=now)}


def _wish(source: Source, look: Look) -> int | None:
    """How long the source asks to be left alone, in seconds: its header, or its document's ttl, whichever is longer.

    An unchanged document says what it said when it was read.
    """
    header = look.fetched.fresh_for_seconds if look.fetched else None
    ttl = look.reading.ttl_minutes
    if look.health == SourceHealth.UNCHANGED:
        return max(header or 0, source.ttl_seconds or 0) or None
    return max(header or 0, (ttl or 0) * 60) or None
