"""值班日志: the list of days, one day's log to write, sign and print, and the month as a file."""

import csv
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit import services as audit
from audit.export import csv_file, safe_cell
from monitoring.duty.days import month_of, next_month, today
from monitoring.forms.duty import LogForm
from monitoring.models import DutyLog
from monitoring.permissions import may, require
from monitoring.selectors import duty as roster
from monitoring.selectors import duty_log as selectors
from monitoring.services import duty_logs as services
from monitoring.services.duty import Refused
from monitoring.views.duty import as_day


@login_required
def duty_logs(request: DeskRequest) -> HttpResponse:
    """The logs of a month, unsigned days in their place; all, or those that are missing or were late."""
    require(request.user, "see_duty")
    now = clock.now()
    month = month_of(request.GET.get("month", ""), now)
    state = request.GET.get("state", "")
    context = {
        "days": selectors.log_days(month, now, state if state in selectors.STATES else ""),
        "state": state,
        "month": month,
        "before": _month_before(month),
        "after": next_month(month) if next_month(month) <= today(now) else None,
        "rule": roster.rule(),
        "may_edit": may(request.user, "edit_roster"),
        "now": now,
    }
    return render(request, "monitoring/duty_logs.html", context)


@login_required
def duty_log(request: DeskRequest, day: str) -> HttpResponse:
    """The log of a day: read it, write on it, sign it."""
    require(request.user, "see_duty")
    now, of = clock.now(), as_day(day)
    log = _log_of(of, now)
    form = LogForm(request.POST or None, instance=log, initial={"version": log.version})
    if request.method == "POST":
        require(request.user, "sign_duty_log")
        answer = _written(request, of, form, now) if form.is_valid() else None
        if answer:
            return answer
    context = _context(request, of, log, now) | {"form": form}
    return render(request, "monitoring/duty_log.html", context, status=422 if form.errors else 200)


def _written(request: DeskRequest, day: date, form: LogForm, now: datetime) -> HttpResponse | None:
    """Saved or signed; None where it was refused, and then the form says why."""
    words = {
        "remarks": form.cleaned_data["remarks"],
        "handover": form.cleaned_data["handover"],
        "seen_version": form.cleaned_data["version"],
    }
    back = reverse("monitoring:duty-log", args=[day.isoformat()])
    try:
        if "sign" in request.POST:
            services.sign_log(day, **words, actor=request.user, now=now)
            messages.success(request, _("Signed. The figures stay as they stood."))
        else:
            services.save_log(day, **words, actor=request.user, now=now)
            messages.success(request, _("Saved"))
    except Stale:
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    except Refused as refused:
        form.add_error(None, str(refused))
        return None
    return redirect(back)


@login_required
def todays_log(request: DeskRequest) -> HttpResponse:
    """The address that always means today's log."""
    return redirect("monitoring:duty-log", today(clock.now()).isoformat())


@login_required
def print_log(request: DeskRequest, day: str) -> HttpResponse:
    """The log of a day as a paper."""
    require(request.user, "see_duty")
    now, of = clock.now(), as_day(day)
    return render(request, "monitoring/duty_log_print.html", _context(request, of, _log_of(of, now), now))


@login_required
def export_logs(request: DeskRequest) -> HttpResponse:
    """The logs of a month as CSV, a line a day; taking them is on the record."""
    require(request.user, "see_duty")
    now = clock.now()
    month = month_of(request.GET.get("month", ""), now)
    with transaction.atomic():
        detail = {"month": f"{month:%Y-%m}"}
        audit.record("monitoring.duty_logs_exported", actor=request.user, subject="duty-logs", detail=detail)
    response = csv_file(f"duty-{month:%Y-%m}", now)
    writer: Any = csv.writer(response)
    writer.writerow(
        [
            *(_("Day"), _("State"), _("Signed by"), _("Signed instead of"), _("Signed at")),
            *(
                _("Posts"),
                _("Negative"),
                _("Sorted"),
                _("Signals raised"),
                _("Signals judged"),
                _("Sources in trouble"),
            ),
            *(_("Open incidents"), _("Remarks"), _("To the next shift")),
        ]
    )
    for row in reversed(selectors.log_days(month, now)):
        writer.writerow([safe_cell(str(cell)) for cell in _cells(row)])
    return response


def _cells(row: selectors.LogDay) -> list[Any]:
    log = row.log
    if log is None or not log.signed_at:
        return [row.day.isoformat(), state_words(row.state), *[""] * 10, *(_written_words(log))]
    kept = log.figures
    return [
        row.day.isoformat(),
        state_words(row.state),
        log.signed_by,
        log.instead_of,
        f"{localtime(log.signed_at):%Y-%m-%d %H:%M}",
        kept["posts"]["total"],
        kept["posts"]["sentiment"]["neg"],
        sum(kept["triaged"].values()),
        kept["signals"]["raised"],
        kept["signals"]["judged"],
        "、".join(source["name"] for one in kept["coverage"] for source in one["troubled"]),
        len(kept["lines"]),
        *_written_words(log),
    ]


def _written_words(log: DutyLog | None) -> list[str]:
    return [log.remarks, log.handover] if log else ["", ""]


def state_words(state: str) -> str:
    return {
        "signed": _("signed"),
        "late": _("signed late"),
        "waiting": _("not signed yet"),
        "missing": _("missing"),
    }[state]


def _log_of(day: date, now: datetime) -> DutyLog:
    """The row of a day, or an unsaved one; 404 for a day that has not come."""
    if day > today(now):
        raise Http404(day)
    return DutyLog.objects.select_related("signed_by").filter(day=day).first() or DutyLog(day=day, version=0)


def _context(request: DeskRequest, day: date, log: DutyLog, now: datetime) -> dict[str, Any]:
    kept = log.figures if log.signed_at else selectors.figures(day, now)
    due = selectors.due_at(day)
    return {
        "day": day,
        "log": log,
        "figures": selectors.shown(kept),
        "due": due,
        "is_over_due": now >= due,
        "signing": selectors.signing(request.user, day),
        "on_duty": roster.on_duty_on(day),
        "handover": selectors.handover_before(day),
        "may_sign": may(request.user, "sign_duty_log"),
        "previous": date.fromordinal(day.toordinal() - 1),
        "following": date.fromordinal(day.toordinal() + 1) if day < today(now) else None,
        "now": now,
    }


def _month_before(month: date) -> date:
    return date.fromordinal(month.toordinal() - 1).replace(day=1)
