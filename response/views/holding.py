"""The library of holding texts: written and signed in peacetime, picked and filled in a crisis."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import as_number
from accounts.versions import Stale
from response.checks import checklist
from response.forms.holding import FillForm, HoldingForm, SignHoldingForm
from response.models import HoldingText, StatementKind
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.holding import holding_texts, place_for
from response.services import holding as services
from response.services.images import image_of
from response.services.statements import known_at_start, start_statement, submit
from response.templates_of_statements import slots_of, template
from response.views.common import both_states, incident_or_404, person_of, refused, seen_version
from response.wording import findings, paragraphs


@login_required
def holding_library(request: HttpRequest) -> HttpResponse:
    require(person_of(request), "see_holding")
    today = timezone.localdate(clock.now())
    rows = [(text, text.is_in_force(today)) for text in holding_texts()]
    context = {"rows": rows, "today": today, "may_write": may(person_of(request), "write_holding")}
    return render(request, "response/holding_library.html", context)


@login_required
def write_holding(request: HttpRequest, uuid: Any = None) -> HttpResponse:
    """A new text, or a draft to go on with; ?replaces= begins the successor of one that is signed."""
    person, now = person_of(request), clock.now()
    require(person, "write_holding")
    text = get_object_or_404(HoldingText, uuid=uuid) if uuid else None
    replaced = HoldingText.objects.filter(pk=as_number(request.GET.get("replaces", ""))).first() if not text else None
    form = HoldingForm(request.POST or None, initial=first_words(text or replaced, text))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            written = services.write_holding(
                text,
                actor=person,
                now=now,
                seen_version=typed["version"],
                name=typed["name"],
                cluster=typed["cluster"],
                title=typed["title"],
                words=typed["text"],
                expires_on=typed["expires_on"],
                replaces=replaced,
            )
        except Stale:
            assert text is not None
            there = HoldingText.objects.get(pk=text.pk)
            fields = ("name", "title", "text")
            rows = [(str(form.fields[name].label), typed[name], getattr(there, name)) for name in fields]
            return both_states(request, rows, text.get_absolute_url())
        except NotNow as reason:
            return refused(request, reason, request.get_full_path())
        return redirect(written)
    context = {"form": form, "text": text, "replaced": replaced}
    return render(request, "response/write_holding.html", context, status=400 if form.errors else 200)


def first_words(words: HoldingText | None, text: HoldingText | None) -> dict[str, Any]:
    """What the form begins with: the draft, the text to be replaced, or the T0 of the plan."""
    if words is None:
        form = template(StatementKind.T0)
        return {"version": 0, "title": form.title, "text": form.text}
    fields = {name: getattr(words, name) for name in ("name", "cluster", "title", "text", "expires_on")}
    return {**fields, "version": text.version if text else 0}


@login_required
def holding_text(request: HttpRequest, uuid: Any) -> HttpResponse:
    """One text in full, with its checks and signatures; here it is signed, on the phone too."""
    person = person_of(request)
    require(person, "see_holding")
    text = get_object_or_404(HoldingText.objects.prefetch_related("writers__groups", "signoffs__person"), uuid=uuid)
    said = findings(text.title, text.text, kind="T0", facts={})
    found = [one for one in said if one.rule not in ("slot", "next_update")]  # the time is a slot, too
    context = {
        "text": text,
        "paragraphs": paragraphs(text.text, found),
        "found": found,
        "checks": [check for check in checklist(found, kind="T0") if not check.passed],
        "slots": slots_of(f"{text.title}\n{text.text}"),
        "mine": place_for(person, text),
        "may_write": may(person, "write_holding"),
        "may_retire": may(person, "retire_holding") and text.state != text.State.RETIRED,
        "is_in_force": text.is_in_force(timezone.localdate(clock.now())),
        "now": clock.now(),
    }
    return render(request, "response/holding_text.html", context)


@login_required
@require_POST
def act_on_holding(request: HttpRequest, uuid: Any, act: str) -> HttpResponse:
    """Submit, sign or retire, as the button says."""
    person, now = person_of(request), clock.now()
    text = get_object_or_404(HoldingText, uuid=uuid)
    try:
        if act == "submit":
            services.submit_holding(text, actor=person, now=now, seen_version=seen_version(request))
            messages.success(request, _("Submitted. Those who sign have been told."))
        elif act == "retire":
            services.retire_holding(text, actor=person, now=now)
            messages.success(request, _("Retired: nobody can use it any more."))
        else:
            form = SignHoldingForm(request.POST)
            typed = form.cleaned_data if form.is_valid() else {}
            services.sign_holding(
                text,
                actor=person,
                now=now,
                seen_hash=typed.get("text_hash", ""),
                approves=typed.get("decision") == "approve",
                note=typed.get("note", ""),
            )
            messages.success(request, _("Signed.") if typed.get("decision") == "approve" else _("Returned."))
    except Stale:
        return both_states(request, [], text.get_absolute_url())
    except NotNow as reason:
        return refused(request, reason, text.get_absolute_url())
    return redirect(text)


@login_required
def use_holding(request: HttpRequest, number: str, uuid: Any) -> HttpResponse:
    """In a crisis: fill the slots; one tap makes the statement and asks for the one signature."""
    incident = incident_or_404(request, number)
    person, now = person_of(request), clock.now(incident.exercise)
    require(person, "draft_statement", incident)
    text = get_object_or_404(HoldingText, uuid=uuid)
    slots = slots_of(f"{text.title}\n{text.text}")
    known = known_at_start(incident)
    asked = [slot for slot in slots if slot not in ("官网", "编号")]  # these come with the statement's number
    form = FillForm(request.POST or None, slots=asked, known=known)
    if request.method == "POST" and form.is_valid():
        try:
            version = start_statement(
                incident, kind="T0", cluster=text.cluster, holding=text, slots=form.words(), actor=person, now=now
            )
        except NotNow as reason:
            return refused(request, reason, incident.get_absolute_url())
        try:
            version = submit(version, actor=person, now=now, seen_version=version.version)
            image_of(version, clock.now())
            messages.success(request, _("Submitted: one signature, and it may be published."))
        except NotNow as reason:
            messages.error(request, str(reason))
        return redirect(version.statement)
    context = {
        "incident": incident,
        "text": text,
        "form": form,
        "paragraphs": paragraphs(text.text),
        "is_in_force": text.is_in_force(timezone.localdate(now)),
    }
    return render(request, "response/use_holding.html", context, status=400 if form.errors else 200)
