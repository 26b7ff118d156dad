"""How long a session lasts, by role; what counts as activity; who is sent to sign in, and how."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session

from accounts.roles import OFFICERS, Role, session_limits

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 11, 18, 0, 0, tzinfo=UTC)
PAGE = "/people/settings/"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def at():
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


@pytest.mark.parametrize(
    ("roles", "idle", "absolute"),
    [
        ({Role.LEADER_HEAD}, 12 * HOUR, 12 * HOUR),
        ({Role.LEADER_MEMBER, Role.DEPARTMENT_HEAD}, 12 * HOUR, 12 * HOUR),
        ({Role.AUDITOR}, 15 * MINUTE, 8 * HOUR),
        ({Role.SECURITY_ADMIN}, 15 * MINUTE, 8 * HOUR),
        ({Role.SYSTEM_ADMIN}, 15 * MINUTE, 8 * HOUR),
        ({Role.TEAM_HEAD, Role.MONITOR}, 30 * MINUTE, 12 * HOUR),
        ({Role.SPOKESPERSON}, 30 * MINUTE, 12 * HOUR),
        (set(), 30 * MINUTE, 12 * HOUR),
    ],
)
def test_the_limits_by_role(roles, idle, absolute):
    assert session_limits(roles) == (idle, absolute)


def test_an_officers_limits_win_should_somebody_ever_hold_both():
    for officer in OFFICERS:
        assert session_limits([Role.LEADER_HEAD, officer]) == (15 * MINUTE, 8 * HOUR)


@pytest.mark.parametrize(("who", "minutes"), [("security", 15), ("pr", 30), ("gm", 720)])
def test_idle_to_the_limit_lives_and_beyond_it_ends(who, minutes, desk, at):
    client = desk(who)
    assert client.get(PAGE).status_code == 200
    at.shift((minutes - 1) * MINUTE)
    lives = client.get(PAGE).status_code
    at.shift(minutes * MINUTE + timedelta(seconds=1))
    ends = client.get(PAGE)

    assert (lives, ends.status_code) == (200, 302)
    assert ends["Location"] == f"/accounts/login/?next={PAGE}"


@pytest.mark.parametrize(("who", "hours"), [("security", 8), ("pr", 12), ("gm", 12)])
def test_however_busy_a_session_ends_at_its_absolute_limit(who, hours, desk, at):
    client = desk(who)
    client.get(PAGE)
    for _step in range(hours * 6):
        at.shift(10 * MINUTE)
        assert client.get(PAGE).status_code == 200
    at.shift(timedelta(seconds=1))
    assert client.get(PAGE).status_code == 302


def test_the_ended_session_is_gone_from_the_server_and_says_why(desk, at):
    client = desk("pr")
    client.get(PAGE)
    at.shift(31 * MINUTE)
    page = client.get(PAGE, follow=True).content.decode()

    assert "You were signed out after 30 minutes without activity." in page
    assert Session.objects.count() == 0


def test_polling_is_no_activity(desk, at):
    client = desk("pr")
    client.get(PAGE)
    for _minute in range(30):
        at.shift(MINUTE)
        assert client.get("/counts/", headers={"x-poll": "1"}).status_code == 200
    at.shift(timedelta(seconds=1))
    assert client.get(PAGE).status_code == 302


def test_polling_does_not_write_the_session(desk, at, django_assert_num_queries):
    client = desk("pr")
    client.get(PAGE)
    before = Session.objects.values_list("session_data", "expire_date").get()
    at.shift(5 * MINUTE)
    client.get("/counts/", headers={"x-poll": "1"})
    assert Session.objects.values_list("session_data", "expire_date").get() == before

    client.get(PAGE)
    assert Session.objects.values_list("session_data", "expire_date").get() != before


def test_a_session_is_not_written_for_every_click(desk, at):
    client = desk("pr")
    client.get(PAGE)
    before = Session.objects.values_list("session_data", "expire_date").get()
    at.shift(timedelta(seconds=59))
    client.get(PAGE)
    assert Session.objects.values_list("session_data", "expire_date").get() == before


def test_a_poll_of_an_ended_session_is_told_so(desk, at):
    client = desk("pr")
    client.get(PAGE)
    at.shift(31 * MINUTE)
    response = client.get("/counts/", headers={"x-poll": "1", "hx-request": "true"})
    assert response.status_code == 401
    assert Session.objects.count() == 0


def test_an_htmx_request_of_an_ended_session_moves_the_whole_page(desk, at):
    client = desk("pr")
    client.get(PAGE)
    at.shift(31 * MINUTE)
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/people/letters/"}
    response = client.get(PAGE, headers=headers)

    assert (response.status_code, response["HX-Redirect"]) == (200, "/accounts/login/?next=%2Fpeople%2Fletters%2F")
    assert response.content == b""


def test_somebody_switched_off_loses_the_session_at_once(cast, desk):
    client = desk("pr")
    assert client.get(PAGE).status_code == 200
    cast["pr"].is_active = False
    cast["pr"].save()
    assert client.get(PAGE).status_code == 302


def test_a_role_taken_is_felt_on_the_next_request(cast, desk):
    client = desk("security")
    assert client.get("/people/add/").status_code == 200
    cast["security"].groups.clear()
    assert client.get("/people/add/").status_code == 403


def test_the_session_cookie_is_not_for_scripts_and_ends_with_the_browser(cast, stranger):
    stranger.post("/accounts/login/", {"username": "pr", "password": "a quiet desk by the sea"})
    cookie = stranger.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", "")
