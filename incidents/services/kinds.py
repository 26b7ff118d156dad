"""The kinds of harm a company tells apart (P3): its own are added, renamed and retired, none is deleted."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import save_if_current
from audit.services import record
from incidents.models import AffectedKind
from incidents.permissions import require
from incidents.refusals import Refused


def add_kind(name: str, name_en: str = "", *, actor: User) -> AffectedKind:
    """Raises PermissionDenied, Refused where the name is taken."""
    require(actor, "edit_kinds")
    try:
        with transaction.atomic():
            kind = AffectedKind.objects.create(code=next_code(), name=name, name_en=name_en)
            record("incidents.kind_added", actor=actor, subject=f"kind:{kind.code}", detail={"name": name})
    except IntegrityError as taken:
        raise Refused(_("There is a kind of this name already.")) from taken
    return kind


def rename_kind(kind: AffectedKind, name: str, name_en: str, *, actor: User, seen_version: int) -> AffectedKind:
    """The incidents that have it show the new name. Raises PermissionDenied, Refused, Stale."""
    require(actor, "edit_kinds")
    before, kind.name, kind.name_en = kind.name, name, name_en
    try:
        with transaction.atomic():
            save_if_current(kind, seen_version, ["name", "name_en"])
            detail = {"name": name, "was": before}
            record("incidents.kind_renamed", actor=actor, subject=f"kind:{kind.code}", detail=detail)
    except IntegrityError as taken:
        raise Refused(_("There is a kind of this name already.")) from taken
    return kind


@transaction.atomic
def retire_kind(kind: AffectedKind, *, actor: User, now: datetime, seen_version: int) -> AffectedKind:
    """Offered no more; incidents that have it keep it. A second time brings it back. Raises PermissionDenied, Refused,
    Stale."""
    require(actor, "edit_kinds")
    if kind.retired_at is None and not AffectedKind.objects.filter(retired_at=None).exclude(pk=kind.pk).exists():
        raise Refused(_("One kind has to stay: an incident states what it harms."))
    kind.retired_at = None if kind.retired_at else now
    save_if_current(kind, seen_version, ["retired_at"])
    event = "incidents.kind_retired" if kind.retired_at else "incidents.kind_brought_back"
    record(event, actor=actor, subject=f"kind:{kind.code}", detail={"name": kind.name})
    return kind


def next_code() -> str:
    """A code that was never used: own-1, own-2. Kinds are never deleted, so their number only grows."""
    return f"own-{AffectedKind.objects.count() + 1}"
