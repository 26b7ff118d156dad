"""What every page needs to look right: the frame's context, theme and key settings, counts, toasts, form fields."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from config import navigation

NEXT_THEME = {"auto": "dark", "dark": "light", "light": "auto"}
COOKIE_DAYS = 365
HTML_LANG = {"zh-hans": "zh-CN"}  # with any other tag a system may choose Japanese glyphs
TABS_ON_A_PHONE = 4


class Desk:
    """The frame of a page. Nothing is read before a template asks, so a fragment costs no query."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.user = getattr(request, "user", None)
        self.demo = settings.DEMO
        self.company = settings.COMPANY_NAME

    @property
    def lang(self) -> str:
        language = get_language() or settings.LANGUAGE_CODE
        return HTML_LANG.get(language, language)

    @property
    def theme(self) -> str:
        chosen = self.request.COOKIES.get("theme", "auto")
        return chosen if chosen in NEXT_THEME else "auto"

    @property
    def shortcuts(self) -> bool:
        """Single-key shortcuts can be turned off (WCAG 2.1.4)."""
        return self.request.COOKIES.get("shortcuts") != "off"

    @cached_property
    def sections(self) -> list[dict[str, Any]]:
        """The rail: headings and items with their counts; one query for each that counts, however many rows."""
        if self.user is None:
            return []
        sections = list(navigation.items_for(self.user))
        here = navigation.current(self.request.path, [item for _heading, items in sections for item in items])
        return [
            {
                "heading": heading,
                "items": [
                    {"item": item, "count": item.count_for(self.user), "here": item.url_name == here} for item in items
                ],
            }
            for heading, items in sections
        ]

    @cached_property
    def tabs(self) -> list[dict[str, Any]]:
        """The first few places of the phone's bar; the rest stand under "more"."""
        entries = [entry for section in self.sections for entry in section["items"] if entry["item"].tab]
        return entries[:TABS_ON_A_PHONE]


def desk(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `desk`, the frame of the page."""
    return {"desk": Desk(request)}


@login_required
@never_cache
def counts(request: HttpRequest) -> JsonResponse:
    """The counts of the rail by URL name, for the page to keep them fresh by itself."""
    frame = Desk(request)
    entries = [entry for section in frame.sections for entry in section["items"]]
    return JsonResponse(
        {
            "counts": {entry["item"].url_name: entry["count"] for entry in entries if entry["count"] is not None},
            "needs_me": sum(entry["count"] or 0 for entry in entries if entry["item"].needs_me),
        }
    )


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Keep the theme and whether single keys act, on this device; theme "next" walks round. Works signed out, too."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponse(status=204) if request.htmx else redirect(back)  # type: ignore[attr-defined]
    theme = request.POST.get("theme", "")
    chosen = {
        "theme": NEXT_THEME[Desk(request).theme] if theme == "next" else theme,
        "shortcuts": request.POST.get("shortcuts", ""),
    }
    for name, choices in (("theme", (*NEXT_THEME,)), ("shortcuts", ("on", "off"))):
        if chosen[name] in choices:
            response.set_cookie(
                name,
                chosen[name],
                max_age=COOKIE_DAYS * 86400,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
            )
    return response


class Toasts:
    """Middleware: what a view says with django.contrib.messages rides along on an htmx answer, too.

    A view writes `messages.success(request, _("Ignored"), extra_tags=f"undo:{url}")`; the page shows an undo button.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if self.may_carry(request, response):
            html = render_to_string("ui/toasts.html", {"ride_along": True}, request)
            if html.strip():
                response.content += html.encode()
                response.headers.pop("Content-Length", None)
        return response

    @staticmethod
    def may_carry(request: HttpRequest, response: HttpResponse) -> bool:
        """Only an htmx answer that will be swapped into a page somebody is looking at."""
        leaves = any(name in response.headers for name in ("HX-Redirect", "HX-Refresh", "HX-Location"))
        return bool(
            request.htmx  # type: ignore[attr-defined]
            and "X-Poll" not in request.headers
            and not leaves
            and not response.streaming
            and response.status_code not in (204, 301, 302, 303, 304)
            and response.headers.get("Content-Type", "").startswith("text/html")
        )
