"""What the worker does for posts: forgetting what is not to be kept."""

from celery import shared_task

from accounts import clock
from opinion.services import retention


@shared_task
def prune() -> None:
    """Every hour: the heard buffer, the bands and the unmasked originals whose time is over."""
    retention.prune(clock.now())
