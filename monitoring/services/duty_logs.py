"""值班日志: written, signed once, and missed aloud. Each act is in the audit trail."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from audit import services as audit
from monitoring.duty.days import today
from monitoring.models import DutyLog
from monitoring.permissions import require
from monitoring.selectors import duty_log as selectors
from monitoring.selectors.duty import on_duty_on, rule
from monitoring.services import coverage
from monitoring.services.duty import Refused
from notices.models import Urgency
from notices.services import notify

CAUGHT_UP = timedelta(days=7)  # how far back missed logs are looked for after a standstill


@transaction.atomic
def save_log(day: date, *, remarks: str, handover: str, seen_version: int, actor: User, now: datetime) -> DutyLog:
    """Keep what was written so far. Anybody who may sign logs may write. Raises Refused, Stale."""
    require(actor, "sign_duty_log")
    log = _open_log(day, now)
    log.remarks, log.handover = remarks, handover
    save_if_current(log, seen_version, ["remarks", "handover"])
    audit.record("monitoring.duty_log_saved", actor=actor, subject=f"duty-log:{day:%F}")
    return log


def sign_log(day: date, *, remarks: str, handover: str, seen_version: int, actor: User, now: datetime) -> DutyLog:
    """Sign the log of a day: words and figures stay as they stand now. Raises Refused, Stale."""
    require(actor, "sign_duty_log")
    coverage.count_day(day, now)
    with transaction.atomic():
        log = _open_log(day, now)
        signing = selectors.signing(actor, day)
        if not signing.allowed:
            raise Refused(
                _("%(names)s is on duty on this day and signs its log; the working group can sign instead.")
                % {"names": signing.instead_of}
            )
        log.remarks, log.handover, log.figures = remarks, handover, selectors.figures(day, now)
        log.signed_by, log.signed_at, log.instead_of = actor, now, signing.instead_of
        log.is_late = now > selectors.due_at(day)
        signed = ("remarks", "handover", "figures", "signed_by", "signed_at", "instead_of", "is_late")
        save_if_current(log, seen_version, signed)
        detail = {"instead_of": signing.instead_of, "late": log.is_late}
        audit.record("monitoring.duty_log_signed", actor=actor, subject=f"duty-log:{day:%F}", detail=detail)
    return log


def _open_log(day: date, now: datetime) -> DutyLog:
    """The row of a day that nobody has signed. Version 0 is that of a day nobody has touched."""
    if day > today(now):
        raise Refused(_("This day has not come yet."))
    log, _made = DutyLog.objects.get_or_create(day=day, defaults={"version": 0})
    if log.signed_at:
        raise Stale(log)
    return log


def flag_missed(now: datetime) -> list[DutyLog]:
    """Tell the head of the working group of each log that is due and not signed, once; returns those told of now.

    After a standstill the days of the last week are caught up with.
    """
    first = max(selectors.first_day(now), today(now) - CAUGHT_UP)
    done = DutyLog.objects.filter(Q(signed_at__isnull=False) | Q(flagged_at__isnull=False), day__gte=first)
    settled, due = set(done.values_list("day", flat=True)), rule().log_due
    days = [first + timedelta(days=n) for n in range((today(now) - first).days + 1)]
    logs = [_flag(day, now) for day in days if day not in settled and now >= selectors.due_at(day, due)]
    return [log for log in logs if log]


@transaction.atomic
def _flag(day: date, now: datetime) -> DutyLog | None:
    log, _made = DutyLog.objects.get_or_create(day=day, defaults={"version": 0})
    waiting = DutyLog.objects.filter(pk=log.pk, signed_at__isnull=True, flagged_at__isnull=True)
    if waiting.update(flagged_at=now) != 1:
        return None
    names = "、".join(str(one) for one in on_duty_on(day))
    with translation.override(settings.LANGUAGE_CODE):
        words = {"day": date_format(day, "Y-m-d"), "names": names}
        notify(
            people_with(Role.TEAM_HEAD),
            event="monitoring.duty_log_missed",
            subject=_("The duty log of %(day)s has not been signed") % words,
            body=_("On duty: %(names)s") % words if names else _("Nobody was on the roster that day."),
            url=reverse("monitoring:duty-log", args=[day.isoformat()]),
            urgency=Urgency.SOON,
        )
    detail = {"on_duty": names}
    audit.record("monitoring.duty_log_missed", actor=None, subject=f"duty-log:{day:%F}", detail=detail)
    return log
