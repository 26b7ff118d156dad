"""Signals: the list, one of them with why it was raised and how it grew, and what people make of it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.forms.inbox import JudgeForm, SignalFilterForm, VersionForm
from monitoring.models import Signal, Verdict
from monitoring.permissions import may, require
from monitoring.selectors.one_signal import signal_page
from monitoring.selectors.signals import counts_by_state, signals_in, told
from monitoring.services import signals as services
from opinion.selectors.curves import chart_of

PAGE = 30


@login_required
@require_GET
def signals(request: DeskRequest) -> HttpResponse:
    """Every signal in one of three states, the latest growth first; judged with one click."""
    require(request.user, "see_signals")
    form, now = SignalFilterForm(request.GET), clock.now()
    page = Paginator(signals_in(form.filters), PAGE).get_page(request.GET.get("page"))
    context = {
        "filter_form": form,
        "filters": form.filters,
        "counts": counts_by_state(),
        "page_obj": page,
        "rows": [(shown, told(shown.reasons)) for shown in page.object_list],
        "may_judge": may(request.user, "judge_signal"),
        "may_see_rules": may(request.user, "see_rules"),
        "now": now,
    }
    return render(request, "monitoring/signals.html", context)


@login_required
def signal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    shown = get_object_or_404(
        Signal.objects.visible_to(request.user).select_related("watch", "topic", "previous__topic", "snoozed_by"),
        uuid=uuid,
    )
    now = clock.now()
    page = signal_page(shown, now=now)
    context = {
        "signal": shown,
        "page": page,
        "chart": chart_of(page.curve),
        "chart_label": _("Posts about it by hour, by sentiment"),
        "verdicts": Verdict.choices,
        "may_judge": may(request.user, "judge_signal", shown),
        "now": now,
    }
    return render(request, "monitoring/signal.html", context)


@login_required
@require_POST
def judge_signal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Useful with a verdict, or a false alarm; can be taken back."""
    shown = get_object_or_404(Signal.objects.visible_to(request.user), uuid=uuid)
    form = JudgeForm(request.POST)
    if not form.is_valid():
        reason = _("Say what it is: daily attention, a level, or a false alarm.")
        return render(request, "errors/400.html", {"reason": reason}, status=400)
    shown.version, verdict = form.cleaned_data["version"], form.cleaned_data["verdict"]
    useful = verdict != JudgeForm.FALSE_ALARM
    try:
        services.judge(shown, actor=request.user, now=clock.now(), is_useful=useful, verdict=verdict)
    except Stale:
        back = reverse("monitoring:signal", args=[uuid])
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    undo = reverse("monitoring:take-back-judgement", args=[uuid]) + f"?version={shown.version}"
    said = _("Judged useful: %(verdict)s") % {"verdict": shown.get_verdict_display()} if useful else _("False alarm")
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return redirect("monitoring:signals") if "list" in request.POST else redirect("monitoring:signal", uuid)


@login_required
@require_POST
def snooze_signal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Put aside until it heats up: the next growth brings it back."""
    return _put_aside(request, uuid, services.snooze, _("Put aside until it heats up"), "unsnooze-signal")


@login_required
@require_POST
def unsnooze_signal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return _put_aside(request, uuid, services.unsnooze, _("Back among the open signals"), "snooze-signal")


def _put_aside(request: DeskRequest, uuid: UUID, act: Callable[..., Signal], said: str, undone_by: str) -> HttpResponse:
    shown = get_object_or_404(Signal.objects.visible_to(request.user), uuid=uuid)
    form = VersionForm(request.POST if "version" in request.POST else request.GET)
    shown.version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        act(shown, actor=request.user, now=clock.now())
    except Stale:
        back = reverse("monitoring:signal", args=[uuid])
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    undo = reverse(f"monitoring:{undone_by}", args=[uuid]) + f"?version={shown.version}"
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return redirect("monitoring:signals") if "list" in request.POST else redirect("monitoring:signal", uuid)


@login_required
@require_POST
def take_back_judgement(request: DeskRequest, uuid: UUID) -> HttpResponse:
    shown = get_object_or_404(Signal.objects.visible_to(request.user), uuid=uuid)
    form = VersionForm(request.GET)
    shown.version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        services.take_back(shown, actor=request.user, now=clock.now())
    except Stale:
        back = reverse("monitoring:signal", args=[uuid])
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    messages.success(request, _("Taken back; the signal is open again"))
    return redirect("monitoring:signal", uuid)
