"""People and departments: who is at the desk, and with which password they begin."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import hooks, lockout
from accounts.models import Department, RoleChange, User
from accounts.permissions import require
from accounts.roles import INDISPENSABLE, TWO_PERSON_ROLES, Role
from accounts.selectors import people_with
from accounts.services import Refused
from accounts.versions import save_if_current
from audit.services import record

# without l, o, 0, 1: it is read aloud and copied by hand. 16 of 32 characters are 80 bits.
PASSWORD_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
EDITABLE = ("name", "department", "title", "speciality", "email", "phone")


def one_time_password() -> str:
    """A random password in four groups of four, to be shown once."""
    return "-".join(get_random_string(4, PASSWORD_LETTERS) for _group in range(4))


@transaction.atomic
def add_person(
    *,
    username: str,
    name: str,
    actor: User | None,
    now: datetime,
    department: Department | None = None,
    title: str = "",
    speciality: str = "",
    email: str = "",
    phone: str = "",
) -> tuple[User, str]:
    """Open an account without any role. Returns the person and the one-time password, kept nowhere else.

    `actor` None is the command line. Raises PermissionDenied, Refused (the user name is taken).
    """
    if actor is not None:
        require(actor, "add_person")
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(_("There is already somebody called %(username)s.") % {"username": username})
    password = one_time_password()
    person = User(
        username=username,
        name=name,
        department=department,
        title=title,
        speciality=speciality,
        email=email,
        phone=phone,
        password_given_at=now,
    )
    person.set_password(password)
    person.save()
    record("accounts.person_added", actor=actor, subject=f"person:{username}", detail={"name": name})
    return person, password


@transaction.atomic
def edit_person(person: User, *, actor: User, version: int, changes: Mapping[str, Any]) -> User:
    """Change what the directory says of a person: the EDITABLE fields. Raises PermissionDenied, Stale."""
    require(actor, "edit_person", person)
    changed = [name for name in EDITABLE if name in changes and getattr(person, name) != changes[name]]
    for name in changed:
        setattr(person, name, changes[name])
    save_if_current(person, version, changed)
    record("accounts.person_edited", actor=actor, subject=f"person:{person.username}", detail={"fields": changed})
    return person


@transaction.atomic
def deactivate_person(person: User, *, actor: User, now: datetime) -> None:
    """Switch an account off. Sessions end at once and stay dead if it is ever switched on again; waiting changes lapse.

    Raises PermissionDenied, Refused (already off; the last holder of a role somebody must hold).
    """
    require(actor, "deactivate_person", person)
    for role in INDISPENSABLE:
        if person.holds(role) and not people_with(role).exclude(pk=person.pk).exists():
            raise Refused(last_holder_words(role))
    off = User.objects.filter(pk=person.pk, is_active=True).update(
        is_active=False, session_series=F("session_series") + 1, version=F("version") + 1
    )
    if not off:
        raise Refused(_("The account is switched off already."))
    person.refresh_from_db()
    RoleChange.objects.filter(person=person, state=RoleChange.State.WAITING).update(
        state=RoleChange.State.WITHDRAWN, decided_by=actor, decided_at=now
    )
    if not TWO_PERSON_ROLES.isdisjoint(person.roles):
        hooks.tell("accounts.person_deactivated", person)
    record("accounts.person_deactivated", actor=actor, subject=f"person:{person.username}")


@transaction.atomic
def reactivate_person(person: User, *, actor: User, now: datetime) -> str:
    """Switch an account on again; returns the one-time password it begins with. The roles it had are still there.

    Raises PermissionDenied, Refused (it is on).
    """
    require(actor, "reactivate_person", person)
    if not User.objects.filter(pk=person.pk, is_active=False).update(is_active=True, version=F("version") + 1):
        raise Refused(_("The account is switched on already."))
    person.refresh_from_db()
    password = _give_password(person, now)
    if not TWO_PERSON_ROLES.isdisjoint(person.roles):
        hooks.tell("accounts.person_reactivated", person)
    record("accounts.person_reactivated", actor=actor, subject=f"person:{person.username}")
    return password


@transaction.atomic
def reset_password(person: User, *, actor: User, now: datetime) -> str:
    """Give a one-time password in place of the old one; every session ends. The second factor stays as it is.

    The leadership group hears of it at once when the person decides or speaks: who can read the new password could be
    them. Raises PermissionDenied, Refused (the account is off).
    """
    require(actor, "reset_password", person)
    if not person.is_active:
        raise Refused(_("The account is switched off."))
    password = _give_password(person, now)
    if not TWO_PERSON_ROLES.isdisjoint(person.roles):
        hooks.tell("accounts.password_reset", person)
    record("accounts.password_reset", actor=actor, subject=f"person:{person.username}")
    return password


def _give_password(person: User, now: datetime) -> str:
    password = one_time_password()
    person.set_password(password)
    person.password_given_at = now
    person.save(update_fields=["password", "password_given_at"])
    return password


@transaction.atomic
def clear_second_factors(person: User, *, actor: User) -> None:
    """Take away a lost phone's codes and passkeys, so that the person can set up new ones. Sessions end.

    Raises PermissionDenied, Refused (there are none).
    """
    require(actor, "clear_second_factors", person)
    removed, _by_model = Authenticator.objects.filter(user=person).delete()
    if not removed:
        raise Refused(_("This person has no second factor."))
    User.objects.filter(pk=person.pk).update(session_series=F("session_series") + 1)
    if not TWO_PERSON_ROLES.isdisjoint(person.roles):
        hooks.tell("accounts.second_factors_cleared", person)
    record("accounts.second_factors_cleared", actor=actor, subject=f"person:{person.username}")


@transaction.atomic
def unlock_person(person: User, *, actor: User) -> None:
    """End every lock on this user name before its time. Raises PermissionDenied."""
    require(actor, "unlock_person", person)
    lockout.unlock(person.username)
    record("accounts.person_unlocked", actor=actor, subject=f"person:{person.username}")


def last_holder_words(role: str) -> str:
    words = _("%(role)s is held by nobody else: give the role to another person first.")
    return words % {"role": Role(role).label}


@transaction.atomic
def add_department(*, code: str, name: str, actor: User) -> Department:
    """Raises PermissionDenied, Refused (code or name is taken)."""
    require(actor, "change_departments")
    if Department.objects.filter(code=code).exists() or Department.objects.filter(name=name).exists():
        raise Refused(_("There is already a department with this code or name."))
    department = Department.objects.create(code=code, name=name)
    record("accounts.department_added", actor=actor, subject=f"department:{code}", detail={"name": name})
    return department


@transaction.atomic
def rename_department(department: Department, *, name: str, version: int, actor: User) -> Department:
    """The code stays, so that what points to it keeps its meaning. Raises PermissionDenied, Refused, Stale."""
    require(actor, "change_departments")
    if Department.objects.filter(name=name).exclude(pk=department.pk).exists():
        raise Refused(_("There is already a department with this code or name."))
    before, department.name = department.name, name
    save_if_current(department, version, ["name"])
    record(
        "accounts.department_renamed",
        actor=actor,
        subject=f"department:{department.code}",
        detail={"from": before, "to": name},
    )
    return department
