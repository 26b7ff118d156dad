"""Reads of signatures: who may give them, whose turn it is, what changed since a reader last looked."""

from dataclasses import dataclass

from django.db.models import Prefetch, Q

from accounts import clock
from accounts.models import User
from accounts.roles import SIGNING_LEADERS, TEAM
from accounts.selectors import delegations_in_force, stands_in, with_stand_ins
from incidents.levels import ClockKind
from incidents.models import Incident
from incidents.selectors.approvals import Waiting, wanted_by
from incidents.selectors.clocks import ticking
from response.diff import Piece, changes
from response.models import SignOff, Statement, StatementVersion
from response.permissions import NO_VOICE, signs_as, voices_of

State = StatementVersion.State


def signers_of(signoff: SignOff) -> list[User]:
    """Everybody who may sign in this place now, those who stand in for somebody included, and may see the incident."""
    now = clock.now()
    delegates = set(delegations_in_force(now).values_list("delegate", flat=True))
    near = with_stand_ins(*TEAM, *SIGNING_LEADERS, now=now)
    incident = signoff.version.statement.incident
    return [
        person
        for person in near.prefetch_related("groups")
        if signs_as(person, signoff, voices_of(person) if person.pk in delegates else NO_VOICE)
        and Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()
    ]


def signoffs_waiting_for(person: User) -> list[SignOff]:
    """The signatures this person may give now, the longest waiting first."""
    if not person.holds(*TEAM, *SIGNING_LEADERS) and not stands_in(person, clock.now()):
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
        due_at = speak.due_at if speak else wanted_by(version.submitted_at or version.created_at, version.level)
        found.append(Waiting("response/_signature_waiting.html", signoff, due_at, version.level))
    return found


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
