"""The clocks of an incident: what runs, what was kept, what was put off and why; stopping one for a while."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import DeskRequest
from incidents.forms import StepForm
from incidents.models import Clock, Incident
from incidents.permissions import may, require
from incidents.selectors.clocks import board
from incidents.services import pausing
from incidents.views.common import now_at, one_incident, says_why_not


@login_required
def clocks(request: DeskRequest, number: str) -> HttpResponse:
    """时限: both counts, each limit with its history, pauses and how it ended."""
    return show(request, one_incident(request, number))


def show(request: DeskRequest, incident: Incident, bad: Clock | None = None, form: forms.Form | None = None) -> Any:
    """The page; `form` is the reason that was refused for the clock `bad`."""
    now = now_at(incident)
    rows = [
        {
            "standing": standing,
            "may_pause": standing.state in ("running", "late")
            and standing.clock.is_running
            and may(request.user, "pause_clock", standing.clock),
            "may_resume": standing.state == "paused" and may(request.user, "resume_clock", standing.clock),
            "form": form if bad == standing.clock else StepForm(auto_id=f"pause-{standing.clock.pk}-%s"),
            "is_bad": bad == standing.clock,
        }
        for standing in board(incident, now)
    ]
    context = {
        "incident": incident,
        "rows": rows,
        "since_known": now - incident.first_known_at,
        "since_active": now - incident.activated_at if incident.activated_at else None,
        "now": now,
    }
    return render(request, "incidents/clocks.html", context, status=422 if bad else 200)


@login_required
@require_POST
@says_why_not
def pause_clock(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    clock = one_clock(request, number, uuid)
    require(request.user, "pause_clock", clock)
    form = StepForm(request.POST, auto_id=f"pause-{clock.pk}-%s")
    if not form.is_valid():
        return show(request, clock.incident, clock, form)
    pausing.pause(clock, actor=request.user, now=now_at(clock.incident), reason=form.cleaned_data["note"])
    messages.success(request, _("The clock is paused."))
    return redirect("incidents:clocks", number)


@login_required
@require_POST
@says_why_not
def resume_clock(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    clock = one_clock(request, number, uuid)
    pausing.resume(clock, actor=request.user, now=now_at(clock.incident))
    messages.success(request, _("The clock goes on."))
    return redirect("incidents:clocks", number)


def one_clock(request: DeskRequest, number: str, uuid: UUID) -> Clock:
    incident = one_incident(request, number)
    return get_object_or_404(incident.clocks.select_related("incident__exercise"), uuid=uuid)
