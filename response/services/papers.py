"""Acts on papers: save, submit, sign, return, revise; and tasks made of a plan's division of work."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.services.numbering import next_number
from incidents.services.timeline import note_on
from notices.services import notify
from response import messages
from response.models import Paper, PaperVersion, PlannedWork, ReportDuty, Task
from response.notnow import NotNow
from response.papers import PLAN, hash_of, missing, sections
from response.permissions import paper_roles, require, signs_paper_as
from response.selectors.papers import signers_of
from response.services.opening import let_in, tell_owners
from response.services.reminding import set_words
from response.services.statements import still_open, tidy

State = PaperVersion.State
SERIES = {PLAN: "FA"}
REPORT_SERIES = "SB"
Row = tuple[str, User, datetime]  # what, who, by when


@transaction.atomic
def begin_plan(incident: Incident, *, actor: User, now: datetime) -> PaperVersion:
    """The response plan of an incident, empty, or the one that is there. Raises PermissionDenied, NotNow."""
    require(actor, "write_paper", incident)
    there = Paper.everywhere.filter(incident=incident, kind=PLAN).first()
    return there.newest if there else begin(incident, PLAN, {}, actor=actor, now=now)


def begin(
    incident: Incident,
    kind: str,
    content: Mapping[str, str],
    *,
    actor: User,
    now: datetime,
    duty: ReportDuty | None = None,
) -> PaperVersion:
    """A first draft. In the act's transaction."""
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    paper = Paper.everywhere.create(
        incident=incident,
        number=next_number(SERIES.get(kind, REPORT_SERIES), now=now, exercise=incident.exercise),
        kind=kind,
        duty=duty,
        due_at=duty.due_at if duty else None,
        created_at=now,
        exercise=incident.exercise,
    )
    words = {code: content.get(code, "") for code, _heading, _help in sections(kind)}
    version = PaperVersion.objects.create(
        paper=paper, number=1, content=words, text_hash=hash_of(words), written_by=actor, created_at=now, saved_at=now
    )
    version.writers.add(actor)
    trace(version, "drafted", actor=actor, now=now)
    return version


@transaction.atomic
def save_draft(
    version: PaperVersion,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    content: Mapping[str, str],
    rows: Sequence[Row] = (),
) -> PaperVersion:
    """Keep what was typed. Whoever changes a word becomes one of its writers and cannot sign it.

    Raises PermissionDenied, NotNow, Stale.
    """
    still_draft(version, seen_version)
    require(actor, "write_paper", version.paper.incident)
    words = {code: tidy(content.get(code, "")) for code, _heading, _help in sections(version.paper.kind)}
    before = version.text_hash
    version.content, version.saved_at = words, now
    planned = [PlannedWork(paper_version=version, what=tidy(what), who=who, due_at=due) for what, who, due in rows]
    version.text_hash = hash_of(words, [signed_words(row) for row in planned])
    if version.text_hash != before:
        version.written_by = actor
    save_if_current(version, seen_version, ["content", "text_hash", "saved_at", "written_by"])
    if version.text_hash != before:
        version.writers.add(actor)
        version.rows.all().delete()
        PlannedWork.objects.bulk_create(planned)
    return version


def signed_words(row: PlannedWork) -> str:
    """A row as the signature is bound to it: a person by who they are, not by how they are called."""
    return f"{row.what}\n{row.who.uuid}\n{row.due_at.isoformat()}"


@transaction.atomic
def submit(version: PaperVersion, *, actor: User, now: datetime, seen_version: int) -> PaperVersion:
    """Ask for the signature. From here on the text does not change. Raises PermissionDenied, Stale, NotNow."""
    still_draft(version, seen_version)
    require(actor, "write_paper", version.paper.incident)
    empty = missing(version.paper.kind, version.content)
    if empty:
        names = pgettext("between items of a list", ", ").join(str(heading) for heading in empty)
        raise NotNow(_("Still empty: %(names)s.") % {"names": names})
    if says := still_open(*version.content.values()):
        raise NotNow(says)
    version.state, version.submitted_at, version.submitted_by = State.IN_REVIEW, now, actor
    save_if_current(version, seen_version, ["state", "submitted_at", "submitted_by"])
    notify(signers_of(version), **messages.paper_signature_wanted(version))
    trace(version, "submitted", actor=actor, now=now)
    return version


@transaction.atomic
def sign(version: PaperVersion, *, actor: User, now: datetime, seen_hash: str) -> PaperVersion:
    """Sign this text and no other. Raises PermissionDenied, Stale, NotNow."""
    version = decide(version, State.SIGNED, actor=actor, now=now, seen_hash=seen_hash)
    notify(others([*version.writers.all()], actor), **messages.paper_signed(version))
    trace(version, "signed", actor=actor, now=now, acting_for=version.acting_for)
    return version


@transaction.atomic
def send_back(version: PaperVersion, *, actor: User, now: datetime, seen_hash: str, note: str) -> PaperVersion:
    """Not like this, because. The writers are told. Raises PermissionDenied, Stale, NotNow (no reason)."""
    if not note.strip():
        raise NotNow(_("Say what should change."))
    version = decide(version, State.RETURNED, actor=actor, now=now, seen_hash=seen_hash, note=note.strip())
    notify(others([*version.writers.all()], actor), **messages.paper_returned(version))
    trace(version, "returned", actor=actor, now=now, note=version.note, acting_for=version.acting_for)
    return version


