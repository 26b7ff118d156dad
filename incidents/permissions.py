"""Who may do what with an incident. One table, asked by every act (`require`) and every button (`may`).

A level is decided by who the design names (Who decides a level): the graver of all levels at stake counts; 一级 and
二级 take 组长 or 副组长, 三级 any member of the leadership group; never one's own proposal, nor one from a team one
leads. Somebody who stands in for one who is away (授权代理) decides in that person's name, and both names are kept.
The end of a response is decided by the same persons; at 三级 it is the 工作组组长's own act.
"""

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.module_loading import import_string

from accounts import clock
from accounts.may import Rule, Table, any_of, asking, holds
from accounts.models import User
from accounts.roles import DEPARTMENTS, LEADERS, SIGNING_LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import delegations_in_force, people_with, principals_of
from incidents.levels import LEVEL_STAGES, OPEN_STAGES, Level, Stage, graver
from incidents.models import Clock, Incident, LevelProposal, LevelRequest, TimelineEntry

DECIDERS: dict[int, tuple[Role, ...]] = {
    Level.ONE: SIGNING_LEADERS,
    Level.TWO: SIGNING_LEADERS,
    Level.THREE: LEADERS,
}
State = LevelRequest.State


# --- in whose name ---------------------------------------------------------------------------------------------------
def deciding_roles(*levels: int) -> tuple[Role, ...]:
    """The roles that decide when these levels are at stake: the gravest counts, and UNSET asks no less than 三级."""
    gravest = Level.UNSET.value
    for level in levels:
        gravest = graver(gravest, level)
    return DECIDERS[gravest or Level.THREE]


def principals(person: User, roles: tuple[Role, ...]) -> list[User]:
    """Those who are away and whom this person stands in for in one of these roles, by the wall clock in a drill too."""
    now = clock.now()
    return [principal for role in roles for principal in principals_of(person, role, now)] if person.is_active else []


def in_name_of(person: User, roles: tuple[Role, ...]) -> User | None:
    """Whose voice this person has: their own if they hold a role, else that of one who is away, else nobody's."""
    if person.holds(*roles):
        return person
    return next(iter(principals(person, roles)), None)


def has_a_hand_in(person: User, request: LevelRequest) -> bool:
    """Whether a proposal is their own or comes from a team they lead: working group, incident team or department."""
    asker = request.requested_by
    return (
        person.pk in (asker.pk, request.requested_for_id)
        or person.pk == request.incident.lead_id
        or (person.holds(Role.TEAM_HEAD) and asker.holds(*TEAM))
        or (
            person.holds(Role.DEPARTMENT_HEAD)
            and person.department_id is not None
            and person.department_id == asker.department_id
        )
    )


def decides_as(person: User, request: LevelRequest, *levels: int) -> User | None:
    """In whose name this person may decide a request; None: may not. `levels`: others at stake, if decided otherwise.

    Four eyes hold for both: neither the one who acts nor the one they act for may have a hand in the proposal.
    """
    if not person.is_active or has_a_hand_in(person, request):
        return None
    roles = deciding_roles(request.from_level, request.to_level, *levels)
    if person.holds(*roles):
        return person
    return next((each for each in principals(person, roles) if not has_a_hand_in(each, request)), None)


def deciders_of(request: LevelRequest) -> list[User]:
    """Everybody who may decide it: those of the roles, and those who stand in for one of them now."""
    of_role = people_with(*deciding_roles(request.from_level, request.to_level))
    standing_in = delegations_in_force(clock.now()).filter(principal__in=of_role).values("delegate")
    candidates = User.objects.filter(Q(pk__in=of_role.values("pk")) | Q(pk__in=standing_in), is_active=True)
    return [person for person in candidates if decides_as(person, request) is not None]


# --- predicates ------------------------------------------------------------------------------------------------------
def sees(person: User, incident: Incident) -> bool:
    return Incident.everywhere.visible_to(person).filter(pk=incident.pk).exists()


def sees_its_incident(person: User, thing: LevelRequest | Clock | TimelineEntry) -> bool:
    return sees(person, thing.incident)


def may_stand_still(person: User, clock: Clock) -> bool:
    """What the law sets nobody can stop."""
    return not clock.is_legal


def leads_its_incident(person: User, clock: Clock) -> bool:
    return leads_it(person, clock.incident)


def is_open(person: User, incident: Incident) -> bool:
    return incident.stage in OPEN_STAGES


def level_is_open(person: User, incident: Incident) -> bool:
    return incident.stage in LEVEL_STAGES


def is_triaged_by(*roles: Role) -> Rule:
    """Before a level is confirmed, the people who triage may still say that it was nothing."""

    def rule(person: User, incident: Incident) -> bool:
        return incident.stage == Stage.TRIAGED and person.holds(*roles)

    return rule


