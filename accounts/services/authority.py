"""Who speaks and decides for whom: letters of authority, break-glass, delegations."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.models import BreakGlass, Delegation, LetterOfAuthority, User
from accounts.permissions import require
from accounts.roles import LEADERS, SPEAKERS, TEAM, Role
from accounts.selectors import break_glass_in_force
from accounts.services import Refused
from audit.services import record

BREAK_GLASS_LASTS_AT_MOST = timedelta(hours=4)
DELEGATION_LASTS_AT_MOST = timedelta(days=30)
# Whom a decider may name. Staff of a department see their own tasks only and cannot judge a case.
POSSIBLE_DELEGATES = (*LEADERS, *TEAM, Role.DEPARTMENT_HEAD)


# --- letters of authority --------------------------------------------------------------------------------------------
@transaction.atomic
def issue_letter(
    person: User, *, scope: str, starts_on: date, ends_on: date, actor: User, now: datetime
) -> LetterOfAuthority:
    """授权书: 组长 or 副组长 lets a 发言人 speak on `scope` from one day to another, both included.

    It is one for an alternate when the person is 备选发言人 and not 发言人. Raises PermissionDenied, Refused.
    """
    require(actor, "issue_letter", person)
    if not person.holds(*SPEAKERS):
        raise Refused(
            _("Only somebody who is spokesperson or alternate spokesperson can be given a letter of authority.")
        )
    if ends_on < starts_on or ends_on < timezone.localdate(now):
        raise Refused(_("The letter must end on or after the day it begins, and not in the past."))
    letter = LetterOfAuthority.objects.create(
        person=person,
        is_alternate=not person.holds(Role.SPOKESPERSON),
        scope=scope,
        starts_on=starts_on,
        ends_on=ends_on,
        issued_by=actor,
        issued_at=now,
    )
    hooks.tell("accounts.letter_issued", letter)
    detail = {"letter": str(letter.uuid), "scope": scope, "starts_on": starts_on, "ends_on": ends_on}
    record(
        "accounts.letter_issued",
        actor=actor,
        subject=f"person:{person.username}",
        detail={**detail, "is_alternate": letter.is_alternate},
    )
    return letter


@transaction.atomic
def revoke_letter(letter: LetterOfAuthority, *, actor: User, now: datetime) -> LetterOfAuthority:
    """From now on the letter gives no authority. Raises PermissionDenied, Refused (revoked already)."""
    require(actor, "revoke_letter", letter)
    mine = LetterOfAuthority.objects.filter(pk=letter.pk, revoked_at__isnull=True)
    if not mine.update(revoked_at=now, revoked_by=actor):
        raise Refused(_("The letter has been revoked already."))
    letter.refresh_from_db()
    hooks.tell("accounts.letter_revoked", letter)
    record(
        "accounts.letter_revoked",
        actor=actor,
        subject=f"person:{letter.person.username}",
        detail={"letter": str(letter.uuid)},
    )
    return letter


# --- break-glass -----------------------------------------------------------------------------------------------------
@transaction.atomic
def take_break_glass(*, actor: User, reason: str, hours: int, now: datetime) -> BreakGlass:
    """Speak for the company because neither spokesperson can be reached; for `hours` full hours, at most four.

    `reason` says whom they tried, how, and why it cannot wait. The leadership group is told at once.
    Raises PermissionDenied, Refused.
    """
    require(actor, "take_break_glass")
    lasts = timedelta(hours=hours)
    if not timedelta(0) < lasts <= BREAK_GLASS_LASTS_AT_MOST:
        raise Refused(_("A break-glass lasts from one to four hours."))
    if break_glass_in_force(now).filter(person=actor).exists():
        raise Refused(_("Your break-glass is still in force."))
    glass = BreakGlass.objects.create(person=actor, reason=reason, starts_at=now, ends_at=now + lasts)
    hooks.tell("accounts.break_glass_taken", glass)
    record(
        "accounts.break_glass_taken",
        actor=actor,
        subject=f"person:{actor.username}",
        detail={"break_glass": str(glass.uuid), "reason": reason, "ends_at": glass.ends_at},
    )
    return glass


@transaction.atomic
def end_break_glass(glass: BreakGlass, *, actor: User, now: datetime) -> BreakGlass:
    """End it before its time: the person themself, 组长 or 副组长. Raises PermissionDenied, Refused (over already)."""
    require(actor, "end_break_glass", glass)
    if not BreakGlass.objects.filter(pk=glass.pk, ends_at__gt=now).update(ends_at=now, ended_by=actor):
        raise Refused(_("This break-glass is over already."))
    glass.refresh_from_db()
    hooks.tell("accounts.break_glass_ended", glass)
    record(
        "accounts.break_glass_ended",
        actor=actor,
        subject=f"person:{glass.person.username}",
        detail={"break_glass": str(glass.uuid)},
    )
    return glass


# --- delegations -----------------------------------------------------------------------------------------------------
@transaction.atomic
def delegate(
    delegate: User, *, reason: str, starts_at: datetime, ends_at: datetime, actor: User, now: datetime
) -> Delegation:
    """授权代理: while `actor` is away, `delegate` decides in their name; both names are kept on every decision.

    At most 30 days, never oneself, one delegate at a time. Raises PermissionDenied, Refused.
    """
    require(actor, "delegate")
    if delegate.pk == actor.pk:
        raise Refused(_("You cannot stand in for yourself."))
    if not delegate.holds(*POSSIBLE_DELEGATES):
        raise Refused(_("A delegate must belong to the leadership group or the working group, or head a department."))
    if ends_at <= starts_at or ends_at <= now:
        raise Refused(_("The delegation must end after it begins, and not in the past."))
    if ends_at - starts_at > DELEGATION_LASTS_AT_MOST:
        raise Refused(_("A delegation lasts 30 days at most."))
    overlapping = Delegation.objects.filter(
        principal=actor, revoked_at__isnull=True, starts_at__lt=ends_at, ends_at__gt=max(starts_at, now)
    ).first()
    if overlapping:
        words = _("%(name)s stands in for you in that time already: revoke that first.")
        raise Refused(words % {"name": overlapping.delegate})
    delegation = Delegation.objects.create(
        principal=actor, delegate=delegate, reason=reason, starts_at=starts_at, ends_at=ends_at
    )
    hooks.tell("accounts.delegation_given", delegation)
    record(
        "accounts.delegation_given",
        actor=actor,
        subject=f"person:{delegate.username}",
        detail={"delegation": str(delegation.uuid), "reason": reason, "starts_at": starts_at, "ends_at": ends_at},
    )
    return delegation


@transaction.atomic
def revoke_delegation(delegation: Delegation, *, actor: User, now: datetime) -> Delegation:
    """The principal is back (or 组长 or 副组长 ends it). Raises PermissionDenied, Refused (over already)."""
    require(actor, "revoke_delegation", delegation)
    if not Delegation.objects.filter(pk=delegation.pk, revoked_at__isnull=True, ends_at__gt=now).update(revoked_at=now):
        raise Refused(_("This delegation is over already."))
    delegation.refresh_from_db()
    hooks.tell("accounts.delegation_revoked", delegation)
    record(
        "accounts.delegation_revoked",
        actor=actor,
        subject=f"person:{delegation.delegate.username}",
        detail={"delegation": str(delegation.uuid), "principal": delegation.principal.username},
    )
    return delegation
