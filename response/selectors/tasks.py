"""Reads of tasks: who owes what, by person, incident and department."""

from collections import defaultdict
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
