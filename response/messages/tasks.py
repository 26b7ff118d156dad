"""Notices about tasks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.levels import Level
from incidents.models import Incident
from notices.models import Urgency
from response.messages.common import URGENCY, Message, clock_time, in_company_language
from response.models import (
    Task,
    Wave,
)


def lines(tasks: Sequence[Task]) -> str:
    return "\n".join(
        _("%(title)s, due %(due)s") % {"title": task.title, "due": clock_time(task.due_at)} for task in tasks
    )


def in_waves(tasks: Sequence[Task]) -> str:
    """What is due in the first hour line by line, of the waves after it how many there are: they open all at once, and
    nobody can read twenty lines while the first one is due."""
    parts = []
    for wave in Wave:
        theirs = [task for task in tasks if task.wave == wave]
        if theirs and wave in (Wave.HALF_HOUR, Wave.HOUR):
            parts += [f"{wave.label}:", lines(theirs)]
        elif theirs:
            parts.append(f"{wave.label}: {len(theirs)}")
    return "\n".join(parts)


@in_company_language
def tasks_opened(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext("%(incident)s: %(count)s task for you", "%(incident)s: %(count)s tasks for you", count)
    return {
        "event": "response.tasks_opened",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": in_waves(tasks),
        "url": reverse("response:my-tasks"),
        "urgency": URGENCY[Level(incident.level)],
        "about": incident.about,
        "exercise": incident.exercise,
    }


@in_company_language
def tasks_need_owner(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task needs an owner", "%(incident)s: %(count)s tasks need an owner", count
    )
    return {
        "event": "response.tasks_need_owner",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": lines(tasks),
        "url": incident.get_absolute_url(),
        "urgency": URGENCY[Level(incident.level)],
        "about": incident.about,
        "exercise": incident.exercise,
    }


@in_company_language
def tasks_cancelled(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task is no longer needed", "%(incident)s: %(count)s tasks are no longer needed", count
    )
    return {
        "event": "response.tasks_cancelled",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": "\n".join(task.title for task in tasks),
        "url": reverse("response:my-tasks"),
        "urgency": Urgency.CALM,
        "about": incident.about,
        "exercise": incident.exercise,
    }


@in_company_language
def task_given(task: Task, by: Any) -> Message:
    return {
        "event": "response.task_reassigned",
        "subject": _("%(incident)s: %(person)s gave you a task, due %(due)s")
        % {"incident": task.incident.public_name, "person": by, "due": clock_time(task.due_at)},
        "body": task.title,
        "url": reverse("response:task", args=[task.uuid]),
        "urgency": URGENCY[Level(task.level)],
        "about": task.incident.about,
        "exercise": task.incident.exercise,
    }


@in_company_language
def tasks_running_out(incident: Incident, tasks: Sequence[Task], now: datetime) -> Message:
    """Some of them may be overdue; the subject says so when one is."""
    late = [task for task in tasks if task.due_at <= now]
    count = len(late or tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task is running out of time",
        "%(incident)s: %(count)s tasks are running out of time",
        count,
    )
    if late:
        subject = ngettext(
            "%(incident)s: %(count)s task is overdue", "%(incident)s: %(count)s tasks are overdue", count
        )
    return {
        "event": "response.tasks_overdue" if late else "response.tasks_running_out",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": lines(tasks),
        "url": tasks[0].get_absolute_url()
        if len(tasks) == 1
        else reverse("response:tasks-panel", args=[incident.number]),
        "urgency": URGENCY[Level(incident.level)],
        "about": incident.about,
        "exercise": incident.exercise,
    }


@in_company_language
def round_missed(task: Task) -> Message:
    return {
        "event": "response.round_missed",
        "subject": _("%(incident)s: a round was missed: %(title)s")
        % {"incident": task.incident.public_name, "title": task.title},
        "body": lines([task]),
        "url": task.get_absolute_url(),
        "urgency": URGENCY[Level(task.level)],
        "exercise": task.incident.exercise,
    }
