"""The plan as it is adopted, to read and to print."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.fresh import ask_again, is_fresh
from incidents.levels import CRITERIA, LEVELS, ClockKind
from incidents.services.clocks import limits_for
from response.models import PlanVersion
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.plan import adopted_plan, drafts_before_the_leadership, level_by_level
from response.services import plan as services
from response.views.common import incident_or_404, person_of, refused


@login_required
def plan(request: HttpRequest) -> HttpResponse:
    require(person_of(request), "see_plan")
    adopted = adopted_plan()
    context = {
        "plan": adopted,
        "levels": by_level(adopted) if adopted else [],
        "lie_before_you": drafts_before_the_leadership().count()
        if adopted and may(person_of(request), "set_standing_authority", adopted)
        else 0,
        "may_set_standing_authority": adopted is not None
        and may(person_of(request), "set_standing_authority", adopted),
    }
    return render(request, "response/plan.html", context)


def by_level(plan: PlanVersion) -> list[dict[str, Any]]:
    """What a page shows of each level: what it means, its clocks, its lines."""
    lines, clocks = list(plan.tasks.all()), list(plan.clocks.all())
    titles = {(line.level, line.key): line.shown_title for line in lines}
    return [
        {
            "level": level,
            "criteria": CRITERIA[level],
            "clocks": [clock for clock in clocks if clock.level == level],
            "lines": [
                {"line": line, "before": [titles.get((line.level, key), key) for key in line.waits_for]}
                for line in lines
                if line.level == level
            ],
        }
        for level in LEVELS
    ]


@login_required
@require_POST
def set_standing_authority(request: HttpRequest) -> HttpResponse:
    """常设授权, given or ended with one button; giving it away takes a proof of who one is."""
    adopted = adopted_plan()
    if adopted is None:
        raise Http404("no plan is in force")
    require(person_of(request), "set_standing_authority", adopted)
    if not is_fresh(request):
        return ask_again(request, reverse("response:plan"))
    gives = bool(request.POST.get("gives"))
    try:
        services.set_standing_authority(adopted, gives, actor=person_of(request))
    except NotNow as reason:
        return refused(request, reason, reverse("response:plan"))
    messages.success(request, _("The standing authority is given.") if gives else _("The standing authority is ended."))
    return redirect("response:plan")


@login_required
def levels_panel(request: HttpRequest, number: str) -> HttpResponse:
    """What each level would change, side by side: tasks with owners and deadlines, signatures, clocks."""
    require(person_of(request), "see_plan")
    incident = incident_or_404(request, number)
    now, limits = clock.now(incident.exercise), limits_for(incident)
    columns = [
        {
            **column,
            "clocks": [
                (kind.label, timedelta(minutes=limits[kind][column["level"]]))
                for kind in ClockKind
                if limits.get(kind, {}).get(column["level"])
            ],
        }
        for column in level_by_level(incident, LEVELS, now)
    ]
    page = "response/levels.html#panel" if request.htmx else "response/levels.html"  # type: ignore[attr-defined]
    return render(request, page, {"incident": incident, "columns": columns, "now": now})
