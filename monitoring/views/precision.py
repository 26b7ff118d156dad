"""How good the rules are: what people made of the signals of a month, and a better threshold where a rule is noisy."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.forms.inbox import BurstForm
from monitoring.permissions import require
from monitoring.selectors.precision import DAYS, quality
from opinion.models import Watch
from opinion.permissions import may
from opinion.services.watches import change_watch


@login_required
@require_GET
def rules(request: DeskRequest) -> HttpResponse:
    require(request.user, "see_rules")
    now = clock.now()
    context = {
        "quality": quality(now=now),
        "days": DAYS,
        "may_edit": may(request.user, "edit_watches"),
        "now": now,
    }
    return render(request, "monitoring/rules.html", context)


@login_required
@require_POST
def use_threshold(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Take the threshold that was worked out, or give back the one before."""
    watch = get_object_or_404(Watch, uuid=uuid)
    form = BurstForm(request.POST or request.GET)
    if not form.is_valid():
        reason = _("A burst has from 2 to 1,000 posts.")
        return render(request, "errors/400.html", {"reason": reason}, status=400)
    before, watch.burst_from = watch.burst_from, form.cleaned_data["burst_from"]
    try:
        change_watch(watch, seen_version=form.cleaned_data["version"], actor=request.user)
    except Stale:
        return render(request, "errors/409.html", {"back_url": reverse("monitoring:rules")}, status=409)
    undo = reverse("monitoring:use-threshold", args=[uuid]) + f"?version={watch.version}&burst_from={before or ''}"
    chosen = _("%(watch)s: from now on %(posts)s posts are a burst")
    said = chosen if watch.burst_from else _("%(watch)s: what is a burst is worked out from its own past again")
    words = {"watch": watch.name, "posts": watch.burst_from}
    messages.success(request, said % words, extra_tags=f"undo:{undo}")
    return redirect("monitoring:rules")
