"""A person's accounts on the chat platforms, written down, confirmed and removed on the person's page."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock, fresh
from accounts.forms import IdentityForm
from accounts.models import PlatformIdentity
from accounts.permissions import require
from accounts.requests import DeskRequest
from accounts.services import Refused
from accounts.services import identities as services
from accounts.views.people import one_person, person_context


@login_required
@require_POST
def set_identity(request: DeskRequest, uuid: UUID) -> HttpResponse:
    person = one_person(request, uuid)
    require(request.user, "set_identity", person)
    form = IdentityForm(request.POST, person=person)
    if form.is_valid():
        try:
            identity = services.set_identity(person, actor=request.user, now=clock.now(), **form.cleaned_data)
            saved = _("Saved") if identity.counts else _("Saved. It counts once a second person has confirmed it.")
            messages.success(request, saved)
            return redirect("accounts:person", uuid)
        except Refused as refused:
            form.add_error("subject", str(refused))
    context = {**person_context(request, person), "identity_form": form}
    return render(request, "accounts/person.html", context, status=422)


@login_required
@require_POST
def confirm_identity(request: DeskRequest, uuid: UUID, platform: str) -> HttpResponse:
    """Confirm it, with a credential of the last minutes: a session begun in a chat cannot vouch for the chat."""
    identity = _one_identity(request, uuid, platform)
    require(request.user, "confirm_identity", identity)
    if not fresh.is_fresh(request):
        return fresh.ask_again(request, reverse("accounts:person", args=[uuid]))
    try:
        services.confirm_identity(identity, actor=request.user, now=clock.now())
        messages.success(request, _("Confirmed"))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:person", uuid)


@login_required
@require_POST
def remove_identity(request: DeskRequest, uuid: UUID, platform: str) -> HttpResponse:
    identity = _one_identity(request, uuid, platform)
    try:
        services.remove_identity(identity, actor=request.user)
        messages.success(request, _("Removed; the person's sessions have ended."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:person", uuid)


def _one_identity(request: DeskRequest, uuid: UUID, platform: str) -> PlatformIdentity:
    person = one_person(request, uuid)
    return get_object_or_404(PlatformIdentity.objects.select_related("person"), person=person, platform=platform)
