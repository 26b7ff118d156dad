"""Acts on the tasks of an incident."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import Stage
from incidents.models import Incident, LevelRequest
from incidents.permissions import last_decision
from incidents.refusals import Vetoed
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.deadlines import next_due, rhythm
from response.models import Task
from response.notnow import NotNow
from response.permissions import require
from response.services.opening import apply_level, cancel_tasks, let_in, settle_provisional, take_up_again
from response.services.reminding import set_words

LEVEL_STEPS = ("set_level_three", "set_level_two", "set_level_one", "reopen")
# A recurring task comes back while somebody still answers for the matter.
RECURS_IN = (Stage.RESPONDING, Stage.OBSERVING)


def after_step(step: str, incident: Incident, *, actor: User, now: datetime) -> None:
    """Incident hook: a level opens its tasks; a decision undone or a matter ended cancels what is left; a merge that is
    undone takes up again what it cancelled.

    Vetoes the archive while a ★ task is open. Runs inside move()'s transaction.
    """
    if step in LEVEL_STEPS and incident.level:
        apply_level(incident, actor=actor, now=now, spares_touched=was_taken_back(incident))
    elif step == "ratify":
        settle_provisional(incident)
    elif step == "unset_level":
        settle_provisional(incident)
        cancel_tasks(incident, actor=actor, now=now, spares_touched=True)
    elif step == "archive":
        veto_while_starred_open(incident)
        cancel_tasks(incident, actor=actor, now=now)
    elif step in ("dismiss", "merge"):
        cancel_tasks(incident, actor=actor, now=now)
    elif step == "unmerge":
        take_up_again(incident, actor=actor, now=now)


def was_taken_back(incident: Incident) -> bool:
    """Whether the level it has now is the one before a decision that was taken back or revoked."""
    last = last_decision(incident)
    return last is not None and last.state in LevelRequest.UNDONE


def veto_while_starred_open(incident: Incident) -> None:
    """A recurring ★ task has always a next one open, so it does not count."""
    left = list(incident.tasks.unfinished().filter(is_starred=True, every_minutes__isnull=True))
    if left:
        sentence = ngettext(
            "%(count)s required task is still open: %(titles)s. Finish or waive it first.",
            "%(count)s required tasks are still open: %(titles)s. Finish or waive them first.",
            len(left),
        )
        titles = pgettext("between items of a list", ", ").join(task.title for task in left[:3])
        raise Vetoed(sentence % {"count": len(left), "titles": titles})


@transaction.atomic
def start(task: Task, *, actor: User, now: datetime, seen_version: int) -> Task:
    """The owner begins. Raises PermissionDenied, NotNow, Stale."""
    unfinished(task, seen_version)
    require(actor, "start_task", task)
    if task.state == Task.State.DOING:
        raise NotNow(_("This task is already in progress."))
    task.state = Task.State.DOING
    save_if_current(task, seen_version, ["state"])
    note_on(
        task.incident,
        "response.task_started",
        actor=actor,
        now=now,
        detail={"title": task.title},
        url=task.get_absolute_url(),
    )
    return task


@transaction.atomic
def finish(task: Task, *, actor: User, now: datetime, seen_version: int, evidence: str) -> Task | None:
    """It is done, and this shows it. A recurring task opens the next one, which is returned.

    Raises PermissionDenied, NotNow (finished already, or no evidence), Stale.
    """
    unfinished(task, seen_version)
    require(actor, "finish_task", task)
    if not evidence.strip():
        raise NotNow(_("Say what shows that it is done."))
    task.state, task.evidence, task.finished_by, task.finished_at = Task.State.DONE, evidence.strip(), actor, now
    save_if_current(task, seen_version, ["state", "evidence", "finished_by", "finished_at"])
    following = open_next(task, now)
    detail = {"title": task.title, "late_minutes": max(int((now - task.due_at).total_seconds() // 60), 0)}
    note_on(
        task.incident,
        "response.task_finished",
        actor=actor,
        now=now,
        note=task.evidence,
        detail=detail,
        url=task.get_absolute_url(),
    )
    return following


def open_next(task: Task, now: datetime) -> Task | None:
    """The next round of a recurring task, at the next slot of its rhythm that has not passed."""
    if not task.every_minutes or task.incident.stage not in RECURS_IN:
        return None
    later = task.plan_task.later_every_minutes if task.plan_task else None
    every = rhythm(task.every_minutes, later, task.incident.activated_at or task.opened_at, now)
    due_at = next_due(task.level, task.due_at, every, now)
    following = Task(
        incident=task.incident,
        plan_task=task.plan_task,
        title=task.title,
        level=task.level,
        is_starred=task.is_starred,
        is_provisional=task.is_provisional,
        evidence_asked=task.evidence_asked,
        owner=task.owner,
        deputy=task.deputy,
        department=task.department,
        opened_at=now,
        due_at=due_at,
        first_due_at=due_at,
        every_minutes=task.every_minutes,
    )
    set_words(following)
    following.save()
    return following


@transaction.atomic
def waive(task: Task, *, actor: User, now: datetime, seen_version: int, reason: str) -> Task:
    """It is not needed here, because. A recurring task does not come back. Raises PermissionDenied, NotNow, Stale."""
    unfinished(task, seen_version)
    require(actor, "waive_task", task)
    if not reason.strip():
        raise NotNow(_("Say why it is not needed."))
    task.state, task.waive_reason, task.finished_by, task.finished_at = Task.State.WAIVED, reason.strip(), actor, now
    save_if_current(task, seen_version, ["state", "waive_reason", "finished_by", "finished_at"])
    note_on(
        task.incident,
        "response.task_waived",
        actor=actor,
        now=now,
        note=task.waive_reason,
        detail={"title": task.title},
        url=task.get_absolute_url(),
    )
    return task


@transaction.atomic
def reassign(task: Task, *, actor: User, now: datetime, seen_version: int, owner: User, note: str = "") -> Task:
    """Somebody else does it; the task goes to that person's department. Raises PermissionDenied, NotNow, Stale."""
    unfinished(task, seen_version)
    require(actor, "reassign_task", task)
    if not owner.is_active:
        raise NotNow(_("This account is switched off."))
    if owner.pk == task.owner_id:
        raise NotNow(_("This person has the task already."))
    task.owner = owner
    task.department = owner.department or task.department
    task.deputy = None if task.deputy_id == owner.pk else task.deputy
    save_if_current(task, seen_version, ["owner", "department", "deputy"])
    let_in(task.incident, [owner], actor, now)
    if owner != actor:
        notify([owner], **messages.task_given(task, actor))
    detail = {"title": task.title, "owner": str(owner)}
    note_on(
        task.incident,
        "response.task_reassigned",
        actor=actor,
        now=now,
        note=note,
        detail=detail,
        url=task.get_absolute_url(),
    )
    return task


def unfinished(task: Task, seen_version: int) -> None:
    """Raises Stale if the task changed since the person saw it, NotNow if it is finished."""
    if task.version != seen_version:
        raise Stale(task)
    if task.state not in Task.UNFINISHED:
        raise NotNow(_("This task is finished already."))
