"""舆论引导: what is to be understood, what is published for it, events, and what happened around all of it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from incidents.models import Incident
from response.forms.guidance import CancelForm, DropForm, EventForm, GuidanceForm, HeldForm, ItemForm, OutForm
from response.models import GuidanceItem, GuidancePlan, PressEvent
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.guidance import effects_of, events_of, items_of
from response.services import guidance as services
from response.views.common import both_states, incident_or_404, person_of, refused


@login_required
def guidance(request: HttpRequest, number: str) -> HttpResponse:
    """Plan, items, events and effect of an incident; for htmx the short list on its page alone."""
    return show(request, incident_or_404(request, number))


def show(
    request: HttpRequest,
    incident: Incident,
    plan_form: GuidanceForm | None = None,
    item_form: ItemForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person, now = person_of(request), clock.now(incident.exercise)
    is_panel = bool(request.htmx)  # type: ignore[attr-defined]
    plan = GuidancePlan.objects.filter(incident=incident).select_related("written_by").first()
    said = {"version": plan.version, "aim": plan.aim, "messages": plan.messages} if plan else {"version": 0}
    rows = [(item, item.state == GuidanceItem.State.PLANNED and item.due_at < now) for item in items_of(incident)]
    context = {
        "incident": incident,
        "plan": plan,
        "plan_form": plan_form or GuidanceForm(initial=said),
        "items": [(item, is_late, OutForm(), DropForm()) for item, is_late in rows],
        "planned": [(item, is_late) for item, is_late in rows if item.state == GuidanceItem.State.PLANNED],
        "late_count": sum(is_late for _item, is_late in rows),
        "item_form": item_form or ItemForm(initial={"owner": person}),
        "events": list(events_of(incident)),
        "effects": [] if is_panel else effects_of(incident, now),
        "may_guide": may(person, "guide", incident),
        "now": now,
    }
    panel = "#panel" if is_panel else ""
    return render(request, f"response/guidance.html{panel}", context, status=status)


@login_required
@require_POST
def save_plan(request: HttpRequest, number: str) -> HttpResponse:
    incident, form = incident_or_404(request, number), GuidanceForm(request.POST)
    if not form.is_valid():
        return show(request, incident, plan_form=form, status=422)
    said = form.cleaned_data
    try:
        services.save_plan(
            incident,
            actor=person_of(request),
            now=clock.now(incident.exercise),
            seen_version=said["version"] or 0,
            aim=said["aim"],
            lines=said["messages"],
        )
    except Stale:
        there = GuidancePlan.objects.get(incident=incident)
        rows = [(str(_("Aim")), said["aim"], there.aim), (str(_("Messages")), said["messages"], there.messages)]
        return both_states(request, rows, back_to(incident))
    except NotNow as reason:
        return refused(request, reason, back_to(incident))
    messages.success(request, _("The guidance is written down."))
    return redirect(back_to(incident))


@login_required
@require_POST
def add_item(request: HttpRequest, number: str) -> HttpResponse:
    incident, form = incident_or_404(request, number), ItemForm(request.POST)
    if not form.is_valid():
        return show(request, incident, item_form=form, status=422)
    try:
        services.add_item(incident, actor=person_of(request), now=clock.now(incident.exercise), said=form.cleaned_data)
    except NotNow as reason:
        return refused(request, reason, back_to(incident))
    messages.success(request, _("Planned."))
    return redirect(back_to(incident))


def back_to(incident: Incident) -> str:
    return reverse("response:guidance", args=[incident.number])


def one_item(request: HttpRequest, uuid: Any) -> GuidanceItem:
    visible = Incident.everywhere.visible_to(person_of(request))
    return get_object_or_404(GuidanceItem.objects.select_related("incident__exercise"), uuid=uuid, incident__in=visible)


@login_required
@require_POST
def item_is_out(request: HttpRequest, uuid: Any) -> HttpResponse:
    item = one_item(request, uuid)
    return act(request, item, OutForm(request.POST), services.item_is_out, back_to(item.incident))


@login_required
@require_POST
def drop_item(request: HttpRequest, uuid: Any) -> HttpResponse:
    item = one_item(request, uuid)
    return act(request, item, DropForm(request.POST), services.drop_item, back_to(item.incident))


def act(
    request: HttpRequest, row: GuidanceItem | PressEvent, form: forms.Form, service: Callable[..., None], back: str
) -> HttpResponse:
    """One act whose form holds the version that was read and what the service wants beside it."""
    if not form.is_valid():
        for name, errors in form.errors.items():
            messages.error(request, f"{form[name].label}: {errors[0]}")
        return redirect(back)
    said = dict(form.cleaned_data)
    seen = said.pop("version")
    try:
        service(row, actor=person_of(request), now=clock.now(row.incident.exercise), seen_version=seen, **said)
    except NotNow as reason:
        return refused(request, reason, back)
    except Stale:
        return both_states(request, [(str(form[name].label), str(value), "") for name, value in said.items()], back)
    messages.success(request, _("Written down."))
    return redirect(back)


# --- events ----------------------------------------------------------------------------------------------------------
def one_event(request: HttpRequest, uuid: Any) -> PressEvent:
    visible = Incident.everywhere.visible_to(person_of(request))
    events = PressEvent.objects.select_related("incident__exercise", "host").prefetch_related("partners")
    return get_object_or_404(events, uuid=uuid, incident__in=visible)


@login_required
def press_event(request: HttpRequest, uuid: Any) -> HttpResponse:
    event = one_event(request, uuid)
    now = clock.now(event.incident.exercise)
    context = {
        "event": event,
        "incident": event.incident,
        "may_guide": may(person_of(request), "guide", event.incident),
        "held_form": HeldForm(initial={"version": event.version, "held_at": event.at}),
        "cancel_form": CancelForm(initial={"version": event.version}),
        "effects": [each for each in effects_of(event.incident, now) if each.act.url == event.get_absolute_url()],
        "now": now,
    }
    return render(request, "response/press_event.html", context)


@login_required
def add_event(request: HttpRequest, number: str) -> HttpResponse:
    return write_event(request, incident_or_404(request, number), None)


@login_required
def edit_event(request: HttpRequest, uuid: Any) -> HttpResponse:
    event = one_event(request, uuid)
    return write_event(request, event.incident, event)


def write_event(request: HttpRequest, incident: Incident, found: PressEvent | None) -> HttpResponse:
    person = person_of(request)
    require(person, "guide", incident)
    initial = {"version": found.version} if found else {"host": person}
    form = EventForm(request.POST or None, instance=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        before = PressEvent.objects.get(pk=found.pk) if found else None  # the form wrote into the one it was given
        try:
            saved = services.save_event(
                before,
                incident=incident,
                actor=person,
                now=clock.now(incident.exercise),
                seen_version=said["version"] or 0,
                said=said,
            )
        except NotNow as reason:
            form.add_error(None, str(reason))
        except Stale:
            there = PressEvent.objects.get(uuid=found.uuid)  # type: ignore[union-attr]
            names = services.EVENT_FIELDS
            rows = [(str(form[name].label), str(said[name]), str(getattr(there, name))) for name in names]
            return both_states(request, rows, there.get_absolute_url())
        else:
            messages.success(request, _("Saved: %(event)s") % {"event": saved})
            return redirect(saved)
    context = {"form": form, "incident": incident, "event": found}
    return render(request, "response/edit_press_event.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def hold_event(request: HttpRequest, uuid: Any) -> HttpResponse:
    event = one_event(request, uuid)
    return act(request, event, HeldForm(request.POST), services.hold_event, event.get_absolute_url())


@login_required
@require_POST
def cancel_event(request: HttpRequest, uuid: Any) -> HttpResponse:
    event = one_event(request, uuid)
    return act(request, event, CancelForm(request.POST), services.cancel_event, event.get_absolute_url())
