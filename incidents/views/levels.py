"""Assessing an incident, and asking for a level."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.requests import DeskRequest
from incidents import charts
from incidents.forms import AssessForm, RequestForm
from incidents.levels import CONSEQUENCES, CRITERIA, LEVELS
from incidents.permissions import may, require
from incidents.refusals import ReasonNeeded
from incidents.selectors.ladder import deciders_in_words
from incidents.selectors.lists import waiting_requests
from incidents.services import assessing, levels
from incidents.views.common import now_at, one_incident, says_why_not
from incidents.words import RED_LINES


@login_required
@says_why_not
def assess(request: DeskRequest, number: str) -> HttpResponse:
    """评估: the measured factors with their posts, what people know, the suggestion."""
    incident = one_incident(request, number)
    require(request.user, "assess", incident)
    now = now_at(incident)
    reading = assessing.read(incident, now)
    previous = incident.assessments.first()
    told = assessing.carried(previous, reading)
    initial = {
        "regulator": told.regulator,
        "fact_state": told.fact_state,
        "nature": told.nature,
        "hot_list": told.hot_list,
        "red_lines": told.red_lines,
    }
    form = AssessForm(request.POST or None, initial=initial, measured=reading.inputs)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] or None for name in ("regulator", "fact_state", "nature", "hot_list")}
        entered = assessing.Entered(**values, red_lines=tuple(form.cleaned_data["red_lines"]))
        try:
            made = assessing.assess(
                incident, actor=request.user, now=now, entered=entered, note=form.cleaned_data["note"]
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
        "measured": charts.measured_rows(incident, reading),
        "arranged": charts.arranged(incident, reading.inputs.as_stored(), reading.evidence),
        "history": incident.assessments.select_related("made_by")[:10],
        "may_request": may(request.user, "request_level", incident),
        "now": now,
    }
    return render(request, "incidents/assess.html", context, status=422 if form.errors else 200)


@login_required
@says_why_not
def request_level(request: DeskRequest, number: str) -> HttpResponse:
    """定级与升级: which level, on what grounds, and what it sets in motion."""
    incident = one_incident(request, number)
    require(request.user, "request_level", incident)
    now = now_at(incident)
    assessment = incident.assessments.first()
    suggested = assessment.suggestion if assessment else ""
    initial = {"level": suggested if suggested in ("1", "2", "3") and suggested != str(incident.level) else None}
    form = RequestForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        asked = levels.request_level(
            incident,
            form.cleaned_data["level"],
            actor=request.user,
            now=now,
            reason=form.cleaned_data["reason"],
            assessment=assessment,
        )
        messages.success(
            request,
            _("%(level)s is requested; the leadership has been asked.") % {"level": asked.get_to_level_display()},
        )
        return redirect(incident)
    context = {
        "incident": incident,
        "form": form,
        "assessment": charts.summary(assessment) if assessment else None,
        "waiting": waiting_requests().filter(incident=incident).first(),
        "choices": [
            {
                "level": level,
                "criteria": CRITERIA[level],
                "consequences": CONSEQUENCES[level],
                "roles": deciders_in_words(incident.level, level),
                "is_current": level == incident.level,
                "is_suggested": str(level.value) == suggested,
                "is_chosen": str(form["level"].value()) == str(level.value),
            }
            for level in LEVELS
        ],
        "now": now,
    }
    return render(request, "incidents/request_level.html", context, status=422 if form.errors else 200)
