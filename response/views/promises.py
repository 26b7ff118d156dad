"""承诺台账: every public promise, kept or not, across incidents."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock
from audit.export import table_file
from audit.services import record
from response.models import Promise, Task
from response.permissions import require
from response.selectors.promises import promises_for
from response.views.common import person_of

PER_PAGE = 50


@login_required
def promises(request: HttpRequest) -> HttpResponse:
    """With ?open=1 only those still to keep."""
    require(person_of(request), "see_promises")
    now = clock.now()
    rows = promises_for(person_of(request))
    if request.GET.get("open"):
        rows = rows.filter(task__state__in=Task.UNFINISHED)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(promise, promise.is_late(now)) for promise in page],
        "only_open": bool(request.GET.get("open")),
        "now": now,
    }
    return render(request, "response/promises.html", context)


@login_required
def export_promises(request: HttpRequest, suffix: str = "csv") -> HttpResponse:
    """The whole ledger this person may see as a table; leaves an audit entry, since it leaves the desk."""
    person, now = person_of(request), clock.now()
    require(person, "see_promises")
    head = (_("Promise"), _("Incident"), _("Statement"), _("Owner"), _("Public since"), _("Promised for"), _("State"))
    rows = [
        (
            promise.sentence,
            promise.incident.public_name,
            promise.statement.number,
            str(promise.owner),
            promise.public_at,
            promise.due_at,
            state_in_words(promise, promise.is_late(now)),
        )
        for promise in promises_for(person)
    ]
    with transaction.atomic():
        record("response.promises_exported", actor=person, detail={"rows": len(rows)})
    return table_file(suffix, "promises", now, head, rows)


def state_in_words(promise: Promise, is_late: bool) -> str:
    if promise.is_kept:
        return pgettext("promise", "kept")
    if promise.is_given_up:
        return pgettext("promise", "given up")
    return _("overdue") if is_late else pgettext("promise", "to keep")
