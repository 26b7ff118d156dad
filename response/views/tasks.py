"""My tasks, the tasks of an incident, one task and its acts."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import conditional_page, require_POST

from accounts import clock
from accounts.models import User
from accounts.versions import Stale
from audit.export import table_file
from audit.services import record
from incidents.levels import OPEN_STAGES
from incidents.models import Clock, Incident
from incidents.selectors.clocks import Standing, standing, ticking
from response.forms.tasks import FinishForm, GiveTaskForm, ReassignForm, StartForm, TaskFilters, WaiveForm
from response.models import ChecklistItem, Task, Wave
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.tasks import departments_of, tasks_for, tasks_of, waited_for, waiting_titles
from response.services import attachments
from response.services import tasks as services
from response.views.common import both_states, incident_or_404, person_of, refused

ACTS = ("start_task", "finish_task", "waive_task", "reassign_task")


def rows(tasks: Iterable[Task], now: datetime) -> list[dict[str, Any]]:
    """Tasks with the time that is left, or how late they are; a drill's by its own clock."""
    tasks = list(tasks)
    waiting = waiting_titles(tasks)
    return [
        {
            "task": task,
            "left": task.due_at - here,
            "is_late": task.due_at < here,
            "waits_for": waiting.get(task.pk, []),
        }
        for task in tasks
        for here in [clock.now(task.incident.exercise) if task.incident.exercise_id else now]
    ]


def next_clocks(person: User, tasks: Iterable[Task], now: datetime) -> list[Standing]:
    """The next clock of each incident these tasks belong to, as far as this person may know of it; first due first."""
    seen = Incident.everywhere.visible_to(person).filter(pk__in={task.incident_id for task in tasks})
    first: dict[int, Clock] = {}
    for each in ticking().filter(incident__in=seen).select_related("incident__exercise"):
        first.setdefault(each.incident_id, each)
    return [
        standing(each, each.incident, clock.now(each.incident.exercise) if each.incident.exercise_id else now)
        for each in first.values()
    ]


@login_required
def my_tasks(request: HttpRequest) -> HttpResponse:
    """What I owe across incidents, the most overdue first."""
    person = person_of(request)
    filters = TaskFilters(request.GET, person=person)
    tasks = filters.apply(tasks_for(person))
    now = clock.now()
    owed = [task for task in tasks if task.owner_id == person.pk]
    return render(
        request,
        "response/my_tasks.html",
        {
            "overdue": rows([task for task in owed if task.due_at < now], now),
            "coming": rows([task for task in owed if task.due_at >= now], now),
            "as_deputy": rows([task for task in tasks if task.owner_id != person.pk], now),
            "clocks": next_clocks(person, tasks, now),
            "filters": filters,
            "is_filtered": bool(filters.chosen()),
            "now": now,
        },
    )


@login_required
def export_tasks(request: HttpRequest, suffix: str = "csv") -> HttpResponse:
    """My tasks under the filters of the page as a table; leaves an audit entry, since it leaves the desk."""
    person = person_of(request)
    head = (
        _("Task"),
        _("Incident"),
        _("Level"),
        _("State"),
        _("Owner"),
        pgettext("clock", "Due"),
        _("Provisional"),
    )
    rows = [
        (
            task.shown_title,
            task.incident.public_name,
            task.incident.level_label,
            str(task.get_state_display()),
            str(task.owner or ""),
            task.due_at,
            _("yes") if task.is_provisional else "",
        )
        for task in TaskFilters(request.GET, person=person).apply(tasks_for(person))
    ]
    with transaction.atomic():
        detail = {"rows": len(rows), "filters": request.GET.dict()}
        record("response.tasks_exported", actor=person, detail=detail)
    return table_file(suffix, "tasks", clock.now(), head, rows)


@login_required
def tasks_of_incident(request: HttpRequest, number: str) -> HttpResponse:
    """The tasks of an incident; for htmx the panel alone."""
    incident = incident_or_404(request, number)
    now, tasks = clock.now(incident.exercise), list(tasks_of(incident))
    unfinished = [task for task in tasks if task.is_unfinished]
    open_rows = rows(unfinished, now)
    context = {
        "incident": incident,
        "open": open_rows,
        "late_count": sum(row["is_late"] for row in open_rows),
        "waves": [
            {"wave": wave, "rows": rows([task for task in unfinished if task.wave == wave], now)}
            for wave in Wave
            if any(task.wave == wave for task in unfinished)
        ],
        "may_give": may(person_of(request), "give_task", incident) and incident.stage in OPEN_STAGES,
        "closed": [task for task in tasks if not task.is_unfinished],
        "done_count": sum(task.state == Task.State.DONE for task in tasks),
        "counted": sum(task.state != Task.State.CANCELLED for task in tasks),
        "now": now,
    }
    name = "response/tasks.html#panel" if request.htmx else "response/tasks.html"  # type: ignore[attr-defined]
    return render(request, name, context)


@login_required
@conditional_page
def departments_of_incident(request: HttpRequest, number: str) -> HttpResponse:
    """Who still owes what, for the command centre; asked for again and again, so 304 while nothing changed."""
    incident = incident_or_404(request, number)
    departments = departments_of(incident, clock.now(incident.exercise))
    return render(request, "response/departments.html", {"incident": incident, "departments": departments})


def task_or_404(request: HttpRequest, uuid: Any) -> Task:
    visible = Task.objects.visible_to(person_of(request))
    related = (
        "incident__exercise",
        "incident__department",
        "plan_task",
        "owner",
        "deputy",
        "department",
        "finished_by",
    )
    return get_object_or_404(visible.select_related(*related), uuid=uuid)


