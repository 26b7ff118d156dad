"""Signing in with an account on WeCom, DingTalk or Feishu: sent there, recognised, and back with a code.

Nobody signs up. Only an account that is written down for an active person here, and counts, opens a session: with the
limits, the second factor where there is one, and the record of every sign-in. It is no fresh credential, because
accounts.fresh looks at proofs given to this desk, and none was.
"""

import hmac
import time

from allauth.account.utils import perform_login
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts import clock, lockout
from accounts.adapters import ONE_TIME_PASSWORD_IS_OVER
from accounts.models import Platform
from accounts.outside.calls import CallFailed
from accounts.platforms import App, PlatformError
from accounts.platforms.sign_in import app_of, way_of
from accounts.requests import safe_next
from accounts.selectors import identity_known_as
from accounts.views.own import locked_out
from audit.services import record

BEGUN = "chat_sign_in"  # session key: what was begun here and may be finished once
MINUTES_TO_FINISH = 10


@require_GET
@never_cache
def sign_in(request: HttpRequest, platform: str) -> HttpResponse:
    """Send the browser to the platform. ?next= is the page of this desk to go on to."""
    app, next_url = _app(platform), safe_next(request, request.GET.get("next", ""))
    if request.user.is_authenticated:
        return redirect(next_url)
    state = get_random_string(32)
    request.session[BEGUN] = {"platform": platform, "state": state, "next": next_url, "at": int(time.time())}
    agent = request.headers.get("User-Agent", "")
    address = way_of(platform).sign_in_address(app, back=_back(request, platform), state=state, user_agent=agent)
    return redirect(address)


@require_GET
@never_cache
def come_back(request: HttpRequest, platform: str) -> HttpResponse:
    """Let in whom the platform recognised, if that is somebody here."""
    app, way = _app(platform), way_of(platform)
    begun = request.session.pop(BEGUN, {})
    if not _is_what_was_begun(request, begun, platform):
        return _refused(request, platform, _("This was not begun in this browser, or too long ago. Begin again."))
    code = request.GET.get(way.CODE, "")
    if not code:
        messages.info(request, _("You were not signed in."))
        return redirect("account_login")
    if not lockout.take_chat(request):
        return locked_out(request, HttpResponse(), {"username": lockout.CHAT})
    try:
        subject = way.subject_of(app, code, _back(request, platform))
    except (CallFailed, PlatformError) as problem:
        return _not_recognised(request, platform, problem)
    identity = identity_known_as(subject, platform)
    if identity is None:
        return _refused(request, platform, _stranger_words(platform), on_record="?", identity=subject)
    person = identity.person
    if not identity.counts:
        words = _("This account is not confirmed yet. Sign in with your password and confirm it on your own page.")
    elif not person.is_active:
        words = _("Your account at this desk is switched off. Ask the security administrator.")
    elif person.one_time_password_is_over(clock.now()):
        words = str(ONE_TIME_PASSWORD_IS_OVER)
    else:
        lockout.give_back(request, lockout.CHAT)
        return perform_login(request, person, redirect_url=begun["next"], signal_kwargs={"platform": platform})
    return _refused(request, platform, words, on_record=person.username, identity=subject)


def _app(platform: str) -> App:
    app = app_of(platform)
    if app is None:
        raise Http404
    return app


def _back(request: HttpRequest, platform: str) -> str:
    return request.build_absolute_uri(reverse("chat_come_back", args=[platform]))


def _is_what_was_begun(request: HttpRequest, begun: dict[str, object], platform: str) -> bool:
    if begun.get("platform") != platform or time.time() - int(str(begun["at"])) > MINUTES_TO_FINISH * 60:
        return False
    return hmac.compare_digest(str(begun["state"]).encode(), request.GET.get("state", "").encode())


def _not_recognised(request: HttpRequest, platform: str, problem: CallFailed | PlatformError) -> HttpResponse:
    """The platform named nobody: because the code was not good, or because it or the way to it is not well."""
    if isinstance(problem, CallFailed) or not problem.code:
        lockout.give_back(request, lockout.CHAT)  # their trouble is nobody's try
        words = _("%(platform)s cannot be asked just now. Try again, or sign in with your password.")
        return _refused(request, platform, words % {"platform": Platform(platform).label}, status=502)
    if problem.code == "stranger":
        return _refused(request, platform, _stranger_words(platform), on_record="?")
    words = _("%(platform)s did not say who you are (%(code)s). Try again, or sign in with your password.")
    words %= {"platform": Platform(platform).label, "code": problem.code}
    return _refused(request, platform, words, on_record="?")


def _stranger_words(platform: str) -> str:
    words = _("Your %(platform)s account belongs to nobody at this desk. The security administrator can write it down.")
    return words % {"platform": Platform(platform).label}


def _refused(
    request: HttpRequest, platform: str, words: str, *, status: int = 403, on_record: str = "", identity: str = ""
) -> HttpResponse:
    """Say why nobody was let in; on the record where the platform was asked and its answer opened nothing.

    on_record  the person's user name, "?" for a stranger
    """
    if on_record:
        detail = {"proof": platform, "identity": identity[:128], "address": lockout.client_address(request)}
        with transaction.atomic():
            record("accounts.sign_in_failed", subject=f"person:{on_record}", detail=detail)
    return render(request, "accounts/not_let_in.html", {"words": words}, status=status)
