"""A plan is drafted by the 工作组组长 and adopted by the leadership: acts on the versions of the plan.

Every edit names the version of the draft that was seen, makes its author a writer of it, and takes the draft back from
the leadership if it lay before them: what they adopt is what they read.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import LEADERS, SIGNING_LEADERS, Role
from accounts.selectors import people_with
from accounts.versions import save_if_current
from audit.services import record
from notices.services import notify
from response import messages
from response.models import PlanClock, PlanTask, PlanVersion
from response.notnow import NotNow
from response.permissions import require
from response.plan_rules import circle, missing_keys, repeated_keys

State = PlanVersion.State


@transaction.atomic
def start_draft(based_on: PlanVersion, *, actor: User, now: datetime, reason: str) -> PlanVersion:
    """A new version that begins as a copy of another. Raises PermissionDenied, NotNow."""
    require(actor, "draft_plan")
    if not reason.strip():
        raise NotNow(_("Say what is to change and why."))
    last = PlanVersion.objects.select_for_update().order_by("-number").first()
    draft = PlanVersion.objects.create(
        number=last.number + 1 if last else 1,
        name=based_on.name,
        based_on=based_on,
        reason=reason.strip(),
        drafted_at=now,
    )
    draft.writers.add(actor)
    put_in(draft, list(based_on.tasks.all()), list(based_on.clocks.all()))
    leave_trace("drafted", draft, actor, based_on=based_on.number)
    return draft


def put_in(draft: PlanVersion, tasks: Sequence[PlanTask], clocks: Sequence[PlanClock]) -> None:
    """Give a draft these lines, in their order by level, and these clocks. They may be rows of another version."""
    orders: dict[int, int] = {}
    for task in tasks:
        orders[task.level] = orders.get(task.level, 0) + 1
        task.pk, task._state.adding, task.plan, task.order = None, True, draft, orders[task.level]
    PlanTask.objects.bulk_create(tasks)
    for clock in clocks:
        clock.pk, clock._state.adding, clock.plan = None, True, draft
    PlanClock.objects.bulk_create(clocks)


@transaction.atomic
def rename(draft: PlanVersion, *, actor: User, seen_version: int, name: str, reason: str) -> None:
    """Its name, and what changes in it and why."""
    draft.name, draft.reason = name, reason
    edit(draft, actor, seen_version, "name", "reason")
    leave_trace("edited", draft, actor, part="name")


@transaction.atomic
def save_line(draft: PlanVersion, line: PlanTask, *, actor: User, seen_version: int) -> PlanTask:
    """Put in a new line at the end of its level, or the changed fields of one that is there. Raises NotNow, Stale."""
    edit(draft, actor, seen_version)
    lines = draft.tasks.filter(level=line.level)
    line.plan = draft
    line.key = line.key or new_key()
    if lines.filter(key=line.key).exclude(pk=line.pk).exists():
        raise NotNow(_("Another task of this level has this key."))
    if line.pk is None:
        last = lines.order_by("-order").first()
        line.order = last.order + 1 if last else 1
    line.save()
    stuck = circle(list(draft.tasks.filter(level=line.level)))
    if stuck:
        raise NotNow(_("Then tasks would wait for one another, and none could begin: choose another."))
    leave_trace("edited", draft, actor, part=line.key)
    return line


@transaction.atomic
def remove_line(draft: PlanVersion, line: PlanTask, *, actor: User, seen_version: int) -> None:
    """Take a line out of a draft; lines that waited for it no longer do. Raises NotNow, Stale."""
    edit(draft, actor, seen_version)
    waiting = [other for other in draft.tasks.filter(level=line.level) if line.key in other.waits_for]
    for other in waiting:
        other.waits_for = [key for key in other.waits_for if key != line.key]
    PlanTask.objects.bulk_update(waiting, ["waits_for"])
    line.delete()  # no incident has a task of a draft
    leave_trace("edited", draft, actor, part=line.key, removed=True)


@transaction.atomic
def place_line(draft: PlanVersion, line: PlanTask, *, actor: User, seen_version: int, order: int) -> None:
    """Put a line at this place of its level, from 1; the others close up. Raises NotNow, Stale."""
    edit(draft, actor, seen_version)
    others = list(draft.tasks.filter(level=line.level).exclude(pk=line.pk))
    others.insert(min(max(order, 1), len(others) + 1) - 1, line)
    for aside in (10_000, 0):  # no two lines may have one place, not even for a moment
        for place, each in enumerate(others, start=1):
            each.order = aside + place
        PlanTask.objects.bulk_update(others, ["order"])
    leave_trace("edited", draft, actor, part=line.key, order=line.order)


@transaction.atomic
def set_clocks(
    draft: PlanVersion, level: int, limits: Mapping[str, int | None], *, actor: User, seen_version: int
) -> None:
    """Minutes by kind of clock at a level; None: it does not run there. Raises NotNow, Stale."""
    edit(draft, actor, seen_version)
    draft.clocks.filter(level=level).delete()
    PlanClock.objects.bulk_create(
        PlanClock(plan=draft, level=level, kind=kind, within_minutes=minutes)
        for kind, minutes in limits.items()
        if minutes
    )
    leave_trace("edited", draft, actor, part="clocks", level=level)


@transaction.atomic
def replace_content(
    draft: PlanVersion,
    tasks: Sequence[PlanTask],
    clocks: Sequence[PlanClock],
    *,
    actor: User,
    seen_version: int,
    name: str = "",
) -> None:
    """Everything the draft says comes from a file now. Raises NotNow, Stale."""
    draft.name = name or draft.name
    edit(draft, actor, seen_version, "name")
    draft.tasks.all().delete()
    draft.clocks.all().delete()
    put_in(draft, tasks, clocks)
    leave_trace("imported", draft, actor, tasks=len(tasks), clocks=len(clocks))


def edit(draft: PlanVersion, actor: User, seen_version: int, *fields: str) -> None:
    """What every edit begins with. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "draft_plan")
    if not PlanVersion.objects.filter(pk=draft.pk, state=State.DRAFT).exists():
        raise NotNow(_("This version is no draft: begin a new one."))
    draft.proposed_at = draft.proposed_by = None
    save_if_current(draft, seen_version, [*fields, "proposed_at", "proposed_by"])
    draft.writers.add(actor)


