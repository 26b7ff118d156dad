"""外部监测厂商: the league table, one account with its channels and keys, and what an integrator needs."""

from copy import copy
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.forms.vendors import ChannelForm, KeyForm, NewChannelForm, RotateForm, VendorForm, VersionForm
from monitoring.models import Scope, Vendor, VendorChannel, VendorKey
from monitoring.permissions import may, require
from monitoring.selectors import vendors as selectors
from monitoring.services import vendors as services
from opinion.models import Source

FOR_INTEGRATORS = {  # what can be taken home, by its name in the address
    "vendor-api.md": "docs/vendor-api.md",
    "push.py": "docs/examples/push.py",
    "push.sh": "docs/examples/push.sh",
}


@login_required
def vendors(request: DeskRequest) -> HttpResponse:
    """Every vendor, and who serves us best."""
    require(request.user, "see_vendors")
    now = clock.now()
    context = {"standings": selectors.league(now), "may_edit": may(request.user, "edit_vendors"), "now": now}
    return render(request, "monitoring/vendors.html", context)


@login_required
def vendor(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One account: how it serves us, its channels and keys."""
    require(request.user, "see_vendors")
    return _page(request, get_object_or_404(Vendor, uuid=uuid))


def _page(request: DeskRequest, shown: Vendor, *, refusal: str = "", status: int = 200, **forms: Any) -> HttpResponse:
    now, initial = clock.now(), {"version": shown.version}
    context = {
        "vendor": shown,
        "standing": selectors.standing(shown, now),
        "days": selectors.days(shown, now),
        "keys": [
            (key, services.is_valid(key, now), [Scope(code).label for code in key.scopes])
            for key in selectors.keys_of(shown)
        ],
        "channels": shown.channels.select_related("source"),
        "may_edit": may(request.user, "edit_vendors"),
        "key_form": KeyForm(initial=initial, auto_id="key_%s"),
        "rotate_form": RotateForm(initial=initial, auto_id=False),
        "files": FOR_INTEGRATORS,
        "address": settings.SITE_URL + reverse("api-posts"),
        "refusal": refusal,
        "now": now,
        **forms,
    }
    return render(request, "monitoring/vendor.html", context, status=status)


# --- the account -----------------------------------------------------------------------------------------------------
@login_required
def add_vendor(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_vendors")
    form = VendorForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, None, _("Add a vendor"))
    added = services.add_vendor(form.save(commit=False), actor=request.user)
    messages.success(request, _("Vendor added. Give it a channel, then a key."))
    return redirect("monitoring:vendor", added.uuid)


@login_required
def change_vendor(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change an account. Where somebody was faster, both states are shown and nothing is saved."""
    require(request.user, "edit_vendors")
    shown = get_object_or_404(Vendor, uuid=uuid)
    form = VendorForm(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, shown, _("Change a vendor"), is_new=False)
    changed = form.save(commit=False)
    try:
        seen = form.cleaned_data["version"] or 0
        services.change_vendor(changed, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return _stale(request, form, changed, get_object_or_404(Vendor, uuid=uuid))
    messages.success(request, _("Saved"))
    return redirect("monitoring:vendor", uuid)


# --- channels --------------------------------------------------------------------------------------------------------
@login_required
def add_channel(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "edit_vendors")
    shown = get_object_or_404(Vendor, uuid=uuid)
    first = "" if shown.channels.exists() else "default"
    form = NewChannelForm(request.POST or None, initial={"version": shown.version, "code": first})
    if request.method == "POST" and form.is_valid():
        code, version = form.cleaned_data["code"], form.cleaned_data["version"]
        try:
            services.add_channel(shown, code, form.save(commit=False), seen_version=version, actor=request.user)
            messages.success(request, _("Channel added."))
            return redirect("monitoring:vendor", uuid)
        except services.Refused as refused:
            form.add_error("code", str(refused))
        except Stale:
            return _stale_vendor(request, uuid)
    return _form_page(request, form, shown, _("Add a channel"))


@login_required
def change_channel(request: DeskRequest, uuid: UUID, code: str) -> HttpResponse:
    """Change what a channel's next posts count as."""
    require(request.user, "edit_vendors")
    shown = get_object_or_404(VendorChannel.objects.select_related("vendor", "source"), vendor__uuid=uuid, code=code)
    form = ChannelForm(request.POST or None, instance=copy(shown.source), initial={"version": shown.source.version})
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, shown.vendor, _("Change channel %(code)s") % {"code": code}, is_new=False)
    source, version = form.save(commit=False), form.cleaned_data["version"]
    try:
        services.change_channel(shown, source, seen_version=version, actor=request.user)
    except Stale:
        return _stale(request, form, source, Source.objects.get(pk=shown.source_id))
    messages.success(request, _("Saved"))
    return redirect("monitoring:vendor", uuid)


# --- keys ------------------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_POST
def make_key(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Make a key; the answer shows it and its secret, once."""
    require(request.user, "edit_vendors")
    shown, form = get_object_or_404(Vendor, uuid=uuid), KeyForm(request.POST, auto_id="key_%s")
    if not form.is_valid():
        return _page(request, shown, status=422, key_form=form)
    scopes, version = form.cleaned_data["scopes"], form.cleaned_data["version"]
    try:
        fresh = services.make_key(shown, scopes, seen_version=version, actor=request.user, now=clock.now())
    except services.Refused as refused:
        form.add_error("scopes", str(refused))
        return _page(request, shown, status=422, key_form=form)
    except Stale:
        return _stale_vendor(request, uuid)
    return _key_shown(request, fresh)


@login_required
@never_cache
@require_POST
def rotate_key(request: DeskRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """Make the key that follows; the old one stays valid for some days. Shown once."""
    require(request.user, "edit_vendors")
    old, form = _key(uuid, key), RotateForm(request.POST)
    if not form.is_valid():
        return _page(request, old.vendor, status=422, refusal=_("Days: a whole number from 0 to 90."))
    days, version = form.cleaned_data["days"], form.cleaned_data["version"]
    try:
        fresh = services.rotate_key(old, days=days, seen_version=version, actor=request.user, now=clock.now())
    except services.Refused as refused:
        return _page(request, get_object_or_404(Vendor, uuid=uuid), status=422, refusal=str(refused))
    except Stale:
        return _stale_vendor(request, uuid)
    return _key_shown(request, fresh, old)


@login_required
@require_POST
def revoke_key(request: DeskRequest, uuid: UUID, key: UUID) -> HttpResponse:
    """End a key at once and for good."""
    require(request.user, "edit_vendors")
    old, form = _key(uuid, key), VersionForm(request.POST)
    seen = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        services.revoke_key(old, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return _stale_vendor(request, uuid)
    messages.success(request, _("Key %(prefix)s is revoked.") % {"prefix": old.prefix})
    return redirect("monitoring:vendor", uuid)


def _key_shown(request: DeskRequest, fresh: services.Shown, old: VendorKey | None = None) -> HttpResponse:
    """The one page on which a key and its secret stand; the caller forbids caching it."""
    scopes = [Scope(code).label for code in fresh.key.scopes]
    context = {"vendor": fresh.key.vendor, "shown": fresh, "scopes": scopes, "old": old}
    return render(request, "monitoring/vendor_key_shown.html", context)


def _key(vendor: UUID, key: UUID) -> VendorKey:
    return get_object_or_404(VendorKey.objects.select_related("vendor"), vendor__uuid=vendor, uuid=key)


# --- what an integrator needs ----------------------------------------------------------------------------------------
@login_required
def for_integrators(request: DeskRequest, name: str) -> HttpResponseBase:
    """The guide, or a client to begin with, to hand on to the vendor."""
    require(request.user, "see_vendors")
    if name not in FOR_INTEGRATORS:
        raise Http404
    file = (Path(settings.BASE_DIR) / FOR_INTEGRATORS[name]).open("rb")
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/plain; charset=utf-8")


# --- pages they share ------------------------------------------------------------------------------------------------
def _form_page(
    request: DeskRequest, form: Any, shown: Vendor | None, heading: str, *, is_new: bool = True
) -> HttpResponse:
    context = {"form": form, "vendor": shown, "heading": heading, "is_new": is_new}
    return render(request, "monitoring/vendor_form.html", context, status=422 if form.errors else 200)


def _stale_vendor(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return render(request, "errors/409.html", {"back_url": reverse("monitoring:vendor", args=[uuid])}, status=409)


def _stale(request: DeskRequest, form: Any, mine: Any, current: Any) -> HttpResponse:
    """409: what was typed beside what stands there now, where they differ."""
    rows = [(field.label, _said(mine, field.name), _said(current, field.name)) for field in form.visible_fields()]
    return render(request, "errors/409.html", {"changes": [row for row in rows if row[1] != row[2]]}, status=409)


def _said(row: Any, name: str) -> Any:
    display = getattr(row, f"get_{name}_display", None)
    return display() if display else getattr(row, name)
