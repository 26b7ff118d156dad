"""When something is refused, missing or broken, the page says so in a sentence and offers a way on."""

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails


def request_of(**headers):
    request = RequestFactory().get("/incidents/7/", headers=headers)
    request.htmx = HtmxDetails(request)
    return request


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "errors/409.html", "403_csrf.html"])
def test_a_page_has_one_heading_and_a_way_on(name):
    page = render_to_string(name, {}, request_of())
    assert page.count("<h1>") == 1
    assert 'class="btn primary"' in page
    assert "<html" in page


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "errors/409.html", "403_csrf.html"])
def test_an_htmx_request_gets_a_fragment(name):
    page = render_to_string(name, {}, request_of(HX_Request="true"))
    assert "<html" not in page
    assert page.count('role="alert"') == 1


def test_the_broken_page_needs_no_request():
    page = render_to_string("500.html")
    assert page.count("<h1>") == 1
    assert "<html" in page


def test_a_stale_write_shows_both_states():
    changes = [("Title", "<b>mine</b>", "theirs")]
    page = render_to_string("errors/409.html", {"changes": changes, "back_url": "/incidents/7/edit/"}, request_of())
    assert "&lt;b&gt;mine&lt;/b&gt;" in page
    assert "<td>theirs</td>" in page
    assert 'href="/incidents/7/edit/"' in page


def test_a_missing_page_is_a_404_in_our_words(signed_in):
    answer = signed_in("pr").get("/no-such-page/")
    assert answer.status_code == 404
    assert answer.content.decode().count("<h1>") == 1
