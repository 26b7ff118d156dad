"""The list of incidents, its export, and opening one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.export import table_file
from audit.services import record
from incidents.figures import sparklines
from incidents.forms import IncidentForm, ListFilters
from incidents.levels import OPEN_STAGES, Level
from incidents.models import Incident
from incidents.permissions import may, require
from incidents.selectors.likeness import likely_duplicates
from incidents.selectors.lists import incidents_for_list, row_of
from incidents.selectors.proposing import proposal_for
from incidents.services.opening import open_incident
from incidents.views.proposing import asked_origin

PAGE = 50
GRAVEST_FIRST: list[Any] = [
    Case(When(stage__in=OPEN_STAGES, then=Value(0)), default=Value(1), output_field=IntegerField()),
    Case(When(level=Level.UNSET, then=Value(9)), default=F("level"), output_field=IntegerField()),
    "-opened_at",
    "-pk",
]


@login_required
def list_incidents(request: DeskRequest) -> HttpResponse:
    """事件: which is the most pressing? Filters live in the address."""
    now = clock.now()
    filters = ListFilters(request.GET)
    rows = filters.narrow(incidents_for_list(request.user), request.user).order_by(*GRAVEST_FIRST)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    lines = sparklines(page.object_list, now)
    last_closed = Incident.objects.visible_to(request.user).filter(closed_at__isnull=False).order_by("-closed_at")
    context = {
        "filters": filters,
        "is_filtered": any(request.GET.get(name) for name in filters.fields),
        "page_obj": page,
        "rows": [row_of(incident, lines[incident.pk], now) for incident in page.object_list],
        "last_closed": None if page.object_list else last_closed.first(),
        "may_open": may(request.user, "open_incident"),
        "may_export": may(request.user, "export_incidents"),
        "may_edit_kinds": may(request.user, "edit_kinds"),
        "now": now,
    }
    return render(request, "incidents/list.html", context)


@login_required
def export(request: DeskRequest, suffix: str = "csv") -> HttpResponse:
    """The filtered list as a table; leaves an audit entry, since it leaves the desk."""
    require(request.user, "export_incidents")
    filters = ListFilters(request.GET)
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
        for incident in filters.narrow(incidents_for_list(request.user), request.user).order_by(*GRAVEST_FIRST)
    ]
    with transaction.atomic():
        record("incidents.exported", actor=request.user, detail={"rows": len(rows), "filters": request.GET.dict()})
    return table_file(suffix, "incidents", clock.now(), head, rows)


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
