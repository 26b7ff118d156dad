"""The list of incidents, its export, and opening one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.models import User
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.export import table_file
from audit.services import record
from incidents.figures import sparklines
from incidents.forms import LARGEST_PAGE, HandOverForm, IncidentForm
from incidents.list_filters import ListFilters
from incidents.models import Incident
from incidents.permissions import may, require
from incidents.selectors.likeness import likely_duplicates
from incidents.selectors.lists import incidents_for_list, row_of
from incidents.selectors.proposing import proposal_for
from incidents.services import people
from incidents.services.opening import open_incident
from incidents.views.common import back_to
from incidents.views.proposing import asked_origin

PAGE = LARGEST_PAGE


@login_required
def list_incidents(request: DeskRequest) -> HttpResponse:
    """事件: which is the most pressing? Filters live in the address."""
    now = clock.now()
    filters = ListFilters(request.GET, person=request.user)
    rows = filters.apply(incidents_for_list(request.user), now)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = sparklines(page.object_list, now)
    last_closed = Incident.objects.visible_to(request.user).filter(closed_at__isnull=False).order_by("-closed_at")
    context = {
        "filters": filters,
        "is_filtered": filters.is_narrow,
        "sort": filters.chosen().get("sort", ""),
        "page_obj": page,
        "rows": [row_of(incident, lines[incident.pk], now) for incident in page.object_list],
        "last_closed": None if page.object_list else last_closed.first(),
        "may_open": may(request.user, "open_incident"),
        "may_export": may(request.user, "export_incidents"),
        "hand_over": HandOverForm(auto_id="hand_over_%s") if may(request.user, "hand_over_incidents") else None,
        "may_edit_kinds": may(request.user, "edit_kinds"),
        "now": now,
    }
    return render(request, "incidents/list.html", context)


@login_required
def export(request: DeskRequest, suffix: str = "csv") -> HttpResponse:
    """The filtered list as a table; leaves an audit entry, since it leaves the desk."""
    require(request.user, "export_incidents")
    now = clock.now()
    filters = ListFilters(request.GET, person=request.user)
    head = (
        _("Number"),
        _("Title"),
        _("Level"),
        _("Stage"),
        _("Affects"),
        _("Owning department"),
        _("Lead"),
        _("Known since"),
        _("Closed"),
    )
    rows = [
        (
            incident.number,
            incident.title,
            incident.level_label,
            incident.get_stage_display(),
            pgettext("between items of a list", ", ").join(str(kind) for kind in incident.affects.all()),
            str(incident.department or ""),
            str(incident.lead or ""),
            incident.first_known_at,
            incident.closed_at,
        )
        for incident in filters.apply(incidents_for_list(request.user), now)
    ]
    with transaction.atomic():
        record("incidents.exported", actor=request.user, detail={"rows": len(rows), "filters": request.GET.dict()})
    return table_file(suffix, "incidents", now, head, rows)


@login_required
@require_POST
def hand_over(request: DeskRequest) -> HttpResponse:
    """Another lead or department for the incidents chosen in the list, each by an act of its own; says which did not.

    Each chosen one comes as `number:version`, the version that was looked at.
    """
    require(request.user, "hand_over_incidents")
    form = HandOverForm(request.POST)
    back = back_to(request, reverse("incidents:list"))
    if not form.is_valid():
        messages.error(request, _("Choose a lead or a department, and the incidents it is for."))
        return redirect(back)
    seen: dict[str, int] = form.cleaned_data["chosen"]
    found = {row.number: row for row in Incident.objects.visible_to(request.user).filter(number__in=seen)}
    changed = 0
    for number, version in seen.items():
        why_not = (
            hand_over_one(found[number], version, form.values(), request.user)
            if number in found
            else _("it is not in your list any more")
        )
        changed += not why_not
        if why_not:
            messages.error(request, _("%(number)s stays as it is: %(why)s.") % {"number": number, "why": why_not})
    if changed:
        words = ngettext("%(n)s incident was handed over.", "%(n)s incidents were handed over.", changed)
        messages.success(request, words % {"n": changed})
    return redirect(back)


def hand_over_one(incident: Incident, version: int, values: dict[str, Any], actor: User) -> str:
    """Why it could not be; empty when it was done."""
    if all(getattr(incident, name) == value for name, value in values.items()):
        return _("it has this lead or department already")
    try:
        people.edit(incident, actor=actor, now=clock.now(), seen_version=version, values=values)
    except Stale:
        return _("somebody changed it since you looked at it")
    except PermissionDenied:
        return _("you may not change it, or it is over")
    return ""


@login_required
def open_new(request: DeskRequest) -> HttpResponse:
    """建档, by hand or from `?post=`, `?topic=` or `?signal=`; what it may already be is shown first."""
    require(request.user, "open_incident")
    origin = asked_origin(request)
    proposal = proposal_for(origin, request.user, clock.now(origin.exercise)) if origin else None
    initial = {
        "title": origin.title if origin else "",
        "lead": request.user.pk,
        "affects": proposal.harms if proposal else (),
    }
    form = IncidentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        if origin is not None:
            values |= {"post": origin.post, "topic": origin.topic, "signal": origin.signal}
        now = clock.now(origin.exercise if origin else None)
        try:
            incident = open_incident(actor=request.user, now=now, **values)
        except Stale:
            reason = _("Somebody judged this signal or sorted its posts at the same moment; no incident was opened.")
            back = reverse("incidents:list")
            return render(request, "errors/409.html", {"reason": reason, "back_url": back}, status=409)
        messages.success(request, _("%(number)s is open.") % {"number": incident.number})
        return redirect(incident)
    context: dict[str, Any] = {
        "form": form,
        "origin": origin,
        "topic": origin.topics[0] if origin and not origin.post else None,
        "duplicates": likely_duplicates(request.user, origin, request.POST.get("title", "")),
        "now": clock.now(),
    }
    return render(request, "incidents/open.html", context, status=422 if form.errors else 200)
