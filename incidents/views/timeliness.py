"""时效: how many clocks were kept over a stretch of time, the incidents behind each figure, and the export."""

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
from audit.export import Cell, table_file
from audit.services import record
from incidents.filters import TimelinessFilters
from incidents.levels import LEVELS, Level
from incidents.models import Clock
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
def export_timeliness(request: DeskRequest, suffix: str = "csv") -> HttpResponse:
    """The clocks behind the figures as a table, with both their times; leaves an audit entry."""
    require(request.user, "export_incidents")
    now = clock.now()
    filters = TimelinessFilters(request.GET)
    chosen = narrowed(clocks_begun(request.user, *stretch(filters, now)), filters.chosen(), now)
    head = (
        _("Number"),
        _("Title"),
        _("Clock"),
        _("Level"),
        _("Began"),
        _("Limit in minutes"),
        pgettext("clock", "Due"),
        _("Met"),
        _("Minutes late"),
    )
    rows = [cells_of(each, now) for each in chosen.select_related("incident").order_by("started_at", "pk").iterator()]
    with transaction.atomic():
        record("incidents.exported", actor=request.user, detail={"rows": len(rows), "filters": request.GET.dict()})
    return table_file(suffix, "timeliness", now, head, rows)


def cells_of(clock: Clock, now: datetime) -> list[Cell]:
    late_by = standing(clock, clock.incident, now).late_by
    return [
        clock.incident.number,
        clock.incident.title,
        clock.get_kind_display(),
        str(Level(clock.level).label),
        clock.started_at,
        clock.minutes,
        clock.due_at,
        clock.met_at,
        int(late_by.total_seconds() // 60) if late_by else None,
    ]


def stretch(filters: TimelinessFilters, now: datetime) -> tuple[datetime, datetime]:
    """From the first moment of the first day to that after the last, in the company's zone."""
    dates = filters.dates()
    last = dates[1] or timezone.localdate(now)
    first = dates[0] or last - timedelta(days=DAYS - 1)
    zone = timezone.get_default_timezone()
    return (datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone))
