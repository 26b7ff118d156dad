"""What the worker does for listening."""

import logging
from datetime import datetime, timedelta

from celery import shared_task

from accounts import clock
from monitoring.models import Poll
from monitoring.services import polling, signals
from opinion.services.triage import wake_those_due

logger = logging.getLogger(__name__)

POLLS_KEPT = timedelta(days=7)


@shared_task
def poll_due_sources() -> None:
    """Every minute: claim what is due and ring once for each. A ring that is lost is rung again when its lease ends."""
    for source in polling.claim_due(now=clock.now()):
        assert source.leased_until
        poll_source.delay(source.pk, source.leased_until.isoformat())


@shared_task
def poll_source(pk: int, lease: str) -> None:
    """Visit one source, if the lease the doorbell names is still the one on its row."""
    now = clock.now()
    source = polling.take_up(pk, datetime.fromisoformat(lease), now=now)
    if source is None:
        logger.info("stale ring source=%s", pk)
        return
    polling.poll(source, now=now)


@shared_task
def raise_signals() -> None:
    """Every minute: look at the stories that posts came into, and bring back what was put aside until now."""
    now = clock.now()
    for signal in signals.raise_signals(now):
        logger.info("signal signal=%s kind=%s suggestion=%s", signal.pk, signal.kind, signal.suggestion)
    wake_those_due(now)


@shared_task
def prune_polls() -> None:
    """Every hour: the log of polls is kept for a week."""
    Poll.objects.filter(started_at__lt=clock.now() - POLLS_KEPT).delete()
