"""值班: the roster made and changed, and the rule of the log. Each act is in the audit trail."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.timezone import get_default_timezone, localtime
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.duty.days import at
from monitoring.models import DutyRule, DutyShift
from monitoring.permissions import require
from monitoring.selectors import duty as selectors
from notices.models import Urgency
from notices.services import notify

LONGEST = timedelta(hours=48)
FIELDS = ("person", "starts_at", "ends_at")


class Refused(Exception):
    """The act cannot be done; the words say why."""


@transaction.atomic
def add_shift(person: User, starts_at: datetime, ends_at: datetime, *, actor: User) -> DutyShift:
    """Put somebody on the roster; they are told. Overlaps are allowed, for a handing over. Raises Refused."""
    require(actor, "edit_roster")
    check(person, starts_at, ends_at)
    shift = DutyShift.objects.create(person=person, starts_at=starts_at, ends_at=ends_at, made_by=actor)
    _tell([shift], actor, _("You are on the duty roster: %(when)s"))
    audit.record("monitoring.shift_added", actor=actor, subject=f"shift:{shift.pk}", detail=_described(shift))
    return shift


@transaction.atomic
def change_shift(
    shift: DutyShift, person: User, starts_at: datetime, ends_at: datetime, *, seen_version: int, actor: User
) -> DutyShift:
    """Another person or another time; who was and who is on it are told. Raises Refused, Stale."""
    require(actor, "edit_roster")
    check(person, starts_at, ends_at)
    before = DutyShift.objects.select_related("person").get(pk=shift.pk)
    shift.person, shift.starts_at, shift.ends_at = person, starts_at, ends_at
    save_if_current(shift, seen_version, FIELDS)
    if before.person_id != person.pk:
        _tell([before], actor, _("You are no longer on the duty roster: %(when)s"))
    _tell([shift], actor, _("You are on the duty roster: %(when)s"))
    detail = {"before": _described(before), "after": _described(shift)}
    audit.record("monitoring.shift_changed", actor=actor, subject=f"shift:{shift.pk}", detail=detail)
    return shift


@transaction.atomic
def cancel_shift(shift: DutyShift, *, seen_version: int, actor: User, now: datetime) -> DutyShift:
    """Take a shift off the roster; its row stays. Raises Stale."""
    require(actor, "edit_roster")
    shift.cancelled_at = now
    save_if_current(shift, seen_version, ["cancelled_at"])
    _tell([shift], actor, _("You are no longer on the duty roster: %(when)s"))
    audit.record("monitoring.shift_cancelled", actor=actor, subject=f"shift:{shift.pk}", detail=_described(shift))
    return shift


@transaction.atomic
def restore_shift(shift: DutyShift, *, seen_version: int, actor: User) -> DutyShift:
    """The undo of `cancel_shift`. Raises Stale."""
    require(actor, "edit_roster")
    shift.cancelled_at = None
    save_if_current(shift, seen_version, ["cancelled_at"])
    _tell([shift], actor, _("You are on the duty roster: %(when)s"))
    audit.record("monitoring.shift_restored", actor=actor, subject=f"shift:{shift.pk}", detail=_described(shift))
    return shift


@transaction.atomic
def copy_week(monday: date, *, actor: User, now: datetime) -> list[DutyShift]:
    """Fill a week with the shifts of the week before, by the clock on the wall; returns the new ones.

    What stands there already is not doubled, and who has left is left out: the gap shows.
    """
    require(actor, "edit_roster")
    before = selectors.shifts_between(at(monday - selectors.WEEK), at(monday))
    there = {
        (shift.person_id, shift.starts_at, shift.ends_at)
        for shift in selectors.shifts_between(at(monday), at(monday + 2 * selectors.WEEK))
    }
    made = []
    for shift in before:
        starts_at, ends_at = _a_week_later(shift.starts_at), _a_week_later(shift.ends_at)
        began_earlier = shift.starts_at < at(monday - selectors.WEEK)
        if began_earlier or not shift.person.holds(*selectors.LISTENERS):
            continue
        if (shift.person_id, starts_at, ends_at) in there:
            continue
        made.append(DutyShift.objects.create(person=shift.person, starts_at=starts_at, ends_at=ends_at, made_by=actor))
    if made:
        _tell(made, actor, _("You are on the duty roster: %(when)s"))
        detail = {"week": monday.isoformat(), "shifts": [shift.pk for shift in made]}
        audit.record("monitoring.week_copied", actor=actor, subject=f"roster:{monday:%F}", detail=detail)
    return made


@transaction.atomic
def take_back_copy(shifts: Iterable[int], *, actor: User, now: datetime) -> int:
    """The undo of `copy_week`: those of its shifts that nobody has touched since are cancelled; returns how many."""
    require(actor, "edit_roster")
    untouched = DutyShift.objects.filter(pk__in=shifts, made_by=actor, version=1, cancelled_at__isnull=True)
    gone = list(untouched.select_related("person"))
    ours = DutyShift.objects.filter(pk__in=[shift.pk for shift in gone], version=1)
    count = ours.update(cancelled_at=now, version=F("version") + 1)
    _tell(gone, actor, _("You are no longer on the duty roster: %(when)s"))
    detail = {"shifts": [shift.pk for shift in gone]}
    audit.record("monitoring.copy_taken_back", actor=actor, subject="roster", detail=detail)
    return count


@transaction.atomic
def change_rule(*, log_due: time, tell_after_minutes: int, seen_version: int, actor: User) -> DutyRule:
    """When the log of a day is due, and when trouble with a source is told of. Raises Stale."""
    require(actor, "edit_roster")
    rule = DutyRule.objects.first() or DutyRule.objects.create(pk=1)
    before = {"log_due": rule.log_due.isoformat(), "tell_after_minutes": rule.tell_after_minutes}
    rule.log_due, rule.tell_after_minutes = log_due, tell_after_minutes
    save_if_current(rule, seen_version, ["log_due", "tell_after_minutes"])
    after = {"log_due": log_due.isoformat(), "tell_after_minutes": tell_after_minutes}
    detail = {"before": before, "after": after}
    audit.record("monitoring.duty_rule_changed", actor=actor, subject="duty-rule", detail=detail)
    return rule


def check(person: User, starts_at: datetime, ends_at: datetime) -> None:
    """Raises Refused where a roster may not say this."""
    if not person.holds(*selectors.LISTENERS):
        raise Refused(_("%(name)s cannot be put on duty: only monitors and the working group can.") % {"name": person})
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise Refused(_("A shift ends after it begins, and lasts 48 hours at most."))


def _a_week_later(moment: datetime) -> datetime:
    local = localtime(moment, get_default_timezone())
    return at(local.date() + selectors.WEEK, local.time())


def _tell(shifts: Sequence[DutyShift], actor: User, words: str) -> None:
    """Tell the people of these shifts, each once and nobody of their own act."""
    of_person: dict[User, list[str]] = {}
    for shift in shifts:
        if shift.person_id != actor.pk:
            of_person.setdefault(shift.person, []).append(span_words(shift))
    for person, spans in of_person.items():
        notify(
            [person],
            event="monitoring.roster",
            subject=words % {"when": spans[0]},
            body="\n".join(spans) if len(spans) > 1 else "",
            url=reverse("monitoring:my-shifts"),
            urgency=Urgency.CALM,
        )


def span_words(shift: DutyShift) -> str:
    return f"{selectors.when(shift.starts_at)} – {selectors.when(shift.ends_at)}"


def _described(shift: DutyShift) -> dict[str, Any]:
    return {
        "person": shift.person.username,
        "from": shift.starts_at.isoformat(),
        "until": shift.ends_at.isoformat(),
    }
