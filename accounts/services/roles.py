"""Roles granted and taken: the ordinary ones at once, those of 领导小组 and 发言人 by a second person's word."""

from datetime import datetime

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.models import RoleChange, User
from accounts.permissions import require
from accounts.roles import INDISPENSABLE, OFFICERS, TWO_PERSON_ROLES, Role
from accounts.selectors import people_with
from accounts.services import Refused
from accounts.services.people import last_holder_words
from audit.services import record

State = RoleChange.State


@transaction.atomic
def request_role_change(
    person: User, role: str, *, grants: bool, reason: str, actor: User, now: datetime
) -> RoleChange:
    """Ask for a role to be granted or taken. An ordinary role changes at once; a two-person role waits.

    Raises PermissionDenied, Refused with what stands in the way.
    """
    require(actor, "request_role_change", person)
    role = Role(role)
    _must_be_possible(person, role, grants)
    change = RoleChange(
        person=person,
        role=role,
        grants=grants,
        reason=reason,
        requested_by=actor,
        requested_at=now,
        state=State.APPLIED,
    )
    if role in TWO_PERSON_ROLES:
        change.state = State.WAITING
        try:
            with transaction.atomic():
                change.save(force_insert=True)
        except IntegrityError as error:
            raise Refused(_("A change of this role is already waiting for this person.")) from error
        hooks.tell("accounts.role_change_requested", change)
        record("accounts.role_change_requested", actor=actor, subject=_subject(change), detail=_detail(change))
        return change
    change.decided_by, change.decided_at = actor, now
    change.save(force_insert=True)
    _move_group(change)
    record(_event(change), actor=actor, subject=_subject(change), detail=_detail(change))
    return change


@transaction.atomic
def decide_role_change(change: RoleChange, *, actor: User, now: datetime, approves: bool, note: str = "") -> RoleChange:
    """The second person's word: the role moves now, or the request is refused. The leadership group is told.

    Raises PermissionDenied (the requester, the person concerned, anybody else), Refused (decided meanwhile, or
    possible no longer).
    """
    require(actor, "decide_role_change", change)
    _close(change, State.APPLIED if approves else State.REFUSED, actor, now, note)
    if approves:
        _move_group(change)
        hooks.tell("accounts.role_change_applied", change)
        record(_event(change), actor=actor, subject=_subject(change), detail=_detail(change))
    else:
        hooks.tell("accounts.role_change_refused", change)
        record("accounts.role_change_refused", actor=actor, subject=_subject(change), detail=_detail(change))
    return change


@transaction.atomic
def withdraw_role_change(change: RoleChange, *, actor: User, now: datetime) -> RoleChange:
    """Whoever asked takes the request back. Raises PermissionDenied, Refused (decided meanwhile)."""
    require(actor, "withdraw_role_change", change)
    _close(change, State.WITHDRAWN, actor, now, "")
    record("accounts.role_change_withdrawn", actor=actor, subject=_subject(change), detail=_detail(change))
    return change


@transaction.atomic
def grant_first(person: User, role: str, *, now: datetime) -> RoleChange:
    """Grant a role from the command line, on a desk that has nobody who could.

    A two-person role only while nobody holds it: afterwards the desk's own people decide. Raises Refused.
    """
    role = Role(role)
    _must_be_possible(person, role, grants=True)
    if role in TWO_PERSON_ROLES and people_with(role).exists():
        words = _("%(role)s is held by somebody already: grant it on the desk, where a second person agrees.")
        raise Refused(words % {"role": role.label})
    change = RoleChange.objects.create(
        person=person,
        role=role,
        grants=True,
        reason="add_person",
        requested_at=now,
        decided_at=now,
        state=State.APPLIED,
    )
    _move_group(change)
    record(_event(change), subject=_subject(change), detail=_detail(change))
    return change


def _must_be_possible(person: User, role: Role, grants: bool) -> None:
    person = User.objects.get(pk=person.pk)  # its roles as they are now
    if not grants:
        if role not in person.roles:
            raise Refused(_("This person does not hold the role."))
        if role in INDISPENSABLE and not people_with(role).exclude(pk=person.pk).exists():
            raise Refused(last_holder_words(role))
        return
    if not person.is_active:
        raise Refused(_("The account is switched off."))
    if role in person.roles:
        raise Refused(_("This person holds the role already."))
    if person.roles and (role in OFFICERS or not person.roles.isdisjoint(OFFICERS)):
        raise Refused(_("An officer holds no other role: take the other role away first."))


def _close(change: RoleChange, state: str, actor: User, now: datetime, note: str) -> None:
    mine = RoleChange.objects.filter(pk=change.pk, state=State.WAITING).update(
        state=state, decided_by=actor, decided_at=now, decision_note=note
    )
    if not mine:
        raise Refused(_("This request has been decided meanwhile."))
    change.refresh_from_db()


def _move_group(change: RoleChange) -> None:
    """Put the person into the role's group or take them out, if that is still possible."""
    group = Group.objects.select_for_update().get(
        name=change.role
    )  # so that two changes of a role wait for one another
    _must_be_possible(change.person, Role(change.role), change.grants)
    person = User.objects.get(pk=change.person_id)
    (person.groups.add if change.grants else person.groups.remove)(group)


def _event(change: RoleChange) -> str:
    return "accounts.role_granted" if change.grants else "accounts.role_taken"


def _subject(change: RoleChange) -> str:
    return f"person:{change.person.username}"


def _detail(change: RoleChange) -> dict[str, object]:
    detail = {
        "change": str(change.uuid),
        "role": change.role,
        "grants": change.grants,
        "reason": change.reason,
        "requested_by": change.requested_by.username if change.requested_by else None,
    }
    return {**detail, "note": change.decision_note} if change.decision_note else detail
