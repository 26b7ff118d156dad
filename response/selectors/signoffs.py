"""Reads of signatures: who may give them, whose turn it is, what changed since a reader last looked."""

from dataclasses import dataclass

from django.db.models import Q

from accounts import clock
from accounts.models import User
from accounts.roles import SIGNING_LEADERS, TEAM
from accounts.selectors import delegations_in_force, people_with
from incidents.models import Incident
from response.diff import Piece, changes
from response.models import SignOff, Statement, StatementVersion
from response.permissions import signs_as, voices_of
from response.selectors.holding import holding_waiting_for
from response.selectors.lines import lines_waiting_for

State = StatementVersion.State


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
        .prefetch_related("version__writers__groups", "version__signoffs")
        .order_by("version__submitted_at", "id")
    )
    voices = voices_of(person)
    mine: dict[int, SignOff] = {}
    for signoff in waiting:
        if signs_as(person, signoff, voices):
            mine.setdefault(signoff.version_id, signoff)
    return list(mine.values())


def signoffs_waiting_count(person: User) -> int:
    """For the rail: statements, holding texts and lines that wait for this person's signature."""
    return len(signoffs_waiting_for(person)) + len(holding_waiting_for(person)) + len(lines_waiting_for(person))


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
