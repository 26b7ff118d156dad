"""Who may do what with people, roles and authority. The one table of this app."""

from typing import Any

from accounts.may import Table, any_of, asking, holds
from accounts.models import User
from accounts.roles import LEADERS, SIGNING_LEADERS, Role


def has_a_role(person: User, thing: Any) -> bool:
    return person.is_authenticated and person.holds(*Role.values)


def is_somebody_else(person: User, thing: User) -> bool:
    """The act is done to another person, never to oneself."""
    return person.pk != thing.pk


def is_not_requester(person: User, change: Any) -> bool:
    return person.pk != change.requested_by_id


def is_not_concerned(person: User, change: Any) -> bool:
    return person.pk != change.person_id


def is_requester(person: User, change: Any) -> bool:
    return person.is_active and person.pk == change.requested_by_id


def is_its_person(person: User, row: Any) -> bool:
    return person.is_active and person.pk == row.person_id


def is_principal(person: User, delegation: Any) -> bool:
    return person.is_active and person.pk == delegation.principal_id


def did_not_set_it(person: User, identity: Any) -> bool:
    return person.pk != identity.set_by_id


GRANTS = holds(Role.SECURITY_ADMIN)
SIGNS = holds(*SIGNING_LEADERS)
KEEPS_IDENTITIES = holds(Role.SECURITY_ADMIN, Role.SYSTEM_ADMIN)

MAY: Table = {
    "see_people": [has_a_role],
    "add_person": [GRANTS],
    "edit_person": [GRANTS],
    "deactivate_person": [GRANTS, is_somebody_else],
    "reactivate_person": [GRANTS, is_somebody_else],
    "reset_password": [GRANTS, is_somebody_else],
    "clear_second_factors": [GRANTS, is_somebody_else],
    "unlock_person": [GRANTS],
    "set_identity": [KEEPS_IDENTITIES, is_somebody_else],
    "confirm_identity": [any_of(GRANTS, SIGNS, is_its_person), did_not_set_it],
    "remove_identity": [any_of(KEEPS_IDENTITIES, is_its_person)],
    "change_departments": [GRANTS],
    "request_role_change": [GRANTS, is_somebody_else],
    "see_role_changes": [any_of(GRANTS, holds(*LEADERS, Role.AUDITOR))],
    "decide_role_change": [any_of(GRANTS, SIGNS), is_not_requester, is_not_concerned],
    "withdraw_role_change": [is_requester],
    "issue_letter": [SIGNS, is_somebody_else],
    "revoke_letter": [SIGNS],
    "take_break_glass": [holds(Role.TEAM_HEAD, *LEADERS)],
    "end_break_glass": [any_of(is_its_person, SIGNS)],
    "delegate": [holds(Role.TEAM_HEAD, *LEADERS)],
    "revoke_delegation": [any_of(is_principal, SIGNS)],
}

may, require = asking(MAY)
