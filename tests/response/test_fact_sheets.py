"""The fact sheet as a whole is numbered, sealed and signed; drafts name the one they rest on."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import User
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from response.models import FactSheet
from response.notnow import NotNow
from response.permissions import may
from response.services.facts import rest_on, sign_fact, sign_sheet
from response.services.rumours import add_question, pair_rumour
from tests.response.factories import draft_of, fact_of, in_review, incident_at


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def test_each_sheet_has_the_next_number_and_freezes_what_stood(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    with pytest.raises(NotNow):
        sign_sheet(incident, actor=cast["tech"], now=noon)  # nothing is on it
    fact = fact_of(incident, cast, noon, claim="已停业")
    first = sign_sheet(incident, actor=cast["tech"], now=noon, note="第一版")
    with pytest.raises(NotNow):
        sign_sheet(incident, actor=cast["legal"], now=noon)  # nothing changed
    sign_fact(fact, actor=cast["legal"], now=noon, seen_version=2, state="untrue", evidence="监控", reason="复查")
    add_question(incident, actor=cast["monitor"], now=noon, text="哪些门店受影响?")
    pair_rumour(incident, actor=cast["pr"], now=noon, claim="全国门店停业", fact=fact, clarification="没有门店停业")
    second = sign_sheet(incident, actor=cast["legal"], now=noon + timedelta(hours=1))
    assert [(one.number, one.record["facts"][0]["state"]) for one in (first, second)] == [
        (1, "verified"),
        (2, "untrue"),
    ]
    assert second.record["questions"][0]["text"] == "哪些门店受影响?"
    assert second.record["rumours"][0]["clarification"] == "没有门店停业"
    assert [FactSheet.objects.get(pk=one.pk).sealed() for one in (first, second)] == [first.seal, second.seal]
    assert [entry.detail["seals"] for entry in Entry.objects.filter(event="response.sheet_signed").order_by("seq")] == [
        [first.seal],
        [second.seal],
    ]


def test_a_signed_sheet_cannot_be_changed(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact_of(incident, cast, noon)
    sign_sheet(incident, actor=cast["tech"], now=noon)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        FactSheet.objects.update(note="改过")
    assert FactSheet.objects.get().note == ""


def test_who_signs(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact_of(incident, cast, noon)
    signs = {"pr", "legal", "market", "tech", "head", "dept"}
    assert {name for name, person in cast.items() if may(person, "sign_sheet", incident)} == signs
    with pytest.raises(PermissionDenied):
        sign_sheet(incident, actor=cast["gm"], now=noon)
    assert not incident.fact_sheets.exists()


def test_a_draft_names_its_sheet_and_a_submitted_one_does_not_change_it(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    draft = draft_of(incident, cast, noon)
    sheet = sign_sheet(incident, actor=cast["tech"], now=noon)
    rest_on(draft, sheet, actor=cast["spokesperson"], now=noon)
    assert draft.basis.sheet == sheet
    other = incident_at(Level.TWO, cast, noon)
    with pytest.raises(NotNow):
        rest_on(draft_of(other, cast, noon), sheet, actor=cast["spokesperson"], now=noon)
    with pytest.raises(NotNow):
        rest_on(in_review(incident, cast, noon), sheet, actor=cast["spokesperson"], now=noon)
    assert sheet.bases.count() == 1


def test_the_pages_sign_show_and_name_it(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    draft = draft_of(incident, cast, noon)
    url = f"/incidents/{incident.number}/facts/sheets/"
    assert signed_in("gm").post(url, {"note": ""}).status_code == 403
    assert signed_in("tech").post(url, {"note": "第一版"}).status_code == 302
    sheet = FactSheet.objects.get()
    writer = signed_in("spokesperson")
    page = writer.get(sheet.get_absolute_url()).content.decode()
    assert sheet.seal in page
    assert "已停业" in page
    assert writer.post(f"/fact-sheets/{sheet.uuid}/rest/", {"draft": draft.pk}).status_code == 302
    assert str(draft) in signed_in("gm").get(url).content.decode()
    assert signed_in("outsider").get(sheet.get_absolute_url()).status_code == 404
