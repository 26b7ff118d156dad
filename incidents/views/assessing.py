"""评估: measuring, adding what people know, comparing, and what if."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import DeskRequest, as_number
from incidents import charts, severity
from incidents.forms import AssessForm, WhatIfForm
from incidents.permissions import may, require
from incidents.refusals import ReasonNeeded
from incidents.selectors.assessments import age_of, cleared_lines, compare
from incidents.selectors.reading import read
from incidents.services import assessing
from incidents.timeline_words import SUGGESTIONS
from incidents.views.common import now_at, one_incident, page_of, says_why_not
from incidents.words import RED_LINES

ANSWERS = ("regulator", "fact_state", "nature", "hot_list")
HISTORY = 10


@login_required
@says_why_not
def assess(request: DeskRequest, number: str) -> HttpResponse:
    """The measured factors with their posts, what people know, the suggestion, and what each level would change."""
    incident = one_incident(request, number)
    require(request.user, "assess", incident)
    now = now_at(incident)
    reading = read(incident, now)
    previous = incident.assessments.first()
    told = assessing.carried(previous, reading)
    initial = {name: getattr(told, name) for name in (*ANSWERS, "red_lines")}
    form = AssessForm(request.POST or None, initial=initial, measured=reading.inputs)
    if request.method == "POST" and form.is_valid():
        try:
            made = assessing.assess(
                incident, actor=request.user, now=now, entered=form.entered(), note=form.cleaned_data["note"]
            )
        except ReasonNeeded as refused:
            what = RED_LINES.get(refused.what) or form.fields[refused.what].label
            form.add_error("note", _("%(what)s: %(why)s") % {"what": what, "why": refused})
        else:
            messages.success(request, _("Assessed: %(index).1f.") % {"index": made.severity})
            return redirect("incidents:request-level" if "then_request" in request.POST else "incidents:assess", number)
    context = {
        "incident": incident,
        "form": form,
        "assessment": charts.summary(previous) if previous else None,
        "age": age_of(previous, now) if previous else None,
        "measured": charts.measured_rows(incident, reading),
        "arranged": charts.arranged(incident, reading.inputs.as_stored(), reading.evidence),
        "history": [(row, SUGGESTIONS[row.advice]) for row in incident.assessments.select_related("made_by")[:HISTORY]],
        "cleared": cleared_lines(incident),
        "levels_url": page_of("response:levels-panel", number),
        "may_request": may(request.user, "request_level", incident),
        "now": now,
    }
    return render(request, "incidents/assess.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@says_why_not
def measure_again(request: DeskRequest, number: str) -> HttpResponse:
    """One click on figures that have aged."""
    incident = one_incident(request, number)
    made = assessing.measure_again(incident, actor=request.user, now=now_at(incident))
    messages.success(request, _("Measured again: %(index).1f.") % {"index": made.severity})
    return redirect("incidents:assess" if "from_assess" in request.POST else "incidents:detail", number)


@login_required
@require_GET
def compare_assessments(request: DeskRequest, number: str) -> HttpResponse:
    """What changed between two assessments of the history: `?before=` and `?after=`, their places in it."""
    incident = one_incident(request, number)
    rows = incident.assessments.select_related("made_by")
    two = [get_object_or_404(rows, pk=as_number(request.GET.get(name, ""))) for name in ("before", "after")]
    before, after = sorted(two, key=lambda each: (each.at, each.pk))
    context = {"incident": incident, "comparison": compare(before, after), "now": now_at(incident)}
    return render(request, "incidents/compare.html", context)


@login_required
@require_GET
def what_if(request: DeskRequest, number: str) -> HttpResponse:
    """Move the numbers and see what the formula would say; nothing is kept. The sliders ask again while they move."""
    incident = one_incident(request, number)
    newest = incident.assessments.first()
    now = now_at(incident)
    known = newest.inputs if newest else read(incident, now).inputs.as_stored()
    form = WhatIfForm(request.GET or None, known=known)
    inputs = form.inputs() if form.is_bound and form.is_valid() else WhatIfForm.as_inputs(known)
    context: dict[str, Any] = {
        "incident": incident,
        "form": form,
        "result": charts.bars(severity.compute(inputs)),
        "numbers": form.shown(inputs),
        "now": now,
    }
    return render(request, "incidents/what_if.html#result" if request.htmx else "incidents/what_if.html", context)
