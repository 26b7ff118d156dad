"""The plan as it is adopted, to read and to print."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from incidents.levels import CRITERIA, Level
from response.permissions import require
from response.selectors import adopted_plan
from response.views.common import person_of


@login_required
def plan(request: HttpRequest) -> HttpResponse:
    require(person_of(request), "see_plan")
    adopted = adopted_plan()
    lines = list(adopted.tasks.all()) if adopted else []
    clocks = list(adopted.clocks.all()) if adopted else []
    levels = [
        {
            "level": level,
            "criteria": CRITERIA[level],
            "clocks": [clock for clock in clocks if clock.level == level],
            "lines": [line for line in lines if line.level == level],
        }
        for level in (Level.ONE, Level.TWO, Level.THREE)
    ]
    return render(request, "response/plan.html", {"plan": adopted, "levels": levels})
