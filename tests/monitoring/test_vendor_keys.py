"""Who gets in with a key: each way it can be wrong is a refusal of its own, and nothing is taken in."""

import hmac
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import get_resolver

from audit.models import Entry
from monitoring.models import Push, Scope, Vendor, VendorKey
from monitoring.services import vendors
from tests.factories import MatchFactory
from tests.monitoring.vendor_tools import POSTS, an_item, push, read, signed_headers, vendor_with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(cast):
    return cast["pr"]


@pytest.fixture
def vendor_and_key(clerk, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    return vendor_with_key(clerk, now=noon)


@pytest.fixture
def key(vendor_and_key):
    return vendor_and_key[1]


def refused(answer, status, words):
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": {401: "Unauthorized", 403: "Forbidden"}[status],
        "status": status,
        "detail": words,
    }
    assert Push.objects.count() == 0


UNKNOWN = "This key is not known. Look whether all of it was copied."


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Bearer a b", "Bearer \u00ff\u00fe", "Basic abc"])
def test_without_a_key_nobody_gets_in(key, authorization):
    answer = push(key, [an_item(1)], Authorization=authorization)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="tinglan"')
    assert Push.objects.count() == 0


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token[:12], lambda token: token + "x"])
def test_a_key_must_be_whole(key, change):
    refused(push(key, [an_item(1)], Authorization=f"Bearer {change(key.token)}"), 401, UNKNOWN)


def test_keys_are_compared_in_constant_time(key, monkeypatch):
    """Known prefix or not, one comparison of two hashes takes place."""
    compare, compared = hmac.compare_digest, []

    def noted(one, other):
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", noted)
    push(key, [an_item(1)], Authorization="Bearer tlk_00000000unknown")
    push(key, [an_item(1)], Authorization=f"Bearer {key.token[:-1]}")
    assert compared == [(64, 64), (64, 64)]


def test_a_revoked_key_is_over_at_once(key, clerk, noon):
    row = VendorKey.objects.select_related("vendor").get()
    vendors.revoke_key(row, seen_version=row.vendor.version, actor=clerk, now=noon)
    refused(push(key, [an_item(1)]), 401, "This key was revoked.")


def test_of_two_keys_the_old_one_ends_after_the_overlap(key, clerk, noon, time_machine):
    row = VendorKey.objects.select_related("vendor").get()
    new = vendors.rotate_key(row, days=7, seen_version=row.vendor.version, actor=clerk, now=noon)
    assert new.key.scopes == key.key.scopes
    assert push(key, [an_item(1)], message_id="old").status_code == 202
    assert push(new, [an_item(2)], message_id="new").status_code == 202
    time_machine.move_to(noon + timedelta(days=7), tick=False)
    over = push(key, [an_item(3)], message_id="old-2")
    assert (over.status_code, over.json()["detail"]) == (
        401,
        "This key has expired. The one that follows it was given to you.",
    )
    assert push(new, [an_item(4)], message_id="new-2").status_code == 202


def test_a_vendor_that_is_switched_off_is_refused_and_that_is_on_record(vendor_and_key):
    vendor, key = vendor_and_key
    Vendor.objects.update(is_enabled=False)
    refused(push(key, [an_item(1)]), 403, "This account is switched off. Ask the desk.")
    entry = Entry.objects.order_by("seq").last()
    assert (entry.event, entry.actor_kind, entry.actor_name) == ("monitoring.vendor_refused", "vendor", vendor.name)
    assert entry.detail == {"key": key.key.prefix, "why": "switched off"}


@pytest.mark.parametrize(
    ("scopes", "opens"),
    [
        ([Scope.PUSH], {"push"}),
        ([Scope.OUTCOME], {"pushes", "pushed-items"}),
        ([Scope.PUSH, Scope.OUTCOME], {"push", "pushes", "pushed-items"}),
        ([Scope.READ], {"posts", "signals"}),
    ],
)
def test_a_key_opens_what_its_scopes_say_and_nothing_else(clerk, noon, time_machine, scopes, opens):
    time_machine.move_to(noon, tick=False)
    _vendor, key = vendor_with_key(clerk, name="另一家", now=noon, scopes=scopes)
    answers = {
        name: read(key, f"/api/v1/{name}/").status_code for name in ("posts", "pushes", "pushed-items", "signals")
    }
    answers["push"] = push(key, [an_item(1)]).status_code
    assert {name for name, status in answers.items() if status in (200, 202)} == opens
    assert {status for name, status in answers.items() if name not in opens} == {403}


def test_a_vendor_reaches_nothing_but_the_api(key):
    """Every address without arguments, with the key: none answers with anything of the desk."""
    names = [path for path in addresses() if not path.startswith("/api/v1/")]
    assert len(names) > 40
    client = Client(headers={"Authorization": f"Bearer {key.token}"})
    newsroom = {f"/newsroom/{page}" for page in ("", "feed.xml", "rss.xml", "feed.json")}
    public = {"/healthz", "/i18n/setlang/", "/appearance/", *newsroom}
    for path in sorted(set(names) - public):
        answer = client.get(path)
        assert answer.status_code in (302, 401, 403, 404, 405) or path.startswith("/accounts/"), path
        if answer.status_code == 302 and not path.startswith("/accounts/"):
            assert answer.url.startswith("/accounts/login/"), path
    assert client.get("/api/v1/incidents/").status_code == 403


