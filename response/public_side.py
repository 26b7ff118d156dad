"""The newsroom on its own host name: its addresses alone, and pages kept in memory until what is public changes."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import parse_http_date_safe

from response.selectors.newsroom import public_mark

PREFIX = "/newsroom/"
MOST_KEPT = 512  # pages: newest statements and feeds; a walk through unknown addresses keeps nothing
Key = tuple[str, str, bool]


class NewsroomHost:
    """Outermost middleware. Whoever asks the newsroom's own host never reaches an address of the desk.

    A page that was rendered once is answered from memory, with the headers it got on its way out. Once a second one
    cheap query asks whether anything public changed; while the database is away, what is kept goes on being shown.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.kept: dict[Key, HttpResponse] = {}
        self.mark, self.looked_at = "", float("-inf")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.NEWSROOM_HOST and request.META.get("HTTP_HOST", "") == settings.NEWSROOM_HOST:
            request.urlconf = "config.newsroom_urls"
        if not request.path.startswith(PREFIX) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if not settings.NEWSROOM_FRESH_SECONDS:
            return without_vary(self.get_response(request))
        self.forget_if_changed()
        key = (request.META.get("HTTP_HOST", ""), request.path, request.is_secure())
        page = self.kept.get(key)
        if page is None:
            mark = self.mark
            page = without_vary(self.rendered(request))
            if not isinstance(page, HttpResponse) or page.status_code != 200:
                return page
            if mark == self.mark and len(self.kept) < MOST_KEPT:
                self.kept[key] = page
        return answer(request, page)

    def rendered(self, request: HttpRequest) -> HttpResponseBase:
        """The whole page, whatever the reader has of it already."""
        conditions = {name: request.META.pop(name, None) for name in ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")}
        method, request.method = request.method, "GET"
        page = self.get_response(request)
        request.method = method
        request.META.update({name: value for name, value in conditions.items() if value is not None})
        return page

    def forget_if_changed(self) -> None:
        now = time.monotonic()
        if now - self.looked_at < settings.NEWSROOM_FRESH_SECONDS:
            return
        self.looked_at = now
        try:
            mark = public_mark()
        except DatabaseError:
            return
        if mark != self.mark:
            self.mark, self.kept = mark, {}


def answer(request: HttpRequest, page: HttpResponse) -> HttpResponseBase:
    """The kept page, or 304 to who has it; a response of its own each time, for the server closes it."""
    whole = HttpResponse(page.content, headers=dict(page.headers))
    modified = parse_http_date_safe(page.headers.get("Last-Modified", ""))
    return get_conditional_response(request, page.headers.get("ETag"), modified, whole) or whole


def without_vary(page: HttpResponseBase) -> Any:
    """The page is the same for everybody, whatever their language and cookies: caches may share it."""
    del page["Vary"]
    return page


# --- errors on the newsroom's host: plain words, nothing of the desk -------------------------------------------------
def plain(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")


def bad(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain("400", 400)


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A reader with a mistyped number is shown the way; who tries addresses of the desk is not."""
    if not request.path.startswith(PREFIX):
        return plain("404", 404)
    with translation.override(settings.LANGUAGE_CODE):
        return render(request, "newsroom/missing.html", {"company": settings.COMPANY_NAME}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    return plain("503", 503)
