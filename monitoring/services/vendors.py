"""外部监测厂商: their accounts, channels and keys. A key and its secret are shown once and kept as hash and cipher."""

import base64
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.secrets import encrypt
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.models import Scope, Vendor, VendorChannel, VendorKey
from monitoring.permissions import require
from opinion.models import Source, SourceHealth, SourceKind

EDITABLE = ("name", "contact", "per_minute", "is_enabled")
OF_A_CHANNEL = ("source_class", "platform", "region", "tier")
PREFIX = 12  # of a key, to find and recognise it by


class Refused(Exception):
    """The act cannot be done; the words say why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A fresh key as it is shown once: the row, the whole key, and the secret that signs."""

    key: VendorKey
    token: str
    secret: str


# --- accounts and channels -------------------------------------------------------------------------------------------
@transaction.atomic
def add_vendor(vendor: Vendor, *, actor: User) -> Vendor:
    """Open an account; it has no channel and no key yet."""
    require(actor, "edit_vendors")
    vendor.save(force_insert=True)
    audit.record("monitoring.vendor_added", actor=actor, subject=_subject(vendor), detail=_described(vendor))
    return vendor


@transaction.atomic
def change_vendor(vendor: Vendor, *, seen_version: int, actor: User, now: datetime) -> Vendor:
    """Save what a person changed about an account; switched off, nobody waits for its posts. Raises Stale."""
    require(actor, "edit_vendors")
    before = Vendor.objects.get(pk=vendor.pk)
    save_if_current(vendor, seen_version, EDITABLE)
    if vendor.is_enabled != before.is_enabled:
        health = SourceHealth.NEVER if vendor.is_enabled else SourceHealth.OFF
        channels = Source.objects.filter(vendor_channel__vendor=vendor)
        channels.update(is_enabled=vendor.is_enabled, health=health, health_words="", health_since=now, trouble_told="")
    detail = {"before": _described(before), "after": _described(vendor)}
    audit.record("monitoring.vendor_changed", actor=actor, subject=_subject(vendor), detail=detail)
    return vendor


@transaction.atomic
def change_mapping(vendor: Vendor, mapping: dict[str, str], *, seen_version: int, actor: User) -> Vendor:
    """Say how the vendor calls our fields, from the next push on. Raises Stale."""
    require(actor, "edit_vendors")
    before = Vendor.objects.get(pk=vendor.pk).mapping
    vendor.mapping = mapping
    save_if_current(vendor, seen_version, ["mapping"])
    detail = {"before": before, "after": mapping}
    audit.record("monitoring.vendor_mapping_changed", actor=actor, subject=_subject(vendor), detail=detail)
    return vendor


@transaction.atomic
def add_channel(vendor: Vendor, code: str, source: Source, *, seen_version: int, actor: User) -> VendorChannel:
    """Give a vendor a stream with a class and platform of its own. Raises Refused, Stale."""
    require(actor, "edit_vendors")
    save_if_current(vendor, seen_version, [])
    if vendor.channels.filter(code=code).exists():
        raise Refused(_("This vendor has a channel of this code already."))
    if any(Scope.READ in key.scopes for key in vendor.keys.filter(revoked_at=None)):
        raise Refused(_("This account has a key that reads the desk. Who pushes gets an account of its own."))
    source.name = f"{vendor.name} · {code}"[:120]
    source.kind, source.url = SourceKind.VENDOR, ""
    source.save(force_insert=True)
    channel = VendorChannel.objects.create(vendor=vendor, code=code, source=source)
    detail = {"code": code, **_of_channel(source)}
    audit.record("monitoring.vendor_channel_added", actor=actor, subject=_subject(vendor), detail=detail)
    return channel


@transaction.atomic
def change_channel(channel: VendorChannel, source: Source, *, seen_version: int, actor: User) -> None:
    """Change the class, platform, region or tier of a channel, for the next posts. Raises Stale."""
    require(actor, "edit_vendors")
    before = _of_channel(Source.objects.get(pk=channel.source_id))
    save_if_current(source, seen_version, OF_A_CHANNEL)
    detail = {"code": channel.code, "before": before, "after": _of_channel(source)}
    audit.record("monitoring.vendor_channel_changed", actor=actor, subject=_subject(channel.vendor), detail=detail)


