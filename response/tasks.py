"""What this app does in the background: releases, the newsroom's copy, captured pages, what is overdue."""

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from response import exporting
from response.channels import NEWSROOM
from response.models import ChannelAccount
from response.services import accounts, capturing, incoming, legal, opening, outreach, reminding, reporting, sending

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
    for release in sending.due_take_downs(clock.now())[:BATCH]:
        sending.take_down(release, clock.now())
    for release in sending.due_checks(clock.now())[:BATCH]:
        sending.check_sent(release, clock.now())


@shared_task
def export_newsroom() -> None:
    """Every 10 s: write the newsroom's copy anew if anything public changed since the last one."""
    exporting.export_if_changed()


@shared_task
def watch_channels() -> None:
    """Every minute: whether the newsroom answers, an account in trouble works again, an authorisation ends."""
    now = clock.now()
    accounts.look_after(accounts.keep_newsroom_account(), now)
    for account in ChannelAccount.objects.exclude(kind=NEWSROOM).filter(is_on=True):
        if account.failures:
            accounts.look_after(account, now)
        accounts.warn_of_expiry(account, now)


@shared_task
def remind_overdue() -> None:
    """Every minute: how much of its time a task, report or letter has used, each step once, by the
    clock of the desk or the exercise.

    Then the next round of what comes back opens.
    """
    for exercise in (None, *Exercise.objects.filter(ended_at__isnull=True)):
        now = clock.now(exercise)
        reminding.tell(reminding.tasks_to_tell(exercise, now), now)
        reporting.tell_duties(exercise, now)
        incoming.tell_incoming(exercise, now)
        for task in opening.rounds_due(exercise, now):
            opening.go_round(task, now)


@shared_task
def remind_of_outreach() -> None:
    """Every quarter of an hour: next steps that are late, contacts to check once a month. Live rows only."""
    outreach.tell_of_late_steps(clock.now())
    outreach.ask_for_checks(clock.now())


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
