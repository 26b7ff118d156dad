"""Guessing is slow: how many proofs may be tried, counted before they are looked at.

django-axes asks and keeps the rows; the counting is ours, because axes counts an attempt after it was evaluated, so
that a hundred parallel guesses would all be evaluated. One limiter serves passwords and one-time codes alike:

    5 tries of one user name from one address   the lock ends 15 minutes after the last counted try
    50 wrong tries from one address             in 15 minutes, whatever the user names

A lock always names an address, so nobody elsewhere can lock a person out, and a passkey is never counted: whoever
has one can always sign in. Sign-ins through chat platforms are counted by address, 50 of them, in a row of their own: a
platform that refuses everybody must not lock the house out of its passwords. Success gives the tries back.
"""

import ipaddress
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.services import record

LOCK_LASTS = timedelta(hours=settings.AXES_COOLOFF_TIME)
PER_NAME = settings.AXES_FAILURE_LIMIT
PER_ADDRESS = 50
ANY_NAME = ""  # user name of the row that counts for a whole address
CHAT = "chat:"  # of the row that counts its sign-ins through chat platforms; no user name has a colon
UNKNOWN_ADDRESS = "0.0.0.0"


def client_address(request: HttpRequest) -> str:
    """The caller's address: the one our outermost proxy saw, counted from the right, since the left can be forged."""
    address = request.META.get("REMOTE_ADDR") or ""
    if settings.TRUSTED_PROXIES:
        hops = request.headers.get("X-Forwarded-For", "").split(",")
        address = hops[-settings.TRUSTED_PROXIES].strip() if len(hops) >= settings.TRUSTED_PROXIES else address
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return UNKNOWN_ADDRESS


def take(request: HttpRequest, username: str) -> bool:
    """Use up one try of this name from where the request comes. False: none is left, do not look at the proof."""
    now, address = timezone.now(), client_address(request)
    # the name first: hammering on a locked name must not use up the tries of everybody else in the house
    return _count(username, address, PER_NAME, now) and _count(ANY_NAME, address, PER_ADDRESS, now)


def take_chat(request: HttpRequest) -> bool:
    """Use up one sign-in through a chat platform from where the request comes; `give_back(request, CHAT)` undoes it."""
    return _count(CHAT, client_address(request), PER_ADDRESS, timezone.now())


def _count(username: str, address: str, limit: int, now: datetime) -> bool:
    row, _made = AccessAttempt.objects.get_or_create(
        username=username, ip_address=address, user_agent="", defaults={"failures_since_start": 0}
    )
    mine = AccessAttempt.objects.filter(pk=row.pk)
    if mine.filter(attempt_time__lte=now - LOCK_LASTS).update(failures_since_start=1, attempt_time=now):
        return True
    # A name's lock is counted from its last try. An address' window stands, or a busy office would never see its end.
    moved = {} if username == ANY_NAME else {"attempt_time": now}
    return bool(
        mine.filter(failures_since_start__lt=limit).update(failures_since_start=F("failures_since_start") + 1, **moved)
    )


def give_back(request: HttpRequest, username: str) -> None:
    """The proof was right: it does not count."""
    counted = (CHAT,) if username == CHAT else (username, ANY_NAME)
    AccessAttempt.objects.filter(
        username__in=counted, ip_address=client_address(request), failures_since_start__gt=0
    ).update(failures_since_start=F("failures_since_start") - 1)


def wrong(request: HttpRequest, username: str, proof: str) -> None:
    """Put a wrong proof on the record, and mark the request as locked out when it was the last try.

    A user name nobody has is not written down: people type passwords there.
    """
    address = client_address(request)
    locked = lock_ends_at(username, address, timezone.now()) is not None
    if locked:
        request.axes_locked_out = True  # type: ignore[attr-defined]
        request.axes_credentials = {"username": username}  # type: ignore[attr-defined]
    known = User.objects.filter(username=username).exists()
    with transaction.atomic():
        record(
            "accounts.sign_in_failed",
            subject=f"person:{username if known else '?'}",
            detail={"proof": proof, "address": address, "locked": locked},
        )


def lock_ends_at(username: str, address: str, now: datetime) -> datetime | None:
    """When this name may be tried again from there; None while it may be."""
    locks = AccessAttempt.objects.filter(ip_address=address, attempt_time__gt=now - LOCK_LASTS)
    held = [
        row.attempt_time + LOCK_LASTS
        for row in locks.filter(username__in=(username, ANY_NAME))
        if row.failures_since_start >= (PER_ADDRESS if row.username == ANY_NAME else PER_NAME)
    ]
    return max(held, default=None)


def locks_of(username: str, now: datetime) -> list[tuple[str, datetime]]:
    """Addresses from which this name is locked, each with the end of its lock."""
    rows = AccessAttempt.objects.filter(
        username=username, failures_since_start__gte=PER_NAME, attempt_time__gt=now - LOCK_LASTS
    )
    return [(str(row.ip_address), row.attempt_time + LOCK_LASTS) for row in rows]


def unlock(username: str) -> None:
    """Forget this name's tries, wherever they came from."""
    AccessAttempt.objects.filter(username=username).delete()


class CountedFirst(AxesDatabaseHandler):
    """What axes asks when somebody signs in (AXES_HANDLER)."""

    def is_allowed(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        return take(request, (credentials or {}).get("username") or "?")

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        if request is None:
            return
        username = credentials.get("username") or "?"
        if request.axes_locked_out:  # type: ignore[attr-defined]
            request.axes_credentials = {"username": username}  # type: ignore[attr-defined]
            return
        wrong(request, username, "password")

    def user_logged_in(self, sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        """Signed in: this name begins anew from here; rows whose time is over go."""
        rows = AccessAttempt.objects
        rows.filter(username=user.username, ip_address=client_address(request)).delete()
        rows.filter(attempt_time__lt=timezone.now() - LOCK_LASTS).delete()

    def user_logged_out(self, sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
        pass
