"""Watches: what we listen for, made and changed by people. A changed rule hears from now on; the past stays."""

from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from opinion import rules
from opinion.models import Watch
from opinion.permissions import require

EDITABLE = (
    "name",
    "rule",
    "owner",
    "department",
    "source_classes",
    "languages",
    "burst_from",
    "is_rival",
    "is_enabled",
)


@transaction.atomic
def add_watch(watch: Watch, *, actor: User) -> Watch:
    """Start listening for something. Raises rules.RuleError for a rule that cannot be read."""
    require(actor, "edit_watches")
    rules.read(watch.rule)
    watch.save(force_insert=True)
    audit.record("opinion.watch_added", actor=actor, subject=f"watch:{watch.pk}", detail=_described(watch))
    return watch


@transaction.atomic
def change_watch(watch: Watch, *, seen_version: int, actor: User) -> Watch:
    """Save what a person changed. Raises rules.RuleError, and Stale where somebody else was faster."""
    require(actor, "edit_watches")
    rules.read(watch.rule)
    before = Watch.objects.get(pk=watch.pk)
    save_if_current(watch, seen_version, EDITABLE)
    audit.record(
        "opinion.watch_changed",
        actor=actor,
        subject=f"watch:{watch.pk}",
        detail={"before": _described(before), "after": _described(watch)},
    )
    return watch


def _described(watch: Watch) -> dict[str, Any]:
    said = {name: getattr(watch, name) for name in EDITABLE}
    return {
        **said,
        "owner": str(watch.owner) if watch.owner else "",
        "department": watch.department.name if watch.department else "",
    }
