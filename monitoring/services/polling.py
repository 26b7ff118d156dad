"""Polling: whose turn it is, one visit from the fetch to the stored posts, and what is written down about it.

A visit is protected by a lease: a time until which the source is ours. A worker that dies leaves its lease to run out,
and the source is visited again; posts are unique by (source, external_id), so what it had stored is stored once.
"""

import logging
import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from monitoring.fetching import Fetched, fetch
from monitoring.health import LONGEST, FetchError
from monitoring.models import Poll
from monitoring.pace import pause_after_failure, pause_after_success
from monitoring.reading.apart import read_feed
from opinion.models import Source, SourceHealth
from opinion.services.pipeline import take_in

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)  # longer than the longest visit: a fetch of 30 s, a reading of 20 s, the posts of one feed
AT_ONCE = 400  # sources rung for in one tick
PER_HOST = 4  # of them on one host that is not ours
TRUSTED_FOR = timedelta(days=1)  # how long "unchanged" is believed before everything is fetched once more
HEARING = (SourceHealth.OK, SourceHealth.UNCHANGED, SourceHealth.EMPTY)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a visit went. `fetched` is None where there was no answer."""

    health: str
    words: str = ""
    fetched: Fetched | None = None
    entries: int = 0
    stored: int = 0
    known: int = 0


def due(now: datetime) -> QuerySet[Source]:
    """Sources whose turn it is and that nobody visits, the longest overdue first."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    turn = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=now)
    return Source.objects.filter(free, turn, is_enabled=True).order_by("next_poll_at", "pk")


def claim(source: Source, *, now: datetime) -> bool:
    """Take the lease of a source that is free and switched on. False: somebody else has it, or it is off."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    ours = Source.objects.filter(free, pk=source.pk, is_enabled=True).update(leased_until=now + LEASE) == 1
    if ours:
        source.leased_until = now + LEASE
    return ours


def claim_due(*, now: datetime) -> list[Source]:
    """Claim what is due: 400 sources at most, and four on any one host that is not ours, so that nobody is flooded."""
    claimed: list[Source] = []
    on_host: Counter[str] = Counter()
    for source in due(now).iterator():
        host = urlsplit(source.url).netloc.lower()
        if host not in settings.FETCH_ALLOWED_HOSTS and on_host[host] >= PER_HOST:
            continue
        if claim(source, now=now):
            on_host[host] += 1
            claimed.append(source)
        if len(claimed) == AT_ONCE:
            break
    return claimed


def take_up(pk: int, lease: datetime, *, now: datetime) -> Source | None:
    """The source a doorbell rang for, its lease made new; None where the ring is stale: visited or claimed since."""
    if Source.objects.filter(pk=pk, leased_until=lease, is_enabled=True).update(leased_until=now + LEASE) != 1:
        return None
    return Source.objects.get(pk=pk)


def poll(source: Source, *, now: datetime) -> Poll:
    """Visit a source that was claimed: fetch, read, hand the posts over, write down how it went.

    No transaction is open while the network is touched. An error of our own is written down as such, then raised.
    """
    started = time.monotonic()
    try:
        outcome = _visit(source, now)
    except Exception:
        words = _("Our own desk failed over it; the log says how.")
        _write_down(source, Outcome(SourceHealth.UNREADABLE, words), now, started)
        raise
    logger.info("source polled source=%s health=%s entries=%s", source.pk, outcome.health, outcome.entries)
    return _write_down(source, outcome, now, started)


def _visit(source: Source, now: datetime) -> Outcome:
    # A server whose "unchanged" is a lie would make us deaf for good: once a day everything is fetched anew.
    believes = source.polls.filter(health=SourceHealth.OK, started_at__gt=now - TRUSTED_FOR).exists()
    etag, last_modified = (source.etag, source.last_modified) if believes else ("", "")
    try:
        fetched = fetch(source.url, etag=etag, last_modified=last_modified, now=now)
    except FetchError as problem:
        return Outcome(problem.health, problem.words)
    if fetched.health != SourceHealth.OK:
        return Outcome(fetched.health, fetched.words, fetched)
    reading = read_feed(fetched.body, content_type=fetched.content_type, url=fetched.url, now=now)
    # The oldest first, so that an original comes before what repeats it.
    intake = take_in(source, sorted(reading.posts, key=lambda post: post.published_at), now=now)
    return Outcome(reading.health, reading.words, fetched, len(reading.posts), intake.stored, intake.known)


def _write_down(source: Source, outcome: Outcome, now: datetime, started: float) -> Poll:
    """The outcome, in the log of polls and, while the lease is still ours, on the source."""
    with transaction.atomic():
        ours = Source.objects.filter(
            pk=source.pk, leased_until=source.leased_until, url=source.url, is_enabled=True
        ).update(**_changes(source, outcome, now), leased_until=None)
        if not ours:
            Source.objects.filter(pk=source.pk, leased_until=source.leased_until).update(leased_until=None)
            logger.warning("source changed during its poll source=%s", source.pk)
        return Poll.objects.create(
            source=source,
            started_at=now,
            ended_at=now + timedelta(seconds=time.monotonic() - started),
            health=outcome.health,
            words=outcome.words[:LONGEST],
            http_status=outcome.fetched.status if outcome.fetched else None,
            entries=outcome.entries,
            stored=outcome.stored,
            known=outcome.known,
        )


def _changes(source: Source, outcome: Outcome, now: datetime) -> dict[str, Any]:
    """What a visit changes about a source."""
    every, fetched = timedelta(seconds=source.poll_every_seconds), outcome.fetched
    changes: dict[str, Any] = {
        "health": outcome.health,
        "health_words": outcome.words[:LONGEST],
        "last_polled_at": now,
    }
    if fetched and fetched.permanent_url:
        changes["permanent_url"] = fetched.permanent_url[:2000]
    if outcome.entries > outcome.known:
        changes["last_post_at"] = now
    if outcome.health in (SourceHealth.OK, SourceHealth.UNCHANGED):
        changes["last_good_at"] = now
    if outcome.health != SourceHealth.UNCHANGED:
        # Only a document that was read is worth asking "has it changed?" about; of a captcha the answer would be no.
        kept = fetched if outcome.health == SourceHealth.OK else None
        changes["etag"] = kept.etag if kept and len(kept.etag) <= 300 else ""
        changes["last_modified"] = kept.last_modified if kept and len(kept.last_modified) <= 120 else ""
    if outcome.health == SourceHealth.GONE:
        return {**changes, "is_enabled": False, "next_poll_at": None, "failures": source.failures + 1}
    if outcome.health in HEARING:
        last_post_at = changes.get("last_post_at", source.last_post_at)
        quiet_for = now - last_post_at if last_post_at else None
        pause = pause_after_success(every, quiet_for=quiet_for, is_key=source.is_key)
        return {**changes, "failures": 0, "next_poll_at": now + pause}
    asked = fetched.retry_after_seconds if fetched else None
    pause = pause_after_failure(
        every, failures=source.failures + 1, asked_for=timedelta(seconds=asked) if asked else None
    )
    return {**changes, "failures": source.failures + 1, "next_poll_at": now + pause}
