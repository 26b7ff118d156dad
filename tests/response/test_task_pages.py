"""My tasks, an incident's tasks, one task."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from incidents.services.timeline import write_entry
from response.models import Task
from response.selectors.tasks import open_task_count
from tests.response.factories import drill, incident_at, with_tasks

Signed = Callable[[str], Client]


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)


@pytest.fixture
def risk(incident: Incident) -> Task:
    return incident.tasks.get(plan_task__key="legal-risk")


def test_my_tasks_stand_across_incidents_overdue_first(
    incident: Incident, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    with_tasks(incident_at(Level.ONE, cast, noon, title="另一件事"), cast, noon)
    with time_machine.travel(noon + timedelta(minutes=150), tick=False):
        answer = signed_in("legal").get("/my-tasks/")
    overdue = [row["task"].title for row in answer.context["overdue"]]
    coming = [row["task"].title for row in answer.context["coming"]]
    assert overdue == ["法律风险初评"]
    assert coming == ["监管预沟通（是否需要）判断", "法律措施评估（律师函、报警、诉讼、公证）"]
    assert "另一件事" in answer.content.decode()


def test_my_tasks_are_headed_by_the_next_clock_of_each_incident(
    cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    for level in (Level.TWO, Level.ONE):
        incident = with_tasks(incident_at(level, cast, noon), cast, noon)
        with transaction.atomic():
            write_entry(incident, "incidents.opened", actor=cast["pr"], now=noon, before={})
    with time_machine.travel(noon + timedelta(minutes=30), tick=False):
        heads = signed_in("legal").get("/my-tasks/").context["clocks"]
    # Both were known an hour before noon: 一级 should have spoken by then, 二级 has until three in the afternoon.
    assert [(head.clock.kind, head.clock.level, head.late_by or head.left) for head in heads] == [
        ("speak", Level.ONE, timedelta(minutes=30)),
        ("speak", Level.TWO, timedelta(minutes=150)),
    ]


def test_nothing_to_do_says_so(cast: dict[str, User], signed_in: Signed) -> None:
    answer = signed_in("dept").get("/my-tasks/")
    assert (answer.context["overdue"], answer.context["coming"]) == ([], [])
    assert 'class="empty"' in answer.content.decode()


def test_my_tasks_take_as_many_queries_however_many(cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    client = signed_in("pr")
    counts = []
    for level in (Level.THREE, Level.TWO, Level.ONE):
        with_tasks(incident_at(level, cast, noon), cast, noon)
        client.get("/my-tasks/")
        with CaptureQueriesContext(connection) as counted:
            client.get("/my-tasks/")
        counts.append(len(counted))
    assert counts[0] == counts[1] == counts[2]


def test_the_rail_counts_what_one_owes(incident: Incident, cast: dict[str, User]) -> None:
    assert open_task_count(cast["legal"]) == 2
    assert open_task_count(cast["outsider"]) == 0


def test_the_panel_shows_open_tasks_and_the_page_finished_ones_too(
    incident: Incident, risk: Task, cast: dict[str, User], noon: datetime, signed_in: Signed
) -> None:
    Task.objects.filter(pk=risk.pk).update(state="done", finished_by=cast["legal"], finished_at=noon)
    client, url = signed_in("gm"), f"/incidents/{incident.number}/tasks/"
    panel = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert panel.strip().startswith('<section class="card" id="tasks-panel">')
    assert "法律风险初评" not in panel
    assert "1 / 15" in panel
    assert "法律风险初评" in client.get(url).content.decode()


def test_finishing_from_the_page(risk: Task, signed_in: Signed) -> None:
    answer = signed_in("legal").post(f"/tasks/{risk.uuid}/finish/", {"finish-version": 1, "finish-evidence": "意见书"})
    assert answer.headers["Location"] == "/my-tasks/"
    risk.refresh_from_db()
    assert (risk.state, risk.evidence) == ("done", "意见书")


def test_the_form_comes_back_with_what_is_wrong(risk: Task, signed_in: Signed) -> None:
    answer = signed_in("legal").post(f"/tasks/{risk.uuid}/finish/", {"finish-version": 1, "finish-evidence": ""})
    assert answer.status_code == 400
    assert 'href="#id_finish-evidence"' in answer.content.decode()
    risk.refresh_from_db()
    assert risk.state == "open"


def test_a_stale_finish_gets_409_and_keeps_what_was_typed(risk: Task, signed_in: Signed) -> None:
    typed = {"finish-version": 1, "finish-evidence": "第一份"}
    signed_in("legal").post(f"/tasks/{risk.uuid}/finish/", typed)
    answer = signed_in("pr").post(f"/tasks/{risk.uuid}/finish/", typed | {"finish-evidence": "第二份"})
    assert answer.status_code == 409
    assert "第二份" in answer.content.decode()
    risk.refresh_from_db()
    assert risk.evidence == "第一份"


@pytest.mark.parametrize(
    ("who", "act", "typed"),
    [
        ("market", "finish", {"finish-version": 1, "finish-evidence": "我来"}),
        ("market", "waive", {"waive-version": 1, "waive-reason": "不必"}),
        ("legal", "waive", {"waive-version": 1, "waive-reason": "不必"}),
        ("monitor", "start", {"start-version": 1}),
        ("auditor", "finish", {"finish-version": 1, "finish-evidence": "我来"}),
    ],
)
def test_the_wrong_role_is_refused_and_nothing_changes(
    risk: Task, signed_in: Signed, who: str, act: str, typed: dict[str, Any]
) -> None:
    assert signed_in(who).post(f"/tasks/{risk.uuid}/{act}/", typed).status_code == 403
    risk.refresh_from_db()
    assert (risk.state, risk.version) == ("open", 1)


def test_who_may_not_see_the_incident_finds_no_task(risk: Task, signed_in: Signed) -> None:
    assert signed_in("outsider").get(f"/tasks/{risk.uuid}/").status_code == 404


def test_waiving_starting_and_handing_over_from_the_page(risk: Task, cast: dict[str, User], signed_in: Signed) -> None:
    legal, head = signed_in("legal"), signed_in("pr")
    legal.post(f"/tasks/{risk.uuid}/start/", {"start-version": 1})
    legal.post(f"/tasks/{risk.uuid}/reassign/", {"reassign-version": 2, "reassign-owner": cast["tech"].pk})
    head.post(f"/tasks/{risk.uuid}/waive/", {"waive-version": 3, "waive-reason": "外部律师已出具"})
    risk.refresh_from_db()
    assert (risk.state, risk.owner, risk.waive_reason, risk.version) == ("waived", cast["tech"], "外部律师已出具", 4)


def test_a_task_is_not_handed_to_an_officer(risk: Task, cast: dict[str, User], signed_in: Signed) -> None:
    answer = signed_in("legal").post(
        f"/tasks/{risk.uuid}/reassign/", {"reassign-version": 1, "reassign-owner": cast["auditor"].pk}
    )
    assert answer.status_code == 400
    risk.refresh_from_db()
    assert risk.owner == cast["legal"]


def test_a_drills_task_is_marked_and_reachable(cast: dict[str, User], noon: datetime, signed_in: Signed) -> None:
    incident = with_tasks(incident_at(Level.TWO, cast, noon, number="YL-1-YQ-001", exercise=drill(noon)), cast, noon)
    page = signed_in("legal").get("/my-tasks/").content.decode()
    assert 'class="tag drill"' in page
    task = incident.tasks.get(plan_task__key="legal-risk")
    assert 'class="ribbon"' in signed_in("legal").get(f"/tasks/{task.uuid}/").content.decode()


@pytest.mark.parametrize(
    ("who", "status"), [("pr", 200), ("dept", 200), ("auditor", 200), ("outsider", 403), ("admin", 403)]
)
def test_who_reads_the_plan(signed_in: Signed, who: str, status: int) -> None:
    assert signed_in(who).get("/plan/").status_code == status


def test_the_plan_page_shows_every_line_in_either_language(signed_in: Signed) -> None:
    client = signed_in("pr")
    page = client.get("/plan/", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert page.count('<tr id="line-') == 47
    assert "启动一级响应并通知全体成员" in page
    english = client.get("/plan/", headers={"Accept-Language": "en"}).content.decode()
    assert "Activate the level-one response and call everyone" in english
