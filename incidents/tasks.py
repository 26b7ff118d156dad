"""The minute's round over the incidents."""

import logging

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from incidents.services.warning import warn, words_due

logger = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Every minute: whoever a clock concerns is told how much of it is used. Drills run by their own clocks."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        now = clock.now(exercise)
        for each in words_due(now, exercise):
            if warn(each, now=now):
                logger.info("clock told clock=%s percent=%s", each.pk, each.told_percent)
