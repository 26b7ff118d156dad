"""The command centre: one page to run a bad night from (H1.2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import User
from incidents.models import Membership
from incidents.selectors.command import call_sheet
from incidents.services import command, levels, people
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(cast):
    return standing_at("responding", 1, opened_by=cast["pr"], lead=cast["pr"])


# --- who is on -------------------------------------------------------------------------------------------------------
def test_who_comes_on_is_a_member_and_seen_to_be_on(cast, running, noon):
    command.come_on(running, actor=cast["legal"], now=noon)
    command.come_on(running, actor=cast["legal"], now=noon + timedelta(hours=1))  # twice is once

    assert next((each.person, each.on_since) for each in call_sheet(running, noon)) == (cast["legal"], noon)
    assert [entry.event for entry in running.timeline.all()] == ["incidents.came_on"]


def test_who_goes_off_stays_a_member(cast, running, noon):
    command.come_on(running, actor=cast["legal"], now=noon)
    command.go_off(running, actor=cast["legal"], now=noon)
    member = Membership.objects.get(incident=running, person=cast["legal"])
    assert (member.on_since, member.removed_at) == (None, None)
    with pytest.raises(PermissionDenied):  # they are not on any more
        command.go_off(running, actor=cast["legal"], now=noon)


@pytest.mark.parametrize("who", ["auditor", "admin", "outsider", "dept"])
def test_who_does_not_work_on_it_does_not_come_on(cast, running, noon, who):
    with pytest.raises(PermissionDenied):
        command.come_on(running, actor=cast[who], now=noon)
    assert Membership.objects.count() == 0


def test_nobody_comes_on_when_it_is_over(cast, noon):
    closed = standing_at("archived", 1, opened_by=cast["pr"])
    with pytest.raises(PermissionDenied):
        command.come_on(closed, actor=cast["pr"], now=noon)


# --- what each of them does ------------------------------------------------------------------------------------------
def test_a_function_is_given_and_taken_away(cast, running, noon):
    people.add_member(running, cast["legal"], actor=cast["pr"], now=noon)
    assert command.give_function(running, cast["legal"], "  对接 监管 ", actor=cast["pr"], now=noon) is True
    assert command.give_function(running, cast["legal"], "对接 监管", actor=cast["pr"], now=noon) is False
    assert Membership.objects.get(person=cast["legal"]).function == "对接 监管"
    with pytest.raises(PermissionDenied):
        command.give_function(running, cast["legal"], "别的", actor=cast["market"], now=noon)


def test_the_members_page_gives_a_function(signed_in, cast, running, noon):
    people.add_member(running, cast["legal"], actor=cast["pr"], now=noon)
    url = reverse("incidents:give-function", args=[running.number, cast["legal"].uuid])
    assert signed_in("pr").post(url, {"function": "证据"}).status_code == 302
    assert signed_in("pr").post(url, {"function": "长" * 61}).status_code == 302  # refused with a sentence
    assert Membership.objects.get(person=cast["legal"]).function == "证据"
    assert signed_in("market").post(url, {"function": "别的"}).status_code == 403


# --- the call sheet --------------------------------------------------------------------------------------------------
def test_the_call_sheet_names_each_person_once_those_on_first(cast, running, noon):
    people.add_member(running, cast["tech"], actor=cast["pr"], now=noon)
    people.add_member(running, cast["gm"], actor=cast["pr"], now=noon)
    command.come_on(running, actor=cast["gm"], now=noon)

    sheet = call_sheet(running, noon)
    names = [each.person.username for each in sheet]
    assert names[:2] == ["gm", "tech"]
    assert len(names) == len(set(names))
    assert {"deputy", "pr", "spokesperson", "alternate"} <= set(names[2:])
    assert [each.is_member for each in sheet[:3]] == [True, True, False]


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_shows_decisions_notes_and_who_is_on(signed_in, cast, running, noon):
    people.add_note(running, "监管来电，十点半回", actor=cast["legal"], now=noon)
    client = signed_in("pr")
    client.post(reverse("incidents:come-on", args=[running.number]))
    page = client.get(reverse("incidents:command", args=[running.number])).content.decode()
    assert "监管来电，十点半回" in page
    assert reverse("incidents:go-off", args=[running.number]) in page
    assert reverse("incidents:come-on", args=[running.number]) not in page


def test_people_are_called_by_a_tap_and_it_shows_who_said_they_have_it(signed_in, cast, running, noon):
    User.objects.filter(username="gm").update(phone="13800000002")
    levels.request_level(running, 2, actor=cast["legal"], now=noon, reason="热度回落，没有新的媒体报道，可以降级。")
    client, receipts = signed_in("pr"), reverse("notices:receipts", args=["incident", running.uuid])

    assert 'href="tel:13800000002"' in client.get(reverse("incidents:command", args=[running.number])).content.decode()
    for page in ("incidents:command", "incidents:detail"):
        assert receipts in client.get(reverse(page, args=[running.number])).content.decode()
    shown = client.get(receipts)
    again = client.get(receipts, headers={"If-None-Match": shown["ETag"]})
    assert (str(cast["gm"]) in shown.content.decode(), again.status_code) == (True, 304)


def test_a_note_from_the_page_comes_back_to_it(signed_in, running):
    url, back = (reverse(f"incidents:{name}", args=[running.number]) for name in ("note", "command"))
    assert signed_in("pr").post(url, {"words": "已到岗", "next": back}).url == back
    assert (
        signed_in("pr").post(url, {"words": "已到岗", "next": "https://evil.example/"}).url != "https://evil.example/"
    )


def test_the_live_part_is_sent_only_when_something_changed(signed_in, cast, running, noon):
    client, url = signed_in("pr"), reverse("incidents:command-live", args=[running.number])
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first["ETag"]})
    people.add_note(running, "新情况", actor=cast["legal"], now=noon)
    changed = client.get(url, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert "新情况" in changed.content.decode()


def test_the_live_part_asks_as_often_with_three_notes_as_with_one(
    signed_in, cast, running, noon, django_assert_num_queries, django_assert_max_num_queries
):
    client, url = signed_in("pr"), reverse("incidents:command-live", args=[running.number])
    people.add_note(running, "一", actor=cast["legal"], now=noon)
    client.get(url)  # the first one of a process also warms caches
    with django_assert_max_num_queries(40) as first:
        client.get(url)
    for words in ("二", "三"):
        people.add_note(running, words, actor=cast["tech"], now=noon)
    with django_assert_num_queries(len(first)):
        client.get(url)


def test_a_confidential_one_has_no_centre_for_others(signed_in, cast):
    hidden = standing_at("responding", 1, opened_by=cast["pr"], lead=cast["pr"], is_confidential=True)
    for name in ("command", "command-live"):
        url = reverse(f"incidents:{name}", args=[hidden.number])
        assert (signed_in("market").get(url).status_code, signed_in("gm").get(url).status_code) == (404, 200)
