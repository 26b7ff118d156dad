"""The roster as people look at it: a week with its shifts, what overlaps, and when nobody is on duty."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from accounts.roles import TEAM, Role
from accounts.selectors import people_with
from monitoring.duty.days import at, bounds
from monitoring.duty.stretches import Stretch, left_open
from monitoring.models import DutyRule, DutyShift

LISTENERS = (Role.MONITOR, *TEAM)  # who may be put on the roster
AHEAD = timedelta(days=60)  # how far a person's own list and calendar reach
BEHIND = timedelta(days=7)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift on the roster. overlaps: others at the same time · is_empty: its person left, so nobody will be there."""

    shift: DutyShift
    overlaps: list[DutyShift]
    is_empty: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class RosterDay:
    day: date
    is_today: bool
    shifts: list[Planned] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)  # that begin on this day, in words


@dataclass(frozen=True, slots=True)
class RosterWeek:
    monday: date
    days: list[RosterDay]

    @property
    def previous(self) -> date:
        return self.monday - WEEK

    @property
    def following(self) -> date:
        return self.monday + WEEK

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def has_shifts(self) -> bool:
        return any(day.shifts for day in self.days)


def rule() -> DutyRule:
    """The one row; as it is shipped where nobody has changed it yet."""
    return DutyRule.objects.first() or DutyRule(pk=1)


def candidates() -> QuerySet[User]:
    """Whom the roster may name."""
    return people_with(*LISTENERS).order_by("name")


def shifts_between(since: datetime, until: datetime) -> list[DutyShift]:
    """Shifts that touch the stretch, cancelled ones left out, with their people and roles. Two queries."""
    found = DutyShift.objects.filter(cancelled_at__isnull=True, starts_at__lt=until, ends_at__gt=since)
    return list(found.select_related("person").prefetch_related("person__groups").order_by("starts_at", "pk"))


def is_empty(shift: DutyShift, now: datetime) -> bool:
    """Whether a shift that is not over has nobody in it: the account was switched off, or the role taken."""
    return shift.ends_at > now and not shift.person.holds(*LISTENERS)


def on_duty(now: datetime) -> list[User]:
    """Who is on duty now, each once."""
    shifts = shifts_between(now, now + timedelta(seconds=1))
    return list({shift.person_id: shift.person for shift in shifts if not is_empty(shift, now)}.values())


def on_duty_on(day: date) -> list[User]:
    """Who is on duty at some time of a day and still has an account that works."""
    shifts = shifts_between(*bounds(day))
    return list({shift.person_id: shift.person for shift in shifts if shift.person.is_active}.values())


def gaps_between(since: datetime, until: datetime, now: datetime, shifts: Sequence[DutyShift]) -> list[Stretch]:
    """When nobody is on duty. A shift whose person left covers nothing."""
    covered = [(shift.starts_at, shift.ends_at) for shift in shifts if not is_empty(shift, now)]
    return left_open(covered, since, until)


def week(monday: date, now: datetime) -> RosterWeek:
    """A week of the roster. Two queries, however many shifts."""
    since, until = at(monday), at(monday + WEEK)
    shifts = shifts_between(since, until)
    days = [
        RosterDay(monday + timedelta(days=n), monday + timedelta(days=n) == localtime(now).date()) for n in range(7)
    ]
    for shift in shifts:
        begins = max(localtime(shift.starts_at).date(), monday)
        days[(begins - monday).days].shifts.append(
            Planned(shift, overlaps(shift, shifts), is_empty(shift, now), shift.starts_at <= now < shift.ends_at)
        )
    for gap in gaps_between(since, until, now, shifts):
        days[(localtime(gap[0]).date() - monday).days].gaps.append(gap_words(gap))
    return RosterWeek(monday, days)


def overlaps(shift: DutyShift, others: Sequence[DutyShift]) -> list[DutyShift]:
    return [
        other
        for other in others
        if other.pk != shift.pk and other.starts_at < shift.ends_at and other.ends_at > shift.starts_at
    ]


def gap_words(gap: Stretch) -> str:
    return _("Nobody is on duty from %(since)s until %(until)s.") % {"since": when(gap[0]), "until": when(gap[1])}


def when(moment: datetime) -> str:
    """Day of the week, date and time, as a roster says it."""
    return date_format(localtime(moment), pgettext("date format of the roster", "D j M H:i"))


def own_shifts(person: User, now: datetime) -> list[DutyShift]:
    """A person's shifts of the last week and the next two months."""
    found = DutyShift.objects.filter(
        person=person, cancelled_at__isnull=True, ends_at__gt=now - BEHIND, starts_at__lt=now + AHEAD
    )
    return list(found.order_by("starts_at"))
