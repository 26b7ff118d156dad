"""The fact sheet: claims, what is known of them, who signed."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import Fact
from response.notnow import NotNow
from response.permissions import may
from response.services.facts import add_fact, sign_fact
from response.services.statements import save_draft
from tests.response.factories import draft_of, fact_of, incident_at

PARTS = {"state": "verified", "evidence": "现场照片"}


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.THREE, cast, noon)


def test_claims_are_numbered_per_incident(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    other = incident_at(Level.TWO, cast, noon)
    numbers = [add_fact(of, actor=cast["pr"], now=noon, claim="已停业").number for of in (incident, incident, other)]
    assert numbers == [1, 2, 1]
    assert set(Fact.objects.values_list("state", flat=True)) == {"checking"}


def test_signing_says_what_is_known_and_on_the_strength_of_what(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    fact = add_fact(incident, actor=cast["tech"], now=noon, claim="已停业")
    sign_fact(fact, actor=cast["tech"], now=noon, seen_version=1, **PARTS)  # the signer may be who added it
    fact.refresh_from_db()
    assert (fact.state, fact.evidence, fact.signed_by, fact.signed_at, fact.version) == (
        "verified",
        "现场照片",
        cast["tech"],
        noon,
        2,
    )
    assert [entry.event for entry in incident.timeline.all()] == ["response.fact_verified", "response.fact_added"]


def test_who_adds_and_signs(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact = add_fact(incident, actor=cast["pr"], now=noon, claim="已停业")
    works = {"pr", "legal", "market", "tech", "head", "dept"}
    assert {name for name, person in cast.items() if may(person, "add_fact", incident)} == works
    assert {name for name, person in cast.items() if may(person, "sign_fact", fact)} == works


def test_a_department_that_does_not_own_the_incident_is_refused(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.THREE, cast, noon, department=cast["market"].department)
    with pytest.raises(PermissionDenied):
        add_fact(incident, actor=cast["head"], now=noon, claim="已停业")
    assert not incident.facts.exists()


def test_without_evidence_nothing_is_signed(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact = add_fact(incident, actor=cast["pr"], now=noon, claim="已停业")
    with pytest.raises(NotNow):
        sign_fact(fact, actor=cast["tech"], now=noon, seen_version=1, state="verified", evidence=" ")
    assert Fact.objects.get().state == "checking"


def test_of_two_who_sign_one_is_told_it_changed(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    fact = add_fact(incident, actor=cast["pr"], now=noon, claim="已停业")
    other = Fact.objects.get()
    sign_fact(fact, actor=cast["tech"], now=noon, seen_version=1, **PARTS)
    with pytest.raises(Stale):
        sign_fact(other, actor=cast["head"], now=noon, seen_version=1, state="untrue", evidence="监控录像")
    assert Fact.objects.get().state == "verified"


def test_a_closed_incident_takes_no_more_claims(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.THREE, cast, noon, stage="archived")
    with pytest.raises(NotNow):
        add_fact(incident, actor=cast["pr"], now=noon, claim="已停业")


def test_when_a_quoted_fact_falls_its_writers_and_the_team_head_are_told(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    version = draft_of(incident, cast, noon)
    save_draft(version, actor=cast["market"], now=noon, seen_version=version.version, title="新题", text="已停业[F1]。")
    fact = incident.facts.get()
    sign_fact(
        fact,
        actor=cast["tech"],
        now=noon,
        seen_version=fact.version,
        state="untrue",
        evidence="并未停业",
        reason="现场复查",
    )
    told = Notice.objects.filter(event="response.quoted_fact_changed")
    assert {notice.person.username for notice in told} == {"spokesperson", "market", "pr"}


# --- the page --------------------------------------------------------------------------------------------------------
def url(incident: Incident, rest: str = "") -> str:
    return f"/incidents/{incident.number}/facts/{rest}"


def test_the_page_adds_a_claim(incident: Incident, signed_in: Callable[[str], Client]) -> None:
    answer = signed_in("dept").post(url(incident, "add/"), {"claim": "涉事批次 20261115"})
    assert answer.status_code == 404  # department staff see an incident once they are part of it
    answer = signed_in("head").post(url(incident, "add/"), {"claim": "涉事批次 20261115"}, follow=True)
    assert answer.status_code == 200
    assert Fact.objects.get().claim == "涉事批次 20261115"


def test_the_page_names_the_field_that_is_missing(incident: Incident, signed_in: Callable[[str], Client]) -> None:
    answer = signed_in("head").post(url(incident, "add/"), {"claim": " "})
    assert answer.status_code == 400
    assert 'href="#id_claim"' in answer.content.decode()
    assert not Fact.objects.exists()


def test_the_page_signs_and_a_stale_one_shows_both_states(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact = fact_of(incident, cast, noon, state="checking")
    typed = {"version": 1, "claim": "已停业", "state": "verified", "evidence": "现场照片"}
    assert signed_in("tech").post(f"/facts/{fact.uuid}/sign/", typed).status_code == 302
    typed |= {"evidence": "另一张照片", "reason": "有更清楚的照片"}
    answer = signed_in("legal").post(f"/facts/{fact.uuid}/sign/", typed)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "另一张照片" in page
    assert "现场照片" in page
    fact.refresh_from_db()
    assert (fact.evidence, fact.signed_by) == ("现场照片", cast["tech"])


def test_a_reader_who_may_not_write_gets_no_form_and_is_refused(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact_of(incident, cast, noon)
    client = signed_in("gm")
    page = client.get(url(incident)).content.decode()
    assert "已停业" in page
    assert '<form class="form"' not in page
    assert client.post(url(incident, "add/"), {"claim": "x"}).status_code == 403
    assert Fact.objects.count() == 1


@pytest.mark.parametrize("who", ["outsider", "dept"])
def test_who_may_not_see_the_incident_finds_nothing(
    incident: Incident, signed_in: Callable[[str], Client], who: str
) -> None:
    assert signed_in(who).get(url(incident)).status_code == 404
    assert signed_in(who).get(url(incident, "panel/")).status_code == 404


def test_the_panel_is_a_part_of_the_page(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact_of(incident, cast, noon)
    answer = signed_in("gm").get(url(incident, "panel/"), headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith('<section class="card" id="facts-panel">')


def test_hostile_words_are_shown_as_words(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    fact_of(incident, cast, noon, claim="<script>alert(1)</script>")
    page = signed_in("gm").get(url(incident)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
