"""The spokesperson's page: check, publish, paste addresses back, withdraw."""

from collections.abc import Callable
from datetime import datetime
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
from accounts.models import User
from accounts.selectors import may_speak
from incidents.models import Incident
from response.channels import CHANNELS, NEWSROOM, channel_named, is_by_hand, label_of
from response.channels.newsroom.channel import address_of
from response.channels.wechat import push
from response.forms.releases import ConfirmForm, PublishForm, WithdrawForm
from response.models import Release, StatementImage, StatementVersion
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors import releases as selectors
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
    earlier = {each.channel for each in releases if each.state == Release.State.SENT and each.version_id != version.pk}
    rows = [channel_row(version, name, there.get(name), earlier) for name in CHANNELS]
    now = clock.now(statement.exercise)
    context = {
        "statement": statement,
        "version": version,
        "image": services.signed_image_of(version) if version.is_releasable else None,
        "is_correction": bool(earlier),
        "incident": statement.incident,
        "authority": may_speak(person, clock.now()),
        "speaks": may(person, "publish_statement", version),
        "blocking": blockers_of(version),
        "channels": rows,
        "has_choice": any(row["can_choose"] for row in rows),
        "rows": [release_row(release, person, now, bad) for release in releases],
        "is_moving": any(release.is_moving and not release.is_scheduled(now) for release in releases),
        "may_correct": may(person, "revise_statement", version) and version.is_out and version.is_releasable,
        "address": address_of(statement.number),
        "title": public_text(version.title),
        "paragraphs": paragraphs(public_text(version.text)),
        "form": form or PublishForm(),
        "now": now,
    }
    return render(request, template, context, status=status)


def channel_row(version: StatementVersion, name: str, release: Release | None, earlier: set[str]) -> dict[str, Any]:
    """A channel to choose: what is there already, whether it can be chosen, and whether it is chosen from the start.

    earlier  the channels an earlier version stands on: a correction goes there, else it goes wherever a machine serves
    """
    channel, by_hand = channel_named(name), is_by_hand(name)
    return {
        "name": name,
        "label": channel.LABEL,
        "is_manual": by_hand,
        "release": release,
        "can_choose": release is None or release.state == Release.State.REFUSED,
        "is_chosen": name in earlier if earlier else not (by_hand or channel.NEEDS_SECOND),
        "carries_earlier": name in earlier,
        "carries_image": channel.CARRIES_IMAGE and not by_hand,
        "pushes_left": push.left(clock.now()) if channel.NEEDS_SECOND and not by_hand else None,
        "words": channel.words_for(version),
    }


def release_row(
    release: Release, person: User, now: datetime, bad: tuple[Release, forms.Form] | None
) -> dict[str, Any]:
    """A release with the words its channel carries, and what a hand may do about it."""
    wrong = bad[1] if bad and bad[0].pk == release.pk else None
    prefix = f"r{release.pk}"
    channel, state = channel_named(release.channel) if release.channel in CHANNELS else None, Release.State
    return {
        "release": release,
        "label": label_of(release.channel),
        "words": channel.words_for(release.version) if channel and release.needs_hand else "",
        "confirm_form": wrong if isinstance(wrong, ConfirmForm) else ConfirmForm(prefix=prefix),
        "withdraw_form": wrong if isinstance(wrong, WithdrawForm) else WithdrawForm(prefix=prefix),
        "can_withdraw": release.state in (state.SENT, state.SENDING) and release.halt_at is None,
        "can_cancel": release.state == state.QUEUED,
        "can_take": release.state in (state.QUEUED, state.REFUSED)
        and not release.is_manual
        and release.channel != NEWSROOM,
        "can_look": release.state == state.UNKNOWN and channel is not None and channel.CAN_LOOK,
        "can_agree": release.waits_for_second and may(person, "second_release", release),
        "is_scheduled": release.is_scheduled(now),
        "is_moving": release.is_moving and not release.is_scheduled(now),
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
    now, chosen, at = clock.now(statement.exercise), form.cleaned_data["channels"], form.cleaned_data["at"]
    try:
        services.publish(version, channels=chosen, actor=person_of(request), now=now, at=at)
    except NotNow as reason:
        return refused(request, reason, back)
    said = (
        _("Scheduled. It can be cancelled until it leaves.") if at else _("On its way. This page says when it is out.")
    )
    messages.success(request, said)
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


@login_required
@require_POST
def cancel_release(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, None, services.cancel, _("Cancelled. Nothing went out."))


@login_required
@require_POST
def agree_release(request: HttpRequest, uuid: Any) -> HttpResponse:
    """The second person's yes to a push."""
    return act_on_release(request, uuid, None, services.agree, _("Agreed. It is on its way."))


@login_required
@require_POST
def take_by_hand(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, None, services.take_by_hand, _("You publish it there by hand."))


@login_required
@require_POST
def look_again(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, None, services.look_again, _("The platform is being asked."))


@login_required
@require_POST
def taken_down(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act_on_release(request, uuid, None, services.taken_down, _("Recorded as taken down there."))


@login_required
@require_GET
def picture(request: HttpRequest, uuid: Any) -> HttpResponse:
    """The statement as a picture: what goes along on channels whose text is short."""
    image = get_object_or_404(StatementImage, version=statement_or_404(request, uuid).newest)
    return HttpResponse(bytes(image.png), content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


@login_required
@require_GET
def publications(request: HttpRequest) -> HttpResponse:
    """What is out where, since when, whether every channel says the same, and whether the channels are well."""
    person, now = person_of(request), clock.now()
    require(person, "see_channel_accounts")
    lines = selectors.publications(person)
    context = {
        "lines": lines,
        "labels": selectors.channel_labels(),
        "median_waited": selectors.median(line.waited for line in lines),
        "median_gap": selectors.median(line.gap for line in lines),
        "accounts": selectors.accounts_for_list(now),
        "now": now,
    }
    return render(request, "response/publications.html", context)
