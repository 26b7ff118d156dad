"""What a view says with messages is seen, on a page and on an htmx answer."""

import pytest
from django.contrib import messages
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from config.look import Toasts


def answer(view, **headers):
    """The view's answer through the middlewares a message needs, in the order of the settings."""
    chain = Toasts(view)
    for middleware in (HtmxMiddleware, MessageMiddleware, SessionMiddleware):
        chain = middleware(chain)
    return chain(RequestFactory().post("/", headers=headers))


def ignore(request):
    messages.success(request, "Ignored <it>", extra_tags="undo:/inbox/12/restore/")
    return HttpResponse("<tr></tr>")


@pytest.mark.django_db
def test_an_htmx_answer_brings_the_toast_with_its_undo():
    html = answer(ignore, HX_Request="true").content.decode()
    assert html.startswith("<tr></tr>")
    assert '<div id="toasts" hx-swap-oob="beforeend">' in html
    assert '<form method="post" action="/inbox/12/restore/">' in html
    assert "Ignored &lt;it&gt;" in html


@pytest.mark.django_db
def test_a_whole_page_is_left_alone():
    assert answer(ignore).content == b"<tr></tr>"


@pytest.mark.django_db
def test_polling_neither_shows_nor_uses_up_a_message():
    assert answer(ignore, HX_Request="true", X_Poll="1").content == b"<tr></tr>"


@pytest.mark.django_db
def test_nothing_rides_along_when_nothing_was_said():
    assert answer(lambda request: HttpResponse("<p></p>"), HX_Request="true").content == b"<p></p>"


@pytest.mark.django_db
def test_an_answer_that_is_not_swapped_in_is_left_alone():
    def redirect(request):
        messages.info(request, "Kept for the next page")
        return HttpResponse(headers={"HX-Redirect": "/"})

    def data(request):
        messages.info(request, "Kept for the next page")
        return JsonResponse({})

    assert answer(redirect, HX_Request="true").content == b""
    assert answer(data, HX_Request="true").content == b"{}"
