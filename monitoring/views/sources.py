"""Where we listen: the list, one source with the log of its polls, and what people may change about it."""

from copy import copy
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from accounts.versions import Stale
from monitoring.forms.sources import (
    FilterForm,
    PresetForm,
    SourceChangeForm,
    SourceForm,
    SwitchForm,
    change_form,
    differences,
)
from monitoring.health.advice import VISITED, next_step
from monitoring.permissions import may, require
from monitoring.selectors import sources as selectors
from monitoring.services import sources as services
from monitoring.sources import presets
from opinion.models import POLLED, Source, SourceHealth, SourceKind

SHOWN = 10  # posts of a test


@login_required
def sources(request: DeskRequest) -> HttpResponse:
    """Every source by class, with how well we hear it. ?trouble=on and ?q= show fewer."""
    require(request.user, "see_sources")
    now, form = clock.now(), FilterForm(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {"trouble": False, "q": ""}
    classes = selectors.sources_by_class(now, words=asked["q"], trouble=asked["trouble"])
    context = {
        "classes": classes,
        "silent": sum(one.silent for one in classes),
        "total": sum(one.total for one in classes),
        "found": sum(len(one.sources) for one in classes),
        "asked": asked,
        "may_edit": may(request.user, "edit_sources"),
        "may_import": may(request.user, "import_posts"),
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
        "is_visited": shown.kind in VISITED,
        "may_edit": may(request.user, "edit_sources"),
        "now": now,
    }


@login_required
def add_source(request: DeskRequest) -> HttpResponse:
    """A new source by its address, and the ways to the presets and to a list of another program."""
    require(request.user, "edit_sources")
    form = SourceForm(request.POST or None)
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        platforms = presets.by_platform() if settings.RSSHUB_URL else {}
        return _form_page(request, form, {"platforms": platforms, "hub": settings.RSSHUB_URL})
    added = services.add_source(form.save(commit=False), actor=request.user, now=clock.now())
    return _added(request, added)


@login_required
def add_preset(request: DeskRequest, code: str) -> HttpResponse:
    """A new source from a form of RSSHub's: a word or an id, the rest is known."""
    require(request.user, "edit_sources")
    preset = _preset(code)
    form = PresetForm(preset, settings.RSSHUB_URL, request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        return _form_page(request, form, {"preset": preset})
    added = services.add_source(form.source, actor=request.user, now=clock.now())
    return _added(request, added)


def _preset(code: str) -> presets.Preset:
    """The preset of that name; there is none where no RSSHub is set up."""
    if code not in presets.BY_CODE or not settings.RSSHUB_URL:
        raise Http404
    return presets.BY_CODE[code]


def _added(request: DeskRequest, added: Source) -> HttpResponse:
    messages.success(request, _("Source added. It is polled within the next minute."))
    return redirect("monitoring:source", added.uuid)


def _form_page(request: DeskRequest, form: BaseForm, more: dict[str, object]) -> HttpResponse:
    """The form; with what a test found, where one was asked for without JavaScript."""
    tested = _tested(form) if "try" in request.POST and form.is_valid() else {}
    context = {"form": form, **more, **tested}
    return render(request, "monitoring/source_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def try_source(request: DeskRequest) -> HttpResponse:
    """Test before saving: fetch once, show what would be stored, keep nothing. ?source= or ?preset= says what of."""
    require(request.user, "edit_sources")
    form = _form_to_try(request)
    found = _tested(form) if form.is_valid() else {}
    errors = [error for wrong in form.errors.values() for error in wrong]
    return render(request, "monitoring/source_form.html#trial", {**found, "trial_errors": errors})


def _form_to_try(request: DeskRequest) -> BaseForm:
    if "preset" in request.GET:
        return PresetForm(_preset(request.GET["preset"]), settings.RSSHUB_URL, request.POST)
    if uuid := as_uuid(request.GET.get("source", "")):
        return SourceChangeForm(request.POST, instance=get_object_or_404(Source, uuid=uuid, kind__in=POLLED))
    return SourceForm(request.POST)


def _tested(form: BaseForm) -> dict[str, object]:
    tried = form.source if isinstance(form, PresetForm) else cast(SourceForm, form).instance
    found = services.try_out(tried, now=clock.now())
    return {
        "look": found,
        "look_label": SourceHealth(found.health).label,
        "look_step": next_step(Source(health=found.health, url=tried.url, preset=tried.preset)),
        "posts": found.posts[:SHOWN],
        "offer_hot_list": bool(found.reading and found.reading.undated) and tried.kind == SourceKind.FEED,
        "is_hot_list": tried.kind == SourceKind.HOT_LIST,
        "now": clock.now(),
    }


@login_required
def change_source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change a source. Where somebody was faster, both states are shown and nothing is saved."""
    require(request.user, "edit_sources")
    shown = get_object_or_404(Source, uuid=uuid)
    form = change_form(shown)(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        return _form_page(request, form, {"source": shown, "is_polled": shown.kind in POLLED})
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
def accept_move(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Take the address it says it has moved to for good."""
    shown, form = get_object_or_404(Source, uuid=uuid), SwitchForm(request.POST)
    seen = form.cleaned_data.get("version", 0) if form.is_valid() else 0
    try:
        services.accept_move(shown, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return _stale(request, uuid)
    except services.Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The new address is polled from now on."))
    return redirect("monitoring:source", uuid)


@login_required
@require_POST
def switch_source(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Switch a source on or off; the toast takes it back (its address says what to)."""
    shown, form = get_object_or_404(Source, uuid=uuid), SwitchForm({**request.GET.dict(), **request.POST.dict()})
    on = form.is_valid() and form.cleaned_data["on"]
    seen = form.cleaned_data.get("version", 0)
    try:
        services.switch_source(shown, on=on, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return _stale(request, uuid)
    back = reverse("monitoring:switch-source", args=[uuid])
    undo = f"undo:{back}?version={shown.version}{'' if on else '&on=on'}"
    words = _("Switched on. It is polled within the next minute.") if on else _("Switched off.")
    messages.success(request, words, extra_tags=undo)
    return redirect("monitoring:source", uuid)


def _stale(request: DeskRequest, uuid: UUID) -> HttpResponse:
    back = reverse("monitoring:source", args=[uuid])
    return render(request, "errors/409.html", {"back_url": back}, status=409)


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
