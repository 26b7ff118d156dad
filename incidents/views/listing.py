"""The list of incidents, its export, and opening one."""

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Case, F, IntegerField, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from accounts.versions import Stale
from audit.export import csv_file, safe_cell
from audit.services import record
from incidents.figures import sparklines
from incidents.forms import IncidentForm, ListFilters
from incidents.levels import OPEN_STAGES, Level
from incidents.models import Incident
from incidents.permissions import may, require
from incidents.selectors.likeness import likely_duplicates
from incidents.selectors.lists import incidents_for_list, row_of
from incidents.services.opening import open_incident
from monitoring.models import Signal
from opinion.models import Post

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
        "now": now,
    }
    return render(request, "incidents/list.html", context)


@login_required
def export(request: DeskRequest) -> HttpResponse:
    """The filtered list as a spreadsheet; leaves an audit entry, since it leaves the desk."""
    require(request.user, "export_incidents")
    rows = list(
        ListFilters(request.GET).narrow(incidents_for_list(request.user), request.user).order_by(*GRAVEST_FIRST)
    )
    response = csv_file("incidents", timezone.now())
    writer = csv.writer(response)
    writer.writerow(
        [
            _("Number"),
            _("Title"),
            _("Level"),
            _("Stage"),
            _("Owning department"),
            _("Lead"),
            _("Known since"),
            _("Closed"),
        ]
    )
    for incident in rows:
        cells = [
            incident.number,
            incident.title,
            incident.level_label,
            incident.get_stage_display(),
            str(incident.department or ""),
            str(incident.lead or ""),
            *(
                f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""
                for at in (incident.first_known_at, incident.closed_at)
            ),
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    with transaction.atomic():
        record("incidents.exported", actor=request.user, detail={"rows": len(rows), "filters": request.GET.dict()})
    return response


@login_required
def open_new(request: DeskRequest) -> HttpResponse:
    """建档, by hand or from a post or signal (`?post=`, `?signal=`); what it may already be is shown first."""
    require(request.user, "open_incident")
    post, signal = origin(request)
    topic = signal.topic if signal else None
    initial = {"title": topic.title[:200] if topic else str(post)[:200] if post else "", "lead": request.user.pk}
    form = IncidentForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        origin_row = signal or post
        now = clock.now(origin_row.exercise if origin_row else None)
        try:
            incident = open_incident(actor=request.user, now=now, post=post, signal=signal, **values)
        except Stale:
            reason = _("Somebody judged this signal or sorted its posts at the same moment; no incident was opened.")
            back = reverse("incidents:list")
            return render(request, "errors/409.html", {"reason": reason, "back_url": back}, status=409)
        messages.success(request, _("%(number)s is open.") % {"number": incident.number})
        return redirect(incident)
    lead_post = post or (signal.posts.first() if signal else None)
    context: dict[str, Any] = {
        "form": form,
        "post": post,
        "signal": signal,
        "duplicates": likely_duplicates(request.user, lead_post, request.POST.get("title", "")),
    }
    return render(request, "incidents/open.html", context, status=422 if form.errors else 200)


def origin(request: DeskRequest) -> tuple[Post | None, Signal | None]:
    """The post and the signal an incident is about to be opened from, by their UUIDs in the address."""
    post, signal = (as_uuid(request.GET.get(name, "")) for name in ("post", "signal"))
    return (
        get_object_or_404(Post.everywhere.select_related("source"), uuid=post) if post else None,
        get_object_or_404(Signal.everywhere.select_related("topic"), uuid=signal) if signal else None,
    )
