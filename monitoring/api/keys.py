"""How machines come in: a key in the Authorization header, a scope for each door, so many requests a minute."""

import hmac
import logging
import math
from datetime import datetime
from typing import Any

import redis
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, Throttled
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from standardwebhooks import Webhook, WebhookVerificationError

from accounts import clock
from accounts.secrets import decrypt
from monitoring.api.limits import take
from monitoring.models import Scope, Vendor, VendorKey
from monitoring.services import vendors

logger = logging.getLogger(__name__)

WINDOW_SECONDS = 300
MINUTE = 60
USED_IS_SAVED_EVERY = 60  # seconds: a key's row is not written for every request


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`. The key becomes `request.auth`; `request.user` stays nobody."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, VendorKey] | None:
        """None where no key was given, so that the permission answers 401. Raises AuthenticationFailed."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        token = words[1].decode("latin-1") if len(words) == 2 else ""
        key = VendorKey.objects.select_related("vendor").filter(prefix=token[: vendors.PREFIX]).first()
        if not hmac.compare_digest(vendors.digest_of(token), key.digest if key else vendors.digest_of("")) or not key:
            raise AuthenticationFailed(_("This key is not known. Look whether all of it was copied."))
        now = clock.now()
        if key.revoked_at is not None:
            raise AuthenticationFailed(_("This key was revoked."))
        if not vendors.is_valid(key, now):
            raise AuthenticationFailed(_("This key has expired. The one that follows it was given to you."))
        if key.last_used_at is None or (now - key.last_used_at).total_seconds() >= USED_IS_SAVED_EVERY:
            VendorKey.objects.filter(pk=key.pk).update(last_used_at=now)
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="tinglan"'


class KeyOpens(BasePermission):
    """A key was given, within its limit, its account is on, and it has the scope the view names in `scopes`.

    The limit comes first, so that what is refused and put on the record is no more than it lets in.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        key = request.auth
        if not isinstance(key, VendorKey):
            return False
        if wait := seconds_to_wait(key.vendor, now=clock.now()):
            raise Throttled(wait)
        if not key.vendor.is_enabled:
            vendors.record_refusal(key, "switched off", request.path)
            raise PermissionDenied(_("This account is switched off. Ask the desk."))
        scope: Scope = view.scopes.get(request.method, Scope.OUTCOME)  # type: ignore[attr-defined]
        if scope not in key.scopes:
            vendors.record_refusal(key, f"needs {scope.value}", request.path)
            words = _("This key does not open that: it lacks the scope “%(scope)s”.")
            raise PermissionDenied(words % {"scope": scope.value})
        return True


def seconds_to_wait(vendor: Vendor, *, now: datetime) -> int:
    """Count one request of a vendor: 0 lets it in. Where nobody counts all are let in: a lost post is worse."""
    try:
        return take([(f"vendor {vendor.uuid}", vendor.per_minute, MINUTE)], now=now)
    except redis.RedisError as error:
        logger.error("vendor not counted vendor=%s reason=%s", vendor.pk, error)
        return 0


def check_signature(key: VendorKey, headers: Any, body: bytes, *, now: datetime) -> str:
    """The webhook-id of a request whose signature fits, per Standard Webhooks. Raises AuthenticationFailed in words."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    given = {name: headers.get(name, "") for name in names}
    missing = [name for name in names if not given[name]]
    if missing:
        raise AuthenticationFailed(_("Signature headers are missing: %(names)s.") % {"names": ", ".join(missing)})
    if len(given["webhook-id"]) > 200:
        raise AuthenticationFailed(_("The webhook-id is longer than 200 characters."))
    try:
        sent_at = float(given["webhook-timestamp"])
    except ValueError:
        sent_at = math.nan
    if not abs(now.timestamp() - sent_at) <= WINDOW_SECONDS:
        raise AuthenticationFailed(
            _("The webhook-timestamp is not within five minutes of our clock. It counts seconds since 1970.")
        )
    try:
        Webhook(decrypt(bytes(key.signing))).verify(body, given, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: a signature that is no base64, a body that is no UTF-8
        raise AuthenticationFailed(
            _("The signature does not fit. It covers id.timestamp.body, byte for byte, with this key's secret.")
        ) from None
    return str(given["webhook-id"])


class KeyScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = KeyAuthentication
    name = "vendorKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A key made on the vendor's page of the desk."}
