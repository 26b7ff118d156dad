"""时效: how many clocks were kept over a stretch of time, the incidents behind each figure, and the export."""

import csv
from datetime import datetime, time, timedelta

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock
from accounts.requests import DeskRequest
from audit.export import csv_file, safe_cell
from audit.services import record
from incidents.filters import TimelinessFilters
from incidents.levels import LEVELS, Level
from incidents.permissions import may, require
from incidents.selectors.clocks import standing
from incidents.selectors.timeliness import Rate, clocks_begun, narrowed, rates

PAGE = 50
DAYS = 90  # looked back where no dates are chosen


@login_required
def timeliness(request: DeskRequest) -> HttpResponse:
    """The on-time rate per kind and level; a figure leads to the clocks behind it, on the same page."""
    now = clock.now()
    filters = TimelinessFilters(request.GET)
    since, until = stretch(filters, now)
    begun = clocks_begun(request.user, since, until)
    rows = rates(begun, now)
    behind = narrowed(begun, filters.chosen(), now).select_related("incident", "met_by", "stopped_by")
    page = Paginator(behind.order_by("-started_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "since": since,
        "until": until - timedelta(days=1),
        "rows": rows,
        "levels": LEVELS,
        "whole": sum((row.whole for row in rows), Rate()),
        "page_obj": page,
        "clocks": [standing(each, each.incident, now) for each in page.object_list],
        "may_export": may(request.user, "export_incidents"),
        "now": now,
    }
    return render(request, "incidents/timeliness.html", context)


@login_required
def export_timeliness(request: DeskRequest) -> HttpResponse:
    """The clocks behind the figures as a spreadsheet, with both their times; leaves an audit entry."""
    require(request.user, "export_incidents")
    now = clock.now()
    filters = TimelinessFilters(request.GET)
    chosen = narrowed(clocks_begun(request.user, *stretch(filters, now)), filters.chosen(), now)
    response = csv_file("timeliness", now)
    writer = csv.writer(response)
    head = [
        _("Number"),
        _("Title"),
        _("Clock"),
        _("Level"),
        _("Began"),
        _("Limit in minutes"),
        pgettext("clock", "Due"),
        _("Met"),
    ]
    writer.writerow([*head, _("Minutes late")])
    count = 0
    for each in chosen.select_related("incident").order_by("started_at", "pk").iterator():
        late_by = standing(each, each.incident, now).late_by
        cells = [each.incident.number, each.incident.title, each.get_kind_display(), str(Level(each.level).label)]
        times = [said(each.started_at), str(each.minutes), said(each.due_at), said(each.met_at)]
        minutes_late = str(int(late_by.total_seconds() // 60)) if late_by else ""
        writer.writerow([safe_cell(cell) for cell in [*cells, *times, minutes_late]])
        count += 1
    with transaction.atomic():
        record("incidents.exported", actor=request.user, detail={"rows": count, "filters": request.GET.dict()})
    return response


def said(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def stretch(filters: TimelinessFilters, now: datetime) -> tuple[datetime, datetime]:
    """From the first moment of the first day to that after the last, in the company's zone."""
    dates = filters.dates()
    last = dates[1] or timezone.localdate(now)
    first = dates[0] or last - timedelta(days=DAYS - 1)
    zone = timezone.get_default_timezone()
    return (datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone))
