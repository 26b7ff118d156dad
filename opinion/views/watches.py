"""监测方案: what we listen for, tried on real posts before it is saved."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from accounts.versions import Stale
from opinion.forms import TrialForm, WatchForm
from opinion.models import Watch
from opinion.permissions import may, require
from opinion.selectors.curves import watch_days
from opinion.services import watches as services
from opinion.trial import try_watch as tried


@login_required
def watches(request: DeskRequest) -> HttpResponse:
    """Every watch with its last two weeks."""
    require(request.user, "see_watches")
    found = list(Watch.objects.select_related("department", "owner"))
    days = watch_days(found, until=clock.now())
    context = {
        "rows": [(watch, days[watch.pk], days[watch.pk][-1], sum(days[watch.pk])) for watch in found],
        "may_edit": may(request.user, "edit_watches"),
    }
    return render(request, "opinion/watches.html", context)


@login_required
def add_watch(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_watches")
    told = {name: request.GET[name] for name in ("name", "rule") if name in request.GET}  # a search to be kept up
    form = WatchForm(request.POST or None, initial={"is_rival": "rival" in request.GET, **told})
    if request.method == "POST" and form.is_valid() and "try" not in request.POST:
        services.add_watch(form.save(commit=False), actor=request.user)
        messages.success(request, _("The watch listens from now on."))
        return redirect("opinion:watches")
    return _form_page(request, form, None)


@login_required
def change_watch(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change a watch. Where somebody was faster, both states are shown and nothing is saved."""
    require(request.user, "edit_watches")
    shown = get_object_or_404(Watch, uuid=uuid)
    form = WatchForm(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid() or "try" in request.POST:
        return _form_page(request, form, shown)
    try:
        services.change_watch(
            form.save(commit=False), seen_version=form.cleaned_data["version"] or 0, actor=request.user
        )
    except Stale:
        current = get_object_or_404(Watch, uuid=uuid)
        return render(request, "errors/409.html", {"changes": _differences(form, current)}, status=409)
    messages.success(request, _("Saved. What was heard before stays as it was sorted."))
    return redirect("opinion:watches")


@login_required
@require_POST
def try_watch(request: DeskRequest) -> HttpResponse:
    """试跑: the panel under the form, without saving anything. ?watch=: the one it would replace."""
    require(request.user, "edit_watches")
    watch = Watch.objects.filter(uuid=uuid).first() if (uuid := as_uuid(request.GET.get("watch", ""))) else None
    return render(request, "opinion/watch_form.html#trial", _trial_context(request, watch))


def _trial_context(request: DeskRequest, watch: Watch | None) -> dict[str, object]:
    form, now = TrialForm(request.POST), clock.now()
    trial = tried(Watch(**form.cleaned_data), now=now, instead_of=watch) if form.is_valid() else None
    errors = [error for found in form.errors.values() for error in found]
    return {"trial": trial, "trial_errors": errors, "trial_of": watch, "now": now}


def _form_page(request: DeskRequest, form: WatchForm, watch: Watch | None) -> HttpResponse:
    """The form, with the trial under it where somebody without JavaScript asked for one."""
    wants_trial = request.method == "POST" and "try" in request.POST
    context = {"form": form, "watch": watch, **(_trial_context(request, watch) if wants_trial else {})}
    return render(request, "opinion/watch_form.html", context, status=422 if form.errors and not wants_trial else 200)


def _differences(form: WatchForm, current: Watch) -> list[tuple[str, str, str]]:
    """What a person wrote beside what stands there now, by field, where they differ."""
    rows = []
    for name in services.EDITABLE:
        mine, theirs = form.cleaned_data[name], getattr(current, name)
        if mine != theirs:
            rows.append((str(form.fields[name].label), str(mine), str(theirs)))
    return rows
