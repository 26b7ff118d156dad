"""Session limits, one-time passwords, and refusals on the record."""

import time
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.roles import session_limits
from audit.services import record

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT, SEEN_AT = "signed_in_at", "seen_at"  # session keys, seconds since 1970
SEEN_IS_SAVED_EVERY = 60  # seconds: a session is not written for every click


class SessionLimits:
    """A session ends when it lies idle too long and when it is too old, by the roles of its person.

    A request that only polls (X-Poll: 1) is no activity and leaves the session as it was. An htmx request whose session
    is over sends the whole page to sign in, instead of putting a sign-in form into a corner of it; a poll gets 401.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        polls = request.headers.get("X-Poll") == "1"
        if request.user.is_authenticated:
            self._hold_to_limits(request, polls)
        response = self.get_response(request)
        if polls:
            request.session.modified = False
        if request.htmx and not request.user.is_authenticated and _leads_to_sign_in(response):  # type: ignore[attr-defined]
            return HttpResponse(status=401) if polls else _sign_in_again(request)
        return response

    def _hold_to_limits(self, request: HttpRequest, polls: bool) -> None:
        session, now = request.session, int(time.time())
        idle, absolute = session_limits(request.user.roles)  # type: ignore[union-attr]
        seen_at = session.get(SEEN_AT, now)
        if now - seen_at > idle.total_seconds():
            words = _("You were signed out after %(minutes)s minutes without activity.")
            return self._end(request, words % {"minutes": int(idle.total_seconds() // 60)})
        if now - session.get(SIGNED_IN_AT, now) > absolute.total_seconds():
            return self._end(
                request,
                _("You were signed out: a session lasts %(hours)s hours at most.")
                % {"hours": int(absolute.total_seconds() // 3600)},
            )
        if SIGNED_IN_AT not in session:
            session[SIGNED_IN_AT] = session[SEEN_AT] = now
        elif not polls and now - seen_at >= SEEN_IS_SAVED_EVERY:
            session[SEEN_AT] = now

    def _end(self, request: HttpRequest, words: str) -> None:
        logout(request)
        messages.info(request, words)


def _leads_to_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and urlsplit(response["Location"]).path == reverse("account_login")


def _sign_in_again(request: HttpRequest) -> HttpResponse:
    page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
    return HttpResponseClientRedirect(f"{reverse('account_login')}?{urlencode({'next': page})}")


class PasswordMustChange:
    """Whoever signed in with a password somebody else was shown gets nowhere before they have set their own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        person = request.user
        if person.is_authenticated and person.must_change_password:
            change = reverse("account_change_password")
            open_to_all = (change, reverse("account_logout"), reverse("set_language"), reverse("appearance"))
            if request.path not in open_to_all:
                return HttpResponseClientRedirect(change) if request.htmx else redirect(change)  # type: ignore[attr-defined]
        return self.get_response(request)


class RefusalsAreAudited:
    """A PermissionDenied that leaves a view goes on the record by itself: what the act wrote has been rolled back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, PermissionDenied):
            refusal_on_record(request, exception)


def refusal_on_record(request: HttpRequest, refusal: PermissionDenied) -> None:
    """Write that a signed-in person was refused an act. The API, which answers refusals itself, calls this, too."""
    if not request.user.is_authenticated:
        return
    with transaction.atomic():
        record(
            "accounts.act_refused",
            actor=request.user,
            subject=request.path,
            detail={"method": request.method, "act": str(refusal)[:200]},
        )
