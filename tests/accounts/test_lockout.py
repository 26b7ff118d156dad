"""Guessing is slow, and nobody can keep a leader out."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from accounts import lockout
from accounts.services.people import unlock_person
from audit.models import Entry
from tests.accounts.proofs import Passkey, code_of_app, data_in
from tests.cast import PASSWORD, make_cast

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
WRONG = "not the right one at all"
HOME, CAFE = "203.0.113.7", "198.51.100.9"


def sign_in(client, username, password=PASSWORD, address=HOME):
    return client.post(LOGIN, {"username": username, "password": password}, REMOTE_ADDR=address)


def statuses(client, tries, **how):
    return [sign_in(client, **how).status_code for _try in range(tries)]


def test_the_fifth_wrong_try_locks_and_says_when_it_ends(cast, stranger, on_record):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False):
        assert statuses(stranger, 5, username="gm", password=WRONG) == [200, 200, 200, 200, 429]
        response = sign_in(stranger, "gm")

    assert response.status_code == 429
    assert response["Retry-After"] == "900"
    words = re.sub(r"<[^>]+>", "", response.content.decode())
    assert "From here this name can be tried again in 15 minutes." in words
    assert "The lock ends by itself at 12:15." in words
    assert on_record() == [("accounts.sign_in_failed", None, "person:gm")] * 5
    details = [entry.detail for entry in Entry.objects.order_by("seq")]
    assert [detail["locked"] for detail in details] == [False, False, False, False, True]
    assert {(detail["address"], detail["proof"]) for detail in details} == {(HOME, "password")}


def test_while_it_is_locked_the_right_password_is_not_looked_at(cast, stranger):
    statuses(stranger, 5, username="gm", password=WRONG)
    assert sign_in(stranger, "gm").status_code == 429
    assert stranger.get("/people/settings/").status_code == 302


def test_the_lock_is_the_same_for_a_name_nobody_has(cast, stranger):
    assert statuses(stranger, 6, username="nobody", password=WRONG) == [200, 200, 200, 200, 429, 429]
    assert {entry.subject for entry in Entry.objects.all()} == {"person:?"}
    assert "nobody" not in str(list(Entry.objects.values()))


def test_an_attacker_elsewhere_does_not_lock_the_leader_at_home(cast, stranger):
    attacker = Client()
    assert statuses(attacker, 30, username="gm", password=WRONG, address=CAFE)[-1] == 429

    assert sign_in(stranger, "gm", address=HOME)["Location"] == "/"
    assert stranger.get("/people/settings/", REMOTE_ADDR=HOME).status_code == 200


def test_the_lock_ends_by_itself_however_long_the_attack_goes_on(cast, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        statuses(stranger, 5, username="gm", password=WRONG)
        for _minute in range(14):  # refused tries do not lengthen it
            clock.shift(timedelta(minutes=1))
            assert sign_in(stranger, "gm", WRONG).status_code == 429
        clock.shift(timedelta(seconds=59))
        assert sign_in(stranger, "gm").status_code == 429
        clock.shift(timedelta(seconds=1))
        assert sign_in(stranger, "gm").status_code == 302


def test_the_security_administrator_ends_it_before(cast, stranger, on_record):
    statuses(stranger, 5, username="gm", password=WRONG)
    assert lockout.locks_of("gm", timezone.now())[0][0] == HOME
    unlock_person(cast["gm"], actor=cast["security"])

    assert lockout.locks_of("gm", timezone.now()) == []
    assert on_record()[-1] == ("accounts.person_unlocked", "security", "person:gm")
    assert sign_in(stranger, "gm").status_code == 302


def test_a_passkey_opens_while_the_password_is_locked(cast, stranger):
    device = Passkey()
    sign_in(stranger, "gm")
    options = data_in(stranger.get("/accounts/2fa/webauthn/add/").content.decode())["creation_options"]
    answer = {"name": "手机", "passwordless": "on", "credential": device.create(options)}
    stranger.post("/accounts/2fa/webauthn/add/", answer)
    stranger.post("/accounts/logout/")
    statuses(stranger, 5, username="gm", password=WRONG, address="127.0.0.1")
    assert sign_in(stranger, "gm", address="127.0.0.1").status_code == 429

    assert device.sign_in(stranger)["Location"] == "/"


def test_the_right_password_makes_a_new_beginning(cast, stranger):
    statuses(stranger, 4, username="gm", password=WRONG)
    assert sign_in(stranger, "gm").status_code == 302
    stranger.post("/accounts/logout/")
    assert statuses(stranger, 5, username="gm", password=WRONG) == [200, 200, 200, 200, 429]


def test_an_address_has_fifty_wrong_tries_whatever_the_names(cast, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        found = [sign_in(stranger, f"guess{n}", WRONG, CAFE).status_code for n in range(52)]
        assert found == [200] * 49 + [429] * 3
        assert sign_in(stranger, "gm", address=CAFE).status_code == 429
        assert sign_in(Client(), "gm", address=HOME).status_code == 302
        clock.shift(timedelta(minutes=15))
        assert sign_in(stranger, "gm", address=CAFE).status_code == 302


def test_hammering_a_locked_name_does_not_lock_the_rest_of_the_house(cast, stranger):
    statuses(stranger, 80, username="gm", password=WRONG)
    assert sign_in(stranger, "pr").status_code == 302


def test_right_passwords_do_not_use_up_an_address(cast):
    for _round in range(60):
        assert sign_in(Client(), "pr").status_code == 302


def test_rows_of_the_past_are_swept_at_a_sign_in(cast, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        statuses(stranger, 2, username="nobody", password=WRONG, address=CAFE)
        clock.shift(timedelta(minutes=16))
        sign_in(stranger, "pr")
    assert AccessAttempt.objects.exclude(ip_address=HOME).count() == 0


def test_no_password_is_kept_with_the_tries(cast, stranger):
    sign_in(stranger, "gm", "my own secret typed wrong")
    assert "my own secret" not in str(list(AccessAttempt.objects.values()))


# --- other proofs are counted, too -----------------------------------------------------------------------------------
@pytest.fixture
def with_app(cast):
    """A client of gm at the code page, and the secret of gm's app."""
    client = Client()
    sign_in(client, "gm", address="127.0.0.1")
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'<span class="code">([A-Z2-7]{32})</span>', page).group(1)
    client.post("/accounts/2fa/totp/activate/", {"code": code_of_app(secret)})
    client.post("/accounts/logout/")
    sign_in(client, "gm", address="127.0.0.1")
    return client, secret


