"""快报: making one, reading it, taking it along."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.requests import DeskRequest, as_number
from incidents.permissions import may
from incidents.services import briefs
from incidents.views.common import now_at, one_incident, says_why_not


@login_required
@require_POST
@says_why_not
def make_brief(request: DeskRequest, number: str) -> HttpResponse:
    """One click: the next brief, or the one that was made since the page was seen."""
    incident = one_incident(request, number)
    seen_number = as_number(request.POST.get("seen", ""))
    return redirect(briefs.make_brief(incident, actor=request.user, now=now_at(incident), seen_number=seen_number))


@login_required
def brief(request: DeskRequest, number: str, n: int) -> HttpResponse:
    """One brief, ready to paste into a chat or to print, with its neighbours."""
    incident = one_incident(request, number)
    one = get_object_or_404(incident.briefs.select_related("made_by"), number=n)
    last = incident.briefs.values_list("number", flat=True).first()
    context = {
        "incident": incident,
        "brief": one,
        "last": last,
        "may_make": may(request.user, "make_brief", incident),
        "now": now_at(incident),
    }
    return render(request, "incidents/brief.html", context)
