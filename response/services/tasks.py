"""Acts on the tasks of an incident."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from accounts.versions import Stale, save_if_current
from audit.services import record
from incidents.levels import OPEN_STAGES
from incidents.limits import due
from incidents.models import Incident, LevelRequest
from incidents.permissions import last_decision
from incidents.refusals import Vetoed
from incidents.services.timeline import note_on
from notices.services import notify
from opinion.services.evidence import Kept
from response import messages
from response.models import ChecklistItem, Task
from response.notnow import NotNow
from response.permissions import require
from response.selectors.tasks import waited_for
from response.services.attachments import as_detail, attach
from response.services.opening import (
    apply_level,
    cancel_tasks,
    let_in,
    open_next,
    put_items,
    settle_provisional,
    stop_rounds,
    take_up_again,
)
from response.services.reminding import set_words

LEVEL_STEPS = ("set_level_three", "set_level_two", "set_level_one", "reopen")


def after_step(step: str, incident: Incident, *, actor: User, now: datetime) -> None:
    """Incident hook: a level opens its tasks; a decision undone or a matter ended cancels what is left; with the review
    nothing comes back any more; a merge that is undone takes up again what it cancelled.

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
    elif step == "begin_review":
        stop_rounds(incident, actor=actor, now=now)
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
def start(task: Task, *, actor: User, now: datetime, seen_version: int, in_spite: str = "") -> Task:
    """The owner begins. Raises PermissionDenied, NotNow, Stale.

    in_spite  why it begins although tasks it waits for are not done; without it that is refused
    """
    unfinished(task, seen_version)
    require(actor, "start_task", task)
    if task.state == Task.State.DOING:
        raise NotNow(_("This task is already in progress."))
    waits_no_more(task, in_spite)
    task.state = Task.State.DOING
    save_if_current(task, seen_version, ["state"])
    note_on(
        task.incident,
        "response.task_started",
        actor=actor,
        now=now,
        note=in_spite,
        detail={"title": task.title},
        url=task.get_absolute_url(),
    )
    return task


@transaction.atomic
def finish(
    task: Task,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    evidence: str = "",
    link: str = "",
    kept: Sequence[Kept] = (),
    in_spite: str = "",
) -> Task | None:
    """It is done, and a note, a link or a file shows it. A recurring task opens the next one, which is returned.

    kept      files that were laid down (response.services.attachments)
    in_spite  as for `start`
    Raises PermissionDenied, NotNow (finished already, waits for others, nothing shows it), Stale.
    """
    unfinished(task, seen_version)
    require(actor, "finish_task", task)
    if not (evidence.strip() or link or kept):
        raise NotNow(_("Say what shows that it is done."))
    if task.state == Task.State.OPEN:  # who began it in spite of the others said why then
        waits_no_more(task, in_spite)
    task.state, task.evidence, task.finished_by, task.finished_at = Task.State.DONE, evidence.strip(), actor, now
    task.evidence_link = link
    save_if_current(task, seen_version, ["state", "evidence", "evidence_link", "finished_by", "finished_at"])
    files = attach(task.incident, kept, actor=actor, now=now)
    task.files.add(*files)
    following = open_next(task, now)
    detail = {"title": task.title, "late_minutes": max(int((now - task.due_at).total_seconds() // 60), 0)}
    if files:
        detail["files"] = as_detail(files)
    if in_spite:
        detail["in_spite"] = in_spite
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
def reassign(
    task: Task,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    owner: User,
    deputy: User | None = None,
    note: str = "",
) -> Task:
    """Somebody else does it; the task goes to that person's department. The deputy stays unless another is named.

    Raises PermissionDenied, NotNow, Stale.
    """
    unfinished(task, seen_version)
    require(actor, "reassign_task", task)
    if not owner.is_active or (deputy and not deputy.is_active):
        raise NotNow(_("This account is switched off."))
    if deputy == owner:
        raise NotNow(_("The owner cannot stand in for themselves."))
    is_new_owner = owner.pk != task.owner_id
    if not is_new_owner and deputy in (None, task.deputy):
        raise NotNow(_("This person has the task already."))
    task.owner = owner
    task.department = owner.department or task.department
    task.deputy = deputy or (None if task.deputy_id == owner.pk else task.deputy)
    save_if_current(task, seen_version, ["owner", "department", "deputy"])
    let_in(task.incident, [owner, task.deputy], actor, now)
    if is_new_owner and owner != actor:
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


@transaction.atomic
def give_task(
    incident: Incident,
    *,
    actor: User,
    now: datetime,
    title: str,
    owner: User,
    within_minutes: int,
    evidence_asked: str = "",
    checklist: Sequence[str] = (),
) -> Task:
    """A task the plan did not think of. Its time runs as the level's does. Raises PermissionDenied, NotNow."""
    require(actor, "give_task", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    if not owner.is_active:
        raise NotNow(_("This account is switched off."))
    due_at = due(incident.level, now, within_minutes)
    task = Task(
        incident=incident,
        title=title,
        level=incident.level,
        evidence_asked=evidence_asked,
        owner=owner,
        department=owner.department or incident.department,
        opened_at=now,
        due_at=due_at,
        first_due_at=due_at,
    )
    set_words(task)
    task.save()
    put_items([(task, checklist)])
    let_in(incident, [owner], actor, now)
    if owner != actor:
        notify([owner], **messages.task_given(task, actor))
    detail = {"title": task.title, "owner": str(owner)}
    note_on(incident, "response.task_given", actor=actor, now=now, detail=detail, url=task.get_absolute_url())
    return task


@transaction.atomic
def tick(item: ChecklistItem, *, actor: User, now: datetime, done: bool) -> ChecklistItem:
    """One step of a task is done, or after all is not. Raises PermissionDenied, NotNow."""
    task = item.task
    require(actor, "finish_task", task)
    if task.state not in Task.UNFINISHED:
        raise NotNow(_("This task is finished already."))
    rows = ChecklistItem.objects.filter(pk=item.pk, done_at__isnull=done)
    rows.update(done_by=actor if done else None, done_at=now if done else None)
    item.refresh_from_db()
    detail = {"task": task.title, "step": item.order, "done": done}
    record("response.step_ticked", actor=actor, subject=task.incident.number, detail=detail)
    return item


def waits_no_more(task: Task, in_spite: str) -> None:
    """Raises NotNow while tasks it waits for are to be done, unless it was said why it goes on in spite of them."""
    waiting = waited_for(task)
    if waiting and not in_spite.strip():
        titles = pgettext("between items of a list", ", ").join(other.title for other in waiting[:3])
        raise NotNow(_("It waits for: %(titles)s. Say why it goes on before that.") % {"titles": titles})


def unfinished(task: Task, seen_version: int) -> None:
    """Raises Stale if the task changed since the person saw it, NotNow if it is finished."""
    if task.version != seen_version:
        raise Stale(task)
    if task.state not in Task.UNFINISHED:
        raise NotNow(_("This task is finished already."))
