"""隔离区: what a vendor pushed and we could not take, by reason; tried again after a mapping fix, or set aside."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.forms.vendors import MappingForm, SettleForm
from monitoring.models import PushedItem, Vendor
from monitoring.permissions import may, require
from monitoring.selectors import vendors as selectors
from monitoring.services import pushing
from monitoring.services import vendors as services


@login_required
def quarantine(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """What waits there, by reason, private numbers starred out."""
    require(request.user, "see_vendors")
    shown = get_object_or_404(Vendor, uuid=uuid)
    context = {
        "vendor": shown,
        "groups": selectors.quarantine(shown),
        "may_settle": may(request.user, "settle_quarantine"),
        "may_edit": may(request.user, "edit_vendors"),
        "now": clock.now(),
    }
    return render(request, "monitoring/vendor_quarantine.html", context)


@login_required
@require_POST
def try_again(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Read one item, or all of one reason, with the mapping of today."""
    require(request.user, "settle_quarantine")
    shown = get_object_or_404(Vendor, uuid=uuid)
    chosen = _chosen(request, shown).filter(payload__isnull=False)[: pushing.MOST_ITEMS]
    taken, refused = pushing.try_again(shown, chosen, actor=request.user, now=clock.now())
    words = ngettext("%(n)d item was taken in.", "%(n)d items were taken in.", taken) % {"n": taken}
    if refused:
        still = ngettext("%(n)d is still refused.", "%(n)d are still refused.", refused) % {"n": refused}
        messages.warning(request, f"{words} {still}")
    else:
        messages.success(request, words)
    return redirect("monitoring:quarantine", uuid)


@login_required
@require_POST
def set_aside(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Nothing is to be done about one item, or all of one reason; can be undone."""
    require(request.user, "settle_quarantine")
    shown, now = get_object_or_404(Vendor, uuid=uuid), clock.now()
    count = pushing.set_aside(shown, _chosen(request, shown), actor=request.user, now=now)
    undo = reverse("monitoring:put-back", args=[uuid]) + "?" + urlencode({"at": now.isoformat()})
    words = ngettext("%(n)d item is set aside.", "%(n)d items are set aside.", count) % {"n": count}
    messages.success(request, words, extra_tags=f"undo:{undo}")
    return redirect("monitoring:quarantine", uuid)


@login_required
@require_POST
def put_back(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Undo: what one set aside at that moment waits again."""
    require(request.user, "settle_quarantine")
    shown = get_object_or_404(Vendor, uuid=uuid)
    try:
        at = datetime.fromisoformat(request.GET.get("at", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return render(request, "errors/400.html", {"reason": _("This address is not whole.")}, status=400)
    count = pushing.put_back(shown, at=at, actor=request.user)
    messages.info(request, ngettext("%(n)d item is back.", "%(n)d items are back.", count) % {"n": count})
    return redirect("monitoring:quarantine", uuid)


def _chosen(request: DeskRequest, shown: Vendor) -> QuerySet[PushedItem]:
    form = SettleForm(request.POST)
    if not form.is_valid():
        return PushedItem.objects.none()
    waiting = selectors.in_quarantine(shown)
    if form.cleaned_data["item"]:
        return waiting.filter(uuid=form.cleaned_data["item"])
    return waiting.filter(reason=form.cleaned_data["reason"], field=form.cleaned_data["where"])


@login_required
def mapping(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """What the vendor calls our fields; can be tried on the quarantine before it is saved."""
    require(request.user, "edit_vendors")
    shown = get_object_or_404(Vendor, uuid=uuid)
    form = MappingForm(request.POST or None, initial={**shown.mapping, "version": shown.version})
    context = {"vendor": shown, "form": form, "now": clock.now()}
    if request.method != "POST" or not form.is_valid():
        return render(request, "monitoring/vendor_mapping.html", context, status=422 if form.errors else 200)
    if "try" in request.POST:
        context["trial"] = selectors.try_mapping(shown, form.mapping, clock.now())
        template = "monitoring/vendor_mapping.html"
        return render(request, f"{template}#trial" if request.htmx else template, context)
    try:
        services.change_mapping(shown, form.mapping, seen_version=form.cleaned_data["version"], actor=request.user)
    except Stale:
        return render(request, "errors/409.html", {"back_url": request.path}, status=409)
    messages.success(request, _("Saved. Try the quarantine again with it."))
    return redirect("monitoring:quarantine", uuid)