def test_codes_are_guessed_five_times_at_most(with_app):
    client, secret = with_app
    guesses = [f"{(int(code_of_app(secret)) + n) % 1_000_000:06}" for n in range(100, 106)]
    found = [client.post("/accounts/2fa/authenticate/", {"code": code}).status_code for code in guesses]
    assert found == [200, 200, 200, 200, 429, 429]
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret)}).status_code == 429
    assert client.get("/people/settings/").status_code == 302


def test_signing_in_anew_does_not_give_new_guesses(with_app):
    client, _secret = with_app
    for code in ("000001", "000002", "000003", "000004"):
        client.post("/accounts/2fa/authenticate/", {"code": code})
    again = Client()
    assert sign_in(again, "gm", address="127.0.0.1")["Location"] == "/accounts/2fa/authenticate/"
    assert again.post("/accounts/2fa/authenticate/", {"code": "000005"}).status_code == 429


@pytest.mark.parametrize(
    ("path", "field"), [("/accounts/reauthenticate/", "password"), ("/accounts/password/change/", "oldpassword")]
)
def test_a_stolen_session_does_not_guess_the_password(path, field, cast, desk, on_record):
    client = desk("gm")
    tries = {field: WRONG, "password1": "a long new password", "password2": "a long new password"}
    assert [client.post(path, tries).status_code for _try in range(6)] == [200, 200, 200, 200, 429, 429]
    assert client.post(path, {**tries, field: PASSWORD}).status_code == 429
    assert on_record() == [("accounts.sign_in_failed", None, "person:gm")] * 5


def test_proving_it_often_is_no_guessing(cast, desk):
    client = desk("gm")
    found = [client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code for _time in range(8)]
    assert found == [302] * 8


# --- a hundred at once -----------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_of_many_parallel_guesses_five_are_looked_at():
    make_cast()

    def guess(n):
        try:
            return sign_in(Client(), "gm", f"{WRONG} {n}").status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=16) as pool:
        found = list(pool.map(guess, range(64)))
    evaluated = Entry.objects.filter(event="accounts.sign_in_failed").count()
    assert evaluated == 5
    assert found.count(429) >= 59
    assert set(found) <= {200, 429}


# --- where a request comes from --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", HOME),
        (1, "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        (2, "6.6.6.6, 1.1.1.1, 8.8.8.8", "1.1.1.1"),
        (2, "8.8.8.8", HOME),
        (1, "", lockout.UNKNOWN_ADDRESS),
        (1, "what; DROP", lockout.UNKNOWN_ADDRESS),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_counted_from_the_right(proxies, forwarded, address, settings):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=HOME, HTTP_X_FORWARDED_FOR=forwarded)
    assert lockout.client_address(request) == address
