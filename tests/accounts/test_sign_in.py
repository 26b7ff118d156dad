"""Signing in and out through the pages, with a password, a code and a passkey."""

import re
import time
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.test import Client

from accounts.secrets import decrypt
from accounts.services.people import add_person
from audit.models import Entry
from tests.accounts.proofs import Passkey, code_of_app, data_in
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
SETTINGS = "/people/settings/"


def sign_in(client, username, password=PASSWORD, **extra):
    return client.post(LOGIN, {"username": username, "password": password}, **extra)


def is_in(client):
    return client.get(SETTINGS).status_code == 200


# --- password --------------------------------------------------------------------------------------------------------
def test_a_name_and_a_password_lead_home(cast, stranger, on_record):
    response = sign_in(stranger, "pr")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_in(stranger) is True
    assert on_record() == [("accounts.signed_in", "pr", "person:pr")]
    assert Entry.objects.get().detail == {"address": "127.0.0.1"}


def test_the_form_has_the_names_a_password_manager_knows(stranger, db):
    page = stranger.get(LOGIN).content.decode()
    assert re.findall(r'<input type="(?:text|password)" name="(\w+)"', page) == ["username", "password"]
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page


def test_a_session_gets_a_new_id_at_sign_in(cast, stranger):
    session = stranger.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    stranger.cookies["sessionid"] = planted
    sign_in(stranger, "pr")

    assert stranger.cookies["sessionid"].value != planted
    assert Session.objects.filter(session_key=planted).exists() is False


def refusal_of(client, username, password):
    response = sign_in(client, username, password)
    page = response.content.decode()
    return response.status_code, re.findall(r"User name and password do not match\.", page) != [], len(page)


def test_the_refusal_is_the_same_for_every_wrong_pair(cast, stranger):
    cast["legal"].is_active = False
    cast["legal"].save()
    wrong = refusal_of(stranger, "gm", "not the right one at all")
    unknown = refusal_of(stranger, "zz", "not the right one at all")
    switched_off = refusal_of(stranger, "legal", PASSWORD)

    assert wrong[:2] == unknown[:2] == switched_off[:2] == (200, True)
    assert wrong[2] == unknown[2]


def test_an_unknown_name_takes_as_long_as_a_known_one(cast, stranger, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    cast["gm"].set_password(PASSWORD)
    cast["gm"].save()

    def seconds(username):
        began = time.perf_counter()
        sign_in(stranger, username, "not the right one at all")
        return time.perf_counter() - began

    known = median(seconds("gm") for _try in range(3))
    unknown = median(seconds("zz") for _try in range(3))
    assert 0.33 < unknown / known < 3


@pytest.mark.parametrize("evil", ["//evil.example", "https:evil.example", "\\\\evil.example", "https://evil.example/"])
def test_sign_in_leads_to_no_other_host(evil, cast, stranger):
    response = stranger.post(LOGIN, {"username": "pr", "password": PASSWORD, "next": evil})
    assert response["Location"] == "/"


def test_sign_in_leads_on_to_the_page_one_wanted(cast, stranger):
    response = stranger.post(LOGIN, {"username": "pr", "password": PASSWORD, "next": "/people/letters/"})
    assert response["Location"] == "/people/letters/"


def test_signing_out_ends_the_session_on_the_server(cast, stranger, on_record):
    sign_in(stranger, "pr")
    stolen = Client()
    stolen.cookies["sessionid"] = stranger.cookies["sessionid"].value
    assert is_in(stolen) is True

    stranger.post("/accounts/logout/")
    assert (is_in(stranger), is_in(stolen)) == (False, False)
    assert on_record()[1:] == [("accounts.signed_out", "pr", "person:pr")]


def test_signing_out_asks_first_on_get(cast, desk):
    client = desk("pr")
    assert client.get("/accounts/logout/").status_code == 200
    assert is_in(client) is True


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "confirm-email/abc/",
        "login/code/confirm/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/1-set-password/",
        "password/reset/key/done/",
        "3rdparty/",
        "social/signup/",
    ],
)
@pytest.mark.parametrize("who", [None, "pr"])
def test_what_this_desk_does_not_have(path, who, db, stranger, desk):
    client = desk(who) if who else stranger
    for response in (client.get(f"/accounts/{path}"), client.post(f"/accounts/{path}", {"email": "a@example.com"})):
        assert response.status_code == 404


def test_every_page_of_signing_in_is_strict_about_scripts(db, stranger):
    response = stranger.get(LOGIN)
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", response.content.decode())
    assert [s for s in scripts if "application/json" not in s] == []
    assert re.findall(r'style="|onclick=|onsubmit=|hx-on', response.content.decode()) == []


