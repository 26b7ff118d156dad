"""The public form: no sign-in, no session, no script, nothing of the desk. Whoever writes stays unknown to us."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import uuid4

import redis
from csp.constants import NONE
from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_http_methods

from accounts import clock
from accounts.lockout import client_address
from monitoring.forms.channels import SayForm
from monitoring.models import PublicForm
from monitoring.services.public_forms import Said, TooOften
from monitoring.services.public_forms import say as take_in

View = Callable[..., HttpResponseBase]


def public(view: View) -> View:
    """For strangers: the language the address asks for, no script at all, and no trace in caches or search engines."""

    @wraps(view)
    @never_cache
    @csp_replace({"script-src": [NONE], "connect-src": [NONE]})
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
        with translation.override(language):
            response = view(request, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return answer


@public
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def say(request: HttpRequest, slug: str) -> HttpResponse:
    """The form, and what is written on it."""
    shown = get_object_or_404(PublicForm.objects.select_related("source", "watch"), slug=slug)
    if not shown.is_open:
        return _page(request, shown, status=410)
    if request.method != "POST":
        return _page(request, shown, SayForm(initial={"once": uuid4()}))
    form = SayForm(request.POST)
    if form.is_by_a_machine:
        return _thanks(request, shown)  # what a machine wrote is taken by nobody, and it need not know
    if not form.is_valid():
        return _page(request, shown, form, status=422)
    said = Said(**{name: form.cleaned_data[name] for name in ("once", "what", "when", "contact", "link")})
    try:
        take_in(shown, said, address=client_address(request), now=clock.now())
    except TooOften:
        form.add_error(None, _("Too many entries came from here. Please try again in ten minutes."))
        return _page(request, shown, form, status=429)
    except redis.RedisError:
        form.add_error(None, _("We cannot take this just now. Please try again in a minute."))
        return _page(request, shown, form, status=503)
    return _thanks(request, shown)


@public
def said_thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """Thank you."""
    return _page(request, get_object_or_404(PublicForm, slug=slug), thanks=True)


def _thanks(request: HttpRequest, shown: PublicForm) -> HttpResponse:
    asked = request.GET.get("lang", "")
    query = f"?lang={asked}" if asked in dict(settings.LANGUAGES) else ""
    return redirect(reverse("monitoring:said-thanks", args=[shown.slug]) + query)


def _page(
    request: HttpRequest,
    shown: PublicForm,
    form: SayForm | None = None,
    *,
    thanks: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "shown": shown,
        "form": form,
        "thanks": thanks,
        "company": settings.COMPANY_NAME,
        "languages": [language for language in settings.LANGUAGES if language[0] != translation.get_language()],
    }
    return render(request, "monitoring/public_form.html", context, status=status)
