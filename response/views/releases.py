"""The spokesperson's page: check, publish, paste addresses back, withdraw."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.selectors import may_speak
from incidents.models import Incident
from response.channels import CHANNELS, channel_named, label_of
from response.channels.newsroom.channel import address_of
from response.forms.releases import ConfirmForm, PublishForm, WithdrawForm
from response.models import Release, StatementVersion
from response.notnow import NotNow
from response.permissions import may
from response.selectors.statements import blockers_of, version_in_full
from response.services import releases as services
from response.views.common import person_of, refused
from response.views.statements import statement_or_404
from response.wording import paragraphs, public_text


@login_required
@require_GET
def publish(request: HttpRequest, uuid: Any) -> HttpResponse:
    """What would happen, where it is out, and what waits for a hand."""
    return show(request, statement_or_404(request, uuid).newest)


@login_required
@require_GET
def releases_panel(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Where it is out: the page asks again while something is on its way."""
    return show(request, statement_or_404(request, uuid).newest, "response/publish.html#releases")


def show(
    request: HttpRequest,
    version: StatementVersion,
    template: str = "response/publish.html",
    form: forms.Form | None = None,
    bad: tuple[Release, forms.Form] | None = None,
    status: int = 200,
) -> HttpResponse:
    """`bad` is a release with its form that was refused."""
    version = version_in_full(version.pk)
    statement, person = version.statement, person_of(request)
    releases = list(
        Release.everywhere.filter(version__statement=statement)
        .select_related("version__statement", "requested_by", "sent_by", "withdrawn_by")
        .order_by("-version__number", "id")
    )
    there = {release.channel: release for release in releases if release.version_id == version.pk}
    rows = [channel_row(name, there.get(name)) for name in CHANNELS]
    context = {
        "statement": statement,
        "version": version,
        "incident": statement.incident,
        "authority": may_speak(person, clock.now()),
        "speaks": may(person, "publish_statement", version),
        "blocking": blockers_of(version),
        "channels": rows,
        "has_choice": any(row["can_choose"] for row in rows),
        "rows": [release_row(release, bad) for release in releases],
        "is_moving": any(release.state in ("queued", "sending") and not release.is_manual for release in releases),
        "address": address_of(statement.number),
        "title": public_text(version.title),
        "paragraphs": paragraphs(public_text(version.text)),
        "form": form or PublishForm(),
        "now": clock.now(statement.exercise),
    }
    return render(request, template, context, status=status)


def channel_row(name: str, release: Release | None) -> dict[str, Any]:
    """A channel to choose: what is there already, and whether it can be chosen."""
    channel = channel_named(name)
    return {
        "name": name,
        "label": channel.LABEL,
        "is_manual": channel.IS_MANUAL,
        "release": release,
        "can_choose": release is None or release.state == Release.State.REFUSED,
    }


def release_row(release: Release, bad: tuple[Release, forms.Form] | None) -> dict[str, Any]:
    """A release with the words its channel carries and the forms a hand needs."""
    wrong = bad[1] if bad and bad[0].pk == release.pk else None
    prefix = f"r{release.pk}"
    return {
        "release": release,
        "label": label_of(release.channel),
        "words": channel_named(release.channel).words_for(release.version) if release.needs_hand else "",
        "confirm_form": wrong if isinstance(wrong, ConfirmForm) else ConfirmForm(prefix=prefix),
        "withdraw_form": wrong if isinstance(wrong, WithdrawForm) else WithdrawForm(prefix=prefix),
        "can_withdraw": release.state in (Release.State.QUEUED, Release.State.SENT),
    }


@login_required
@require_POST
def publish_statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    """发布: one release a channel. Pressing twice, or two pressing at once, publishes once."""
    statement = statement_or_404(request, uuid)
    version, back = statement.newest, reverse("response:publish", args=[statement.uuid])
    form = PublishForm(request.POST)
    if not form.is_valid():
        return show(request, version, form=form, status=400)
    now, chosen = clock.now(statement.exercise), form.cleaned_data["channels"]
    try:
        services.publish(version, channels=chosen, actor=person_of(request), now=now)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("On its way. This page says when it is out."))
    return redirect(back)


def release_or_404(request: HttpRequest, uuid: Any) -> Release:
    visible = Incident.everywhere.visible_to(person_of(request))
    found = Release.everywhere.select_related("version__statement__incident__exercise")
    return get_object_or_404(found, uuid=uuid, version__statement__incident__in=visible)


def act_on_release(
    request: HttpRequest, uuid: Any, form_class: type[forms.Form] | None, act: Callable[..., Any], said: str
) -> HttpResponse:
    """Parse, act, say it; the form's fields are the act's arguments."""
    release = release_or_404(request, uuid)
    statement = release.version.statement
    back = reverse("response:publish", args=[statement.uuid])
    form = form_class(request.POST, prefix=f"r{release.pk}") if form_class else None
    if form is not None and not form.is_valid():
        return show(request, statement.newest, bad=(release, form), status=400)
    typed = form.cleaned_data if form else {}
    try:
        act(release, actor=person_of(request), now=clock.now(statement.exercise), **typed)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, said)
    return redirect(back)


@login_required
@require_POST
def confirm_release(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, ConfirmForm, services.confirm, _("Recorded as published."))


@login_required
@require_POST
def deny_release(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, None, services.deny, _("Recorded as not published. It may be tried again."))


@login_required
@require_POST
def withdraw_release(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, WithdrawForm, services.withdraw, _("Withdrawn, with a public note."))
