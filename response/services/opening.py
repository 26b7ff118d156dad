"""What a level asks for: opening its tasks, going on with those already begun, cancelling what is no longer needed."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.limits import due
from incidents.models import Incident, LevelRequest, Membership
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import PlanTask, Task
from response.owners import Owners
from response.selectors.plan import plan_of
from response.services.reminding import set_words

logger = logging.getLogger(__name__)
State = Task.State


def apply_level(incident: Incident, *, actor: User, now: datetime, spares_touched: bool = False) -> list[Task]:
    """Make the incident's tasks those its level asks for; returns the tasks opened. Call inside the act's transaction.

    Unfinished work that the level asks for, too, goes on with a new deadline and its first one kept. What was finished
    at this or a graver level is not asked again. The rest of the unfinished is cancelled; with `spares_touched` (a
    decision was taken back) what somebody already works on stays.
    """
    plan = plan_of(incident)
    if plan is None:
        logger.warning("no plan adopted incident=%s level=%s", incident.number, incident.level)
        return []
    provisional = is_provisional(incident)
    if not provisional:
        settle_provisional(incident)
    wanted = list(plan.tasks.filter(level=incident.level, is_on_trigger=False))
    tasks = list(incident.tasks.select_related("plan_task", "owner"))
    owners = Owners(incident)
    opened, moved, kept = [], [], set()
    for line in wanted:
        same = [task for task in tasks if is_same_work(task, line)]
        unfinished = next((task for task in same if task.state in Task.UNFINISHED), None)
        if unfinished:
            rebase(unfinished, line, incident, owners, now)
            moved.append(unfinished)
            kept.add(unfinished.pk)
        elif not any(task.state in (State.DONE, State.WAIVED) and task.level <= incident.level for task in same):
            opened.append(new_task(line, incident, owners, now))
    for task in opened:
        task.is_provisional = provisional
    Task.objects.bulk_create(opened)
    Task.objects.bulk_update(
        moved,
        ["plan_task", "title", "level", "is_starred", "evidence_asked", "due_at", "every_minutes", "owner", "deputy",
         "department", "rebased_at", "told_percent", "next_word_at", "version"],
    )  # fmt: skip
    promised = promised_tasks(incident)
    leftover = [
        task
        for task in tasks
        if task.state in Task.UNFINISHED
        and task.pk not in promised
        and task.pk not in kept
        and not (spares_touched and task.state == State.DOING)
        and (task.plan_task is None or not task.plan_task.is_on_trigger)
    ]
    cancel(incident, leftover, now=now)
    let_in(incident, [person for task in opened + moved for person in (task.owner, task.deputy)], actor, now)
    tell_owners(incident, opened + moved)
    detail = {"level": int(incident.level), "opened": len(opened), "moved": len(moved), "cancelled": len(leftover)}
    note_on(incident, "response.tasks_opened", actor=actor, now=now, detail=detail)
    return opened


def is_provisional(incident: Incident) -> bool:
    """Whether the level it has was started provisionally and waits to be ratified."""
    return incident.level_requests.filter(state=LevelRequest.State.PROVISIONAL).exists()


def settle_provisional(incident: Incident) -> None:
    """What is still to be done is provisional no longer: it was ratified, or the level was decided anew."""
    incident.tasks.filter(is_provisional=True).exclude(state=State.CANCELLED).update(is_provisional=False)


def cancel_tasks(incident: Incident, *, actor: User, now: datetime, spares_touched: bool = False) -> None:
    """Cancel what is unfinished: the matter is over, or the decision that opened it was taken back."""
    promised = promised_tasks(incident)
    tasks = [
        task
        for task in incident.tasks.unfinished().select_related("owner")
        if task.pk not in promised and not (spares_touched and task.state == State.DOING)
    ]
    if not tasks:
        return
    cancel(incident, tasks, now=now)
    note_on(incident, "response.tasks_cancelled", actor=actor, now=now, detail={"count": len(tasks)})


def promised_tasks(incident: Incident) -> set[int]:
    """Tasks by which a public promise is kept: no change of level and no end of the matter takes them away."""
    return set(incident.promises.filter(task__isnull=False).values_list("task_id", flat=True))


def take_up_again(incident: Incident, *, actor: User, now: datetime) -> None:
    """The merge is undone: what it cancelled is to do again. Deadlines ran on meanwhile."""
    merged = incident.departures.filter(kind="merge")[0]
    tasks = list(incident.tasks.filter(state=State.CANCELLED, finished_at=merged.at).select_related("owner"))
    if not tasks:
        return
    incident.tasks.filter(pk__in=[task.pk for task in tasks]).update(
        state=State.OPEN, finished_at=None, version=F("version") + 1
    )
    tell_owners(incident, tasks)
    note_on(incident, "response.tasks_taken_up_again", actor=actor, now=now, detail={"count": len(tasks)})


def is_same_work(task: Task, line: PlanTask) -> bool:
    """By the plan's key; a task that came from no plan line, by its title."""
    return task.plan_task.key == line.key if task.plan_task else task.title == line.title


def new_task(line: PlanTask, incident: Incident, owners: Owners, now: datetime) -> Task:
    due_at = due(incident.level, now, line.within_minutes)
    task = Task(incident=incident, opened_at=now, first_due_at=due_at)
    rebase(task, line, incident, owners, now)
    return task


def rebase(task: Task, line: PlanTask, incident: Incident, owners: Owners, now: datetime) -> None:
    """Put a task on a line of the level: its words, its deadline from now; an owner somebody chose stays."""
    task.plan_task, task.title, task.level = line, line.title, incident.level
    task.is_starred, task.evidence_asked, task.every_minutes = line.is_starred, line.evidence, line.every_minutes
    task.due_at = due(incident.level, now, line.within_minutes)
    task.rebased_at = now if task.pk else None
    task.told_percent = 0
    set_words(task)
    task.version = task.version + 1 if task.pk else 1
    if task.owner is None:
        task.owner, task.deputy = owners.for_letters(line.roles)
        task.department = task.owner.department if task.owner and task.owner.department else incident.department


def cancel(incident: Incident, tasks: list[Task], *, now: datetime) -> None:
    """Mark as cancelled and tell their owners, who need not go on."""
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        state=State.CANCELLED, finished_at=now, version=F("version") + 1
    )
    for owner, theirs in by_owner(tasks).items():
        if owner:
            notify([owner], **messages.tasks_cancelled(incident, theirs))


def let_in(incident: Incident, people: Iterable[User | None], actor: User | None, now: datetime) -> None:
    """Whoever has a task may see the incident: those who could not become members."""
    everybody = {person.pk: person for person in people if person is not None}.values()
    strangers = [
        person for person in everybody if not Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()
    ]
    Membership.objects.bulk_create(
        [Membership(incident=incident, person=person, added_by=actor, added_at=now) for person in strangers],
        ignore_conflicts=True,
    )


def tell_owners(incident: Incident, tasks: list[Task]) -> None:
    """One digest a person; tasks without an owner are told to the 工作组组长."""
    for owner, theirs in by_owner(tasks).items():
        if owner:
            notify([owner], **messages.tasks_opened(incident, theirs))
        else:
            notify(people_with(Role.TEAM_HEAD), **messages.tasks_need_owner(incident, theirs))


def by_owner(tasks: Iterable[Task]) -> dict[User | None, list[Task]]:
    groups: dict[User | None, list[Task]] = defaultdict(list)
    for task in sorted(tasks, key=lambda task: task.due_at):
        groups[task.owner].append(task)
    return groups
