"""The fact sheet of an incident: reading, adding, signing."""

from typing import Any

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
from response.forms.facts import FactForm, SignFactForm
from response.models import Fact
from response.notnow import NotNow
from response.permissions import may
from response.selectors.facts import facts_of
from response.services import facts as services
from response.views.common import both_states, incident_or_404, person_of, refused


@login_required
def facts(request: HttpRequest, number: str) -> HttpResponse:
    """The fact sheet; for htmx the short list on the incident's page alone."""
    panel = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return show(request, incident_or_404(request, number), f"response/facts.html{panel}")


def show(
    request: HttpRequest,
    incident: Incident,
    template: str = "response/facts.html",
    add_form: FactForm | None = None,
    bad_form: SignFactForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """All facts with the form to sign each; `bad_form` is one that was refused, with its fact's number as prefix."""
    facts = list(facts_of(incident))
    works = may(person_of(request), "add_fact", incident)
    rows = [(fact, bad_form if bad_form and bad_form.prefix == f"f{fact.number}" else form_for(fact)) for fact in facts]
    context = {
        "incident": incident,
        "rows": rows,
        "facts": facts,
        "verified_count": sum(fact.state == Fact.State.VERIFIED for fact in facts),
        "may_add": works,
        "add_form": add_form or FactForm(),
        "now": clock.now(incident.exercise),
    }
    return render(request, template, context, status=status)


def form_for(fact: Fact) -> SignFactForm:
    seen = {"version": fact.version, "state": fact.state, "evidence": fact.evidence}
    return SignFactForm(initial=seen, prefix=f"f{fact.number}")


@login_required
@require_POST
def add_fact(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    back = reverse("response:facts", args=[number])
    form = FactForm(request.POST)
    if not form.is_valid():
        return show(request, incident, add_form=form, status=400)
    try:
        fact = services.add_fact(
            incident, actor=person_of(request), now=clock.now(incident.exercise), claim=form.cleaned_data["claim"]
        )
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("F%(number)s is on the fact sheet, as being checked.") % {"number": fact.number})
    return redirect(back)


@login_required
@require_POST
def sign_fact(request: HttpRequest, uuid: Any) -> HttpResponse:
    visible = Incident.everywhere.visible_to(person_of(request))
    fact = get_object_or_404(Fact.objects.select_related("incident__exercise"), uuid=uuid, incident__in=visible)
    incident, back = fact.incident, reverse("response:facts", args=[fact.incident.number])
    form = SignFactForm(request.POST, prefix=f"f{fact.number}")
    if not form.is_valid():
        return show(request, incident, bad_form=form, status=400)
    typed = form.cleaned_data
    try:
        services.sign_fact(
            fact,
            actor=person_of(request),
            now=clock.now(incident.exercise),
            seen_version=typed["version"],
            state=typed["state"],
            evidence=typed["evidence"],
        )
    except Stale:
        there = Fact.objects.get(pk=fact.pk)
        rows = [
            (str(_("state")), str(Fact.State(typed["state"]).label), str(there.get_state_display())),
            (str(_("evidence")), typed["evidence"], there.evidence),
        ]
        return both_states(request, rows, back)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("F%(number)s is signed.") % {"number": fact.number})
    return redirect(back)