def has_no_level_by(*roles: Role) -> Rule:
    """Without a level it is as it was in triage: the people who triage may bring it back."""

    def rule(person: User, incident: Incident) -> bool:
        return incident.level == Level.UNSET and person.holds(*roles)

    return rule


def leads_it(person: User, incident: Incident) -> bool:
    return person.is_active and person.pk == incident.lead_id


def is_on(person: User, incident: Incident) -> bool:
    """They said that they are at work on it."""
    return incident.memberships.current().filter(person=person, on_since__isnull=False).exists()


def decides_its_level(person: User, incident: Incident) -> bool:
    """One who could decide the level it stands at."""
    return in_name_of(person, deciding_roles(incident.level)) is not None


def may_decide(person: User, request: LevelRequest) -> bool:
    return decides_as(person, request) is not None


def still_decides(person: User, request: LevelRequest) -> bool:
    """Whether this person still has, or lends their voice to, the office a request is decided from.

    For what they decided already: that the decision made them its lead (三级 goes to the head of the department) gives
    them no hand in the proposal of then.
    """
    return in_name_of(person, deciding_roles(request.from_level, request.to_level)) is not None


def is_requester(person: User, request: LevelRequest) -> bool:
    """Who asked; what is in force provisionally is not theirs to undo."""
    return person.is_active and person.pk == request.requested_by_id and not request.is_provisional


def decided_it(person: User, request: LevelRequest) -> bool:
    """Who took the decision, or in whose name it was taken."""
    return person.is_active and person.pk in (request.decided_by_id, request.acting_for_id)


def heads_team(person: User, thing: object) -> bool:
    """The 工作组组长, or who stands in for one."""
    return in_name_of(person, (Role.TEAM_HEAD,)) is not None


# --- on what ground something moves ----------------------------------------------------------------------------------
def last_decision(incident: Incident) -> LevelRequest | None:
    """The row the level and stage stand on: the last one that moved them, a provisional start included."""
    moved = incident.level_requests.filter(state__in=LevelRequest.MOVED).select_related("requested_by", "incident")
    return moved.order_by(Coalesce("decided_at", "requested_at").desc(), "-id").first()


def is_ground_of(person: User, decision: LevelRequest) -> bool:
    """Whether a row records this very person's own act, by which level or stage may move.

    The row is written first, in the same transaction (incidents.services), so the last one is the one that counts.
    """
    match decision.state:
        case State.PROVISIONAL:
            return person.pk == decision.requested_by_id and heads_team(person, decision.incident)
        case State.ORAL:
            return person.is_active and person.pk == decision.oral.recorded_by_id
        case State.APPROVED if decision.way == LevelRequest.Way.STANDING:
            return person.pk == decision.decided_by_id and person.holds(Role.TEAM_HEAD)
        case State.APPROVED | State.DECIDED_OTHERWISE:
            level = decision.decided_level or Level.UNSET
            return person.pk == decision.decided_by_id and decides_as(person, decision, level) is not None
    return False


def has_decided_for(level: int) -> Rule:
    """A row that this very person just wrote leads to this level: no level moves on any other ground."""

    def rule(person: User, incident: Incident) -> bool:
        last = last_decision(incident)
        if last is None:
            return False
        if last.state in LevelRequest.UNDONE:
            return last.from_level == level and has_undone(person, incident)
        return not last.ends_response and last.decided_level == level and is_ground_of(person, last)

    return rule


def has_just_decided(person: User, incident: Incident) -> bool:
    """The response begins with a decision on the level, by who took it."""
    last = last_decision(incident)
    return last is not None and not last.ends_response and is_ground_of(person, last)


def has_decided_end(person: User, incident: Incident) -> bool:
    last = last_decision(incident)
    return last is not None and last.ends_response and is_ground_of(person, last)


def has_undone(person: User, incident: Incident) -> bool:
    """Who took a decision back, or revoked one, brings level and stage back to where they were."""
    last = last_decision(incident)
    return (
        last is not None
        and last.state in LevelRequest.UNDONE
        and decided_it(person, last)
        and still_decides(person, last)
    )


# --- first aid: provisional, standing, by word of mouth --------------------------------------------------------------
def standing_authority_is_given() -> bool:
    """Whether the adopted plan lets the 工作组组长 decide 三级 alone (常设授权); the plan stands in the app above."""
    return bool(import_string(settings.STANDING_AUTHORITY)())


def standing_authority(person: User, incident: Incident) -> bool:
    return person.holds(Role.TEAM_HEAD) and incident.level == Level.UNSET and standing_authority_is_given()


def is_said_to_have_approved(person: User, request: LevelRequest) -> bool:
    return request.state == State.ORAL and decided_it(person, request)


def revokes(person: User, request: LevelRequest) -> bool:
    """A leader a provisional start or a decision under the standing authority; the one named, an approval by mouth."""
    if request.state == State.ORAL:
        return is_said_to_have_approved(person, request)
    is_first_aid = request.is_provisional or (
        request.way == LevelRequest.Way.STANDING and request.state == State.APPROVED
    )
    return is_first_aid and may_decide(person, request)


