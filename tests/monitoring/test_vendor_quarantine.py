"""隔离区: what could not be taken waits there masked, is tried again after a mapping fix, or set aside and put back."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from audit.models import Entry
from monitoring.models import PushedItem, Vendor
from monitoring.services import pushing
from opinion.models import Post
from tests.factories import WatchFactory
from tests.monitoring.vendor_tools import an_item, push, read, vendor_with_key

pytestmark = pytest.mark.django_db
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def vendor_and_key(cast, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    WatchFactory(rule="晴野")
    return vendor_with_key(cast["pr"], now=noon)


@pytest.fixture
def vendor(vendor_and_key):
    """With three items that name their time otherwise, and one with a bad address."""
    made, key = vendor_and_key
    items = [an_item(n, pub_time="2026-11-18T11:58:00+08:00") for n in range(3)]
    for item in items:
        del item["published_at"]
    push(key, [*items, an_item(9, url="ftp://x", text="晴野，请打13812345678")])
    made.refresh_from_db()
    return made


def address(name, vendor):
    return reverse(f"monitoring:{name}", args=[vendor.uuid])


def of_reason(reason, where):
    return {"reason": reason, "where": where}


def test_it_shows_what_waits_by_reason_and_no_private_number(signed_in, vendor):
    page = signed_in("monitor").get(address("quarantine", vendor), headers=ENGLISH)
    assert [(group.reason, group.where, group.number) for group in page.context["groups"]] == [
        ("missing", "published_at", 3),
        ("not_an_address", "url", 1),
    ]
    shown = page.content.decode()
    assert "138****5678" in shown
    assert "13812345678" not in shown
    assert "This field is needed and is not there." in shown


def test_a_mapping_can_be_tried_before_it_is_saved(signed_in, vendor):
    client = signed_in("pr")
    sent = {"published_at": "pub_time", "version": vendor.version, "try": "yes"}
    page = client.post(address("vendor-mapping", vendor), sent, headers={"HX-Request": "true", **ENGLISH})
    fragment = page.content.decode()
    assert fragment.lstrip().startswith('<section class="card"')
    assert "3 items could be taken" in fragment
    assert fragment.count("This field is needed and is not there.") == 1  # the one that does call it published_at
    assert client.post(address("vendor-mapping", vendor), sent).context["trial"].readable == 3
    vendor.refresh_from_db()
    assert (vendor.mapping, PushedItem.objects.filter(outcome="rejected").count()) == ({}, 4)


def test_after_a_mapping_fix_all_of_a_reason_are_taken_in(signed_in, cast, vendor, vendor_and_key, noon, time_machine):
    client = signed_in("pr")
    sent = {"published_at": "pub_time", "text": "text", "version": vendor.version}
    assert client.post(address("vendor-mapping", vendor), sent).status_code == 302
    vendor.refresh_from_db()
    assert vendor.mapping == {"published_at": "pub_time"}
    time_machine.move_to(noon + timedelta(minutes=10), tick=False)
    answer = client.post(
        address("try-again", vendor), of_reason("missing", "published_at"), follow=True, headers=ENGLISH
    )
    assert "3 items were taken in." in [str(message) for message in answer.context["messages"]]
    assert Post.objects.count() == 3
    taken = PushedItem.objects.filter(outcome="stored")
    assert {(item.reason, item.settled_by, item.post.first_seen_at == item.settled_at) for item in taken} == {
        ("", cast["pr"], True)
    }
    back = read(vendor_and_key[1], "/api/v1/pushed-items/?external_id=wb-1").json()["results"][0]
    assert (back["outcome"], back["reason"], back["became"]["state"]) == ("stored", "", "waiting")
    entry = Entry.objects.order_by("seq").last()
    assert (entry.event, entry.actor, entry.detail) == (
        "monitoring.quarantine_tried_again",
        cast["pr"],
        {"taken": 3, "refused": 0},
    )


def test_one_that_still_cannot_be_read_stays_with_its_reason(signed_in, vendor):
    item = PushedItem.objects.get(reason="not_an_address")
    answer = signed_in("monitor").post(address("try-again", vendor), {"item": item.uuid}, follow=True, headers=ENGLISH)
    assert "1 is still refused." in answer.content.decode()
    item.refresh_from_db()
    assert (item.outcome, item.reason, item.settled_at) == ("rejected", "not_an_address", None)
    assert Post.objects.count() == 0


def test_one_the_vendor_pushed_again_meanwhile_is_no_second_post(signed_in, vendor, vendor_and_key, noon, time_machine):
    time_machine.move_to(noon + timedelta(minutes=1), tick=False)
    push(vendor_and_key[1], [an_item(1)], message_id="mended")
    time_machine.move_to(noon + timedelta(minutes=2), tick=False)
    Vendor.objects.update(mapping={"published_at": "pub_time"})
    signed_in("monitor").post(address("try-again", vendor), of_reason("missing", "published_at"))
    assert Post.objects.count() == 3
    assert sorted(PushedItem.objects.filter(reason="", push__message_id="m-1").values_list("outcome", flat=True)) == [
        "duplicate",
        "stored",
        "stored",
    ]


def test_what_is_set_aside_can_be_put_back(signed_in, cast, vendor):
    client = signed_in("monitor")
    answer = client.post(address("set-aside", vendor), of_reason("missing", "published_at"), follow=True)
    undo = next(message for message in answer.context["messages"] if "undo:" in message.extra_tags)
    assert PushedItem.objects.filter(settled_by=cast["monitor"]).count() == 3
    assert [group.number for group in answer.context["groups"]] == [1]
    back = client.post(undo.extra_tags.split("undo:")[1].split()[0], follow=True)
    assert [group.number for group in back.context["groups"]] == [3, 1]
    assert [entry.event for entry in Entry.objects.order_by("-seq")[:2]] == [
        "monitoring.quarantine_put_back",
        "monitoring.quarantine_set_aside",
    ]


def test_only_who_set_it_aside_undoes_it_and_settled_twice_is_once(signed_in, vendor, noon):
    item = PushedItem.objects.get(reason="not_an_address")
    signed_in("monitor").post(address("set-aside", vendor), {"item": item.uuid})
    count = Entry.objects.count()
    signed_in("pr").post(address("set-aside", vendor), {"item": item.uuid})
    signed_in("pr").post(address("try-again", vendor), {"item": item.uuid})
    signed_in("pr").post(f"{address('put-back', vendor)}?at={noon.isoformat().replace('+', '%2B')}")
    item.refresh_from_db()
    assert (item.settled_by.username, Entry.objects.count()) == ("monitor", count)


def test_another_vendors_item_is_out_of_reach(signed_in, cast, vendor, noon):
    other, _key = vendor_with_key(cast["pr"], name="别家", now=noon)
    signed_in("monitor").post(address("set-aside", other), {"item": PushedItem.objects.first().uuid})
    assert PushedItem.objects.filter(settled_at__isnull=False).count() == 0


def test_what_an_item_said_is_forgotten_with_the_originals(signed_in, vendor, noon):
    assert pushing.prune_payloads(noon + timedelta(days=settings.ORIGINAL_DAYS)) == 0
    assert pushing.prune_payloads(noon + timedelta(days=settings.ORIGINAL_DAYS, seconds=1)) == 4
    client = signed_in("monitor")
    page = client.get(address("quarantine", vendor), headers=ENGLISH).content.decode()
    assert "What it said was forgotten when its time was over." in page
    assert client.post(address("try-again", vendor), of_reason("missing", "published_at")).status_code == 302
    assert PushedItem.objects.filter(outcome="rejected", settled_at=None).count() == 4


def test_an_empty_quarantine_says_so(signed_in, vendor_and_key):
    page = signed_in("monitor").get(address("quarantine", vendor_and_key[0]), headers=ENGLISH)
    assert "Nothing in quarantine" in page.content.decode()


def test_an_undo_without_a_moment_is_told(signed_in, vendor):
    assert signed_in("monitor").post(address("put-back", vendor) + "?at=x").status_code == 400
