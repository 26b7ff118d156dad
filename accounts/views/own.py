"""What belongs to the person themself: settings, and the page of somebody who is locked out."""

import math
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts import clock, lockout
from accounts.requests import DeskRequest
from accounts.roles import session_limits
from accounts.selectors import delegations_in_force, may_speak


@login_required
def settings(request: DeskRequest) -> HttpResponse:
    """Password, second factor, look, shortcuts, where notices go: everything of one's own in one place."""
    now = clock.now()
    factors = Authenticator.objects.filter(user=request.user)
    kinds = [factor.type for factor in factors]
    idle, absolute = session_limits(request.user.roles)
    identities = list(request.user.identities.select_related("person"))
    context = {
        "identities": identities,
        "is_identity_waiting": not all(identity.counts for identity in identities),
        "has_codes": Authenticator.Type.TOTP in kinds,
        "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "idle": idle,
        "absolute": absolute,
        "speaks": may_speak(request.user, now),
        "stands_in_for": delegations_in_force(now).filter(delegate=request.user).select_related("principal"),
    }
    return render(request, "accounts/settings.html", context)


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """The answer to somebody who used up their tries: when the lock ends, and who can end it before (axes calls this).

    The same words whether the user name exists or not.
    """
    now = timezone.now()
    username = (credentials or {}).get("username") or ""
    ends_at = lockout.lock_ends_at(username, lockout.client_address(request), now) or now
    context = {"ends_at": ends_at, "minutes": max(1, math.ceil((ends_at - now).total_seconds() / 60))}
    answer = render(request, "accounts/locked_out.html", context, status=429)
    answer["Retry-After"] = str(math.ceil((ends_at - now).total_seconds()))
    return answer
