"""处置记录: the whole timeline with its filters, on screen, on paper (大事记) and as a table; correcting an entry."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.requests import DeskRequest, as_number
from audit.export import table_file
from audit.services import record
from incidents.filters import TimelineFilters
from incidents.forms import CorrectionForm
from incidents.models import Incident
from incidents.permissions import may, require
from incidents.selectors.timeline import (
    as_line,
    entries_of,
    fingerprint,
    folded,
    lines,
    merged,
    people_on,
    place_of,
    told_of,
)
from incidents.services import people
from incidents.timeline_words import TOLD
from incidents.views.common import now_at, one_incident, says_why_not
from notices.permissions import may as may_with_notices
from notices.selectors.told import told_at

PAGE = 100


@login_required
def timeline(request: DeskRequest, number: str) -> HttpResponse:
    """Every entry, filtered by the address; `?entry=` opens the page on which one stands."""
    incident = one_incident(request, number)
    filters = filters_of(request, incident)
    chosen = filters.chosen()
    only_told = chosen.get("show") == [TOLD]
    entries: Any = told_at(incident.about) if only_told else entries_of(incident, chosen)
    shown = incident.timeline.filter(pk=as_number(request.GET.get("entry", ""))).first()
    pages = Paginator(entries, PAGE)
    page = pages.get_page(place_of(shown) // PAGE + 1 if shown else request.GET.get("page"))
    context = {
        "incident": incident,
        "filters": filters,
        "page_obj": page,
        "timeline": merged(
            [] if only_told else folded(lines(page.object_list)), told_of(incident, chosen, *span_of(page, entries))
        ),
        "shown": shown,
        "sees_ledger": may_with_notices(request.user, "see_ledger"),
        "may_correct": may(request.user, "add_note", incident),
        "may_export": may(request.user, "export_incidents"),
        "now": now_at(incident),
    }
    name = "incidents/timeline.html#entries" if request.htmx else "incidents/timeline.html"
    return render(request, name, context)


def span_of(page: Any, entries: Any) -> tuple[datetime | None, datetime | None]:
    """From when and before when people were told what this page shows: what came after its newest entry stands on the
    page before, and the last page goes back to the beginning."""
    since = moment(page.object_list[len(page.object_list) - 1]) if page.has_next() else None
    until = moment(entries[page.start_index() - 2]) if page.has_previous() else None
    return since, until


def moment(row: Any) -> datetime:
    """When an entry was; where only notices are shown, the pages are cut by the moments themselves."""
    return row if isinstance(row, datetime) else row.at


@login_required
def chronicle(request: DeskRequest, number: str) -> HttpResponse:
    """大事记: the entries in the order they happened, for paper, with what was left out, the cut-off and a fingerprint.

    The same filters up to the same cut-off give the same fingerprint, for nothing that happened can be changed.
    """
    incident = one_incident(request, number)
    filters = filters_of(request, incident)
    chosen = filters.chosen()
    cut_off = chosen.setdefault("until", now_at(incident))
    entries = list(entries_of(incident, chosen))[::-1]
    context = {
        "incident": incident,
        "timeline": merged(lines(entries[::-1]), told_of(incident, chosen))[::-1],
        "filters_said": filters.said(),
        "cut_off": cut_off,
        "fingerprint": fingerprint(entries),
        "now": now_at(incident),
    }
    return render(request, "incidents/chronicle.html", context)


@login_required
def export_timeline(request: DeskRequest, number: str, suffix: str = "csv") -> HttpResponse:
    """The filtered entries as a table, oldest first; leaves an audit entry, since it leaves the desk."""
    incident = one_incident(request, number)
    require(request.user, "export_incidents")
    chosen = filters_of(request, incident).chosen()
    entries = list(entries_of(incident, chosen))
    prefetch_related_objects(entries, "corrects")
    head = (_("Time"), _("What happened"), _("By"), _("Their words"), _("Event"), _("Corrects"))
    rows = [
        (
            line.at,
            line.sentence,
            line.who,
            line.note,
            line.event,
            line.corrects.at if line.corrects else None,
        )
        for line in merged(map(as_line, entries), told_of(incident, chosen))[::-1]
    ]
    with transaction.atomic():
        detail = {"rows": len(rows), "filters": dict(request.GET.lists())}
        record("incidents.timeline_exported", actor=request.user, subject=incident.number, detail=detail)
    return table_file(suffix, f"timeline-{incident.number}", now_at(incident), head, rows)


@login_required
@says_why_not
def correct_entry(request: DeskRequest, number: str, entry: int) -> HttpResponse:
    """更正: say what is right beside an entry that is wrong."""
    incident = one_incident(request, number)
    wrong = get_object_or_404(incident.timeline.select_related("actor", "acting_for", "incident"), pk=entry)
    require(request.user, "correct_entry", wrong)
    form = CorrectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people.correct_entry(wrong, actor=request.user, now=now_at(incident), **form.cleaned_data)
        messages.success(request, _("Your correction stands beside the entry."))
        return redirect(wrong)
    context = {"incident": incident, "line": lines([wrong])[0], "form": form, "now": now_at(incident)}
    return render(request, "incidents/correct.html", context, status=422 if form.errors else 200)


def filters_of(request: DeskRequest, incident: Incident) -> TimelineFilters:
    return TimelineFilters(request.GET, people=people_on(incident))