def decide(
    version: PaperVersion, state: str, *, actor: User, now: datetime, seen_hash: str, note: str = ""
) -> PaperVersion:
    """Write the decision down if it still waits and the text is the one that was read."""
    version = PaperVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    incident = Incident.everywhere.get(pk=version.paper.incident_id)
    if seen_hash != version.text_hash:
        raise Stale(version)
    if not version.is_in_review:
        if version.decided_by:
            raise NotNow(_("%(person)s was faster.") % {"person": version.decided_by})
        raise Stale(version)
    require(actor, "sign_paper", version)
    principal = signs_paper_as(actor, version)
    version.state, version.decided_by, version.decided_at, version.note = state, actor, now, note
    version.acting_for = principal if principal != actor else None
    fields = ["state", "decided_by", "decided_at", "acting_for", "note"]
    if state == State.SIGNED:
        version.signed_at, version.signed_level = now, incident.level
        fields += ["signed_at", "signed_level"]
    save_if_current(version, version.version, fields)
    return version


@transaction.atomic
def revise(version: PaperVersion, *, actor: User, now: datetime) -> PaperVersion:
    """Go on writing: the next version, a draft with the same words. The signature of this one counts no more.

    A report that was filed stays as it was filed: what is new goes into a follow-up.
    Raises PermissionDenied, NotNow, Stale.
    """
    require(actor, "write_paper", version.paper.incident)
    paper = Paper.everywhere.select_for_update(no_key=True).get(pk=version.paper_id)
    locked = PaperVersion.objects.get(pk=version.pk)
    if paper.filed_at is not None:
        raise NotNow(_("This report was filed. What is new goes into the next one."))
    if locked.state not in (State.IN_REVIEW, State.RETURNED, State.SIGNED):
        raise Stale(version)
    if locked.state != State.RETURNED:
        locked.state = State.SUPERSEDED
        save_if_current(locked, locked.version, ["state"])
    elif paper.versions.filter(number__gt=locked.number).exists():
        raise Stale(version)
    following = PaperVersion.objects.create(
        paper=paper,
        number=locked.number + 1,
        content=locked.content,
        text_hash=locked.text_hash,
        written_by=actor,
        created_at=now,
        saved_at=now,
    )
    following.writers.set([*locked.writers.all(), actor])
    PlannedWork.objects.bulk_create(
        PlannedWork(paper_version=following, what=row.what, who=row.who, due_at=row.due_at, task=row.task)
        for row in locked.rows.select_related("who", "task")
    )
    trace(following, "revised", actor=actor, now=now)
    return following


@transaction.atomic
def make_tasks(version: PaperVersion, *, actor: User, now: datetime) -> list[Task]:
    """Each row of the signed division of work becomes a task of its person, once. Raises PermissionDenied, NotNow."""
    incident = version.paper.incident
    require(actor, "make_tasks_of_plan", incident)
    version = PaperVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if not version.is_signed:
        raise NotNow(_("Tasks are made of a signed plan."))
    tasks = []
    for row in version.rows.filter(task__isnull=True).select_related("who__department"):
        task = Task(
            incident=incident,
            title=row.what,
            level=incident.level,
            owner=row.who,
            department=row.who.department or incident.department,
            opened_at=now,
            due_at=row.due_at,
            first_due_at=row.due_at,
        )
        set_words(task)
        task.save()
        PlannedWork.objects.filter(pk=row.pk).update(task=task)
        tasks.append(task)
    if not tasks:
        raise NotNow(_("Every row is a task already."))
    let_in(incident, [task.owner for task in tasks], actor, now)
    tell_owners(incident, tasks)
    trace(version, "made_tasks", actor=actor, now=now, count=len(tasks))
    return tasks


# --- shared ----------------------------------------------------------------------------------------------------------
def still_draft(version: PaperVersion, seen_version: int) -> None:
    """Raises Stale if the draft changed since the person saw it, NotNow if it is no draft any more."""
    if version.version != seen_version:
        raise Stale(version)
    if version.state != State.DRAFT:
        raise NotNow(_("This version is no draft any more. Revise it to go on writing."))


def is_signed_enough(version: PaperVersion, level: int) -> bool:
    """Whether the signature does for the level the incident has now: at 一级 a report takes the 组长's."""
    signer = version.acting_for or version.decided_by
    return version.is_signed and signer is not None and signer.holds(*paper_roles(version.paper.kind, level))


def trace(
    version: PaperVersion,
    what: str,
    *,
    actor: User,
    now: datetime,
    note: str = "",
    acting_for: User | None = None,
    **detail: Any,
) -> None:
    """The timeline row and the audit entry; last in the act's transaction."""
    paper = version.paper
    event = f"response.{'plan_of_incident' if paper.is_plan else 'report'}_{what}"
    detail = {"number": paper.number, "version": version.number, "text_hash": version.text_hash, **detail}
    if paper.duty is not None:
        detail |= {"report": paper.kind, "authority": paper.duty.rule.authority}
    note_on(
        paper.incident,
        event,
        actor=actor,
        now=now,
        note=note,
        detail=detail,
        url=paper.get_absolute_url(),
        acting_for=acting_for,
    )


def others(people: Sequence[User], actor: User) -> list[User]:
    return [person for person in people if person.pk != actor.pk]
