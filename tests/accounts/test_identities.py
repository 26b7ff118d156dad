"""Who writes down, confirms and removes somebody's account on a chat platform."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import PlatformIdentity
from accounts.roles import VOICES
from accounts.selectors import identity_of
from accounts.services import Refused
from accounts.services.identities import confirm_identity, remove_identity, set_identity
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


def set_for(cast, who, noon, subject="someone", actor="admin"):
    return set_identity(cast[who], "wecom", subject, actor=cast[actor], now=noon)


def address(person, act=""):
    return f"/people/{person.uuid}/{act}"


def signed_in_by_password(username):
    client = Client()
    client.cookies["django_language"] = "en"
    client.post("/accounts/login/", {"username": username, "password": PASSWORD})
    return client


# --- counting --------------------------------------------------------------------------------------------------------
def test_that_of_somebody_without_a_voice_counts_at_once(cast, noon, on_record):
    set_for(cast, "pr", noon)
    assert identity_of(cast["pr"], "wecom") == "someone"
    assert on_record() == [("accounts.identity_set", "admin", "person:pr")]


def test_that_of_everybody_with_a_voice_waits_for_a_second_person(cast, noon):
    voices = [name for name, person in cast.items() if not person.roles.isdisjoint(VOICES) and name != "admin"]
    assert voices == ["gm", "deputy", "member", "spokesperson", "alternate", "auditor", "security"]
    for name in voices:
        identity = set_for(cast, name, noon, subject=f"id-{name}")
        assert identity_of(cast[name], "wecom") is None
        confirm_identity(identity, actor=cast[name], now=noon)
        assert identity_of(cast[name], "wecom") == f"id-{name}"


def test_whoever_becomes_a_leader_needs_a_second_person_from_then_on(cast, noon, again):
    """Else one who writes down his own account for a colleague would have a leader's voice the day she is promoted."""
    set_for(cast, "pr", noon)
    cast["pr"].groups.add(*cast["member"].groups.all())
    assert identity_of(again(cast["pr"]), "wecom") is None


# --- who may ---------------------------------------------------------------------------------------------------------
def test_nobody_writes_down_their_own(cast, noon):
    for who in ("admin", "security"):
        with pytest.raises(PermissionDenied):
            set_for(cast, who, noon, actor=who)
    assert PlatformIdentity.objects.count() == 0


@pytest.mark.parametrize("who", ["admin", "pr", "legal", "member", "auditor"])
def test_who_is_no_second_person(who, cast, noon, again):
    """Whoever wrote it down, and everybody but the signing leaders, the security administrator and its person."""
    identity = set_for(cast, "gm", noon)
    with pytest.raises(PermissionDenied):
        confirm_identity(identity, actor=cast[who], now=noon)
    assert identity_of(again(cast["gm"]), "wecom") is None


@pytest.mark.parametrize("who", ["gm", "deputy", "security"])
def test_who_is_a_second_person(who, cast, noon, again, on_record):
    confirm_identity(set_for(cast, "gm", noon), actor=cast[who], now=noon)
    assert identity_of(again(cast["gm"]), "wecom") == "someone"
    assert on_record()[-1] == ("accounts.identity_confirmed", who, "person:gm")


def test_a_security_administrator_does_not_confirm_what_she_wrote_down(cast, noon):
    identity = set_for(cast, "gm", noon, actor="security")
    with pytest.raises(PermissionDenied):
        confirm_identity(identity, actor=cast["security"], now=noon)


# --- what cannot be --------------------------------------------------------------------------------------------------
def test_an_account_belongs_to_one_person(cast, noon):
    set_for(cast, "pr", noon)
    with pytest.raises(Refused, match="written down for 周妍 already"):
        set_for(cast, "legal", noon)


def test_a_person_has_one_account_a_platform(cast, noon):
    set_for(cast, "pr", noon)
    with pytest.raises(Refused, match="There is one already"):
        set_for(cast, "pr", noon, subject="another")


def test_what_was_replaced_meanwhile_is_not_confirmed(cast, noon):
    seen = set_for(cast, "gm", noon, subject="seen")
    remove_identity(PlatformIdentity.objects.get(), actor=cast["admin"])
    set_for(cast, "gm", noon, subject="slipped-in")
    with pytest.raises(Refused):
        confirm_identity(seen, actor=cast["deputy"], now=noon)
    with pytest.raises(Refused):
        remove_identity(seen, actor=cast["admin"])
    assert identity_of(cast["gm"], "wecom") is None


# --- on the page -----------------------------------------------------------------------------------------------------
def test_from_writing_down_to_confirming_it_oneself(cast, desk):
    response = desk("admin").post(address(cast["gm"], "set-identity/"), {"platform": "feishu", "subject": "ou_1"})
    assert response["Location"] == address(cast["gm"])
    settings = desk("gm").get("/people/settings/").content.decode()
    assert "One waits for you to confirm that it is yours." in settings
    assert "Yes, this is mine" in desk("gm").get(address(cast["gm"])).content.decode()

    client = signed_in_by_password("gm")
    client.post(address(cast["gm"], "identities/feishu/confirm/"))
    assert identity_of(cast["gm"], "feishu") == "ou_1"


def test_without_a_fresh_credential_nothing_is_confirmed(cast, noon, desk):
    set_for(cast, "gm", noon)
    response = desk("gm").post(address(cast["gm"], "identities/wecom/confirm/"))
    assert response["Location"].startswith("/accounts/reauthenticate/?next=")
    assert identity_of(cast["gm"], "wecom") is None


def test_what_the_form_refuses(cast, noon, desk):
    set_for(cast, "legal", noon, subject="taken")
    for data, words in [
        ({"platform": "wecom", "subject": "two words"}, "Enter a valid value."),
        ({"platform": "wecom", "subject": "taken"}, "This account is written down for"),
        ({"platform": "icq", "subject": "1"}, "Select a valid choice."),
    ]:
        response = desk("security").post(address(cast["pr"], "set-identity/"), data)
        assert (response.status_code, words in response.content.decode()) == (422, True)
    assert PlatformIdentity.objects.count() == 1


def test_only_those_concerned_see_it(cast, noon, desk):
    set_for(cast, "pr", noon, subject="zhouyan-id")
    seen_by = [name for name in cast if b"zhouyan-id" in desk(name).get(address(cast["pr"])).content]
    assert set(seen_by) == {"pr", "gm", "deputy", "security", "admin"}


def test_it_is_removed_by_its_person(cast, noon, desk, again):
    set_for(cast, "pr", noon)
    client = desk("pr")
    client.post(address(cast["pr"], "identities/wecom/remove/"))
    assert identity_of(again(cast["pr"]), "wecom") is None


@pytest.mark.parametrize("who", ["gm", "pr", "auditor", "outsider"])
def test_who_writes_nothing_down(who, cast, desk):
    response = desk(who).post(address(cast["legal"], "set-identity/"), {"platform": "wecom", "subject": "x"})
    assert response.status_code in (403, 404)
    assert PlatformIdentity.objects.count() == 0