@transaction.atomic
def propose_plan(draft: PlanVersion, *, actor: User, now: datetime, seen_version: int) -> None:
    """Lay a draft before 组长 and 副组长. Raises PermissionDenied, NotNow (something in it does not fit), Stale."""
    require(actor, "draft_plan")
    if not draft.is_draft or draft.proposed_at:
        raise NotNow(_("Only a draft that does not lie before the leadership can be laid before it."))
    wrong = [says for _line, says in unfit_together(list(draft.tasks.all()))]
    if not draft.tasks.exists():
        wrong = [_("There is no task in it.")]
    if wrong:
        raise NotNow(wrong[0])
    draft.proposed_at, draft.proposed_by = now, actor
    save_if_current(draft, seen_version, ["proposed_at", "proposed_by"])
    notify([each for each in people_with(*SIGNING_LEADERS) if each != actor], **messages.plan_proposed(draft))
    leave_trace("proposed", draft, actor)


@transaction.atomic
def return_plan(draft: PlanVersion, *, actor: User, seen_version: int, reason: str) -> None:
    """The leadership wants it otherwise. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "adopt_plan", draft)
    lies_before_them(draft)
    if not reason.strip():
        raise NotNow(_("Say why it goes back."))
    draft.proposed_at = draft.proposed_by = None
    save_if_current(draft, seen_version, ["proposed_at", "proposed_by"])
    notify(list(draft.writers.all()), **messages.plan_returned(draft, actor, reason.strip()))
    leave_trace("returned", draft, actor, reason=reason.strip())


@transaction.atomic
def adopt_plan(draft: PlanVersion, *, actor: User, now: datetime, seen_version: int) -> None:
    """From now on it is the plan in force; running incidents keep the one they began with.

    Never by one who wrote in it. Raises PermissionDenied, NotNow, Stale.
    """
    require(actor, "adopt_plan", draft)
    lies_before_them(draft)
    PlanVersion.objects.filter(state=State.ADOPTED).update(state=State.RETIRED)
    draft.state, draft.adopted_at, draft.adopted_by = State.ADOPTED, now, actor
    save_if_current(draft, seen_version, ["state", "adopted_at", "adopted_by"])
    told = {*people_with(Role.TEAM_HEAD, *LEADERS), *draft.writers.all()} - {actor}
    notify(sorted(told, key=lambda person: person.pk), **messages.plan_adopted(draft))
    leave_trace("adopted", draft, actor)


@transaction.atomic
def discard_plan(draft: PlanVersion, *, actor: User, seen_version: int) -> None:
    """A draft that is not wanted any more stays to be read and is no longer offered. Raises NotNow, Stale."""
    require(actor, "draft_plan")
    if not draft.is_draft:
        raise NotNow(_("This version is no draft: begin a new one."))
    draft.state = State.RETIRED
    save_if_current(draft, seen_version, ["state"])
    leave_trace("discarded", draft, actor)


def lies_before_them(draft: PlanVersion) -> None:
    if not draft.is_draft or draft.proposed_at is None:
        raise NotNow(_("This draft does not lie before the leadership: it was decided, or changed since."))


def leave_trace(what: str, plan: PlanVersion, actor: User, **detail: Any) -> None:
    record(f"response.plan_{what}", actor=actor, subject=f"plan:{plan.number}", detail={"plan": plan.name, **detail})


def unfit_together(tasks: Sequence[PlanTask]) -> Iterator[tuple[PlanTask, str]]:
    """What is wrong between the lines of a plan, each with the line it is said of."""
    for task in repeated_keys(tasks):
        yield task, _("“%(title)s” has a key that another task of its level has.") % {"title": task.title}
    for task, key in missing_keys(tasks):
        words = _("“%(title)s” waits for “%(key)s”, which its level does not have.")
        yield task, words % {"title": task.title, "key": key}
    for task in circle(tasks):
        yield task, _("“%(title)s” waits for itself by way of others: none could begin.") % {"title": task.title}


def new_key() -> str:
    return f"task-{uuid4().hex[:8]}"
