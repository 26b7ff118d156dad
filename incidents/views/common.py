"""What the incident pages share: finding rows one may see, what time it is there, and answers to a refused act."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from incidents.models import Incident, LevelRequest
from incidents.refusals import Refused

View = Callable[..., HttpResponse]


def one_incident(request: DeskRequest, number: str) -> Incident:
    """The incident of that number if this person may see it, drills included: numbers are unique across them."""
    rows = Incident.everywhere.visible_to(request.user).select_related("lead", "department", "exercise", "opened_by")
    return get_object_or_404(rows, number=number)


def one_request(request: DeskRequest, uuid: UUID) -> LevelRequest:
    rows = LevelRequest.objects.select_related(
        "incident__exercise", "requested_by", "requested_for", "decided_by", "acting_for", "oral__recorded_by"
    )
    return get_object_or_404(rows.filter(incident__in=Incident.everywhere.visible_to(request.user)), uuid=uuid)


def now_at(incident: Incident) -> datetime:
    return clock.now(incident.exercise)


def says_why_not(view: View) -> View:
    """A refused act goes back to the incident with its sentence; a race says that somebody was faster (409)."""

    @wraps(view)
    def wrapped(request: DeskRequest, number: str, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, number, *args, **kwargs)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("incidents:detail", number)
        except (ConcurrentTransition, TransitionNotAllowed, Stale):
            reason = _("%(number)s has moved on since you looked at it; nothing of yours was done.") % {
                "number": number
            }
            back = reverse("incidents:detail", args=[number])
            return render(request, "errors/409.html", {"reason": reason, "back_url": back}, status=409)

    return wrapped


def page_of(name: str, *args: Any) -> str:
    """The address of a page of the apps above, or nothing while nobody has made it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def back_to(request: DeskRequest, otherwise: str) -> str:
    """Where the form wants to go on, else the page it stood on, if that is a page of this desk."""
    for url in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()):
            return url
    return otherwise
