"""Where we listen: sources added, changed, switched on and off by people. Each act is in the audit trail."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.models import Poll
from monitoring.permissions import require
from monitoring.services import polling
from opinion.models import Source, SourceHealth

EDITABLE = ("name", "url", "source_class", "platform", "tier", "is_key", "poll_every_seconds")


class Refused(Exception):
    """The act cannot be done now; the words say why."""


@transaction.atomic
def add_source(source: Source, *, actor: User, now: datetime) -> Source:
    """Start listening to a new source; its first poll is due at once."""
    require(actor, "edit_sources")
    source.next_poll_at = now
    source.save(force_insert=True)
    audit.record("monitoring.source_added", actor=actor, subject=f"source:{source.pk}", detail=_described(source))
    return source


@transaction.atomic
def change_source(source: Source, *, seen_version: int, actor: User, now: datetime) -> Source:
    """Save what a person changed. A new address is a new acquaintance: what we knew about the old one is forgotten.

    Raises accounts.versions.Stale where somebody else was faster.
    """
    require(actor, "edit_sources")
    before = Source.objects.get(pk=source.pk)
    fields = [*EDITABLE]
    if before.url != source.url:
        source.etag = source.last_modified = source.permanent_url = source.health_words = ""
        source.failures = 0
        source.health = SourceHealth.NEVER if source.is_enabled else SourceHealth.OFF
        fields += ["etag", "last_modified", "permanent_url", "health_words", "failures", "health"]
    source.next_poll_at = now if source.is_enabled else None
    save_if_current(source, seen_version, [*fields, "next_poll_at"])
    audit.record(
        "monitoring.source_changed",
        actor=actor,
        subject=f"source:{source.pk}",
        detail={"before": _described(before), "after": _described(source)},
    )
    return source


@transaction.atomic
def switch_source(source: Source, *, on: bool, seen_version: int, actor: User, now: datetime) -> Source:
    """Switch a source on or off. Off, it says so; on, it is polled at once. Raises Stale."""
    require(actor, "edit_sources")
    source.is_enabled = on
    source.health = SourceHealth.NEVER if on else SourceHealth.OFF
    source.health_words, source.failures = "", 0
    source.next_poll_at = now if on else None
    fields = ["is_enabled", "health", "health_words", "failures", "next_poll_at"]
    save_if_current(source, seen_version, fields)
    event = "monitoring.source_switched_on" if on else "monitoring.source_switched_off"
    audit.record(event, actor=actor, subject=f"source:{source.pk}", detail={"name": source.name})
    return source


def poll_now(source: Source, *, actor: User, now: datetime) -> Poll:
    """Visit a source at once; this touches the network. Raises Refused where it is off or being polled already."""
    require(actor, "edit_sources")
    if not source.is_enabled:
        raise Refused(_("This source is switched off. Switch it on first."))
    if not polling.claim(source, now=now):
        raise Refused(_("This source is being polled right now."))
    return polling.poll(source, now=now)


def _described(source: Source) -> dict[str, str | int | bool]:
    return {name: getattr(source, name) for name in EDITABLE}
