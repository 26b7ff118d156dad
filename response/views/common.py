"""What the views of this app share: finding the incident, and answering an act that did not fit."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import User
from accounts.requests import as_number
from incidents.models import Incident
from response.notnow import NotNow


def person_of(request: HttpRequest) -> User:
    """Who is signed in; the views are behind login_required."""
    assert isinstance(request.user, User)
    return request.user


def incident_or_404(request: HttpRequest, number: str) -> Incident:
    """The incident of that number, a drill's too, if this person may see it. Numbers are unique across drills."""
    visible = Incident.everywhere.visible_to(person_of(request)).select_related("department", "exercise", "lead")
    return get_object_or_404(visible, number=number)


def refused(request: HttpRequest, reason: NotNow, back_url: str) -> HttpResponse:
    """Say why the act did not fit, on the page it came from."""
    messages.error(request, str(reason))
    return redirect(back_url)


def both_states(request: HttpRequest, rows: Sequence[tuple[str, str, str]], back_url: str) -> HttpResponse:
    """Somebody was faster: 409 with what this person wrote beside what stands there now."""
    return render(request, "errors/409.html", {"changes": rows, "back_url": back_url}, status=409)


def seen_version(request: HttpRequest) -> int:
    """The version a button was drawn from; 0, which no row has, where the form lost it."""
    return as_number(request.POST.get("version", ""))
