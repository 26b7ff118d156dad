"""The fact sheet of an incident: reading, adding, signing, what shows a fact, numbered sheets."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from incidents.models import Incident
from response.forms.facts import BasisForm, FactForm, ProofForm, SheetForm, SignFactForm
from response.models import Fact, FactSheet, StatementBasis
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.facts import facts_in_full, quoting, readable
from response.services import facts as services
from response.services.attachments import lay_down
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
    status: int = 200,
) -> HttpResponse:
    """All facts, and what stands in the way of quoting them."""
    facts = list(facts_in_full(incident))
    context = {
        "incident": incident,
        "facts": facts,
        "verified_count": sum(fact.state == Fact.State.VERIFIED for fact in facts),
        "may_add": may(person_of(request), "add_fact", incident),
        "last_sheet": incident.fact_sheets.first(),
        "add_form": add_form or FactForm(),
        "now": clock.now(incident.exercise),
    }
    return render(request, template, context, status=status)


def fact_or_404(request: HttpRequest, uuid: UUID) -> Fact:
    visible = Incident.everywhere.visible_to(person_of(request))
    facts = Fact.objects.select_related("incident__exercise", "added_by", "signed_by__department")
    return get_object_or_404(facts, uuid=uuid, incident__in=visible)


@login_required
def fact(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One fact: what is known, what shows it, every word signed about it, who quotes it."""
    return show_fact(request, fact_or_404(request, uuid))


def show_fact(
    request: HttpRequest,
    fact: Fact,
    sign_form: SignFactForm | None = None,
    proof_form: ProofForm | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = {"version": fact.version, "claim": fact.claim, "state": fact.state, "evidence": fact.evidence}
    context = {
        "fact": fact,
        "incident": fact.incident,
        "proofs": list(fact.proofs.select_related("added_by", "post", "file")),
        "versions": list(fact.versions.select_related("signed_by")),
        "quoting": list(quoting(fact)),
        "may_sign": may(person_of(request), "sign_fact", fact),
        "sign_form": sign_form or SignFactForm(initial=seen, was_signed=fact.was_signed),
        "proof_form": proof_form or ProofForm(incident=fact.incident),
        "now": clock.now(fact.incident.exercise),
    }
    return render(request, "response/fact.html", context, status=status)


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
def sign_fact(request: HttpRequest, uuid: UUID) -> HttpResponse:
    fact = fact_or_404(request, uuid)
    form = SignFactForm(request.POST, was_signed=fact.was_signed)
    if not form.is_valid():
        return show_fact(request, fact, sign_form=form, status=400)
    typed, back = form.cleaned_data, fact.get_absolute_url()
    try:
        services.sign_fact(
            fact,
            actor=person_of(request),
            now=clock.now(fact.incident.exercise),
            seen_version=typed["version"],
            state=typed["state"],
            evidence=typed["evidence"],
            claim=typed["claim"],
            reason=typed.get("reason", ""),
        )
    except Stale:
        there = Fact.objects.get(pk=fact.pk)
        rows = [
            (str(_("claim")), typed["claim"], there.claim),
            (str(_("state")), str(Fact.State(typed["state"]).label), str(there.get_state_display())),
            (str(_("evidence")), typed["evidence"], there.evidence),
        ]
        return both_states(request, rows, back)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("F%(number)s is signed.") % {"number": fact.number})
    return redirect(back)


@login_required
@require_POST
def add_proofs(request: HttpRequest, uuid: UUID) -> HttpResponse:
    fact = fact_or_404(request, uuid)
    require(person_of(request), "add_proof", fact)
    form = ProofForm(request.POST, request.FILES, incident=fact.incident)
    if not form.is_valid():
        return show_fact(request, fact, proof_form=form, status=400)
    typed, back = form.cleaned_data, fact.get_absolute_url()
    try:
        services.add_proofs(
            fact,
            actor=person_of(request),
            now=clock.now(fact.incident.exercise),
            files=lay_down(typed["uploads"]),
            links=typed["named_links"],
            posts=typed["posts"],
        )
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("Put beside F%(number)s.") % {"number": fact.number})
    return redirect(back)


# --- numbered sheets -------------------------------------------------------------------------------------------------
@login_required
def sheets(request: HttpRequest, number: str) -> HttpResponse:
    """Every numbered sheet, and the form to sign the next."""
    incident, person = incident_or_404(request, number), person_of(request)
    form = SheetForm(request.POST or None)
    if request.method == "POST":
        require(person, "sign_sheet", incident)
        if form.is_valid():
            try:
                sheet = services.sign_sheet(
                    incident, actor=person, now=clock.now(incident.exercise), note=form.cleaned_data["note"]
                )
            except NotNow as reason:
                return refused(request, reason, request.path)
            messages.success(request, _("Fact sheet v%(number)s is signed.") % {"number": sheet.number})
            return redirect(sheet)
    bases = StatementBasis.objects.select_related("statement_version__statement")
    context = {
        "incident": incident,
        "form": form,
        "sheets": list(incident.fact_sheets.select_related("signed_by").prefetch_related(Prefetch("bases", bases))),
        "may_sign": may(person, "sign_sheet", incident),
        "now": clock.now(incident.exercise),
    }
    return render(request, "response/fact_sheets.html", context, status=400 if form.errors else 200)


def sheet_or_404(request: HttpRequest, uuid: UUID) -> FactSheet:
    visible = Incident.everywhere.visible_to(person_of(request))
    return get_object_or_404(
        FactSheet.objects.select_related("incident__exercise", "signed_by__department"), uuid=uuid, incident__in=visible
    )


@login_required
def fact_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One numbered sheet as it was signed, for paper; which drafts rest on it."""
    sheet = sheet_or_404(request, uuid)
    form = BasisForm(incident=sheet.incident)
    context = {
        "sheet": sheet,
        "incident": sheet.incident,
        "record": readable(sheet.record),
        "is_whole": sheet.seal == sheet.sealed(),
        "bases": list(sheet.bases.select_related("statement_version__statement", "named_by")),
        "form": form if form.fields["draft"].queryset.exists() else None,  # type: ignore[attr-defined]
        "may_name": may(person_of(request), "draft_statement", sheet.incident),
    }
    return render(request, "response/fact_sheet.html", context)


@login_required
@require_POST
def rest_on_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    sheet = sheet_or_404(request, uuid)
    form = BasisForm(request.POST, incident=sheet.incident)
    if not form.is_valid():
        return refused(request, NotNow(_("Choose a draft of this incident.")), sheet.get_absolute_url())
    version = form.cleaned_data["draft"]
    try:
        services.rest_on(version, sheet, actor=person_of(request), now=clock.now(sheet.incident.exercise))
    except NotNow as reason:
        return refused(request, reason, sheet.get_absolute_url())
    words = _("%(statement)s rests on fact sheet v%(number)s.") % {"statement": version, "number": sheet.number}
    messages.success(request, words)
    return redirect(sheet)
