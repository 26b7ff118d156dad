"""What a level asks for: opening its tasks, going on with those already begun, cancelling what is no longer needed."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.levels import Stage
from incidents.limits import due
from incidents.models import Incident, LevelRequest, Membership
from incidents.selectors.people import may_see
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.deadlines import next_due, rhythm
from response.models import ChecklistItem, PlanTask, Task
from response.owners import Owners
from response.selectors.plan import plan_of
from response.services.reminding import set_words

logger = logging.getLogger(__name__)
State = Task.State
# A recurring task comes back while somebody still answers for the matter.
RECURS_IN = (Stage.RESPONDING, Stage.OBSERVING)


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
    put_items((task, task.plan_task.checklist) for task in opened if task.plan_task)
    Task.objects.bulk_update(
        moved,
        ["plan_task", "title", "level", "is_starred", "evidence_asked", "due_at", "past_deadlines", "every_minutes",
         "owner", "deputy", "department", "rebased_at", "told_percent", "next_word_at", "version"],
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


def put_items(tasks: Iterable[tuple[Task, Iterable[str]]]) -> None:
    """The steps of tasks that were just saved."""
    ChecklistItem.objects.bulk_create(
        ChecklistItem(task=task, order=order, text=text)
        for task, texts in tasks
        for order, text in enumerate(texts, start=1)
    )


def open_next(task: Task, now: datetime) -> Task | None:
    """The next round of a recurring task, at the next slot of its rhythm that has not passed; None where it is open."""
    if not task.every_minutes or task.incident.stage not in RECURS_IN:
        return None
    if Task.objects.filter(pk=task.pk, is_followed=False).update(is_followed=True) != 1:
        return None
    task.is_followed = True
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
    put_items([(following, [item.text for item in task.items.all()])])
    return following


def rounds_due(exercise: Exercise | None, now: datetime) -> QuerySet[Task]:
    """Recurring tasks whose time came and whose next round is not open."""
    due_now = Task.objects.unfinished().filter(every_minutes__isnull=False, is_followed=False, due_at__lte=now)
    due_now = due_now.filter(incident__exercise=exercise, incident__stage__in=RECURS_IN)
    return due_now.select_related("incident__exercise", "plan_task", "owner").order_by("due_at", "id")


@transaction.atomic
def go_round(task: Task, now: datetime) -> Task | None:
    """Its time came: the next round opens, whether this one is done or not; None where another worker was faster.

    One round may be late. The one before it, if nobody began it, is missed: it is cancelled and the 工作组组长 is told.
    """
    following = open_next(task, now)
    if following is None:
        return None
    earlier = Task.objects.unfinished().filter(
        incident=task.incident, plan_task=task.plan_task, title=task.title, is_followed=True, due_at__lt=task.due_at
    )
    for missed in earlier.filter(state=State.OPEN).select_related("incident__exercise", "plan_task"):
        Task.objects.filter(pk=missed.pk).update(
            state=State.CANCELLED, finished_at=now, next_word_at=None, version=F("version") + 1
        )
        notify(may_see(task.incident, people_with(Role.TEAM_HEAD)), **messages.round_missed(missed))
        detail = {"title": missed.title, "due": missed.due_at.isoformat()}
        url = missed.get_absolute_url()
        note_on(missed.incident, "response.round_missed", actor=None, now=now, detail=detail, url=url)
    return following


def stop_rounds(incident: Incident, *, actor: User, now: datetime) -> None:
    """Nothing comes back any more: rounds that are open are cancelled."""
    rounds = list(incident.tasks.unfinished().filter(every_minutes__isnull=False).select_related("owner"))
    if rounds:
        cancel(incident, rounds, now=now)
        note_on(incident, "response.tasks_cancelled", actor=actor, now=now, detail={"count": len(rounds)})


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
    if task.pk:
        until = {"level": task.level, "due_at": task.due_at.isoformat(), "until": now.isoformat()}
        task.past_deadlines = [*task.past_deadlines, until]
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
