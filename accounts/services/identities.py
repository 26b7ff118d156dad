"""Who somebody is on a chat platform. Whoever holds that account hears, and may speak, as this person."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.models import Platform, PlatformIdentity, User
from accounts.permissions import require
from accounts.services import Refused
from audit.services import record


@transaction.atomic
def set_identity(person: User, platform: str, subject: str, *, actor: User, now: datetime) -> PlatformIdentity:
    """Write down a person's account on a platform. The person is told; for a leader or speaker the leaders are, too.

    That of an officer, a leader or a speaker waits for a second person (PlatformIdentity.counts).
    Raises PermissionDenied, Refused (there is one already, here or for somebody else).
    """
    require(actor, "set_identity", person)
    try:
        with transaction.atomic():
            identity = PlatformIdentity.objects.create(
                person=person, platform=Platform(platform), subject=subject, set_by=actor, set_at=now
            )
    except IntegrityError:
        other = PlatformIdentity.objects.filter(platform=platform, subject=subject).exclude(person=person).first()
        if other:
            raise Refused(_("This account is written down for %(name)s already.") % {"name": other.person}) from None
        raise Refused(_("There is one already: remove it first.")) from None
    hooks.tell("accounts.identity_set", identity)
    _on_record("accounts.identity_set", identity, actor)
    return identity


@transaction.atomic
def confirm_identity(identity: PlatformIdentity, *, actor: User, now: datetime) -> None:
    """The second person's word, or that of the person themselves: from now on it counts whatever roles they get.

    The caller asks for a fresh credential first: a session that began with the account cannot vouch for it.
    Raises PermissionDenied (who wrote it down, anybody else), Refused (confirmed or removed meanwhile).
    """
    require(actor, "confirm_identity", identity)
    waiting = PlatformIdentity.objects.filter(pk=identity.pk, subject=identity.subject, confirmed_at__isnull=True)
    if not waiting.update(confirmed_by=actor, confirmed_at=now):
        raise Refused(_("This has been confirmed or removed meanwhile."))
    _on_record("accounts.identity_confirmed", identity, actor)


@transaction.atomic
def remove_identity(identity: PlatformIdentity, *, actor: User) -> None:
    """Take it away. The person's sessions end, since one may have begun with it.

    Raises PermissionDenied, Refused (removed meanwhile).
    """
    require(actor, "remove_identity", identity)
    removed, _by_model = PlatformIdentity.objects.filter(pk=identity.pk).delete()
    if not removed:
        raise Refused(_("This has been removed meanwhile."))
    User.objects.filter(pk=identity.person_id).update(session_series=F("session_series") + 1)
    _on_record("accounts.identity_removed", identity, actor)


def _on_record(event: str, identity: PlatformIdentity, actor: User) -> None:
    detail = {"platform": identity.platform, "identity": identity.subject}
    record(event, actor=actor, subject=f"person:{identity.person.username}", detail=detail)