# --- keys ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def make_key(vendor: Vendor, scopes: Iterable[str], *, seen_version: int, actor: User, now: datetime) -> Shown:
    """Make a key that opens these scopes. Raises Refused, Stale.

    One that reads the desk is for the company's own systems: it reads and nothing else, and its account has no channel.
    """
    require(actor, "edit_vendors")
    opens = sorted({Scope(scope).value for scope in scopes})
    if Scope.READ in opens and len(opens) > 1:
        raise Refused(_("A key that reads the desk does nothing else. Make two keys on two accounts."))
    if Scope.READ in opens and vendor.channels.exists():
        raise Refused(_("This account pushes, so its keys cannot read the desk. Make an account for the system."))
    save_if_current(vendor, seen_version, [])
    shown = _fresh_key(vendor, opens, actor, now)
    detail = {"key": shown.key.prefix, "scopes": opens}
    audit.record("monitoring.vendor_key_made", actor=actor, subject=_subject(vendor), detail=detail)
    return shown


@transaction.atomic
def rotate_key(key: VendorKey, *, days: int, seen_version: int, actor: User, now: datetime) -> Shown:
    """Make the key that follows this one; for `days` both are valid. Raises Refused, Stale (the vendor's version)."""
    require(actor, "edit_vendors")
    save_if_current(key.vendor, seen_version, [])
    key.refresh_from_db(fields=["expires_at", "revoked_at"])
    if not is_valid(key, now):
        raise Refused(_("This key is not valid any more. Make a new one."))
    ends_at = now + timedelta(days=days)
    key.expires_at = min(key.expires_at or ends_at, ends_at)
    key.save(update_fields=["expires_at"])
    shown = _fresh_key(key.vendor, key.scopes, actor, now)
    detail = {"key": key.prefix, "until": key.expires_at, "follows": shown.key.prefix}
    audit.record("monitoring.vendor_key_rotated", actor=actor, subject=_subject(key.vendor), detail=detail)
    return shown


@transaction.atomic
def revoke_key(key: VendorKey, *, seen_version: int, actor: User, now: datetime) -> None:
    """End a key at once and for good. Raises Stale (the vendor's version)."""
    require(actor, "edit_vendors")
    save_if_current(key.vendor, seen_version, [])
    if VendorKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_by=actor, revoked_at=now):
        detail = {"key": key.prefix}
        audit.record("monitoring.vendor_key_revoked", actor=actor, subject=_subject(key.vendor), detail=detail)


def is_valid(key: VendorKey, now: datetime) -> bool:
    """Whether it opens anything now."""
    return key.revoked_at is None and (key.expires_at is None or now < key.expires_at)


def digest_of(token: str) -> str:
    """What is kept of a key. It is 256 random bits, so a plain hash cannot be guessed."""
    return sha256(token.encode()).hexdigest()


def _fresh_key(vendor: Vendor, scopes: list[str], actor: User, now: datetime) -> Shown:
    token = f"tlk_{secrets.token_hex(4)}{secrets.token_urlsafe(32)}"
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
    key = VendorKey.objects.create(
        vendor=vendor,
        prefix=token[:PREFIX],
        digest=digest_of(token),
        signing=encrypt(secret),
        scopes=scopes,
        made_by=actor,
        made_at=now,
    )
    return Shown(key, token, secret)


# --- at the door -----------------------------------------------------------------------------------------------------
def record_refusal(key: VendorKey, why: str, path: str) -> None:
    """Put on the record that a known key was refused, as it is done for people."""
    with transaction.atomic():
        detail = {"key": key.prefix, "why": why}
        audit.record("monitoring.vendor_refused", vendor=key.vendor.name, subject=path, detail=detail)


def _subject(vendor: Vendor) -> str:
    return f"vendor:{vendor.pk}"


def _described(vendor: Vendor) -> dict[str, str | int | bool]:
    return {name: getattr(vendor, name) for name in EDITABLE}


def _of_channel(source: Source) -> dict[str, str]:
    return {name: getattr(source, name) for name in OF_A_CHANNEL}