# --- one-time passwords ----------------------------------------------------------------------------------------------
def test_a_one_time_password_must_be_changed_before_anything_else(cast, stranger, noon, again, on_record):
    person, password = add_person(username="new", name="新人", actor=cast["security"], now=datetime.now(UTC))
    sign_in(stranger, "new", password)
    assert stranger.get("/people/")["Location"] == "/accounts/password/change/"
    assert stranger.get("/api/v1/posts/").status_code == 302
    assert stranger.get("/accounts/password/change/").status_code == 200

    own = "a password of my own, long"
    change = {"oldpassword": password, "password1": own, "password2": own}
    stranger.post("/accounts/password/change/", change)
    assert again(person).must_change_password is False
    assert again(person).check_password(own) is True
    assert is_in(stranger) is True
    assert [event for event, _who, _subject in on_record()] == [
        "accounts.person_added",
        "accounts.signed_in",
        "accounts.password_changed",
    ]


def test_a_one_time_password_that_ran_out_does_not_sign_in(cast, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False):
        _person, password = add_person(username="new", name="新人", actor=cast["security"], now=datetime.now(UTC))
    with time_machine.travel(datetime(2026, 11, 25, 4, 0, 1, tzinfo=UTC), tick=False):
        response = sign_in(stranger, "new", password)
        assert "This one-time password has run out." in response.content.decode()
        assert is_in(stranger) is False


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("short", "This password is too short."),
        ("password1234", "This password is too common."),
        ("a password of my own, x", "You must type the same password each time."),
    ],
)
def test_a_new_password_that_is_refused(new, words, cast, desk, again):
    change = {"oldpassword": PASSWORD, "password1": new, "password2": new.replace("x", "y")}
    page = desk("pr").post("/accounts/password/change/", change).content.decode()
    assert words in page
    assert again(cast["pr"]).check_password(PASSWORD) is True


def test_a_changed_password_ends_the_sessions_elsewhere(cast, stranger):
    other = Client()
    sign_in(other, "pr")
    sign_in(stranger, "pr")
    own = "a password of my own, long"
    stranger.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": own, "password2": own})
    assert (is_in(stranger), is_in(other)) == (True, False)


# --- the authenticator app -------------------------------------------------------------------------------------------
@pytest.fixture
def secret(cast, stranger, django_capture_on_commit_callbacks):
    """The secret of gm's app, set up through the pages; nobody is signed in afterwards."""
    sign_in(stranger, "gm")
    page = stranger.get("/accounts/2fa/totp/activate/").content.decode()
    assert "data:image/svg+xml;base64," in page
    found = re.search(r'<span class="code">([A-Z2-7]{32})</span>', page)
    assert found
    with django_capture_on_commit_callbacks(execute=True):
        done = stranger.post("/accounts/2fa/totp/activate/", {"code": code_of_app(found.group(1))})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    assert len(re.findall(r"^\d{8}$", stranger.get(done["Location"]).content.decode(), re.M)) >= 8
    stranger.post("/accounts/logout/")
    return found.group(1)


def test_the_secrets_are_encrypted_in_the_database(secret):
    by_type = {factor.type: factor.data for factor in Authenticator.objects.all()}
    assert secret not in str(by_type)
    assert decrypt(by_type["totp"]["secret"].encode()) == secret
    assert len(decrypt(by_type["recovery_codes"]["seed"].encode())) == 80
    assert by_type["recovery_codes"]["seed"].startswith("gAAAA")


def test_the_password_alone_does_not_sign_in_any_more(secret, stranger):
    response = sign_in(stranger, "gm")
    assert response["Location"] == "/accounts/2fa/authenticate/"
    assert is_in(stranger) is False
    assert stranger.get("/accounts/2fa/authenticate/").status_code == 200


def test_password_and_code_sign_in(secret, stranger, on_record):
    sign_in(stranger, "gm")
    response = stranger.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret)})
    assert response["Location"] == "/"
    assert is_in(stranger) is True
    assert on_record()[-1] == ("accounts.signed_in", "gm", "person:gm")


def test_a_wrong_code_does_not(secret, stranger, on_record):
    sign_in(stranger, "gm")
    wrong = f"{(int(code_of_app(secret)) + 1) % 1_000_000:06}"
    page = stranger.post("/accounts/2fa/authenticate/", {"code": wrong}).content.decode()
    assert "This code does not fit, or has been used already." in page
    assert is_in(stranger) is False
    assert on_record()[-1] == ("accounts.sign_in_failed", None, "person:gm")


def test_a_code_is_good_for_one_sign_in(secret, stranger):
    code = code_of_app(secret)
    sign_in(stranger, "gm")
    stranger.post("/accounts/2fa/authenticate/", {"code": code})
    thief = Client()
    sign_in(thief, "gm")
    thief.post("/accounts/2fa/authenticate/", {"code": code})
    assert (is_in(stranger), is_in(thief)) == (True, False)


