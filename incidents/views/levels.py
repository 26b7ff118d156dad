"""Asking for a level."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.requests import DeskRequest
from incidents import charts
from incidents.forms import RequestForm
from incidents.levels import CONSEQUENCES, CRITERIA, LEVELS
from incidents.permissions import require
from incidents.selectors.assessments import age_of
from incidents.selectors.ladder import deciders_in_words
from incidents.selectors.lists import waiting_requests
from incidents.services import levels
from incidents.views.common import now_at, one_incident, page_of, says_why_not


@login_required
@says_why_not
def request_level(request: DeskRequest, number: str) -> HttpResponse:
    """定级与升级: which level, on what grounds, and what it sets in motion."""
    incident = one_incident(request, number)
    require(request.user, "request_level", incident)
    now = now_at(incident)
    assessment = incident.assessments.first()
    suggested = assessment.advice if assessment else ""
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
        "age": age_of(assessment, now) if assessment else None,
        "levels_url": page_of("response:levels-panel", number),
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
