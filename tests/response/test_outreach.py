"""Contacts: the directory and who is in it, what was said about an incident, next steps that are late."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import Contact, ContactEntry
from response.notnow import NotNow
from response.permissions import may
from response.services import outreach
from response.tasks import remind_of_outreach
from tests.response.factories import drill, incident_at

OUTWARD = {"pr", "legal", "market", "tech", "gm", "deputy", "member", "spokesperson", "alternate"}
TEAM = {"pr", "legal", "market", "tech"}


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def contact_of(cast: dict[str, User], now: datetime, **said: Any) -> Contact:
    fields: dict[str, Any] = dict.fromkeys(outreach.CONTACT_FIELDS, "")
    fields |= {"kind": "association", "organisation": "市烹饪协会", "owner": cast["pr"], "phone": "010-1", **said}
    return outreach.save_contact(None, actor=cast["market"], now=now, said=fields)


def logged(incident: Incident, contact: Contact, actor: User, now: datetime, **said: Any) -> ContactEntry:
    fields: dict[str, Any] = {
        "contact": contact,
        "way": "call",
        "at": now - timedelta(minutes=20),
        "said": "说明停业与检测安排",
        "outcome": "愿意转发说明",
        "next_step": "",
        "next_step_at": None,
        "next_step_owner": None,
    }
    return outreach.log_contact(incident, actor=actor, now=now, said=fields | said)


def of_a_drill(cast: dict[str, User], now: datetime) -> Incident:
    return incident_at(Level.TWO, cast, now, exercise=drill(now))


def test_who_speaks_with_the_outside(cast: dict[str, User], incident: Incident) -> None:
    for act, allowed in (("see_directory", OUTWARD), ("log_contact", OUTWARD), ("edit_contact", TEAM)):
        assert {name for name, person in cast.items() if may(person, act, incident)} == allowed


def test_a_contact_is_changed_by_one_of_two_and_the_change_counts_as_a_check(
    cast: dict[str, User], noon: datetime
) -> None:
    contact = contact_of(cast, noon - timedelta(days=40))
    assert contact.needs_check(noon)
    said = {name: getattr(contact, name) for name in outreach.CONTACT_FIELDS}
    outreach.save_contact(contact, actor=cast["pr"], now=noon, seen_version=1, said=said | {"phone": "010-2"})
    with pytest.raises(Stale):
        outreach.save_contact(contact, actor=cast["pr"], now=noon, seen_version=1, said=said | {"phone": "010-3"})
    contact.refresh_from_db()
    assert (contact.phone, contact.version, contact.needs_check(noon)) == ("010-2", 2, False)
    with pytest.raises(PermissionDenied):
        outreach.save_contact(None, actor=cast["head"], now=noon, said=said)


def test_a_contact_on_an_incident_stands_on_its_timeline_and_in_the_directory(
    cast: dict[str, User], incident: Incident, noon: datetime
) -> None:
    contact = contact_of(cast, noon)
    entry = logged(incident, contact, cast["gm"], noon)
    logged(of_a_drill(cast, noon), contact, cast["pr"], noon, at=noon)  # a drill is no contact
    assert [each.event for each in incident.timeline.all()] == ["response.contact_logged"]
    assert Contact.objects.with_last_contact().get().last_contact_at == entry.at
    with pytest.raises(NotNow, match="还没到"):
        logged(incident, contact, cast["pr"], noon, at=noon + timedelta(minutes=1))
    with pytest.raises(NotNow, match="下一步的期限"):
        logged(incident, contact, cast["pr"], noon, next_step="回访")


def test_a_next_step_is_taken_once_by_whose_it_is(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    step = {"next_step": "送检测报告", "next_step_at": noon + timedelta(hours=1), "next_step_owner": cast["legal"]}
    entry = logged(incident, contact_of(cast, noon), cast["market"], noon, **step)
    takers = {name for name, person in cast.items() if may(person, "finish_next_step", entry)}
    assert takers == {"legal", "market", "pr"}
    outreach.finish_next_step(entry, actor=cast["legal"], now=noon)
    with pytest.raises(NotNow, match="有人先一步"):
        outreach.finish_next_step(entry, actor=cast["pr"], now=noon)
    entry.refresh_from_db()
    assert (entry.done_by, entry.is_waiting) == (cast["legal"], False)


def test_late_steps_and_old_contacts_are_told_of_once(
    cast: dict[str, User], incident: Incident, noon: datetime, time_machine: Any
) -> None:
    contact = contact_of(cast, noon)
    late = {"next_step": "送检测报告", "next_step_at": noon + timedelta(hours=1), "next_step_owner": cast["legal"]}
    logged(incident, contact, cast["market"], noon, **late)
    logged(of_a_drill(cast, noon), contact, cast["market"], noon, **late)
    Notice.objects.all().delete()
    for passed in (timedelta(minutes=59), timedelta(hours=2), timedelta(days=31), timedelta(days=32)):
        time_machine.move_to(noon + passed)
        remind_of_outreach()
    told = sorted(Notice.objects.values_list("event", "person__username"))
    assert told == [
        ("response.contacts_to_check", "pr"),
        ("response.next_step_late", "legal"),
        ("response.next_step_late", "pr"),
    ]


def test_the_pages_of_the_directory_and_of_an_incident(
    cast: dict[str, User], incident: Incident, noon: datetime, signed_in: Any
) -> None:
    client: Client = signed_in("market")
    typed = {"kind": "media", "organisation": "晚报", "phone": "", "owner": cast["pr"].pk}
    assert client.post("/directory/add/", typed | {"organisation": ""}).status_code == 422
    added = client.post("/directory/add/", typed, follow=True)
    contact = Contact.objects.get()
    assert added.redirect_chain[0][0] == contact.get_absolute_url()
    page = f"/incidents/{incident.number}/outreach/"
    said = {"contact": contact.pk, "way": "call", "at": "2026-11-18T11:30", "said": "=停业说明", "next_step": "回访"}
    refused = client.post(f"{page}log/", said)
    assert (refused.status_code, "下一步的期限" in refused.content.decode()) == (422, True)
    client.post(f"{page}log/", said | {"next_step_at": "2026-11-18T15:00"})
    assert "=停业说明" in client.get(page).content.decode()
    assert "晚报" in client.get("/directory/?q=晚&kind=media").content.decode()
    assert "晚报" not in client.get("/directory/?kind=lawyer").content.decode()
    assert "晚报" in client.get("/directory/export.csv").content.decode("utf-8-sig")
    assert signed_in("dept").get("/directory/").status_code == 403
    panel = signed_in("head").get(f"{page}panel/", headers={"HX-Request": "true"})
    assert (panel.status_code, panel.content) == (200, b"")  # works on the incident, not with the outside


def test_the_directory_asks_as_often_for_four_as_for_one(cast: dict[str, User], noon: datetime, signed_in: Any) -> None:
    client: Client = signed_in("pr")
    asked = []
    for number in range(4):
        contact_of(cast, noon, organisation=f"{number}号协会")
        with CaptureQueriesContext(connection) as counted:
            client.get("/directory/")
        asked.append(len(counted))
    assert len(set(asked[1:])) == 1
