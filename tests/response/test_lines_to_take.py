"""口径: one line in force per incident, approved by who did not write it, marked once it has expired."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from incidents.selectors.approvals import approvals_waiting_count
from notices.models import Notice
from response.models import Line
from response.notnow import NotNow
from response.services.lines import approve_line, write_line
from tests.response.factories import incident_at

Signed = Callable[[str], Client]


@pytest.fixture
def incident(cast: dict[str, User], at_noon: datetime) -> Incident:
    return incident_at(Level.TWO, cast, at_noon)


def written(incident: Incident, person: User, now: datetime, line: Line | None = None, **how: object) -> Line:
    fields = {
        "words": "门店已停业，正在核实。",
        "questions": [{"question": "还能吃吗？", "answer": "请先不要食用。"}, {"question": "空", "answer": " "}],
        "expires_at": now + timedelta(hours=6),
        "seen_version": line.version if line else 0,
    }
    return write_line(incident, line, actor=person, now=now, **{**fields, **how})  # type: ignore[arg-type]


def test_who_did_not_write_it_approves_and_the_line_before_is_over(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    first = written(incident, cast["legal"], noon)
    assert first.questions == [{"question": "还能吃吗？", "answer": "请先不要食用。"}]
    assert {notice.person.username for notice in Notice.objects.filter(event="response.line_written")} == {"pr"}
    waiting = {name: approvals_waiting_count(person) for name, person in cast.items()}
    assert {name for name, count in waiting.items() if count} == {"pr"}
    for who in ("legal", "gm", "spokesperson"):
        with pytest.raises(PermissionDenied):
            approve_line(first, actor=cast[who], now=noon, seen_version=1)
    approve_line(first, actor=cast["pr"], now=noon, seen_version=1)
    with pytest.raises(NotNow):  # what is in force is not edited
        written(incident, cast["legal"], noon, Line.objects.get(), words="改")
    second = written(incident, cast["pr"], noon)
    with pytest.raises(PermissionDenied):
        approve_line(second, actor=cast["pr"], now=noon, seen_version=1)
    approve_line(second, actor=cast["deputy"], now=noon, seen_version=1)  # the head wrote it: a leader
    assert list(Line.objects.values_list("number", "state")) == [(2, "approved"), (1, "superseded")]
    assert list(incident.timeline.values_list("event", flat=True)).count("response.line_approved") == 2


def test_what_does_not_fit_the_moment_is_refused(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        written(incident, cast["pr"], noon, expires_at=noon)
    with pytest.raises(NotNow):
        written(incident, cast["pr"], noon, words=" ")
    with pytest.raises(PermissionDenied):
        written(incident, cast["monitor"], noon)
    line = written(incident, cast["legal"], noon)
    with pytest.raises(Stale):
        written(incident, cast["market"], noon, line, seen_version=7)
    with pytest.raises(NotNow):
        approve_line(line, actor=cast["pr"], now=line.expires_at, seen_version=1)
    assert Line.objects.get().state == "draft"


def test_everybody_who_may_see_the_incident_reads_it_and_an_expired_one_is_not_copied_unwarned(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    address = f"/incidents/{incident.number}/lines/"
    legal = signed_in("legal")
    typed = {
        "version": 0,
        "words": "门店已停业。",
        "questions": "还能吃吗？\n请先不要食用。\n\n怎么退款？\n凭小票。",
        "expires_at": "2026-11-18T18:00",
    }
    assert legal.post(f"{address}write/", {**typed, "questions": "没有答案？"}).status_code == 400
    assert legal.post(f"{address}write/", typed).status_code == 302
    line = Line.objects.get()
    assert [one["question"] for one in line.questions] == ["还能吃吗？", "怎么退款？"]
    assert legal.post(f"{address}write/", {**typed, "version": 5}).status_code == 409
    head = signed_in("head")
    assert "门店已停业。" not in head.get(address).content.decode()  # not approved yet
    assert head.post(f"/lines/{line.uuid}/approve/", {"version": 1}).status_code == 403
    assert signed_in("outsider").post(f"/lines/{line.uuid}/approve/", {"version": 1}).status_code == 404
    assert signed_in("pr").post(f"/lines/{line.uuid}/approve/", {"version": 1}).status_code == 302
    page = head.get(address).content.decode()
    assert page.count("门店已停业。") == 1
    assert page.count('data-copy="#answer-') == 2
    assert signed_in("outsider").get(address).status_code == 404
    panel = head.get(f"{address}panel/", headers={"HX-Request": "true"}).content.decode()
    assert panel.strip().startswith('<section class="card" id="lines-panel"')
    with time_machine.travel(noon + timedelta(hours=7), tick=False):
        page = signed_in("head").get(address).content.decode()
    assert 'data-copy="#answer-' not in page
    assert page.index("<details><summary>") < page.index('data-copy="#line-words"')
