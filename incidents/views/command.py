"""The command centre: one page to run a bad night from (H1.2). Its live part is asked for again and again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page, require_POST

from accounts.requests import DeskRequest
from incidents import figures
from incidents.forms import FunctionForm, NoteForm
from incidents.models import Incident, Membership
from incidents.permissions import may
from incidents.selectors.clocks import next_clock
from incidents.selectors.command import call_sheet
from incidents.selectors.lists import waiting_requests
from incidents.selectors.timeline import lines, newest
from incidents.services import command
from incidents.timeline_words import DECISION
from incidents.views.common import now_at, one_incident, page_of, says_why_not

SHOWN = 8
ASKED = ("come_on", "go_off", "add_note")


@login_required
def centre(request: DeskRequest, number: str) -> HttpResponse:
    incident = one_incident(request, number)
    note_form = NoteForm(auto_id="note-%s")
    del note_form.fields["words"].widget.attrs["autofocus"]  # the form stands below what people came to see
    context = live_context(request, incident) | {
        "note_form": note_form,
        "panels": [
            *filter(None, [page_of("response:departments-panel", number)]),
            reverse("notices:receipts", args=["incident", incident.uuid]),
        ],
        "acts": {
            act for act in ("come_on", "go_off", "add_note", "change_members") if may(request.user, act, incident)
        },
    }
    return render(request, "incidents/command.html", context)


@login_required
@conditional_page
def live(request: DeskRequest, number: str) -> HttpResponse:
    """The part that changes; answered with 304 while it has not. No token in it, or it would differ every time."""
    return render(request, "incidents/command.html#live", live_context(request, one_incident(request, number)))


def live_context(request: DeskRequest, incident: Incident) -> dict[str, Any]:
    now = now_at(incident)
    notes = incident.timeline.filter(event="incidents.note_added").select_related("actor", "acting_for")
    waiting = waiting_requests().filter(incident=incident).first()
    return {
        "incident": incident,
        "now": now,
        "clock": next_clock(incident),
        "waiting": waiting,
        "decides": waiting is not None and may(request.user, "approve_level", waiting),
        "overview": figures.overview(incident, now),
        "decisions": newest(incident, DECISION, SHOWN),
        "notes": lines(notes[:SHOWN]),
        "contacts": call_sheet(incident, now),
    }


@login_required
@require_POST
@says_why_not
def come_on(request: DeskRequest, number: str) -> HttpResponse:
    incident = one_incident(request, number)
    command.come_on(incident, actor=request.user, now=now_at(incident))
    messages.success(request, _("You are on; the others see it."))
    return redirect("incidents:command", number)


@login_required
@require_POST
@says_why_not
def go_off(request: DeskRequest, number: str) -> HttpResponse:
    incident = one_incident(request, number)
    command.go_off(incident, actor=request.user, now=now_at(incident))
    messages.success(request, _("You are off. You stay a member and are called when needed."))
    return redirect("incidents:command", number)


@login_required
@require_POST
@says_why_not
def give_function(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    """Say what a member does here."""
    incident = one_incident(request, number)
    member = get_object_or_404(Membership.objects.current().filter(incident=incident), person__uuid=uuid)
    form = FunctionForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["function"][0]))
        return redirect("incidents:members", number)
    function = form.cleaned_data["function"]
    if command.give_function(incident, member.person, function, actor=request.user, now=now_at(incident)):
        messages.success(request, _("%(person)s: saved.") % {"person": member.person})
    return redirect("incidents:members", number)
