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
from incidents.permissions import heads_team, in_name_of
from opinion.permissions import READERS
from response.models import (
    ContactEntry,
    Engagement,
    Fact,
    HoldingSignature,
    HoldingText,
    Incoming,
    LegalAction,
    Line,
    PaperVersion,
    PlanVersion,
    ProgressReport,
    PublicQuestion,
    Release,
    ReportDuty,
    SignOff,
    StatementComment,
    StatementVersion,
    Task,
)
from response.papers import PLAN


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


def wrote_none_of_it(person: User, plan: PlanVersion) -> bool:
    """Four eyes: whoever wrote in a draft does not adopt it."""
    return not plan.writers.filter(pk=person.pk).exists()


def heads_its_department(person: User, thing: Task | Incident) -> bool:
    return (
        person.holds(Role.DEPARTMENT_HEAD)
        and person.department_id is not None
        and person.department_id == thing.department_id
    )


# --- 三级 by the department -------------------------------------------------------------------------------------------
def answers_reports(person: User, report: ProgressReport) -> bool:
    """One of the leadership group, or who stands in for one."""
    return in_name_of(person, LEADERS) is not None


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
NO_VOICE: Voices = {role: [] for role in (Role.TEAM_HEAD, *SIGNING_LEADERS)}  # of who stands in for nobody


def voices_of(person: User) -> Voices:
    """Whom this person stands in for, by signing role. For a list of sign-offs, read once and passed on."""
    now = clock.now()
    return {role: principals_of(person, role, now) for role in NO_VOICE}


def signs_as(person: User, signoff: SignOff | HoldingSignature, voices: Voices | None = None) -> User | None:
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


def places_roles(signoff: SignOff | HoldingSignature, version: StatementVersion | HoldingText) -> tuple[Role, ...]:
    """The roles that sign in a place of this version."""
    if signoff.place == SignOff.Place.LEADER:
        return (Role.LEADER_HEAD,) if version.level == Level.ONE else SIGNING_LEADERS
    return heads_for(version)


def signs_here(person: User, signoff: SignOff | HoldingSignature) -> bool:
    return signs_as(person, signoff) is not None


def overrides_as(person: User, version: StatementVersion) -> str | None:
    """In which of the two places this person may let pass what the checks block: not who wrote a word of it."""
    if not person.is_active or person.pk in {writer.pk for writer in version.writers.all()}:
        return None
    if person.holds(*TEAM) and person.speciality == Speciality.LEGAL:
        return SignOff.Place.LEGAL
    return SignOff.Place.TEAM_HEAD if person.holds(*heads_for(version)) else None


def overrides(person: User, version: StatementVersion) -> bool:
    return overrides_as(person, version) is not None


def heads_for(written: StatementVersion | HoldingText | Line) -> tuple[Role, ...]:
    """Who acts as 工作组组长 on it: 组长 or 副组长 when the 工作组组长 wrote a word of it."""
    wrote = any(writer.holds(Role.TEAM_HEAD) for writer in written.writers.all())
    return SIGNING_LEADERS if wrote else (Role.TEAM_HEAD,)


def approves_line(person: User, line: Line) -> bool:
    return person.pk not in {writer.pk for writer in line.writers.all()} and person.holds(*heads_for(line))


def wrote_comment(person: User, comment: StatementComment) -> bool:
    return person.is_active and person.pk == comment.author_id


# --- papers and letters ----------------------------------------------------------------------------------------------
def paper_roles(kind: str, level: int) -> tuple[Role, ...]:
    """A response plan is signed by 副组长 or 组长 (H2.1), a report to a regulator too, at 一级 by the 组长 (H1.1)."""
    return (Role.LEADER_HEAD,) if kind != PLAN and level == Level.ONE else SIGNING_LEADERS


def leader_voices(person: User) -> Voices:
    """Whom this person stands in for as a leader. For a list of papers, read once and passed on."""
    now = clock.now()
    return {role: principals_of(person, role, now) for role in SIGNING_LEADERS}


def signs_paper_as(person: User, version: PaperVersion, voices: Voices | None = None) -> User | None:
    """In whose name this person may sign a paper: their own, that of one who is away, or nobody's.

    Nobody signs words they wrote, nor in the name of one who did.
    """
    wrote = {writer.pk for writer in version.writers.all()}
    if not person.is_active or person.pk in wrote:
        return None
    roles = paper_roles(version.paper.kind, version.paper.incident.level)
    if person.holds(*roles):
        return person
    voices = leader_voices(person) if voices is None else voices
    absent = (principal for role in roles for principal in voices[role])
    return next((principal for principal in absent if principal.pk not in wrote), None)


def signs_paper(person: User, version: PaperVersion) -> bool:
    return version.is_in_review and signs_paper_as(person, version) is not None


def signs_for_leader(person: User, level: int) -> User | None:
    """Who says 无需上报: at 一级 the 组长, else 副组长 too, or who stands in."""
    roles = (Role.LEADER_HEAD,) if level == Level.ONE else SIGNING_LEADERS
    if not person.is_active:
        return None
    if person.holds(*roles):
        return person
    voices = leader_voices(person)
    return next((principal for role in roles for principal in voices[role]), None)


def waives_duty(person: User, duty: ReportDuty) -> bool:
    return signs_for_leader(person, duty.incident.level) is not None


