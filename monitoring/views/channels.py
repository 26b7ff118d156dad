"""自有渠道: the complaint mailboxes and the public forms, in one list, each with its settings."""

from copy import copy
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from monitoring.fetching import imap
from monitoring.forms.channels import MailboxForm, OpenForm, PublicFormForm
from monitoring.health.words import FetchError
from monitoring.models import Mailbox, PublicForm
from monitoring.permissions import may, require
from monitoring.selectors.sources import tone
from monitoring.services import mailboxes, public_forms


@login_required
def channels(request: DeskRequest) -> HttpResponse:
    """Both kinds of own channel. Three queries, however many."""
    require(request.user, "see_sources")
    boxes = Mailbox.objects.select_related("source", "watch").order_by("source__name")
    context = {
        "mailboxes": [(box, tone(box.source)) for box in boxes],
        "forms": [(form, address_of(form)) for form in PublicForm.objects.select_related("source", "watch")],
        "may_edit": may(request.user, "edit_channels"),
        "may_import": may(request.user, "import_posts"),
        "now": clock.now(),
    }
    return render(request, "monitoring/channels.html", context)


def address_of(form: PublicForm) -> str:
    """The address to share."""
    return settings.SITE_URL.rstrip("/") + reverse("monitoring:say", args=[form.slug])


# --- mailboxes -------------------------------------------------------------------------------------------------------
@sensitive_post_parameters("password")
@login_required
def add_mailbox(request: DeskRequest) -> HttpResponse:
    """A new mailbox; "try" signs in and counts, and keeps nothing."""
    require(request.user, "edit_channels")
    form = MailboxForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _mailbox_page(request, form)
    if "try" in request.POST:
        return _mailbox_page(request, form, tried=_tried(form))
    data = form.cleaned_data
    added = mailboxes.add_mailbox(
        form.save(commit=False), name=data["name"], password=data["password"], actor=request.user, now=clock.now()
    )
    messages.success(request, _("Mailbox added. It is read within the next minute."))
    return redirect("monitoring:source", added.source.uuid)


@sensitive_post_parameters("password")
@login_required
def change_mailbox(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "edit_channels")
    shown = get_object_or_404(Mailbox.objects.select_related("source"), uuid=uuid)
    initial = {"name": shown.source.name, "version": shown.version}
    form = MailboxForm(request.POST or None, instance=copy(shown), initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _mailbox_page(request, form, shown)
    if "try" in request.POST:
        return _mailbox_page(request, form, shown, tried=_tried(form))
    data = form.cleaned_data
    try:
        mailboxes.change_mailbox(
            form.save(commit=False),
            name=data["name"],
            password=data["password"],
            seen_version=data["version"] or 0,
            actor=request.user,
            now=clock.now(),
        )
    except Stale:
        return _faster(request, reverse("monitoring:change-mailbox", args=[uuid]))
    messages.success(request, _("Saved"))
    return redirect("monitoring:source", shown.source.uuid)


def _tried(form: MailboxForm) -> tuple[bool, str]:
    """Whether the mailbox opens with what was typed, and the sentence for it. Touches the network."""
    login = mailboxes.login_of(form.save(commit=False), form.cleaned_data["password"])
    try:
        count = imap.look(login)
    except FetchError as problem:
        return False, problem.words
    words = ngettext("It opens, and holds %(n)s message.", "It opens, and holds %(n)s messages.", count)
    return True, words % {"n": count}


def _mailbox_page(
    request: DeskRequest,
    form: MailboxForm,
    mailbox: Mailbox | None = None,
    tried: tuple[bool, str] | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "mailbox": mailbox, "tried": tried}
    return render(request, "monitoring/channel_mailbox.html", context, status=422 if form.errors else 200)


# --- public forms ----------------------------------------------------------------------------------------------------
@login_required
def add_form(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_channels")
    form = PublicFormForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "monitoring/channel_form.html", {"form": form}, status=422 if form.errors else 200)
    public_forms.add_form(form.save(commit=False), actor=request.user, now=clock.now())
    messages.success(request, _("The form is open. Share its address."))
    return redirect("monitoring:channels")


@login_required
def change_form(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "edit_channels")
    shown = get_object_or_404(PublicForm, uuid=uuid)
    form = PublicFormForm(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "shown": shown}
        return render(request, "monitoring/channel_form.html", context, status=422 if form.errors else 200)
    seen = form.cleaned_data["version"] or 0
    try:
        public_forms.change_form(form.save(commit=False), seen_version=seen, actor=request.user)
    except Stale:
        return _faster(request, reverse("monitoring:change-form", args=[uuid]))
    messages.success(request, _("Saved"))
    return redirect("monitoring:channels")


@login_required
@require_POST
def open_form(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Open a form or close it; the other button takes it back."""
    shown, form = get_object_or_404(PublicForm, uuid=uuid), OpenForm(request.POST)
    seen = form.cleaned_data["version"] if form.is_valid() else -1
    is_open = form.cleaned_data.get("is_open", False)
    try:
        public_forms.open_form(shown, is_open=is_open, seen_version=seen, actor=request.user, now=clock.now())
    except Stale:
        return _faster(request, reverse("monitoring:channels"))
    messages.success(request, _("The form is open.") if is_open else _("The form is closed; its page says so."))
    return redirect("monitoring:channels")


def _faster(request: DeskRequest, back_url: str) -> HttpResponse:
    return render(request, "errors/409.html", {"back_url": back_url}, status=409)
