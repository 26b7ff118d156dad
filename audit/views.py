"""The auditor's page: read, filter, export and verify the trail."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audit import services
from audit.export import csv_lines
from audit.forms import TrailFilter
from audit.permissions import require_reader
from audit.selectors import entries

PAGE = 50


@login_required
def trail(request: HttpRequest) -> HttpResponse:
    """What people, vendors and the system did, the newest first; `?before=<number>` goes on where a page ended."""
    require_reader(request.user)
    form = TrailFilter(request.GET)
    if not form.is_valid():
        return render(request, "audit/trail.html", {"form": form}, status=422)
    found = entries(**form.wanted())
    before = form.cleaned_data["before"]
    rows = list((found.filter(seq__lt=before) if before else found)[: PAGE + 1])
    context = {
        "form": form,
        "entries": rows[:PAGE],
        "older": rows[PAGE - 1].seq if len(rows) > PAGE else None,
        "is_first_page": not before,
        "now": timezone.now(),
    }
    return render(request, "audit/trail.html", context)


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """Everything the filter finds, as a CSV file. That it was taken is itself on the record."""
    require_reader(request.user)
    form = TrailFilter(request.POST)
    if not form.is_valid():
        return render(request, "audit/trail.html", {"form": form}, status=422)
    now = timezone.now()
    asked = {name: str(value) for name, value in form.wanted().items() if value}
    with transaction.atomic():
        services.record("audit.exported", actor=request.user, subject="audit", detail=asked)
    lines = csv_lines(entries(**form.wanted()).iterator(chunk_size=2000))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{timezone.localtime(now):%Y%m%d-%H%M}.csv"'
    return response


@login_required
@require_POST
def verify(request: HttpRequest) -> HttpResponse:
    """Check the whole chain now, and write down what was found."""
    require_reader(request.user)
    verdict = services.verify()
    detail = {"whole": verdict.whole, "entries": verdict.entries, "bad_seq": verdict.bad_seq, "reason": verdict.reason}
    with transaction.atomic():
        services.record("audit.verified", actor=request.user, subject="audit", detail=detail)
    if verdict.whole:
        messages.success(request, _("The chain is whole: %(count)s entries.") % {"count": verdict.entries})
    else:
        words = _("The chain is broken at entry %(seq)s: %(reason)s.")
        messages.error(request, words % {"seq": verdict.bad_seq, "reason": verdict.reason})
    return redirect("audit:trail")
