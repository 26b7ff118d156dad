"""值班: the roster of a week, one's own shifts, the rule."""

from copy import copy
from datetime import date, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.dates import is_within_reason
from monitoring.duty.days import monday_of, today
from monitoring.duty.ics import calendar
from monitoring.forms.duty import RuleForm, ShiftForm, VersionForm
from monitoring.models import DutyShift
from monitoring.permissions import may, require
from monitoring.selectors import coverage, duty_log
from monitoring.selectors import duty as selectors
from monitoring.services import duty as services


def as_day(text: str) -> date:
    """A day out of an address; 404 where somebody wrote something else there."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Http404(text) from None
    if not is_within_reason(day):
        raise Http404(text)
    return day


@login_required
def roster(request: DeskRequest) -> HttpResponse:
    """A week of the roster: who listens when, what overlaps, and when nobody is on duty."""
    require(request.user, "see_duty")
    now = clock.now()
    day = as_day(request.GET["day"]) if request.GET.get("day") else today(now)
    context = {
        "week": selectors.week(monday_of(day), now),
        "on_duty": selectors.on_duty(now),
        "handover": duty_log.handover_before(today(now)),
        "may_edit": may(request.user, "edit_roster"),
        "today": today(now),
        "now": now,
    }
    return render(request, "monitoring/duty.html", context)


@login_required
def add_shift(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_roster")
    day = as_day(request.GET["day"]) if request.GET.get("day") else today(clock.now())
    form = ShiftForm(request.POST or None, initial={"day": day, "begins": time(9), "ends": time(18)})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "day": day}
        return render(request, "monitoring/duty_shift.html", context, status=422 if form.errors else 200)
    shift = services.add_shift(form.cleaned_data["person"], *form.span, actor=request.user)
    return _back_to_week(request, shift, _("%(name)s is on duty: %(when)s."))


@login_required
def change_shift(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "edit_roster")
    shift = get_object_or_404(DutyShift, uuid=uuid, cancelled_at__isnull=True)
    form = ShiftForm(request.POST or None, initial=ShiftForm.initial_of(shift))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "shift": shift, "day": today(shift.starts_at)}
        return render(request, "monitoring/duty_shift.html", context, status=422 if form.errors else 200)
    seen = form.cleaned_data["version"] or 0
    try:
        changed = services.change_shift(
            copy(shift), form.cleaned_data["person"], *form.span, seen_version=seen, actor=request.user
        )
    except Stale:
        return _faster(request, reverse("monitoring:change-shift", args=[uuid]))
    return _back_to_week(request, changed, _("%(name)s is on duty: %(when)s."))


@login_required
@require_POST
def cancel_shift(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Take a shift off the roster; the toast offers to take that back."""
    shift = get_object_or_404(DutyShift, uuid=uuid)
    try:
        services.cancel_shift(shift, seen_version=_version(request), actor=request.user, now=clock.now())
    except Stale:
        return _faster(request, _week_of(shift))
    undo = reverse("monitoring:restore-shift", args=[uuid]) + f"?version={shift.version}"
    messages.success(request, _("Taken off the roster."), extra_tags=f"undo:{undo}")
    return redirect(_week_of(shift))


@login_required
@require_POST
def restore_shift(request: DeskRequest, uuid: UUID) -> HttpResponse:
    shift = get_object_or_404(DutyShift, uuid=uuid)
    try:
        services.restore_shift(shift, seen_version=_version(request), actor=request.user)
    except Stale:
        return _faster(request, _week_of(shift))
    return _back_to_week(request, shift, _("%(name)s is on duty: %(when)s."))


@login_required
@require_POST
def copy_week(request: DeskRequest) -> HttpResponse:
    """Fill a week with what the week before had."""
    monday = monday_of(as_day(request.POST.get("day", "")))
    made = services.copy_week(monday, actor=request.user, now=clock.now())
    if made:
        undo = reverse("monitoring:take-back-copy") + "?shifts=" + ",".join(str(shift.pk) for shift in made)
        words = ngettext("%(n)s shift copied.", "%(n)s shifts copied.", len(made)) % {"n": len(made)}
        messages.success(request, words, extra_tags=f"undo:{undo}&day={monday:%F}")
    else:
        messages.info(request, _("The week before has nothing that is not here already."))
    return redirect(f"{reverse('monitoring:duty')}?day={monday:%F}")


