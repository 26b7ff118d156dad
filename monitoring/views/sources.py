"""Where we listen: the list, one source with the log of its polls, and what people may change about it."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.permissions import may, require
from monitoring.selectors import sources as selectors
from monitoring.services import sources as services
from monitoring.source_forms import SourceChangeForm, SourceForm, SwitchForm, differences
from opinion.models import Source


@login_required
def sources(request: DeskRequest) -> HttpResponse:
    """Every source by class, with how well we hear it."""
    require(request.user, "see_sources")
    now = clock.now()
    classes = selectors.sources_by_class(now)
    context = {
        "classes": classes,
        "silent": sum(one.silent for one in classes),
        "any": any(one.sources for one in classes),
        "may_edit": may(request.user, "edit_sources"),
        "now": now,
    }
    return render(request, "monitoring/sources.html", context)


@login_required
def source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One source: its health in words, and the log of its polls."""
    return render(request, "monitoring/source.html", _source_context(request, uuid))


def _source_context(request: DeskRequest, uuid: UUID) -> dict[str, object]:
    require(request.user, "see_sources")
    now, shown = clock.now(), get_object_or_404(Source, uuid=uuid)
    return {
        "source": shown,
        "row": selectors.listened(shown, now),
        "polls": selectors.recent_polls(shown),
        "may_edit": may(request.user, "edit_sources"),
        "now": now,
    }


@login_required
def add_source(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_sources")
    form = SourceForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "monitoring/source_form.html", {"form": form}, status=422 if form.errors else 200)
    added = services.add_source(form.save(commit=False), actor=request.user, now=clock.now())
    messages.success(request, _("Source added. It is polled within the next minute."))
    return redirect("monitoring:source", added.uuid)


@login_required
def change_source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change a source. Where somebody was faster, both states are shown and nothing is saved."""
    require(request.user, "edit_sources")
    shown = get_object_or_404(Source, uuid=uuid)
    form = SourceChangeForm(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "source": shown}
        return render(request, "monitoring/source_form.html", context, status=422 if form.errors else 200)
    try:
        services.change_source(
            form.save(commit=False),
            seen_version=form.cleaned_data["version"],
            actor=request.user,
            now=clock.now(),
        )
    except Stale:
        current = get_object_or_404(Source, uuid=uuid)
        return render(request, "errors/409.html", {"changes": differences(form, current)}, status=409)
    messages.success(request, _("Saved"))
    return redirect("monitoring:source", uuid)


@login_required
@require_POST
def switch_source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Switch a source on or off."""
    shown, form = get_object_or_404(Source, uuid=uuid), SwitchForm(request.POST)
    on = form.is_valid() and form.cleaned_data["on"]
    seen = form.cleaned_data.get("version", 0)
    try:
        services.switch_source(shown, on=on, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        back = redirect("monitoring:source", uuid).url
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    messages.success(request, _("Switched on. It is polled within the next minute.") if on else _("Switched off."))
    return redirect("monitoring:source", uuid)


@login_required
@require_POST
def poll_source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Poll now, and say in words how it went."""
    shown = get_object_or_404(Source, uuid=uuid)
    try:
        outcome, refusal = services.poll_now(shown, actor=request.user, now=clock.now()).sentence, ""
    except services.Refused as refused:
        outcome, refusal = "", str(refused)
    if not request.htmx:
        messages.info(request, refusal or outcome)
        return redirect("monitoring:source", uuid)
    context = {**_source_context(request, uuid), "outcome": outcome, "refusal": refusal}
    return render(request, "monitoring/source.html#now", context)