def edits_report_rules(person: User, thing: Any) -> bool:
    """The 工作组组长 and its 法务."""
    return person.holds(Role.TEAM_HEAD) or (person.holds(*TEAM) and person.speciality == Speciality.LEGAL)


def answers(person: User, letter: Incoming) -> bool:
    return person.is_active and person.pk == letter.owner_id


def approves_line_as(person: User, letter: Incoming) -> User | None:
    """The 工作组组长 approves what is answered, or who stands in; a leader what the head wrote. Nobody their own."""
    if not person.is_active or letter.line_by is None or person.pk == letter.line_by_id:
        return None
    role_of_all = SIGNING_LEADERS if letter.line_by.holds(Role.TEAM_HEAD) else (Role.TEAM_HEAD,)
    if person.holds(*role_of_all):
        return person
    now = clock.now()
    absent = (principal for role in role_of_all for principal in principals_of(person, role, now))
    return next((principal for principal in absent if principal.pk != letter.line_by_id), None)


def approves_incoming(person: User, letter: Incoming) -> bool:
    return approves_line_as(person, letter) is not None


def speaks(person: User, thing: Any) -> bool:
    """By letter of authority or break-glass, on the wall clock: a drill lends nobody authority."""
    return bool(may_speak(person, clock.now()))


# --- outreach --------------------------------------------------------------------------------------------------------
def takes_next_step(person: User, entry: ContactEntry) -> bool:
    return person.is_active and (person.pk in (entry.next_step_owner_id, entry.by_id) or person.holds(Role.TEAM_HEAD))


def did_not_draft(person: User, engagement: Engagement) -> bool:
    return person.pk != engagement.drafted_by_id


# --- releases and the accounts they go out from ----------------------------------------------------------------------
SECONDS = (*SPEAKERS, Role.TEAM_HEAD, *SIGNING_LEADERS)  # who may agree to a push that reaches every follower


def did_not_ask_for_it(person: User, release: Release) -> bool:
    return person.pk != release.requested_by_id


WORKS = holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)
DRAFTS = holds(*TEAM, *SPEAKERS)
OUTWARD = holds(*TEAM, *LEADERS, *SPEAKERS)

MAY: Table = {
    "see_plan": [any_of(WORKS, holds(Role.AUDITOR))],
    "set_standing_authority": [holds(*SIGNING_LEADERS)],
    "draft_plan": [holds(Role.TEAM_HEAD)],
    "adopt_plan": [holds(*SIGNING_LEADERS), wrote_none_of_it],
    "start_task": [any_of(owns, stands_in_for_owner, holds(Role.TEAM_HEAD))],
    "finish_task": [any_of(owns, stands_in_for_owner, holds(Role.TEAM_HEAD))],
    "waive_task": [waives],
    "give_task": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS)],
    "reassign_task": [any_of(owns, holds(Role.TEAM_HEAD), heads_its_department)],
    "choose_handling": [any_of(heads_its_department, holds(Role.TEAM_HEAD))],
    "report_progress": [any_of(heads_its_department, holds(Role.TEAM_HEAD))],
    "answer_progress": [answers_reports],
    "file_closing": [any_of(heads_its_department, holds(Role.TEAM_HEAD))],
    "answer_closing": [heads_team],
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
    "comment_statement": [holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS)],
    "resolve_comment": [any_of(DRAFTS, wrote_comment)],
    "override_checks": [overrides],
    "mark_promise": [DRAFTS],
    "see_promises": [any_of(WORKS, holds(Role.AUDITOR))],
    "see_holding": [any_of(WORKS, holds(Role.AUDITOR))],
    "write_holding": [DRAFTS],
    "sign_holding": [signs_here],
    "retire_holding": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS)],
    "write_line": [DRAFTS],
    "approve_line": [approves_line],
    "publish_statement": [speaks],
    "confirm_release": [speaks],
    "withdraw_release": [speaks],
    "see_directory": [OUTWARD],
    "edit_contact": [holds(*TEAM)],
    "log_contact": [OUTWARD],
    "finish_next_step": [takes_next_step],
    "draft_engagement": [holds(*TEAM)],
    "agree_engagement": [holds(*SIGNING_LEADERS), did_not_draft],
    "end_engagement": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS)],
    "record_advice": [holds(*TEAM)],
    "record_cost": [holds(*TEAM)],
    "guide": [DRAFTS],
    "second_release": [holds(*SECONDS), did_not_ask_for_it],
    "see_channel_accounts": [holds(*TEAM, *LEADERS, *SPEAKERS, Role.SYSTEM_ADMIN, Role.AUDITOR)],
    "edit_channel_accounts": [holds(Role.SYSTEM_ADMIN)],
    # papers, reports to regulators, letters
    "write_paper": [holds(*TEAM)],
    "sign_paper": [signs_paper],
    "make_tasks_of_plan": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS)],
    "handle_reports": [holds(*TEAM, *SIGNING_LEADERS)],
    "waive_duty": [waives_duty],
    "edit_report_rules": [edits_report_rules],
    "see_incoming": [any_of(WORKS, holds(Role.AUDITOR))],
    "enter_incoming": [WORKS],
    "handle_incoming": [any_of(answers, holds(*TEAM))],
    "hand_over_incoming": [any_of(answers, holds(Role.TEAM_HEAD))],
    "approve_incoming": [approves_incoming],
    "close_incoming": [holds(Role.TEAM_HEAD)],
}
may, require = asking(MAY)
