"""The worker's heartbeat: its age is on /healthz, so a worker that stopped listening is seen."""

from celery import shared_task
from django.utils import timezone

from config.health import beat_key, broker


@shared_task(expires=30)
def beat() -> None:
    """Every 10 s: leave a mark that scheduler, doorbell and worker all live."""
    with broker() as doorbell:
        doorbell.set(beat_key(), timezone.now().isoformat(), ex=3600)
