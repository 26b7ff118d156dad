"""The administrator's pages: channels, their health and routes, and the company's numbers."""

from copy import copy
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from notices.channels import CHANNELS, channel_named
from notices.forms import ChannelForm, RuleForm, kinds, routes_form
from notices.models import NoticeChannel
from notices.permissions import may, require
from notices.selectors.ledger import channels_for_list, waiting_on
from notices.selectors.routing import is_group, rule
from notices.services import channels as services
from notices.services.self_tests import test_channel


@login_required
def channels(request: DeskRequest) -> HttpResponse:
    """Every channel and whether it is well; the company's quiet hours and times."""
    require(request.user, "see_channels")
    now = clock.now()
    context = {
        "channels": [(one, channel_named(one.kind), one.is_resting(now)) for one in channels_for_list(now)],
        "rule": rule(),
        "kinds": kinds(),
        "may_edit": may(request.user, "edit_channels"),
        "now": now,
    }
    return render(request, "notices/channels.html", context)


@login_required
def channel(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One channel: health, last test, whose notices it carries."""
    require(request.user, "see_channels")
    shown, now = get_object_or_404(NoticeChannel, uuid=uuid), clock.now()
    module = channel_named(shown.kind)
    kept = shown.readable_settings
    context = {
        "channel": shown,
        "module": module,
        "is_resting": shown.is_resting(now),
        "fields": [
            (field.label, "" if field.is_secret else kept.get(field.name, ""), field.is_secret, field.name in kept)
            for field in module.FIELDS
        ],
        "routes": shown.routes.select_related("person"),
        "waiting": waiting_on(shown),
        "attempts": shown.attempts.select_related("person")[:10],
        "may_edit": may(request.user, "edit_channels"),
        "now": now,
    }
    return render(request, "notices/channel.html", context)


@login_required
def add_channel(request: DeskRequest, kind: str) -> HttpResponse:
    require(request.user, "edit_channels")
    if kind not in CHANNELS:
        raise Http404
    form = ChannelForm(request.POST or None, kind=kind)
    heading = _("Add a channel: %(kind)s") % {"kind": channel_named(kind).NAME}
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, reverse("notices:channels"), heading)
    added = services.add_channel(kind, form.cleaned_data["name"], form.values, actor=request.user, now=clock.now())
    messages.success(request, _("Channel added. Send a test message, then look at whose notices it carries."))
    return redirect("notices:channel", added.uuid)


@login_required
def change_channel(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change name and settings; secrets are not shown."""
    require(request.user, "edit_channels")
    shown = get_object_or_404(NoticeChannel, uuid=uuid)
    form = ChannelForm(request.POST or None, instance=copy(shown), kind=shown.kind, initial={"version": shown.version})
    back_url = reverse("notices:channel", args=[uuid])
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, back_url, _("Change a channel"), shown)
    changed, seen = form.save(commit=False), form.cleaned_data["version"] or 0
    try:
        services.change_channel(changed, form.values, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return render(request, "errors/409.html", {"back_url": back_url}, status=409)
    messages.success(request, _("Saved"))
    return redirect("notices:channel", uuid)


@login_required
@require_POST
def switch_channel(request: DeskRequest, uuid: UUID) -> HttpResponse:
    shown = get_object_or_404(NoticeChannel, uuid=uuid)
    on = request.POST.get("on") == "yes"
    services.switch_channel(shown, on=on, actor=request.user)
    messages.success(request, _("Switched on.") if on else _("Switched off. What waits goes another way."))
    return redirect("notices:channel", uuid)


@login_required
@require_POST
def test(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Send a real test message to me, or into the chat, and show what the platform says."""
    require(request.user, "edit_channels")
    shown = get_object_or_404(NoticeChannel, uuid=uuid)
    tested = test_channel(shown, actor=request.user, now=clock.now())
    (messages.success if tested.went_well else messages.error)(request, tested.words)
    return redirect("notices:channel", uuid)


@login_required
def routes(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Whose notices a channel carries."""
    require(request.user, "edit_channels")
    shown = get_object_or_404(NoticeChannel, uuid=uuid)
    formset = routes_form(request.POST or None, shown, is_group=is_group(shown))
    back_url = reverse("notices:channel", args=[uuid])
    if request.method == "POST" and formset.is_valid():
        try:
            seen = int(request.POST["version"])
            services.change_routes(shown, formset.rows, seen_version=seen, actor=request.user)
        except (Stale, KeyError, ValueError):
            return render(request, "errors/409.html", {"back_url": back_url}, status=409)
        messages.success(request, _("Saved"))
        return redirect("notices:channel", uuid)
    status = 422 if formset.is_bound else 200
    return render(request, "notices/routes.html", {"formset": formset, "channel": shown}, status=status)


@login_required
def change_rule(request: DeskRequest) -> HttpResponse:
    """Quiet hours and times to acknowledge."""
    require(request.user, "edit_channels")
    current = rule()
    form = RuleForm(request.POST or None, instance=copy(current), initial={"version": current.version})
    back_url = reverse("notices:channels")
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, back_url, _("Quiet hours and acknowledgements"))
    try:
        services.change_rule(form.cleaned_data, seen_version=form.cleaned_data["version"], actor=request.user)
    except Stale:
        return render(request, "errors/409.html", {"back_url": back_url}, status=409)
    messages.success(request, _("Saved"))
    return redirect("notices:channels")


def _form_page(
    request: DeskRequest, form: Any, back_url: str, heading: str, shown: NoticeChannel | None = None
) -> HttpResponse:
    context = {"form": form, "back_url": back_url, "heading": heading, "channel": shown, "now": clock.now()}
    return render(request, "notices/channel_form.html", context, status=422 if form.errors else 200)
