"""The plan as it is adopted, to read and to print."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts import clock
from incidents.levels import CONFIRM_WITHIN, CRITERIA, DECIDE_WITHIN, LEVELS, SPEAK_WITHIN, Level
from response.permissions import require
from response.selectors import adopted_plan, level_by_level
from response.views.common import incident_or_404, person_of


@login_required
def plan(request: HttpRequest) -> HttpResponse:
    require(person_of(request), "see_plan")
    adopted = adopted_plan()
    lines = list(adopted.tasks.all()) if adopted else []
    levels = [
        {"level": level, "criteria": CRITERIA[level], "lines": [line for line in lines if line.level == level]}
        for level in (Level.ONE, Level.TWO, Level.THREE)
    ]
    return render(request, "response/plan.html", {"plan": adopted, "levels": levels})


@login_required
def levels_panel(request: HttpRequest, number: str) -> HttpResponse:
    """What each level would change, side by side: tasks with owners and deadlines, signatures, clocks."""
    require(person_of(request), "see_plan")
    incident = incident_or_404(request, number)
    now = clock.now(incident.exercise)
    columns = [
        {
            **column,
            "decide_within": DECIDE_WITHIN[column["level"]],
            "confirm_within": CONFIRM_WITHIN[column["level"]],
            "speak_within": SPEAK_WITHIN[column["level"]],
        }
        for column in level_by_level(incident, LEVELS, now)
    ]
    page = "response/levels.html#panel" if request.htmx else "response/levels.html"  # type: ignore[attr-defined]
    return render(request, page, {"incident": incident, "columns": columns, "now": now})