def addresses():
    """Every address of the desk that takes no arguments."""
    root = get_resolver()
    resolvers = [("", root), *root.namespace_dict.values()]
    return [
        f"/{prefix}{pattern}"
        for prefix, resolver in resolvers
        for values in resolver.reverse_dict.lists()
        for one in values[1]
        for pattern, arguments in one[0]
        if not arguments
    ]


# --- signatures ------------------------------------------------------------------------------------------------------
WINDOW = "The webhook-timestamp is not within five minutes of our clock. It counts seconds since 1970."
WRONG = "The signature does not fit. It covers id.timestamp.body, byte for byte, with this key's secret."


@pytest.mark.parametrize("name", ["webhook_id", "webhook_timestamp", "webhook_signature"])
def test_each_header_is_needed(key, name):
    missing = name.replace("_", "-")
    refused(push(key, [an_item(1)], **{missing: ""}), 401, f"Signature headers are missing: {missing}.")


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_early_time_is_refused(key, noon, seconds):
    body = b'{"posts": [1]}'
    headers = signed_headers(key, body, message_id="m-1", at=noon + timedelta(seconds=seconds))
    refused(push(key, body, **headers), 401, WINDOW)


@pytest.mark.parametrize("seconds", [-299, 299])
def test_within_five_minutes_clocks_may_differ(key, noon, seconds):
    body = b'{"posts": [1]}'
    headers = signed_headers(key, body, message_id="m-1", at=noon + timedelta(seconds=seconds))
    assert push(key, body, **headers).status_code == 202


@pytest.mark.parametrize("stamp", ["nan", "inf", "yesterday", "1e400"])
def test_a_time_that_is_none_is_refused(key, stamp):
    refused(push(key, [an_item(1)], **{"webhook-timestamp": stamp}), 401, WINDOW)


@pytest.mark.parametrize("signature", ["v1,AAAA", "v1", "v1,%%%", "v2,AAAA", "v1,a,b", "\u00ff", "v1,é"])
def test_a_signature_that_does_not_fit_is_refused(key, signature):
    refused(push(key, [an_item(1)], **{"webhook-signature": signature}), 401, WRONG)


def test_another_body_under_the_same_signature_is_refused(key):
    headers = signed_headers(key, b'{"posts": [1]}', message_id="m-1")
    refused(push(key, b'{"posts": [2]}', **headers), 401, WRONG)


def test_another_vendors_secret_does_not_fit(key, clerk, noon):
    _other, theirs = vendor_with_key(clerk, name="别家", now=noon)
    headers = signed_headers(theirs, b'{"posts": [1]}', message_id="m-1")
    refused(push(key, b'{"posts": [1]}', **{**headers, "Authorization": f"Bearer {key.token}"}), 401, WRONG)


def test_a_body_that_is_no_text_is_refused(key):
    answer = Client().post(
        POSTS,
        b"\xff\xfe",
        content_type="application/json",
        headers={**signed_headers(key, b"", message_id="m-1"), "Accept-Language": "en"},
    )
    refused(answer, 401, WRONG)


# --- what is kept of a key -------------------------------------------------------------------------------------------
def test_neither_key_nor_secret_is_kept_readable_or_logged(clerk, noon, caplog, time_machine):
    time_machine.move_to(noon, tick=False)
    caplog.set_level("DEBUG")
    _vendor, shown = vendor_with_key(clerk, now=noon)
    push(shown, [an_item(1)])
    row = VendorKey.objects.get()
    kept = f"{row.prefix} {row.digest} {bytes(row.signing)!r} {row}"
    trail = " ".join(f"{entry.subject} {entry.detail}" for entry in Entry.objects.all())
    for place in (kept, trail, caplog.text):
        assert shown.token not in place
        assert shown.secret.removeprefix("whsec_") not in place
    assert row.prefix == shown.token[:12]


def test_a_key_knows_when_it_was_last_used_to_the_minute(key, noon, time_machine):
    push(key, [an_item(1)])
    time_machine.move_to(noon + timedelta(seconds=59), tick=False)
    push(key, [an_item(2)], message_id="m-2")
    assert VendorKey.objects.get().last_used_at == noon
    time_machine.move_to(noon + timedelta(seconds=60), tick=False)
    push(key, [an_item(3)], message_id="m-3")
    assert VendorKey.objects.get().last_used_at == noon + timedelta(seconds=60)


def test_a_key_that_reads_sees_masked_posts_by_cursor(clerk, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    for _ in range(3):
        MatchFactory()
    _vendor, key = vendor_with_key(clerk, name="大屏", now=noon, scopes=[Scope.READ])
    page = read(key, "/api/v1/posts/?limit=2").json()
    assert [len(page["results"]), page["previous"]] == [2, None]
    assert "id" not in page["results"][0]
    assert page["results"][0]["platform"] == "微博"
    rest = read(key, page["next"]).json()
    assert len({row["uuid"] for row in page["results"] + rest["results"]}) == 3
    assert read(key, "/api/v1/signals/").json()["results"] == []
