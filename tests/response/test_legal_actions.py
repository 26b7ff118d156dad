"""法律行动台账: planned, filed, accepted, concluded; deadlines that pass are told once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import LegalAction, LegalStep
from response.notnow import NotNow
from response.permissions import may
from response.services.evidence import preserve_post
from response.services.legal import NEXT, move_action, open_action
from response.tasks import tell_overdue_legal
from tests.response.factories import drill, incident_at
from tests.response.test_files import PDF
from tests.response.test_preserve_post import in_it

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _storage(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, noon)


def letter(incident: Incident, cast: dict[str, User], noon: datetime, **changes: object) -> LegalAction:
    given = {"kind": "letter", "title": "致“晴江快报”律师函", "counterpart": "晴江快报", "owner": cast["legal"]}
    return open_action(incident, actor=cast["legal"], now=noon, **{**given, "due_at": noon + WEEK, **changes})


def test_a_step_goes_from_plan_to_outcome_and_each_word_is_kept(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    evidence = preserve_post(incident, in_it(incident), actor=cast["monitor"], now=noon)
    action = letter(incident, cast, noon, owner=cast["market"], preservations=[evidence])
    assert action.number == "FL-2026-001"
    assert [notice.person.username for notice in Notice.objects.filter(event="response.legal_opened")] == ["market"]
    move = {"actor": cast["legal"], "now": noon}
    with pytest.raises(NotNow):
        move_action(action, seen_version=1, state="closed", outcome="对方已删除", **move)  # it was never filed
    move_action(action, seen_version=1, state="filed", reference="SF1203", due_at=noon + 2 * WEEK, **move)
    with pytest.raises(Stale):
        move_action(LegalAction.objects.get(), seen_version=1, state="accepted", **move)
    with pytest.raises(NotNow):
        move_action(action, seen_version=2, state="closed", **move)  # without an outcome
    action = LegalAction.objects.get()
    move_action(action, seen_version=2, state="closed", outcome="对方已删除并致歉", **move)
    with pytest.raises(NotNow):
        move_action(action, seen_version=3, state="filed", **move)
    assert [(step.state, step.note) for step in action.steps.all()] == [
        ("closed", "对方已删除并致歉"),
        ("filed", ""),
        ("planned", ""),
    ]
    assert [entry.event for entry in incident.timeline.all()][:3] == [
        "response.legal_closed",
        "response.legal_filed",
        "response.legal_opened",
    ]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        LegalStep.objects.update(note="别的")


def test_every_state_says_what_may_come_next() -> None:
    assert set(NEXT) == set(LegalAction.State)
    assert {state for state, following in NEXT.items() if following} == set(LegalAction.OPEN)


@pytest.mark.parametrize("changes", [{"due_at": -WEEK}, {"owner": "outsider"}, {"owner": "monitor"}])
def test_a_deadline_in_the_past_or_an_owner_who_may_not_see_it_is_refused(
    incident: Incident, cast: dict[str, User], noon: datetime, changes: dict[str, object]
) -> None:
    given = {"due_at": noon - WEEK} if "due_at" in changes else {"owner": cast[str(changes["owner"])]}
    with pytest.raises(NotNow):
        letter(incident, cast, noon, **given)
    assert not LegalAction.objects.exists()


def test_who_opens_moves_and_reads(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    action = letter(incident, cast, noon, owner=cast["market"])
    team = {"pr", "legal", "market", "tech"}
    for act, thing, who in (
        ("open_legal_action", incident, {"pr", "legal"}),
        ("move_legal_action", action, {"pr", "legal", "market"}),
        ("see_legal", incident, team | {"gm", "deputy", "member", "spokesperson", "alternate", "head", "auditor"}),
    ):
        assert {name for name, person in cast.items() if may(person, act, thing)} == who, act
    with pytest.raises(PermissionDenied):
        move_action(action, actor=cast["gm"], now=noon, seen_version=1, state="filed")


def test_an_overdue_step_is_told_once_until_it_has_a_new_deadline(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    letter(incident, cast, noon)
    drilled = incident_at(Level.TWO, cast, noon, exercise=drill(noon), number="YL-1-YQ-001")
    letter(drilled, cast, noon, due_at=noon + 52 * WEEK)
    told = Notice.objects.filter(event="response.legal_overdue")
    with time_machine.travel(noon + WEEK, tick=False):
        tell_overdue_legal()
        tell_overdue_legal()
    assert sorted(notice.person.username for notice in told) == ["legal", "pr"]
    action = LegalAction.objects.get(incident=incident)
    later = noon + WEEK + timedelta(hours=1)
    move_action(
        action, actor=cast["legal"], now=later, seen_version=1, state="planned", due_at=later + WEEK, note="等公证"
    )
    with time_machine.travel(later + WEEK, tick=False):
        tell_overdue_legal()
    assert told.all().count() == 4
    assert incident.timeline.filter(event="response.legal_overdue").count() == 2


def test_the_pages_open_and_move_a_step(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client], at_noon: datetime
) -> None:
    url, legal = f"/incidents/{incident.number}/legal/", signed_in("legal")
    typed = {
        "kind": "police",
        "title": "向公安机关报案",
        "counterpart": "晴江市公安局",
        "owner": cast["legal"].pk,
        "due_at": "2026-11-20T18:00",
        "documents": SimpleUploadedFile("报案材料.pdf", PDF),
    }
    assert legal.post(f"{url}open/", typed | {"due_at": "2026-11-01T18:00"}).status_code == 400
    typed["documents"] = SimpleUploadedFile("报案材料.pdf", PDF)
    page = legal.post(f"{url}open/", typed, follow=True).content.decode()
    assert "报案材料.pdf" in page
    action = LegalAction.objects.get()
    moved = {"version": 1, "state": "filed", "owner": cast["legal"].pk, "reference": "晴公受〔2026〕8号"}
    assert signed_in("gm").post(action.get_absolute_url(), moved).status_code == 403
    assert legal.post(action.get_absolute_url(), moved).status_code == 302
    assert legal.post(action.get_absolute_url(), moved).status_code == 409
    assert "向公安机关报案" in signed_in("gm").get(url).content.decode()
    assert signed_in("monitor").get(url).status_code == 403
    assert signed_in("outsider").get(url).status_code == 404
