"""Reads of the department's page: what report is owed, what was said so far."""

from django.db.models import Case, IntegerField, QuerySet, Value, When

from incidents.models import Incident
from response.models import ProgressReport, Task

REPORTS = ("report-to-leaders", "report-progress")  # the plan's keys of the lines a progress report does


def owed_reports(incident: Incident) -> QuerySet[Task]:
    """Reports the leadership group waits for, the first one before the later ones, then by when they are due."""
    first = Case(When(plan_task__key=REPORTS[0], then=Value(0)), default=Value(1), output_field=IntegerField())
    return (
        Task.objects.unfinished()
        .filter(incident=incident, plan_task__key__in=REPORTS)
        .select_related("incident", "plan_task")
        .order_by(first, "due_at", "id")
    )


def reports_of(incident: Incident) -> QuerySet[ProgressReport]:
    """Newest first, with what the leaders said to them."""
    return incident.progress_reports.select_related("written_by").prefetch_related("replies__person", "files")
