"""对外沟通: who was spoken with about an incident, what came of it, what comes next."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from incidents.models import Incident
from response.forms.outreach import ContactLogForm
from response.models import ContactEntry
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.outreach import engagements_of, entries_of
from response.services import outreach as services
from response.views.common import incident_or_404, person_of, refused


@login_required
def outreach(request: HttpRequest, number: str) -> HttpResponse:
    """The contacts of an incident; for htmx the short list on its page alone."""
    return show(request, incident_or_404(request, number))


def show(
    request: HttpRequest, incident: Incident, form: ContactLogForm | None = None, status: int = 200
) -> HttpResponse:
    person, now = person_of(request), clock.now(incident.exercise)
    if request.htmx and not may(person, "see_directory"):  # type: ignore[attr-defined]
        return HttpResponse()  # a panel of an incident others work on: nothing instead of a refusal
    require(person, "see_directory")
    entries = list(entries_of(incident))
    rows = [(each, each.is_waiting and each.next_step_at < now) for each in entries]  # type: ignore[operator]
    context = {
        "incident": incident,
        "rows": rows,
        "late_count": sum(is_late for _entry, is_late in rows),
        "waiting": [each for each in entries if each.is_waiting and may(person, "finish_next_step", each)],
        "engagements": engagements_of(incident),
        "form": form or ContactLogForm(initial={"at": now}),
        "may_log": may(person, "log_contact", incident),
        "may_engage": may(person, "draft_engagement"),
        "now": now,
    }
    panel = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"response/outreach.html{panel}", context, status=status)


@login_required
@require_POST
def log_contact(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    form = ContactLogForm(request.POST)
    if not form.is_valid():
        return show(request, incident, form, status=422)
    try:
        services.log_contact(
            incident, actor=person_of(request), now=clock.now(incident.exercise), said=form.cleaned_data
        )
    except NotNow as reason:
        form.add_error(None, str(reason))
        return show(request, incident, form, status=422)
    messages.success(request, _("Written down."))
    return redirect("response:outreach", number)


@login_required
@require_POST
def finish_next_step(request: HttpRequest, uuid: Any) -> HttpResponse:
    visible = Incident.everywhere.visible_to(person_of(request))
    entry = get_object_or_404(
        ContactEntry.objects.select_related("incident__exercise", "contact"), uuid=uuid, incident__in=visible
    )
    incident = entry.incident
    back = reverse("response:outreach", args=[incident.number])
    try:
        services.finish_next_step(entry, actor=person_of(request), now=clock.now(incident.exercise))
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("Taken: %(step)s") % {"step": entry.next_step})
    return redirect(back)