@login_required
@require_POST
def take_back_copy(request: DeskRequest) -> HttpResponse:
    shifts = [int(pk) for pk in request.GET.get("shifts", "").split(",")[:500] if pk.isdecimal() and len(pk) < 19]
    gone = services.take_back_copy(shifts, actor=request.user, now=clock.now())
    messages.success(request, ngettext("%(n)s shift taken back.", "%(n)s shifts taken back.", gone) % {"n": gone})
    day = as_day(request.GET.get("day", today(clock.now()).isoformat()))
    return redirect(f"{reverse('monitoring:duty')}?day={day:%F}")


@login_required
def my_shifts(request: DeskRequest) -> HttpResponse:
    """One's own shifts, for the phone."""
    require(request.user, "see_duty")
    now = clock.now()
    context = {"shifts": selectors.own_shifts(request.user, now), "now": now, "today": today(now)}
    return render(request, "monitoring/duty_mine.html", context)


@login_required
def my_calendar(request: DeskRequest) -> HttpResponse:
    """One's own shifts as a calendar file."""
    require(request.user, "see_duty")
    now = clock.now()
    words = _("Public-opinion duty")
    shifts = selectors.own_shifts(request.user, now)
    events = [(f"{shift.uuid}@tinglan", shift.starts_at, shift.ends_at, words) for shift in shifts]
    response = HttpResponse(calendar(events, now=now), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="duty.ics"'
    return response


@login_required
def rule(request: DeskRequest) -> HttpResponse:
    """By when the log of a day is due, and when trouble with a source is told of."""
    require(request.user, "edit_roster")
    current = selectors.rule()
    form = RuleForm(request.POST or None, instance=copy(current), initial={"version": current.version})
    if request.method != "POST" or not form.is_valid():
        return render(request, "monitoring/duty_rule.html", {"form": form}, status=422 if form.errors else 200)
    data = form.cleaned_data
    try:
        services.change_rule(
            log_due=data["log_due"],
            tell_after_minutes=data["tell_after_minutes"],
            seen_version=data["version"],
            actor=request.user,
        )
    except Stale:
        return _faster(request, reverse("monitoring:duty-rule"))
    messages.success(request, _("Saved"))
    return redirect("monitoring:duty-logs")


@login_required
def coverage_days(request: DeskRequest) -> HttpResponse:
    """How well the last two weeks were heard, class by class, gaps and all."""
    require(request.user, "see_sources")
    now = clock.now()
    context = {
        "days": coverage.coverage_days(now),
        "night": coverage.gaps_of_last_night(now),
        "sees_duty": may(request.user, "see_duty"),
        "now": now,
    }
    return render(request, "monitoring/duty_coverage.html", context)


def _version(request: DeskRequest) -> int:
    form = VersionForm(request.POST if "version" in request.POST else request.GET)
    return form.cleaned_data["version"] if form.is_valid() else -1


def _week_of(shift: DutyShift) -> str:
    return f"{reverse('monitoring:duty')}?day={today(shift.starts_at):%F}"


def _back_to_week(request: DeskRequest, shift: DutyShift, words: str) -> HttpResponse:
    """To the week of a shift, saying what stands there now and whom it overlaps."""
    messages.success(request, words % {"name": shift.person, "when": services.span_words(shift)})
    near = selectors.shifts_between(shift.starts_at - timedelta(days=2), shift.ends_at + timedelta(days=2))
    for other in selectors.overlaps(shift, near):
        words = _("It overlaps with the shift of %(name)s: %(when)s.")
        messages.warning(request, words % {"name": other.person, "when": services.span_words(other)})
    return redirect(_week_of(shift))


def _faster(request: DeskRequest, back_url: str) -> HttpResponse:
    return render(request, "errors/409.html", {"back_url": back_url}, status=409)
