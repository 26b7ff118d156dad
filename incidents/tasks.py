"""The minute's round over the incidents."""

import logging

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from incidents.services.reminding import remind_of, requests_overdue

logger = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Every minute: deciders who let a request wait too long are reminded, once. Drills run by their own clocks."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        now = clock.now(exercise)
        for request in requests_overdue(now, exercise):
            if remind_of(request, now=now):
                logger.info("deciders reminded request=%s", request.pk)
