"""The worker: sends what is due, and goes on with the calls nobody answered."""

import logging
from time import monotonic

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from notices.models import Call, Delivery
from notices.services.calling import chase
from notices.services.delivering import send, take

logger = logging.getLogger(__name__)

ROUND_SECONDS = 45  # well below the soft time limit, the slowest channel included; the beat comes again


@shared_task
def send_notices() -> None:
    """When somebody rings, and every 10 s: claim, deliver. The loudest that is due now comes next, always."""
    ends = monotonic() + ROUND_SECONDS
    while monotonic() < ends:
        now = clock.now()
        following = Delivery.objects.waiting(now).first()
        if following is None:
            return
        taken = take(following, now)
        if taken is not None:
            send(taken, clock.now())


@shared_task
def chase_calls() -> None:
    """Every 15 s: calls that nobody acknowledged in time go one step further. Drills run by their own clocks."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        now = clock.now(exercise)
        for call in Call.everywhere.filter(exercise=exercise).to_chase(now).select_related("sender", "exercise"):
            if step := chase(call, now):
                logger.info("call chased call=%s step=%s", call.pk, step)