def is_not_requester(person: User, request: LevelRequest) -> bool:
    return person.pk not in (request.requested_by_id, request.requested_for_id)


def responds_gravely(person: User, incident: Incident) -> bool:
    """A response that ends by a decision of the leadership."""
    return incident.stage == Stage.RESPONDING and incident.level in (Level.ONE, Level.TWO)


def ends_level_three(person: User, incident: Incident) -> bool:
    """解除响应 at 三级 is the 工作组组长's own act."""
    return incident.level == Level.THREE and heads_team(person, incident)


def takes_up(person: User, proposal: LevelProposal) -> bool:
    """Who may ask for what the desk proposes; the end of a 三级 response is asked of nobody."""
    if proposal.is_end and proposal.from_level == Level.THREE:
        return heads_team(person, proposal.incident)
    return person.holds(*TEAM)


def sees_what_it_is_about(person: User, proposal: LevelProposal) -> bool:
    return sees(person, proposal.incident)


# --- the table -------------------------------------------------------------------------------------------------------
WORKS = holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)
TEAM_WORKS = holds(*TEAM)
HEADS_TEAM = holds(Role.TEAM_HEAD)

STEPS: Table = {
    "set_level_three": [has_decided_for(Level.THREE), sees],
    "set_level_two": [has_decided_for(Level.TWO), sees],
    "set_level_one": [has_decided_for(Level.ONE), sees],
    "unset_level": [has_undone, sees],
    "ratify": [has_just_decided, sees],
    "respond": [has_just_decided, sees],
    "stand_back": [has_undone, sees],
    "calm_down": [any_of(ends_level_three, has_decided_end, has_undone), sees],
    "relapse": [any_of(HEADS_TEAM, has_just_decided, has_undone), sees],
    "begin_review": [HEADS_TEAM, sees],
    "archive": [HEADS_TEAM, sees],
    "reopen": [decides_its_level, sees],
    "dismiss": [any_of(is_triaged_by(*TEAM), decides_its_level), sees],
    "merge": [any_of(is_triaged_by(*TEAM), decides_its_level), sees],
    "unmerge": [any_of(has_no_level_by(*TEAM), decides_its_level), sees],
}
ACTS: Table = {
    "open_incident": [holds(*TEAM, Role.MONITOR)],
    "edit_incident": [any_of(TEAM_WORKS, leads_it), is_open, sees],
    "hand_over_incidents": [TEAM_WORKS],  # several at once; each is an edit_incident of its own
    "split_incident": [TEAM_WORKS, is_open, sees],
    "edit_kinds": [HEADS_TEAM],
    "make_confidential": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS), is_open, sees],
    "change_members": [any_of(holds(Role.TEAM_HEAD, *SIGNING_LEADERS), leads_it), is_open, sees],
    "come_on": [WORKS, is_open, sees],
    "go_off": [is_on, sees],
    "attach_post": [holds(*TEAM, Role.MONITOR), is_open, sees],
    "detach_post": [holds(*TEAM, Role.MONITOR), is_open, sees],
    "add_note": [WORKS, sees],
    "make_brief": [holds(*TEAM, *LEADERS, Role.MONITOR), sees],
    "assess": [TEAM_WORKS, is_open, sees],
    "request_level": [TEAM_WORKS, level_is_open, sees],
    "request_end": [TEAM_WORKS, responds_gravely, sees],
    "start_level": [heads_team, level_is_open, sees],
    "decide_level_alone": [standing_authority, level_is_open, sees],
    "withdraw_level": [is_requester, sees_its_incident],
    "approve_level": [may_decide, sees_its_incident],
    "decide_level_otherwise": [may_decide, sees_its_incident],
    "return_level": [may_decide, sees_its_incident],
    "take_back_level": [decided_it, still_decides, sees_its_incident],
    "revoke_level": [revokes, sees_its_incident],
    "record_approval": [holds(*TEAM, *LEADERS, Role.MONITOR), is_not_requester, sees_its_incident],
    "countersign_level": [is_said_to_have_approved, still_decides, sees_its_incident],
    "take_up_proposal": [takes_up, sees_what_it_is_about],
    "dismiss_proposal": [TEAM_WORKS, sees_what_it_is_about],
    "pause_clock": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS), may_stand_still, sees_its_incident],
    "resume_clock": [any_of(holds(Role.TEAM_HEAD, *SIGNING_LEADERS), leads_its_incident), sees_its_incident],
    "correct_entry": [WORKS, sees_its_incident],
    "begin_statement": [holds(*TEAM, *SPEAKERS), is_open, sees],  # shows the way; response decides who drafts
    "export_incidents": [holds(*TEAM, *LEADERS, Role.AUDITOR)],
}
MAY: Table = {**STEPS, **ACTS}
may, require = asking(MAY)
