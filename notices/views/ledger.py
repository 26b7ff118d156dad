"""通知台账: every attempt to tell somebody, for the officers; everybody else sees their own."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import clock
from accounts.requests import DeskRequest
from audit import services as audit
from audit.export import table_file
from notices.forms import LedgerFilter
from notices.permissions import may, require
from notices.selectors.ledger import attempts

PAGE = 50


@login_required
def ledger(request: DeskRequest) -> HttpResponse:
    """The newest first; the filter stands in the address."""
    form = LedgerFilter(request.GET)
    if not form.is_valid():
        return render(request, "notices/ledger.html", {"form": form}, status=422)
    context = {
        "form": form,
        "page_obj": Paginator(attempts(request.user, form.wanted()), PAGE).get_page(request.GET.get("page")),
        "sees_all": may(request.user, "see_ledger"),
        "now": clock.now(),
    }
    return render(request, "notices/ledger.html", context)


@login_required
def export(request: DeskRequest, suffix: str = "csv") -> HttpResponse:
    """What the filter finds, as a table; that it was taken is on the trail."""
    require(request.user, "see_ledger")
    form = LedgerFilter(request.GET)
    if not form.is_valid():
        return render(request, "notices/ledger.html", {"form": form}, status=422)
    with transaction.atomic():
        audit.record("notices.ledger_exported", actor=request.user, subject="notices", detail=request.GET.dict())
    head = (
        _("When"),
        _("Channel"),
        pgettext("ledger of notices", "Who"),
        _("Event"),
        _("Urgency"),
        _("Notices"),
        _("Outcome"),
        _("Code"),
        _("Words"),
        _("Receipt"),
    )
    rows = (
        (
            row.began_at,
            row.channel.name,
            str(row.person or ""),
            row.event_words,
            row.get_urgency_display(),
            row.notices,
            row.get_outcome_display(),
            str(row.code),
            row.words,
            row.receipt,
        )
        for row in attempts(request.user, form.wanted()).iterator(chunk_size=2000)
    )
    return table_file(suffix, "notices", clock.now(), head, rows)
