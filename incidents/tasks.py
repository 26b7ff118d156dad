"""The minute's round over the incidents."""

import logging

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from incidents.services.level_proposals import incidents_to_look_at, look_at
from incidents.services.oral import approvals_overdue, flag
from incidents.services.ratifying import climb, starts_unratified
from incidents.services.warning import warn, words_due

logger = logging.getLogger(__name__)


@shared_task
def sweep() -> None:
    """Every minute: whoever a clock concerns is told how much of it is used, what nobody ratifies climbs, approvals by
    word of mouth that nobody countersigned are flagged. Drills run by their own clocks."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        now = clock.now(exercise)
        for each in words_due(now, exercise):
            if warn(each, now=now):
                logger.info("clock told clock=%s percent=%s", each.pk, each.told_percent)
        for request in starts_unratified(now, exercise):
            if climb(request, now=now):
                logger.info("ratification climbed request=%s", request.pk)
        for approval in approvals_overdue(now, exercise):
            if flag(approval, now=now):
                logger.info("countersignature missed request=%s", approval.request_id)


@shared_task
def propose() -> None:
    """Every minute: incidents whose posts changed, or for which a full hour is over, are measured; what follows is
    proposed."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        now = clock.now(exercise)
        for incident in incidents_to_look_at(now, exercise):
            proposal = look_at(incident, now)
            if proposal is not None:
                logger.info("proposed incident=%s proposal=%s", incident.pk, proposal.pk)