def test_an_older_code_than_the_last_one_is_no_good_either(secret, stranger):
    sign_in(stranger, "gm")
    stranger.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret, 1)})
    thief = Client()
    sign_in(thief, "gm")
    thief.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret)})
    assert (is_in(stranger), is_in(thief)) == (True, False)


def test_a_recovery_code_works_once(secret, stranger):
    sign_in(stranger, "gm")
    stranger.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret)})
    codes = re.findall(r"^\d{8}$", stranger.get("/accounts/2fa/recovery-codes/").content.decode(), re.M)
    stranger.post("/accounts/logout/")
    outcomes = []
    for _try in range(2):
        client = Client()
        sign_in(client, "gm")
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        outcomes.append(is_in(client))
    assert outcomes == [True, False]


def test_setting_up_and_removing_the_app_is_on_the_record(secret, stranger, on_record):
    sign_in(stranger, "gm")
    stranger.post("/accounts/2fa/authenticate/", {"code": code_of_app(secret)})
    assert stranger.get("/accounts/2fa/totp/deactivate/").status_code == 200
    stranger.post("/accounts/2fa/totp/deactivate/")
    assert Authenticator.objects.count() == 0
    events = [event for event, _who, _subject in on_record()]
    assert events.count("accounts.second_factor_added") == 2  # the app, and recovery codes with it
    assert events.count("accounts.second_factor_removed") == 2


# --- passkeys --------------------------------------------------------------------------------------------------------
@pytest.fixture
def passkey(cast, stranger):
    """gm's passkey, registered through the pages; nobody is signed in afterwards."""
    device = Passkey()
    sign_in(stranger, "gm")
    options = data_in(stranger.get("/accounts/2fa/webauthn/add/").content.decode())["creation_options"]
    credential = device.create(options)
    stranger.post("/accounts/2fa/webauthn/add/", {"name": "手机", "passwordless": "on", "credential": credential})
    assert Authenticator.objects.filter(type="webauthn").count() == 1
    stranger.post("/accounts/logout/")
    return device


def test_a_passkey_signs_in_by_itself(passkey, stranger, on_record):
    response = passkey.sign_in(stranger)
    assert response["Location"] == "/"
    assert is_in(stranger) is True
    assert on_record()[-1] == ("accounts.signed_in", "gm", "person:gm")


def test_another_device_with_the_same_id_does_not(passkey, stranger):
    forged = Passkey()
    forged.user_handle = passkey.user_handle
    forged.sign_in(stranger)
    assert is_in(stranger) is False


def test_a_passkey_answer_is_good_once(passkey, stranger):
    options = stranger.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    credential = passkey.get(options["request_options"])
    stranger.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    thief = Client()
    thief.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    thief.post("/accounts/2fa/webauthn/login/", {"credential": credential})
    assert (is_in(stranger), is_in(thief)) == (True, False)


def test_a_passkey_of_somebody_switched_off_does_not_sign_in(passkey, cast, stranger):
    cast["gm"].is_active = False
    cast["gm"].save()
    passkey.sign_in(stranger)
    assert is_in(stranger) is False


@pytest.mark.parametrize(
    "path", ["", "totp/activate/", "webauthn/", "webauthn/add/", "recovery-codes/", "recovery-codes/generate/"]
)
def test_the_pages_of_second_factors_open(path, passkey, stranger):
    passkey.sign_in(stranger)
    assert stranger.get(f"/accounts/2fa/{path}").status_code == 200


def test_a_passkey_is_renamed_and_removed(passkey, stranger, on_record):
    passkey.sign_in(stranger)
    key = Authenticator.objects.get(type="webauthn")
    assert stranger.get(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/").status_code == 200
    stranger.post(f"/accounts/2fa/webauthn/keys/{key.pk}/edit/", {"name": "新手机"})
    assert "新手机" in stranger.get("/accounts/2fa/webauthn/").content.decode()
    assert stranger.get(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/").status_code == 200
    stranger.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert Authenticator.objects.count() == 0


def test_nobody_touches_the_passkey_of_another(passkey, cast, stranger):
    key = Authenticator.objects.get(type="webauthn")
    sign_in(stranger, "pr")
    for act in ("edit", "remove"):
        assert stranger.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{act}/", {"name": "x"}).status_code == 404
    assert Authenticator.objects.get(type="webauthn").data["name"] == "手机"


def test_a_second_factor_is_changed_with_a_fresh_proof_only(cast, stranger):
    with time_machine.travel(datetime(2026, 11, 18, 4, 0, tzinfo=UTC), tick=False) as clock:
        sign_in(stranger, "pr")
        assert stranger.get("/accounts/2fa/totp/activate/").status_code == 200
        clock.shift(timedelta(minutes=5, seconds=1))
        response = stranger.get("/accounts/2fa/totp/activate/")
        assert response["Location"].startswith("/accounts/reauthenticate/")
