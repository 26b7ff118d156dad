"""The administrator's acts: channels, routes, the company's numbers. Each is audited, none tells a secret."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from audit import services as audit
from notices.channels import channel_named
from notices.models import NoticeChannel, NoticeRoute, NoticeRule, Urgency
from notices.permissions import require
from notices.selectors.routing import rule
from notices.services.telling import notify

EMAIL = "email"
RULE_FIELDS = ("quiet_from", "quiet_until", "now_minutes", "soon_minutes", "calm_minutes")


class Refused(Exception):
    """The act cannot be done now; the words say why, in the reader's language."""


def make(kind: str, name: str, values: Mapping[str, str]) -> NoticeChannel:
    """A channel with its first route: everybody on a personal one, and in a chat what cannot wait till the morning."""
    channel = NoticeChannel(kind=kind, name=name)
    channel.settings = dict(values)
    channel.save()
    last = NoticeRoute.objects.aggregate(last=Max("position"))["last"] or 0
    least = Urgency.SOON if channel_named(kind).IS_GROUP else Urgency.CALM
    NoticeRoute.objects.create(channel=channel, least=least, position=last + 10)
    return channel


@transaction.atomic
def add_channel(kind: str, name: str, values: Mapping[str, str], *, actor: User, now: datetime) -> NoticeChannel:
    """Raises KeyError for a kind that is not registered."""
    require(actor, "edit_channels")
    channel = make(kind, name, values)
    NoticeChannel.objects.filter(pk=channel.pk).update(config_set_at=now)
    audit.record("notices.channel_added", actor=actor, subject=_subject(channel), detail={"kind": kind, "name": name})
    return channel


@transaction.atomic
def change_channel(
    channel: NoticeChannel, values: Mapping[str, str], *, seen_version: int, actor: User, now: datetime
) -> None:
    """Give it its name and settings; an empty secret stays what it was. Raises Stale."""
    require(actor, "edit_channels")
    before = channel.readable_settings
    fields = {field.name: field for field in channel_named(channel.kind).FIELDS}
    # an empty secret, and what no form asks for (`base_url`)
    kept = {
        name: value
        for name, value in before.items()
        if name not in fields or (fields[name].is_secret and not values.get(name))
    }
    after = {**values, **kept}
    changed = sorted(name for name in after if after[name] != before.get(name, ""))
    channel.settings, channel.config_set_at = after, now
    save_if_current(channel, seen_version, ["name", "config", "config_set_at"])
    detail = {"name": channel.name, "changed": changed}
    audit.record("notices.channel_changed", actor=actor, subject=_subject(channel), detail=detail)


@transaction.atomic
def switch_channel(channel: NoticeChannel, *, on: bool, actor: User) -> None:
    """Switched on it begins anew: no pause, no count of failures. Pressing twice changes nothing."""
    require(actor, "edit_channels")
    if not NoticeChannel.objects.filter(pk=channel.pk, is_on=not on).update(
        is_on=on, off_words="", paused_until=None, failures=0, refusals=0
    ):
        return
    event = "notices.channel_switched_on" if on else "notices.channel_switched_off"
    audit.record(event, actor=actor, subject=_subject(channel))


def switch_off_by_itself(channel: NoticeChannel, words: str, now: datetime) -> None:
    """It refuses for good: switch it off and tell the administrators. Call inside a transaction.

    What waits for it goes another way when its turn comes.
    """
    if not NoticeChannel.objects.filter(pk=channel.pk, is_on=True).update(is_on=False, off_words=words[:500]):
        return
    with translation.override(settings.LANGUAGE_CODE):
        notify(
            people_with(Role.SYSTEM_ADMIN),
            event="notices.channel_switched_off",
            subject=_("The channel %(name)s was switched off: it refuses for good") % {"name": channel.name},
            body=words,
            url=reverse("notices:channel", args=[channel.uuid]),
        )
    audit.record("notices.channel_switched_off", subject=_subject(channel), detail={"words": words[:200]})


@transaction.atomic
def change_routes(channel: NoticeChannel, routes: Iterable[NoticeRoute], *, seen_version: int, actor: User) -> None:
    """Replace whose notices a channel carries. Raises Stale, Refused for a role or person in a group chat."""
    require(actor, "edit_channels")
    rows = list(routes)
    if channel_named(channel.kind).IS_GROUP and any(row.role or row.person_id for row in rows):
        raise Refused(_("A group chat has neither role nor person: everybody there reads everything."))
    if NoticeChannel.objects.filter(pk=channel.pk, version=seen_version).update(version=F("version") + 1) != 1:
        raise Stale(channel)
    channel.routes.all().delete()
    for row in rows:
        row.pk, row.channel = None, channel
        row.save()
    audit.record(
        "notices.routes_changed",
        actor=actor,
        subject=_subject(channel),
        detail={"routes": [_said(row) for row in rows]},
    )


@transaction.atomic
def change_rule(values: Mapping[str, Any], *, seen_version: int, actor: User) -> None:
    """Raises Stale."""
    require(actor, "edit_channels")
    current, _made = NoticeRule.objects.get_or_create(pk=1, defaults={"version": rule().version})
    for name in RULE_FIELDS:
        setattr(current, name, values[name])
    save_if_current(current, seen_version, RULE_FIELDS)
    detail = {name: str(values[name]) for name in RULE_FIELDS}
    audit.record("notices.rule_changed", actor=actor, subject="notice-rule", detail=detail)


def _subject(channel: NoticeChannel) -> str:
    return f"notice-channel:{channel.uuid}"


def _said(route: NoticeRoute) -> dict[str, object]:
    return {
        "role": route.role,
        "person": route.person.username if route.person else "",
        "at_least": route.least,
        "hours": f"{route.since:%H:%M}-{route.until:%H:%M}" if route.since and route.until else "",
        "position": route.position,
    }