@login_required
def task(request: HttpRequest, uuid: Any) -> HttpResponse:
    return show(request, task_or_404(request, uuid))


def show(request: HttpRequest, task: Task, bad_form: forms.Form | None = None, status: int = 200) -> HttpResponse:
    """One task with the acts this person may do; a form that was refused is shown again with what is wrong."""
    seen, before = {"version": task.version}, waited_for(task) if task.is_unfinished else []
    waits = bool(before) and task.state == Task.State.OPEN
    context = {
        "task": task,
        "incident": task.incident,
        "may": {act: task.is_unfinished and may(person_of(request), act, task) for act in ACTS},
        "waits_for": before,
        "items": list(task.items.select_related("done_by")),
        "start_form": StartForm(initial=seen, prefix="start", waits=waits),
        "finish_form": FinishForm(initial=seen, prefix="finish", waits=waits),
        "waive_form": WaiveForm(initial=seen, prefix="waive"),
        "reassign_form": ReassignForm(initial=seen, prefix="reassign"),
        "now": clock.now(task.incident.exercise),
    }
    if bad_form is not None:
        context[f"{bad_form.prefix}_form"] = bad_form
    return render(request, "response/task.html", context, status=status)


def act_on_task(
    request: HttpRequest, task: Task, form: forms.Form, act: Callable[..., Any], said: str, **fields: str
) -> HttpResponse:
    """Parse, act, say it: the same for every act on a task. `fields` are the act's arguments by the form's field."""
    if not form.is_valid():
        return show(request, task, form, status=400)
    typed = {argument: form.cleaned_data[field] for argument, field in fields.items() if field in form.cleaned_data}
    if "attached" in form.cleaned_data:
        typed["kept"] = attachments.lay_down(form.cleaned_data["attached"])
    now = clock.now(task.incident.exercise)
    try:
        act(task, actor=person_of(request), now=now, seen_version=form.cleaned_data["version"], **typed)
    except Stale:
        return stale(request, task.uuid, form, fields)
    except NotNow as reason:
        return refused(request, reason, task.get_absolute_url())
    messages.success(request, said)
    return redirect("response:my-tasks" if task.owner_id == person_of(request).pk else task.get_absolute_url())


def stale(request: HttpRequest, uuid: Any, form: forms.Form, fields: dict[str, str]) -> HttpResponse:
    there = task_or_404(request, uuid)
    rows = [(str(_("state")), "", str(there.get_state_display())), (str(_("owner")), "", str(there.owner or "—"))]
    typed = [field for field in fields.values() if field in form.cleaned_data]
    rows += [(str(form.fields[field].label), str(form.cleaned_data[field] or ""), "") for field in typed]
    return both_states(request, rows, there.get_absolute_url())


def has_to_wait(task: Task) -> bool:
    """Whether the forms ask why it goes on before others: who began it said so then."""
    return task.state == Task.State.OPEN and bool(waited_for(task))


@login_required
@require_POST
def start_task(request: HttpRequest, uuid: Any) -> HttpResponse:
    task = task_or_404(request, uuid)
    form = StartForm(request.POST, prefix="start", waits=has_to_wait(task))
    return act_on_task(request, task, form, services.start, _("The task is in progress."), in_spite="in_spite")


@login_required
@require_POST
def finish_task(request: HttpRequest, uuid: Any) -> HttpResponse:
    task = task_or_404(request, uuid)
    form = FinishForm(request.POST, request.FILES, prefix="finish", waits=has_to_wait(task))
    fields = {"evidence": "evidence", "link": "link", "in_spite": "in_spite"}
    return act_on_task(request, task, form, services.finish, _("The task is done."), **fields)


@login_required
@require_POST
def waive_task(request: HttpRequest, uuid: Any) -> HttpResponse:
    task, form = task_or_404(request, uuid), WaiveForm(request.POST, prefix="waive")
    return act_on_task(request, task, form, services.waive, _("The task is marked as not needed."), reason="reason")


@login_required
@require_POST
def reassign_task(request: HttpRequest, uuid: Any) -> HttpResponse:
    task, form = task_or_404(request, uuid), ReassignForm(request.POST, prefix="reassign")
    fields = {"owner": "owner", "deputy": "deputy", "note": "note"}
    return act_on_task(request, task, form, services.reassign, _("The task has a new owner."), **fields)


@login_required
@require_POST
def tick_item(request: HttpRequest, uuid: Any, pk: int) -> HttpResponse:
    """One step of the checklist, done or after all not."""
    task = task_or_404(request, uuid)
    item = get_object_or_404(ChecklistItem.objects.select_related("task__incident"), task=task, pk=pk)
    now = clock.now(task.incident.exercise)
    try:
        services.tick(item, actor=person_of(request), now=now, done="done" in request.POST)
    except NotNow as reason:
        return refused(request, reason, task.get_absolute_url())
    return redirect(f"{task.get_absolute_url()}#steps")


@login_required
def give_task(request: HttpRequest, number: str) -> HttpResponse:
    """派任务: one the plan did not think of."""
    incident = incident_or_404(request, number)
    require(person_of(request), "give_task", incident)
    form = GiveTaskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        now = clock.now(incident.exercise)
        try:
            task = services.give_task(incident, actor=person_of(request), now=now, **form.cleaned_data)
        except NotNow as reason:
            return refused(request, reason, incident.get_absolute_url())
        messages.success(request, _("%(owner)s has the task.") % {"owner": task.owner})
        return redirect("response:tasks-panel", number)
    context = {"incident": incident, "form": form}
    return render(request, "response/give_task.html", context, status=422 if form.errors else 200)
