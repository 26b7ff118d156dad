"""Reads of tasks: who owes what, by person, incident and department."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from accounts.models import Department, User
from incidents.models import Incident
from response.models import Task


def open_task_count(person: User) -> int:
    """For the rail: tasks this person owes."""
    return Task.objects.unfinished().filter(owner=person).count()


def tasks_for(person: User) -> QuerySet[Task]:
    """What this person owes or stands in for, across incidents, the most overdue first."""
    theirs = Task.objects.unfinished().filter(Q(owner=person) | Q(deputy=person))
    return theirs.select_related("incident__exercise", "plan_task", "owner", "department").order_by("due_at", "id")


def tasks_of(incident: Incident) -> QuerySet[Task]:
    return incident.tasks.select_related("incident__exercise", "plan_task", "owner", "department", "finished_by")


def waited_for(task: Task) -> list[Task]:
    """Unfinished tasks of its incident that the plan puts before it."""
    if task.plan_task is None or not task.plan_task.waits_for:
        return []
    before = Task.objects.unfinished().filter(incident=task.incident_id, plan_task__key__in=task.plan_task.waits_for)
    return list(before.select_related("plan_task", "owner"))


def waiting_titles(tasks: Iterable[Task]) -> dict[int, list[str]]:
    """By task, the titles of the unfinished tasks it waits for; one query, none where nothing waits."""
    waiting = [task for task in tasks if task.plan_task and task.plan_task.waits_for and task.is_unfinished]
    if not waiting:
        return {}
    unfinished = Task.objects.unfinished().filter(incident__in={task.incident_id for task in waiting})
    by_key = {
        (task.incident_id, task.plan_task.key): task.shown_title
        for task in unfinished.filter(plan_task__isnull=False).select_related("plan_task")
        if task.plan_task
    }
    return {
        task.pk: [
            by_key[task.incident_id, key]
            for key in (task.plan_task.waits_for if task.plan_task else ())
            if (task.incident_id, key) in by_key
        ]
        for task in waiting
    }


@dataclass(frozen=True, slots=True)
class Owed:
    """What one department owes an incident: how many are done of how many, what comes next, how many are late."""

    department: Department | None
    done: int
    counted: int
    late: int
    next: Task | None


def departments_of(incident: Incident, now: datetime) -> list[Owed]:
    """By department, whoever is due first on top; cancelled tasks do not count."""
    tasks: dict[Department | None, list[Task]] = defaultdict(list)
    for task in tasks_of(incident).exclude(state=Task.State.CANCELLED).order_by("due_at", "id"):
        tasks[task.department].append(task)
    owed = [
        Owed(
            department,
            done=sum(not task.is_unfinished for task in theirs),
            counted=len(theirs),
            late=sum(task.is_unfinished and task.due_at < now for task in theirs),
            next=next((task for task in theirs if task.is_unfinished), None),
        )
        for department, theirs in tasks.items()
    ]
    return sorted(owed, key=lambda each: (each.next is None, each.next.due_at if each.next else now))
