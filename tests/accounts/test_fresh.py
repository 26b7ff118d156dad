"""What 一级 needs: a proof of the last five minutes."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from accounts import fresh
from config.urls import urlpatterns as desk_urls
from tests.cast import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def level_one(request):
    """A view that needs a fresh credential, as the decision page of 一级 does."""
    if not fresh.is_fresh(request):
        return fresh.ask_again(request, request.GET.get("back", "/level-one/"))
    return HttpResponse("decided")


urlpatterns = [*desk_urls, path("level-one/", level_one)]


@pytest.fixture
def at():
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


@pytest.fixture
def gm(cast, at):
    client = Client()
    client.post("/accounts/login/", {"username": "gm", "password": PASSWORD})
    return client


def test_a_sign_in_of_a_minute_ago_is_fresh(gm, at):
    at.shift(timedelta(minutes=1))
    assert gm.get("/level-one/").content == b"decided"


def test_after_five_minutes_the_person_is_asked_again(gm, at):
    at.shift(timedelta(minutes=5))
    response = gm.get("/level-one/")
    assert response["Location"] == "/accounts/reauthenticate/?next=%2Flevel-one%2F"
    assert gm.get(response["Location"]).status_code == 200


def test_the_password_makes_it_fresh_again_and_leads_back(gm, at):
    at.shift(timedelta(hours=2))
    asked = gm.get("/level-one/")["Location"]
    response = gm.post(asked, {"password": PASSWORD, "next": "/level-one/"})
    assert response["Location"] == "/level-one/"
    assert gm.get("/level-one/").content == b"decided"


def test_a_wrong_password_does_not(gm, at):
    at.shift(timedelta(hours=2))
    gm.post("/accounts/reauthenticate/?next=/level-one/", {"password": "wrong"})
    assert gm.get("/level-one/").status_code == 302


def test_the_freshness_of_another_person_is_worth_nothing(gm, cast, at):
    """The records stay in a session; who is asked about must be who they are about."""
    request = RequestFactory().get("/")
    request.session, request.user = gm.session, cast["deputy"]
    assert fresh.is_fresh(request) is False
    request.user = cast["gm"]
    assert fresh.is_fresh(request) is True


def test_a_session_without_any_proof_is_not_fresh(signed_in, at):
    assert signed_in("gm").get("/level-one/").status_code == 302


@pytest.mark.parametrize("evil", ["//evil.example/", "https://evil.example/", "\\\\evil"])
def test_it_leads_on_to_no_other_host(evil, gm, at):
    at.shift(timedelta(hours=1))
    response = gm.get("/level-one/", {"back": evil})
    assert response["Location"] == "/accounts/reauthenticate/?next=%2F"


def test_an_htmx_request_moves_the_whole_page(gm, at):
    at.shift(timedelta(hours=1))
    response = gm.get("/level-one/", headers={"hx-request": "true"})
    assert response["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Flevel-one%2F"
