"""What this app does in the background: sending releases, reminding of what is overdue."""

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from response.services import incoming, reminding, reporting, sending

BATCH = 20


@shared_task
def send_releases() -> None:
    """Every 5 s: claim, send. A lost claim means that another worker has it."""
    for release in sending.due_releases(clock.now())[:BATCH]:
        now = clock.now(release.exercise)
        attempt = sending.claim(release, clock.now())
        if attempt:
            sending.send(release, attempt, now)


@shared_task
def remind_overdue() -> None:
    """Every minute: how much of its time a task, report or letter has used, each step once, by the clock of the desk
    or the exercise."""
    for exercise in (None, *Exercise.objects.filter(ended_at__isnull=True)):
        now = clock.now(exercise)
        reminding.tell(reminding.tasks_to_tell(exercise, now), now)
        reporting.tell_duties(exercise, now)
        incoming.tell_incoming(exercise, now)
