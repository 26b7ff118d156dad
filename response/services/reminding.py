"""Saying that time runs out for tasks: owners at 50, 80 and 100 %, then the chain above; one digest a person."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.limits import share_at
from incidents.models import Incident
from incidents.selectors.people import may_see
from notices.services import notify
from response import messages
from response.models import Task

# Whom a step reaches besides the owner (practice.md C5): only ★ tasks that do not come back go beyond the 工作组组长.
UP_THE_CHAIN = {100: Role.TEAM_HEAD, 150: Role.LEADER_DEPUTY, 200: Role.LEADER_HEAD}


def set_words(task: Task) -> None:
    """When somebody must be told next, after the step that was told last."""
    untold = [step for step in task.steps if step > task.told_percent]
    task.next_word_at = step_at(task, untold[0]) if untold else None


def step_at(task: Task, percent: int) -> datetime:
    return share_at(task.level, task.rebased_at or task.opened_at, task.due_at, percent)


def tasks_to_tell(exercise: Exercise | None, now: datetime) -> QuerySet[Task]:
    """Unfinished tasks with a step that has passed and was not told."""
    due = Task.objects.unfinished().filter(next_word_at__lte=now, incident__exercise=exercise)
    return due.select_related("incident__exercise", "owner").order_by("incident_id", "due_at", "id")


def tell(tasks: Iterable[Task], now: datetime) -> int:
    """Tell of the step each has reached, once, whichever worker comes first; returns how many this one told."""
    by_incident: dict[Incident, list[Task]] = defaultdict(list)
    for task in tasks:
        by_incident[task.incident].append(task)
    return sum(tell_of_incident(incident, theirs, now) for incident, theirs in by_incident.items())


@transaction.atomic
def tell_of_incident(incident: Incident, tasks: list[Task], now: datetime) -> int:
    told: dict[User, list[Task]] = defaultdict(list)
    count = 0
    for task in tasks:
        before = task.told_percent
        if not claim(task, now):
            continue
        count += 1
        roles = [role for step, role in UP_THE_CHAIN.items() if before < step <= task.told_percent]
        chain = list(people_with(*roles)) if roles else []
        owners = [task.owner] if task.owner and before < 100 else []
        for person in {*owners, *may_see(incident, chain)}:
            told[person].append(task)
    for person, theirs in told.items():
        notify([person], **messages.tasks_running_out(incident, theirs, now))
    return count


def claim(task: Task, now: datetime) -> bool:
    """Write down the step reached. False when another worker was faster, or the task changed meanwhile."""
    unchanged = Task.objects.unfinished().filter(
        pk=task.pk, told_percent=task.told_percent, next_word_at=task.next_word_at, due_at=task.due_at
    )
    task.told_percent = max((step for step in task.steps if step_at(task, step) <= now), default=task.told_percent)
    set_words(task)
    return unchanged.update(told_percent=task.told_percent, next_word_at=task.next_word_at) == 1
