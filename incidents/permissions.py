"""Who may do what with an incident. One table, asked by every act (`require`) and every button (`may`).

A level is decided by who the design names (Who decides a level): the graver of all levels at stake counts; 一级 and
二级 take 组长 or 副组长, 三级 any member of the leadership group; never one's own proposal, nor one from a team one
leads. Somebody who stands in for one who is away (授权代理) decides in that person's name, and both names are kept.
"""

from django.db.models import Q

from accounts import clock
from accounts.may import Rule, Table, any_of, asking, holds
from accounts.models import User
from accounts.roles import DEPARTMENTS, LEADERS, SIGNING_LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import delegations_in_force, people_with, principals_of
from incidents.levels import LEVEL_STAGES, OPEN_STAGES, Level, Stage, graver
from incidents.models import Clock, Incident, LevelRequest, TimelineEntry

DECIDERS: dict[int, tuple[Role, ...]] = {
    Level.ONE: SIGNING_LEADERS,
    Level.TWO: SIGNING_LEADERS,
    Level.THREE: LEADERS,
}
ENDERS: dict[int, tuple[Role, ...]] = {  # 解除响应: 一级 and 二级 a leadership decision, 三级 the 工作组组长
    Level.ONE: SIGNING_LEADERS,
    Level.TWO: SIGNING_LEADERS,
    Level.THREE: (Role.TEAM_HEAD,),
}


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
        person.pk == asker.pk
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


def leads_it(person: User, incident: Incident) -> bool:
    return person.is_active and person.pk == incident.lead_id


def decides_its_level(person: User, incident: Incident) -> bool:
    """One who could decide the level it stands at."""
    return in_name_of(person, deciding_roles(incident.level)) is not None


def ends_its_response(person: User, incident: Incident) -> bool:
    return in_name_of(person, ENDERS[incident.level or Level.THREE]) is not None


def may_decide(person: User, request: LevelRequest) -> bool:
    return decides_as(person, request) is not None


def is_requester(person: User, request: LevelRequest) -> bool:
    return person.is_active and person.pk == request.requested_by_id


def decided_it(person: User, request: LevelRequest) -> bool:
    """Who took the decision, or in whose name it was taken."""
    return person.is_active and person.pk in (request.decided_by_id, request.acting_for_id)


def has_decided_for(level: int) -> Rule:
    """A recorded decision of this very person leads to this level: no level moves on any other ground.

    The row is closed first, in the same transaction (services.levels), so the last one that was decided is the one
    that counts.
    """

    def rule(person: User, incident: Incident) -> bool:
        last = last_decision(incident)
        if last is None or not person.is_active:
            return False
        if last.state == LevelRequest.State.TAKEN_BACK:
            return last.from_level == level and has_taken_back(person, incident)
        return (
            last.decided_level == level
            and person.pk == last.decided_by_id
            and decides_as(person, last, level) is not None
        )

    return rule


def has_just_decided(person: User, incident: Incident) -> bool:
    """The response begins with a decision on the level, by who took it."""
    last = last_decision(incident)
    return last is not None and has_decided_for(last.decided_level or Level.UNSET)(person, incident)


def has_taken_back(person: User, incident: Incident) -> bool:
    last = last_decision(incident)
    return (
        last is not None
        and last.state == LevelRequest.State.TAKEN_BACK
        and decided_it(person, last)
        and may_decide(person, last)
    )


def last_decision(incident: Incident) -> LevelRequest | None:
    decided = incident.level_requests.filter(state__in=LevelRequest.MOVED_THE_LEVEL)
    return decided.select_related("requested_by", "incident").order_by("-decided_at", "-id").first()


# --- the table -------------------------------------------------------------------------------------------------------
WORKS = holds(*TEAM, *LEADERS, *SPEAKERS, *DEPARTMENTS, Role.MONITOR)
TEAM_WORKS = holds(*TEAM)
HEADS_TEAM = holds(Role.TEAM_HEAD)

STEPS: Table = {
    "set_level_three": [has_decided_for(Level.THREE), sees],
    "set_level_two": [has_decided_for(Level.TWO), sees],
    "set_level_one": [has_decided_for(Level.ONE), sees],
    "unset_level": [has_taken_back, sees],
    "respond": [has_just_decided, sees],
    "stand_back": [has_taken_back, sees],
    "calm_down": [any_of(ends_its_response, has_taken_back), sees],
    "relapse": [any_of(HEADS_TEAM, has_just_decided), sees],
    "begin_review": [HEADS_TEAM, sees],
    "archive": [HEADS_TEAM, sees],
    "reopen": [decides_its_level, sees],
    "dismiss": [any_of(is_triaged_by(*TEAM), decides_its_level), sees],
    "merge": [any_of(is_triaged_by(*TEAM), decides_its_level), sees],
}
ACTS: Table = {
    "open_incident": [holds(*TEAM, Role.MONITOR)],
    "edit_incident": [TEAM_WORKS, is_open, sees],
    "make_confidential": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS), is_open, sees],
    "change_members": [any_of(holds(Role.TEAM_HEAD, *SIGNING_LEADERS), leads_it), is_open, sees],
    "attach_post": [holds(*TEAM, Role.MONITOR), is_open, sees],
    "detach_post": [holds(*TEAM, Role.MONITOR), is_open, sees],
    "add_note": [WORKS, sees],
    "assess": [TEAM_WORKS, is_open, sees],
    "request_level": [TEAM_WORKS, level_is_open, sees],
    "withdraw_level": [is_requester, sees_its_incident],
    "approve_level": [may_decide, sees_its_incident],
    "decide_level_otherwise": [may_decide, sees_its_incident],
    "return_level": [may_decide, sees_its_incident],
    "take_back_level": [decided_it, may_decide, sees_its_incident],
    "pause_clock": [holds(Role.TEAM_HEAD, *SIGNING_LEADERS), may_stand_still, sees_its_incident],
    "resume_clock": [any_of(holds(Role.TEAM_HEAD, *SIGNING_LEADERS), leads_its_incident), sees_its_incident],
    "correct_entry": [WORKS, sees_its_incident],
    "begin_statement": [holds(*TEAM, *SPEAKERS), is_open, sees],  # shows the way; response decides who drafts
    "export_incidents": [holds(*TEAM, *LEADERS, Role.AUDITOR)],
}
MAY: Table = {**STEPS, **ACTS}
may, require = asking(MAY)
