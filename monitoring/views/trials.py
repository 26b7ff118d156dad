"""试跑 of signals: asked for in the form of a watch, watched while it runs, read when it is done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from monitoring import tasks
from monitoring.services import trials as services
from monitoring.signals.reasons import kind_label, sentence
from opinion.forms import SignalTrialForm
from opinion.models import Watch, WatchTrial
from opinion.permissions import require


@login_required
@require_POST
def try_signals(request: DeskRequest) -> HttpResponse:
    """Start a trial with what stands in the form. ?watch=: the one it would replace."""
    require(request.user, "edit_watches")
    uuid = as_uuid(request.GET.get("watch", ""))
    watch = Watch.objects.filter(uuid=uuid).first() if uuid else None
    form = SignalTrialForm(request.POST)
    if not form.is_valid():
        errors = [str(error) for found in form.errors.values() for error in found]
        return render(request, "errors/400.html", {"reason": " ".join(errors)}, status=400)
    with transaction.atomic():
        trial = services.start(form.cleaned_data, watch=watch, actor=request.user, now=clock.now())
        transaction.on_commit(tasks.try_watches.delay)
    return redirect("monitoring:trial", trial.uuid)


@login_required
@require_GET
def trial(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """How far a trial is (polled), then what it found."""
    require(request.user, "see_watches")
    shown = get_object_or_404(WatchTrial.objects.select_related("watch", "by"), uuid=uuid)
    context = {
        "trial": shown,
        "changed": _rows(shown.result.get(services.CHANGED, [])),
        "as_it_is": _rows(shown.result.get(services.AS_IT_IS, [])),
        "now": clock.now(),
    }
    part = "#state" if request.htmx else ""
    return render(request, f"monitoring/trial.html{part}", context)


def _rows(signals: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Signals with their words in the reader's language, the newest first."""
    return [
        {
            **signal,
            "at": datetime.fromisoformat(signal["opened_at"]),
            "level": str(signal["suggested_level"] or ""),
            "label": kind_label(signal["kind"]),
            "words": [sentence(reason["kind"], reason["numbers"]) for reason in signal["reasons"]],
        }
        for signal in reversed(signals)
    ]
