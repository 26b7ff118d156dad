"""The page of the kinds of harm."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_number
from accounts.versions import Stale
from incidents.forms import KindForm
from incidents.models import AffectedKind
from incidents.permissions import require
from incidents.refusals import Refused
from incidents.services import kinds as services


@login_required
def kinds(request: DeskRequest) -> HttpResponse:
    """What incidents may harm, how many of them do, and adding a kind."""
    require(request.user, "edit_kinds")
    form = KindForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            kind = services.add_kind(form.cleaned_data["name"], form.cleaned_data["name_en"], actor=request.user)
        except Refused as refused:
            form.add_error("name", str(refused))
        else:
            messages.success(request, _("Added: %(name)s") % {"name": kind})
            return redirect("incidents:kinds")
    rows = AffectedKind.objects.annotate(used=Count("incidents")).order_by("pk")
    context = {"kinds": rows, "form": form, "now": clock.now()}
    return render(request, "incidents/kinds.html", context, status=422 if form.errors else 200)


@login_required
def edit_kind(request: DeskRequest, code: str) -> HttpResponse:
    require(request.user, "edit_kinds")
    kind = get_object_or_404(AffectedKind, code=code)
    form = KindForm(request.POST or None, initial={"name": kind.name, "name_en": kind.name_en, "version": kind.version})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.rename_kind(
                kind, said["name"], said["name_en"], actor=request.user, seen_version=said["version"] or 0
            )
        except Refused as refused:
            form.add_error("name", str(refused))
        except Stale:
            return stale(request)
        else:
            messages.success(request, _("Renamed: %(name)s") % {"name": kind})
            return redirect("incidents:kinds")
    return render(request, "incidents/kind.html", {"kind": kind, "form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def retire_kind(request: DeskRequest, code: str) -> HttpResponse:
    """Retire, or bring back: the button says which."""
    kind = get_object_or_404(AffectedKind, code=code)
    seen_version = as_number(request.POST.get("version", ""))
    try:
        services.retire_kind(kind, actor=request.user, now=clock.now(), seen_version=seen_version)
    except Refused as refused:
        messages.error(request, str(refused))
    except Stale:
        return stale(request)
    return redirect("incidents:kinds")


def stale(request: DeskRequest) -> HttpResponse:
    return render(request, "errors/409.html", {"back_url": reverse("incidents:kinds")}, status=409)
