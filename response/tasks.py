"""What this app does in the background: sending releases, rendering pages, reminding of what is overdue."""

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from response.services import capturing, legal, reminding, sending

BATCH = 20
PAGES = 1  # a page may take over a minute, and a task has two


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
    """Every minute: how much of its time a task has used, each step once, by the clock of the desk or the exercise."""
    for exercise in (None, *Exercise.objects.filter(ended_at__isnull=True)):
        now = clock.now(exercise)
        reminding.tell(reminding.tasks_to_tell(exercise, now), now)


@shared_task
def capture_pages() -> None:
    """Every 20 s: claim, render, one page after the other; a lost claim means that another worker has it."""
    for capture in capturing.due_captures(clock.now())[:PAGES]:
        if capturing.claim(capture, clock.now()):
            capturing.carry_out(capture, clock.now(capture.preservation.incident.exercise))


@shared_task
def tell_overdue_legal() -> None:
    """Every minute: legal steps whose deadline passed, once each."""
    for exercise in (None, *Exercise.objects.filter(ended_at__isnull=True)):
        now = clock.now(exercise)
        for action in legal.overdue_actions(exercise, now):
            legal.tell_overdue(action, now)
