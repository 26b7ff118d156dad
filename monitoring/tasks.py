"""What the worker does for listening."""

import logging
from datetime import datetime, timedelta
from time import monotonic

from celery import shared_task

from accounts import clock
from monitoring.models import Poll
from monitoring.services import (
    coverage,
    duty_logs,
    imports,
    mailboxes,
    polling,
    pushing,
    replaying,
    signals,
    trials,
    trouble,
)
from opinion.services.triage import wake_those_due

logger = logging.getLogger(__name__)

POLLS_KEPT = timedelta(days=7)
RING_EVERY_SECONDS = 0.5
_rung_at = 0.0


@shared_task
def poll_due_sources() -> None:
    """Every minute: claim what is due, and ring once a batch. A ring that is lost is rung again when its lease ends."""
    for batch in polling.batches(polling.claim_due(now=clock.now())):
        lease = batch[0].leased_until
        assert lease
        poll_sources.delay([source.pk for source in batch], lease.isoformat())


@shared_task
def poll_sources(keys: list[int], lease: str) -> None:
    """Visit the sources whose row still holds the lease that the doorbell names."""
    now = clock.now()
    sources = polling.take_up(keys, datetime.fromisoformat(lease), now=now)
    if len(sources) < len(keys):
        logger.info("stale ring sources=%s of=%s", len(keys) - len(sources), len(keys))
    if sources:
        polling.poll_all(sources, now=now)


@shared_task
def tell_of_trouble() -> None:
    """Every minute: tell of sources that have not been heard for too long, and of those that are heard again."""
    now = clock.now()
    trouble.mark_quiet(now)
    trouble.mark_overdue(now)
    trouble.tell_of_trouble(now)


def ring_for_signals() -> None:
    """Ask for a look at the stories in half a second; whoever asks within that time is heard by the same ring.

    So a vendor who pushes a hundred times a second causes two looks a second for each web process.
    """
    global _rung_at
    if monotonic() - _rung_at >= RING_EVERY_SECONDS:
        _rung_at = monotonic()
        raise_signals.apply_async(countdown=RING_EVERY_SECONDS)


@shared_task
def raise_signals() -> None:
    """When a vendor pushed, and every minute: look at stories that posts came into; bring back what was put aside."""
    now = clock.now()
    for signal in signals.raise_signals(now):
        logger.info("signal signal=%s kind=%s suggestion=%s", signal.pk, signal.kind, signal.suggestion)
    wake_those_due(now)


@shared_task
def try_watches() -> None:
    """When somebody asks, and every minute: a trial that waits, or that a dead worker left."""
    trials.work(clock.now)


@shared_task
def read_mailboxes() -> None:
    """Every minute: claim the mailboxes whose turn it is and ring once for each."""
    for source in mailboxes.claim_due(now=clock.now()):
        assert source.leased_until
        read_mailbox.delay(source.pk, source.leased_until.isoformat())


@shared_task
def read_mailbox(pk: int, lease: str) -> None:
    """Read one mailbox, if the lease the doorbell names is still the one on its row."""
    now = clock.now()
    source = mailboxes.take_up(pk, datetime.fromisoformat(lease), now=now)
    if source is None:
        logger.info("stale ring source=%s", pk)
        return
    mailboxes.read(source, now=now)


@shared_task
def flag_missed_logs() -> None:
    """Every few minutes: tell the head of the working group of duty logs that are due and not signed."""
    for log in duty_logs.flag_missed(clock.now()):
        logger.info("duty log missed day=%s", log.day)


@shared_task
def count_coverage() -> None:
    """Every ten minutes: how well today was heard, and yesterday once more, before the log of polls is pruned."""
    coverage.count_days(clock.now())


@shared_task
def work_imports() -> None:
    """When somebody asks, and every ten seconds: files that wait, or that a dead worker left."""
    imports.work(clock.now)


@shared_task
def prune_polls() -> None:
    """Every hour: polls and replays are kept for a week; what rejected items said, as long as originals of posts."""
    Poll.objects.filter(started_at__lt=clock.now() - POLLS_KEPT).delete()
    replaying.forget_replays(clock.now())
    pushing.prune_payloads(clock.now())
