"""Reads of tasks, facts, statements and releases for the pages of this app, the rail and the API."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts import clock
from accounts.models import Department, User
from accounts.roles import SIGNING_LEADERS, TEAM
from accounts.selectors import delegations_in_force, people_with
from incidents.levels import LIMITS, ClockKind, Level
from incidents.models import Incident
from incidents.selectors.approvals import Waiting
from incidents.selectors.clocks import ticking
from opinion.search import Query
from response.deadlines import due
from response.diff import Piece, changes
from response.models import Fact, PlanVersion, Release, SignOff, Statement, StatementVersion, Task
from response.owners import Owners
from response.permissions import signs_as, voices_of
from response.signoff_rules import places_needed
from response.wording import Finding, findings

State = StatementVersion.State


# --- tasks -----------------------------------------------------------------------------------------------------------
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


def adopted_plan() -> PlanVersion | None:
    return PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED).prefetch_related("tasks", "clocks").first()


def gives_standing_authority() -> bool:
    """Whether the plan in force lets the 工作组组长 decide 三级 alone (settings.STANDING_AUTHORITY)."""
    return PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED, gives_standing_authority=True).exists()


def level_by_level(incident: Incident, levels: Iterable[Level], now: datetime) -> list[dict[str, Any]]:
    """What each level would ask of an incident if it were confirmed now: lines with owner and deadline, signatures."""
    plan = plan_of(incident)
    lines = list(plan.tasks.filter(is_on_trigger=False)) if plan else []
    owners = Owners(incident)
    return [
        {
            "level": level,
            "is_current": level == incident.level,
            "signs": [SignOff.Place(place).label for place in places_needed(level, is_flagged=False)],
            "lines": [
                {
                    "line": line,
                    "owner": owners.for_letters(line.roles)[0],
                    "due": due(level, now, line.within_minutes),
                }
                for line in lines
                if line.level == level
            ],
        }
        for level in levels
    ]


def plan_of(incident: Incident) -> PlanVersion | None:
    """The version of the plan the incident began with, or the adopted one if it begins now."""
    begun = PlanVersion.objects.filter(tasks__in=incident.tasks.values("plan_task")).order_by("number").first()
    return begun or PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED).first()


# --- facts -----------------------------------------------------------------------------------------------------------
def facts_of(incident: Incident) -> QuerySet[Fact]:
    return incident.facts.select_related("added_by", "signed_by__department")


# --- statements ------------------------------------------------------------------------------------------------------
def statements_for(person: User) -> QuerySet[Statement]:
    """Statements this person may see, with their versions, signatures and releases, in as many queries however many."""
    return whole(Statement.objects.visible_to(person), person).select_related("incident")


def statements_of(incident: Incident, person: User) -> QuerySet[Statement]:
    return whole(Statement.everywhere.visible_to(person).filter(incident=incident), person)


def whole(statements: QuerySet[Statement], person: User) -> QuerySet[Statement]:
    versions = StatementVersion.objects.readable_by(person).prefetch_related(
        "signoffs", Prefetch("releases", Release.everywhere.order_by("id"), to_attr="all_releases")
    )
    return statements.prefetch_related(Prefetch("versions", versions)).select_related("drafted_by")


def version_in_full(version_pk: int) -> StatementVersion:
    """A version with all that the rules on signing look at."""
    return (
        StatementVersion.objects.select_related("statement__incident__exercise", "written_by", "submitted_by")
        .prefetch_related("writers__groups", "signoffs__person", "signoffs__acting_for")
        .get(pk=version_pk)
    )


def findings_of(version: StatementVersion) -> list[Finding]:
    """What the wording rules say about a version as the fact sheet stands now."""
    states = dict(Fact.objects.filter(incident=version.statement.incident_id).values_list("number", "state"))
    return findings(version.title, version.text, kind=version.statement.kind, facts=states)


def last_released(incident: Incident) -> StatementVersion | None:
    """The version of this incident that was published last."""
    released = StatementVersion.objects.filter(statement__incident=incident, releases__sent_at__isnull=False)
    return released.select_related("statement").order_by("-releases__sent_at").first()


# --- sign-off --------------------------------------------------------------------------------------------------------
def signers_of(signoff: SignOff) -> list[User]:
    """Everybody who may sign in this place now, those who stand in for somebody included, and may see the incident."""
    now = clock.now()
    delegates = delegations_in_force(now).values("delegate")
    near = people_with(*TEAM, *SIGNING_LEADERS) | User.objects.filter(pk__in=delegates, is_active=True).distinct()
    incident = signoff.version.statement.incident
    return [
        person
        for person in near.prefetch_related("groups")
        if signs_as(person, signoff) and Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()
    ]


def signoffs_waiting_for(person: User) -> list[SignOff]:
    """The signatures this person may give now, the longest waiting first."""
    if (
        not person.holds(*TEAM, *SIGNING_LEADERS)
        and not delegations_in_force(clock.now()).filter(delegate=person).exists()
    ):
        return []
    waiting = (
        SignOff.objects.filter(
            state=SignOff.State.WAITING,
            version__state=State.IN_REVIEW,
            version__statement__in=Statement.everywhere.visible_to(person),
        )
        .exclude(version__signoffs__state=SignOff.State.RETURNED)
        .select_related("version__statement__incident__exercise", "version__submitted_by")
        .prefetch_related(
            "version__writers__groups",
            "version__signoffs",
            Prefetch(
                "version__statement__incident__clocks",
                ticking().filter(kind=ClockKind.SPEAK),
                to_attr="speak_clocks",
            ),
        )
        .order_by("version__submitted_at", "id")
    )
    voices = voices_of(person)
    mine: dict[int, SignOff] = {}
    for signoff in waiting:
        if signs_as(person, signoff, voices):
            mine.setdefault(signoff.version_id, signoff)
    return list(mine.values())


def signatures_waiting(person: User) -> list[Waiting]:
    """For 待我审批 (settings.APPROVAL_HOOKS): a signature is wanted by when the first statement is.

    Later statements have no clock of their own; they come where a decision of their level would.
    """
    found = []
    for signoff in signoffs_waiting_for(person):
        version = signoff.version
        speak = next(iter(version.statement.incident.speak_clocks), None)  # type: ignore[attr-defined]
        allowed = timedelta(minutes=LIMITS[ClockKind.DECIDE][version.level or Level.THREE])
        due_at = speak.due_at if speak else (version.submitted_at or version.created_at) + allowed
        found.append(Waiting("response/_signature_waiting.html", signoff, due_at, version.level))
    return found


def signatures_of_delegates(person: User, now: datetime) -> list[Waiting]:
    """Of those, what somebody wrote who signs in this person's name, and may not (settings.DELEGATE_HOOKS)."""
    delegates = set(delegations_in_force(now).filter(principal=person).values_list("delegate", flat=True))
    if not delegates:
        return []
    return [
        replace(one, template="response/_delegates_signature.html")
        for one in signatures_waiting(person)
        if delegates & {writer.pk for writer in one.row.version.writers.all()}
    ]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed since the version a reader knows."""

    since: StatementVersion
    pieces: list[Piece]
    was_signed: bool  # the reader had approved that version: one tap reconfirms


def since_last_look(version: StatementVersion, reader: User) -> Comparison | None:
    """The text with what changed since the last version this reader saw; None for who sees the statement first."""
    earlier = version.statement.versions.filter(number__lt=version.number)
    known = earlier.filter(Q(looks__person=reader) | Q(signoffs__person=reader)).order_by("-number").first()
    if known is None:
        return None
    was_signed = known.signoffs.filter(person=reader, state=SignOff.State.APPROVED).exists()
    return Comparison(known, changes(f"{known.title}\n{known.text}", f"{version.title}\n{version.text}"), was_signed)


# --- the public side -------------------------------------------------------------------------------------------------
PUBLIC = (Release.State.SENT, Release.State.WITHDRAWN)


def public_releases() -> QuerySet[Release]:
    """What stands in the newsroom: live releases that went out, withdrawn ones too for their note; newest first."""
    out = Release.objects.filter(channel="newsroom", state__in=PUBLIC, sent_at__isnull=False, public_at__isnull=False)
    return out.select_related("version__statement").order_by("-public_at", "-id")


def newest_public() -> QuerySet[Release]:
    """The newest public release of each statement: what its page shows. A withdrawn one hides those before it.

    Each carries `first_public_at`: when the statement was first public, in whatever version.
    """
    same = public_releases().filter(version__statement=OuterRef("version__statement"))
    first = same.order_by("public_at").values("public_at")[:1]
    newest = public_releases().filter(~Exists(same.filter(pk__gt=OuterRef("pk"))))
    return newest.annotate(first_public_at=Subquery(first))


def changed_at(releases: Iterable[Release]) -> datetime | None:
    """When the public side last changed, for conditional requests."""
    return max((release.withdrawn_at or release.public_at for release in releases if release.public_at), default=None)


# --- search ----------------------------------------------------------------------------------------------------------
SEARCHED = 2000  # statements that are read word for word, the newest


def found_by(person: User, query: Query | None, filters: Mapping[str, Any]) -> list[Statement]:
    """Statements this person may see whose newest version a search wants; `since`, `until`, `level` narrow it."""
    statements = Statement.objects.visible_to(person).order_by("-created_at", "-pk")
    spans = (("since", "created_at__gte"), ("until", "created_at__lt"), ("level", "incident__level"))
    for name, lookup in spans:
        if filters.get(name) is not None:
            statements = statements.filter(**{lookup: filters[name]})
    versions = Prefetch("versions", StatementVersion.objects.readable_by(person))
    near = statements.select_related("incident").prefetch_related(versions)[:SEARCHED]
    return [
        statement
        for statement in near
        if query is None or query.wants(f"{statement.number}\n{statement.newest.title}\n{statement.newest.text}")
    ]
