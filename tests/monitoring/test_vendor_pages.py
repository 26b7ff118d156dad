"""The pages of vendors: who may see and change what, keys shown once, nothing lost to a faster hand."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from audit.models import Entry
from monitoring.models import Scope, Vendor, VendorChannel, VendorKey
from monitoring.permissions import may
from monitoring.services import vendors
from opinion.models import Source
from tests.monitoring.vendor_tools import PUSHING, an_item, push, vendor_with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor(cast, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    made, _key = vendor_with_key(cast["pr"], now=noon, contact="张经理")
    made.refresh_from_db()
    return made


def page(name, *arguments):
    return reverse(f"monitoring:{name}", args=arguments)


def forms_of(vendor):
    """Every form of an account that changes something, with what would be sent."""
    key, version = vendor.keys.first(), {"version": vendor.version}
    return {
        page("add-vendor"): {"name": "新厂商", "per_minute": 60, "is_enabled": "on"},
        page("change-vendor", vendor.uuid): {"name": "改名", "per_minute": 60, "is_enabled": "on", **version},
        page("add-channel", vendor.uuid): {
            "code": "news",
            "source_class": "media",
            "platform": "资讯",
            "tier": "ordinary",
            **version,
        },
        page("change-channel", vendor.uuid, "default"): {
            "source_class": "media",
            "platform": "微博",
            "tier": "trade",
            "version": vendor.channels.get().source.version,
        },
        page("make-key", vendor.uuid): {"scopes": ["push"], **version},
        page("rotate-key", vendor.uuid, key.uuid): {"days": 7, **version},
        page("revoke-key", vendor.uuid, key.uuid): version,
        page("vendor-mapping", vendor.uuid): {"text": "body", **version},
    }


def state(vendor):
    vendor.refresh_from_db()
    rows = VendorKey.objects.order_by("pk").values_list("pk", "expires_at", "revoked_at")
    return (Vendor.objects.count(), vendor.version, vendor.name, vendor.mapping, list(rows), Source.objects.count())


@pytest.mark.parametrize(
    ("who", "sees", "edits", "settles"),
    [
        ("monitor", True, False, True),
        ("pr", True, True, True),
        ("legal", True, False, True),
        ("admin", True, True, False),
        ("gm", True, False, False),
        ("spokesperson", False, False, False),
        ("dept", False, False, False),
        ("auditor", False, False, False),
        ("outsider", False, False, False),
    ],
)
def test_who_may_see_edit_and_settle(cast, signed_in, vendor, who, sees, edits, settles):
    assert [may(cast[who], act) for act in ("see_vendors", "edit_vendors", "settle_quarantine")] == [
        sees,
        edits,
        settles,
    ]
    client = signed_in(who)
    for address in (page("vendors"), page("vendor", vendor.uuid), page("quarantine", vendor.uuid)):
        assert client.get(address).status_code == (200 if sees else 403)
    assert client.get(page("for-integrators", "vendor-api.md")).status_code == (200 if sees else 403)
    for address in (page("try-again", vendor.uuid), page("set-aside", vendor.uuid), page("put-back", vendor.uuid)):
        assert (client.post(address).status_code == 403) is not settles
    if edits:
        return
    before = state(vendor)
    for address, sent in forms_of(vendor).items():
        assert client.post(address, sent).status_code == 403, address
    assert state(vendor) == before


def test_a_stranger_is_asked_to_sign_in(client, vendor):
    assert client.get(page("vendors")).status_code == 302


def test_an_empty_list_says_why_and_what_to_do(signed_in, db):
    with translation.override("en"):
        shown = signed_in("pr").get(page("vendors"), headers={"Accept-Language": "en"}).content.decode()
    assert "No vendor yet" in shown
    assert page("add-vendor") in shown


def test_a_vendor_from_account_to_first_push(signed_in, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    client = signed_in("pr")
    assert client.post(page("add-vendor"), {"name": "云舆", "per_minute": 30, "is_enabled": "on"}).status_code == 302
    vendor = Vendor.objects.get()
    sent = {"code": "default", "source_class": "platform", "platform": "微博", "tier": "ordinary"}
    assert client.post(page("add-channel", vendor.uuid), {**sent, "version": 1}).status_code == 302
    source = VendorChannel.objects.get().source
    assert (source.kind, source.name, source.url, source.next_poll_at) == ("vendor", "云舆 · default", "", None)
    answer = client.post(page("make-key", vendor.uuid), {"scopes": ["push", "outcome"], "version": 2})
    assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
    shown = answer.context["shown"]
    assert shown.token in answer.content.decode()
    assert shown.secret in answer.content.decode()
    assert push(shown, [an_item(1)]).status_code == 202
    later = client.get(page("vendor", vendor.uuid)).content.decode()
    assert shown.key.prefix in later
    assert shown.token not in later
    assert shown.secret not in later
    assert [entry.event for entry in Entry.objects.order_by("seq")] == [
        "monitoring.vendor_added",
        "monitoring.vendor_channel_added",
        "monitoring.vendor_key_made",
    ]


def test_a_rotated_key_is_shown_once_and_the_old_one_ends(signed_in, vendor, noon):
    old = vendor.keys.get()
    answer = signed_in("pr").post(page("rotate-key", vendor.uuid, old.uuid), {"days": 3, "version": vendor.version})
    assert answer.context["shown"].token in answer.content.decode()
    old.refresh_from_db()
    assert old.expires_at == noon + timedelta(days=3)
    assert vendor.keys.count() == 2


def test_a_key_that_ended_cannot_be_rotated(signed_in, vendor, noon):
    old = vendor.keys.get()
    VendorKey.objects.update(expires_at=noon)
    answer = signed_in("pr").post(
        page("rotate-key", vendor.uuid, old.uuid),
        {"days": 3, "version": vendor.version},
        headers={"Accept-Language": "en"},
    )
    assert answer.status_code == 422
    assert "This key is not valid any more. Make a new one." in answer.content.decode()
    assert vendor.keys.count() == 1


@pytest.mark.parametrize(("days", "status"), [("-1", 422), ("91", 422), ("x", 422), ("0", 200), ("90", 200)])
def test_the_overlap_is_from_none_to_ninety_days(signed_in, vendor, days, status):
    old = vendor.keys.get()
    answer = signed_in("pr").post(page("rotate-key", vendor.uuid, old.uuid), {"days": days, "version": vendor.version})
    assert (answer.status_code, vendor.keys.count()) == (status, 2 if status == 200 else 1)


def test_a_revoked_key_stays_on_the_page_with_who_and_when(signed_in, vendor, cast, noon):
    old = vendor.keys.get()
    client = signed_in("pr")
    assert client.post(page("revoke-key", vendor.uuid, old.uuid), {"version": vendor.version}).status_code == 302
    old.refresh_from_db()
    assert (old.revoked_at, old.revoked_by) == (noon, cast["pr"])
    assert old.prefix in client.get(page("vendor", vendor.uuid)).content.decode()
    assert Entry.objects.order_by("seq").last().event == "monitoring.vendor_key_revoked"


def test_every_form_with_an_old_version_is_told_so_and_changes_nothing(signed_in, vendor):
    client = signed_in("pr")
    sent = forms_of(vendor)
    del sent[page("add-vendor")]
    Vendor.objects.update(version=vendor.version + 1)
    Source.objects.update(version=9)
    before = state(vendor)
    for address, values in sent.items():
        assert client.post(address, values).status_code == 409, address
    assert state(vendor) == before


@pytest.mark.parametrize(
    ("field", "value"), [("name", ""), ("per_minute", "0"), ("per_minute", "x"), ("name", "云舆监测")]
)
def test_a_wrong_field_is_named(signed_in, vendor, field, value):
    answer = signed_in("pr").post(page("add-vendor"), {"name": "新", "per_minute": 60, field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert Vendor.objects.count() == 1


def test_a_channel_code_counts_once(signed_in, vendor):
    sent = {"code": "default", "source_class": "media", "platform": "资讯", "tier": "ordinary"}
    answer = signed_in("pr").post(page("add-channel", vendor.uuid), {**sent, "version": vendor.version})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["code"])
    assert Source.objects.count() == 1


def test_a_key_that_reads_the_desk_is_not_for_who_pushes(signed_in, vendor, cast, noon):
    client = signed_in("pr")
    for scopes in (["read"], ["read", "push"], []):
        answer = client.post(page("make-key", vendor.uuid), {"scopes": scopes, "version": vendor.version})
        assert answer.status_code == 422, scopes
    assert vendor.keys.count() == 1
    reader, _key = vendor_with_key(cast["pr"], name="大屏", now=noon, scopes=[Scope.READ])
    with pytest.raises(vendors.Refused):
        vendors.add_channel(reader, "x", Source(platform="x"), seen_version=reader.version, actor=cast["pr"])
    assert not reader.channels.exists()


@pytest.mark.parametrize("name", ["vendor-api.md", "push.py", "push.sh"])
def test_what_an_integrator_needs_can_be_taken_home(signed_in, vendor, name):
    answer = signed_in("monitor").get(page("for-integrators", name))
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert b"webhook-signature" in b"".join(answer.streaming_content)


def test_nothing_else_can_be_taken_home(signed_in, vendor):
    assert signed_in("monitor").get(page("for-integrators", "settings.py")).status_code == 404


def test_the_number_of_queries_does_not_grow(signed_in, vendor, cast, noon):
    client = signed_in("pr")

    def queries(address):
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    addresses = [page("vendors"), page("vendor", vendor.uuid), page("quarantine", vendor.uuid)]
    one_key = vendor_with_key(cast["pr"], name="零", now=noon)[1]
    push(one_key, [an_item(0), an_item(1, url="x")])
    fill(vendor, cast, noon, 1)
    one = [queries(address) for address in addresses]
    fill(vendor, cast, noon, 4)
    for number in range(3):
        _other, key = vendor_with_key(cast["pr"], name=f"厂商{number}", now=noon, scopes=PUSHING)
        push(key, [an_item(number), an_item(number + 10, url="x")])
    assert [queries(address) for address in addresses] == one


def fill(vendor, cast, noon, times):
    """Keys, channels and pushes with items of two reasons each."""
    for _ in range(times):
        vendor.refresh_from_db()
        number = vendor.keys.count()
        source = Source(source_class="media", platform="资讯")
        vendors.add_channel(vendor, f"c{number}", source, seen_version=vendor.version, actor=cast["pr"])
        key = vendors.make_key(vendor, PUSHING, seen_version=vendor.version, actor=cast["pr"], now=noon)
        push(
            key,
            [an_item(number, url="x"), an_item(number + 50, likes=-1), an_item(number + 100)],
            message_id=f"f{number}",
        )
