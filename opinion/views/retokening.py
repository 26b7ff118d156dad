"""The words posts are found by: whether they are today's, and cutting all posts anew."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from opinion import tasks
from opinion.models import Retokening
from opinion.permissions import may, require
from opinion.services import retokening as services


@login_required
def retokening(request: DeskRequest) -> HttpResponse:
    """Whether posts are cut by today's dictionary; while they are being cut, how far it is (polled)."""
    require(request.user, "see_watches")
    runs = list(Retokening.objects.select_related("started_by")[:10])
    context: dict[str, Any] = {
        "running": next((run for run in runs if run.ended_at is None), None),
        "ended": [run for run in runs if run.ended_at is not None],
        "is_due": services.is_due(),
        "may_start": may(request.user, "edit_watches"),
        "now": clock.now(),
    }
    part = "#state" if request.htmx else ""
    return render(request, f"opinion/retokening.html{part}", context)


@login_required
@require_POST
def start_retokening(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_watches")
    with transaction.atomic():
        try:
            services.start(actor=request.user, now=clock.now())
        except services.AlreadyRunning:
            messages.info(request, _("Posts are being cut anew already."))
        else:
            transaction.on_commit(tasks.retoken.delay)
    return redirect("opinion:retokening")
