"""Who may do what in a response. One table, for every act (`require`) and every button (`may`).

The table says who. Whether an act fits the moment is for the services, which raise NotNow. Pages start at `visible_to`.
"""

from collections.abc import Mapping
from typing import Any

from accounts import clock
from accounts.may import Table, any_of, asking, holds
from accounts.models import Speciality, User
from accounts.roles import DEPARTMENTS, LEADERS, SIGNING_LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import may_speak, principals_of
from incidents.levels import Level
from incidents.models import Incident
from opinion.permissions import READERS
from response.models import Fact, LegalAction, PublicQuestion, SignOff, StatementVersion, Task


# --- tasks -----------------------------------------------------------------------------------------------------------
def owns(person: User, task: Task) -> bool:
    return person.is_active and person.pk in (task.owner_id, task.deputy_id)


def stands_in_for_owner(person: User, task: Task) -> bool:
    """Somebody the owner, who is away, named (授权代理)."""
    if not person.is_active or task.owner is None:
        return False
    now = clock.now()
    return any(
        principal.pk == task.owner_id
        for role in (*SIGNING_LEADERS, Role.LEADER_MEMBER, Role.TEAM_HEAD)
        if task.owner.holds(role)
        for principal in principals_of(person, role, now)
    )


def waives(person: User, task: Task) -> bool:
    """A ★ step of the company's own plan takes 组长 or 副组长, any other the 工作组组长."""
    return person.holds(*SIGNING_LEADERS) if task.is_starred else person.holds(Role.TEAM_HEAD, *SIGNING_LEADERS)


def heads_its_department(person: User, task: Task) -> bool:
    return (
        person.holds(Role.DEPARTMENT_HEAD)
        and person.department_id is not None
        and person.department_id == task.department_id
    )


# --- facts -----------------------------------------------------------------------------------------------------------
def works_in_its_department(person: User, incident: Incident) -> bool:
    """Head or staff of the department the incident belongs to."""
    return (
        person.holds(*DEPARTMENTS)
        and person.department_id is not None
        and person.department_id == incident.department_id
    )


def adds_facts(person: User, incident: Incident) -> bool:
    return person.holds(*TEAM) or works_in_its_department(person, incident)


def signs_facts(person: User, fact: Fact) -> bool:
    return adds_facts(person, fact.incident)


def notes_questions(person: User, incident: Incident) -> bool:
    """Who hears them: the team, the department, whoever speaks and whoever watches."""
    return adds_facts(person, incident) or person.holds(*SPEAKERS, Role.MONITOR)


def answers_questions(person: User, question: PublicQuestion) -> bool:
    return adds_facts(person, question.incident)


# --- evidence and law ------------------------------------------------------------------------------------------------
def is_in_law(person: User, thing: Any) -> bool:
    """法务 of the working group, or its head."""
    return person.holds(Role.TEAM_HEAD) or (person.holds(*TEAM) and person.speciality == Speciality.LEGAL)


def owns_action(person: User, action: LegalAction) -> bool:
    return person.is_active and person.pk == action.owner_id


# --- statements ------------------------------------------------------------------------------------------------------
Voices = Mapping[str, list[User]]  # role: those who are away and whom somebody stands in for in it


def voices_of(person: User) -> Voices:
    """Whom this person stands in for, by signing role. For a list of sign-offs, read once and passed on."""
    now = clock.now()
    return {role: principals_of(person, role, now) for role in (Role.TEAM_HEAD, *SIGNING_LEADERS)}


def signs_as(person: User, signoff: SignOff, voices: Voices | None = None) -> User | None:
    """In whose name this person may sign in this place: their own, that of one who is away, or nobody's.

    Nobody signs words they wrote, nor in the name of one who did, and nobody signs a version twice. When the 工作组组长
    wrote it, 组长 or 副组长 signs in that place instead.
    """
    version = signoff.version
    wrote = {writer.pk for writer in version.writers.all()}
    signed = {other.person_id for other in version.signoffs.all() if other.pk != signoff.pk and other.person_id}
    if not person.is_active or person.pk in wrote | signed:
        return None
    if signoff.place == SignOff.Place.LEGAL:
        return person if person.holds(*TEAM) and person.speciality == Speciality.LEGAL else None
    roles = places_roles(signoff, version)
    if person.holds(*roles):
        return person
    if voices is None:
        voices = voices_of(person)
    absent = (principal for role in roles for principal in voices[role])
    return next((principal for principal in absent if principal.pk not in wrote), None)


def places_roles(signoff: SignOff, version: StatementVersion) -> tuple[Role, ...]:
    """The roles that sign in a place of this version."""
    if signoff.place == SignOff.Place.LEADER:
        return (Role.LEADER_HEAD,) if version.level == Level.ONE else SIGNING_LEADERS
    if any(writer.holds(Role.TEAM_HEAD) for writer in version.writers.all()):
        return SIGNING_LEADERS
    return (Role.TEAM_HEAD,)


def signs_here(person: User, signoff: SignOff) -> bool:
    return signs_as(person, signoff) is not None


def speaks(person: User, thing: Any) -> bool:
    """By letter of authority or break-glass, on the wall clock: a drill lends nobody authority."""
    return bool(may_speak(person, clock.now()))


WORKS = holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)
DRAFTS = holds(*TEAM, *SPEAKERS)

MAY: Table = {
    "see_plan": [any_of(WORKS, holds(Role.AUDITOR))],
    "set_standing_authority": [holds(*SIGNING_LEADERS)],
    "start_task": [any_of(owns, stands_in_for_owner, holds(Role.TEAM_HEAD))],
    "finish_task": [any_of(owns, stands_in_for_owner, holds(Role.TEAM_HEAD))],
    "waive_task": [waives],
    "reassign_task": [any_of(owns, holds(Role.TEAM_HEAD), heads_its_department)],
    "add_fact": [adds_facts],
    "sign_fact": [signs_facts],
    "add_proof": [signs_facts],
    "sign_sheet": [adds_facts],
    "add_question": [notes_questions],
    "answer_question": [answers_questions],
    "pair_rumour": [holds(*TEAM)],
    "change_rumour": [holds(*TEAM)],
    "see_evidence": [holds(*READERS, Role.AUDITOR)],
    "preserve_post": [holds(*TEAM, Role.MONITOR)],
    "number_evidence": [is_in_law],
    "export_evidence": [holds(*TEAM, Role.AUDITOR)],
    "see_legal": [holds(*TEAM, *LEADERS, *SPEAKERS, Role.DEPARTMENT_HEAD, Role.AUDITOR)],
    "open_legal_action": [is_in_law],
    "move_legal_action": [any_of(is_in_law, owns_action)],
    "draft_statement": [DRAFTS],
    "edit_statement": [DRAFTS],
    "submit_statement": [DRAFTS],
    "revise_statement": [DRAFTS],
    "sign_statement": [signs_here],
    "publish_statement": [speaks],
    "confirm_release": [speaks],
    "withdraw_release": [speaks],
}
may, require = asking(MAY)
