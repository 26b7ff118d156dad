"""Fresh credentials: 一级 needs a password, code or passkey given in the last few minutes, not just a session."""

import time
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from accounts.requests import safe_next


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved who they are within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Signing in with a password, a code or a passkey counts. Signing in through a chat platform is no proof given here.
    """
    if not request.user.is_authenticated:
        return False
    proofs = get_authentication_records(request, request.user)
    return bool(proofs) and time.time() - proofs[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def ask_again(request: HttpRequest, next_url: str) -> HttpResponse:
    """Send the person to prove it again and then on to `next_url`, a page of this desk that answers GET."""
    address = f"{reverse('account_reauthenticate')}?{urlencode({'next': safe_next(request, next_url)})}"
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    return redirect(address)
