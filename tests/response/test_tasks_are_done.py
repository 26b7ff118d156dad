"""Beginning, finishing with evidence, waiving with a reason, handing over, coming back, reminding."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import Delegation, User
from accounts.versions import Stale
from incidents.levels import Level
from incidents.models import Incident
from incidents.refusals import Vetoed
from notices.models import Notice
from response.models import Task
from response.notnow import NotNow
from response.permissions import may
from response.services.tasks import after_step, finish, reassign, start, waive
from tests.response.factories import incident_at, with_tasks

State = Task.State


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    return with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)


@pytest.fixture
def risk(incident: Incident) -> Task:
    """法律风险初评: owned by legal, not starred."""
    return incident.tasks.get(plan_task__key="legal-risk")


@pytest.fixture
def outreach(incident: Incident) -> Task:
    """★ 与自媒体、行业协会沟通: owned by the PR person, who heads the team."""
    return incident.tasks.get(plan_task__key="outreach")


def test_the_owner_begins_and_finishes_with_evidence(
    risk: Task, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    start(risk, actor=cast["legal"], now=noon, seen_version=1)
    finish(risk, actor=cast["legal"], now=noon, seen_version=2, evidence=" 法律意见已存档 ")
    risk.refresh_from_db()
    assert (risk.state, risk.evidence, risk.finished_by, risk.finished_at, risk.version) == (
        "done",
        "法律意见已存档",
        cast["legal"],
        noon,
        3,
    )
    entry = incident.timeline.latest("id")
    assert (entry.event, entry.note, entry.detail) == (
        "response.task_finished",
        "法律意见已存档",
        {"title": "法律风险初评", "late_minutes": 0},
    )


@pytest.mark.parametrize("evidence", ["", "  \n "])
def test_without_evidence_it_is_not_done(risk: Task, cast: dict[str, User], noon: datetime, evidence: str) -> None:
    with pytest.raises(NotNow):
        finish(risk, actor=cast["legal"], now=noon, seen_version=1, evidence=evidence)
    risk.refresh_from_db()
    assert (risk.state, risk.version) == ("open", 1)


@pytest.mark.parametrize(
    ("act", "starred", "allowed"),
    [
        ("finish_task", False, {"legal", "pr"}),
        ("start_task", False, {"legal", "pr"}),
        ("waive_task", False, {"pr", "gm", "deputy"}),
        ("waive_task", True, {"gm", "deputy"}),
        ("reassign_task", False, {"legal", "pr"}),
    ],
)
def test_who_may(risk: Task, outreach: Task, cast: dict[str, User], act: str, starred: bool, allowed: set[str]) -> None:
    task = outreach if starred else risk
    assert {name for name, person in cast.items() if may(person, act, task)} == allowed


def test_who_was_named_by_an_absent_owner_may_finish(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    report = risk.incident.tasks.get(plan_task__key="report-to-leaders")  # the team head's
    Delegation.objects.create(
        principal=cast["pr"],
        delegate=cast["market"],
        reason="出差",
        starts_at=noon - timedelta(days=1),
        ends_at=noon + timedelta(days=1),
    )
    with time_machine.travel(noon, tick=False):
        assert may(cast["market"], "finish_task", report)
        assert not may(cast["market"], "finish_task", risk)


def test_a_stranger_is_refused_and_nothing_changes(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(PermissionDenied):
        finish(risk, actor=cast["market"], now=noon, seen_version=1, evidence="我来")
    risk.refresh_from_db()
    assert (risk.state, risk.evidence, risk.version) == ("open", "", 1)


def test_of_two_who_finish_one_is_told_it_was_done(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    other = Task.objects.get(pk=risk.pk)
    finish(risk, actor=cast["legal"], now=noon, seen_version=1, evidence="意见一")
    with pytest.raises(Stale):
        finish(other, actor=cast["pr"], now=noon, seen_version=1, evidence="意见二")
    assert Task.objects.get(pk=risk.pk).evidence == "意见一"


def test_a_finished_task_cannot_be_finished_again(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    finish(risk, actor=cast["legal"], now=noon, seen_version=1, evidence="意见")
    with pytest.raises(NotNow):
        waive(risk, actor=cast["pr"], now=noon, seen_version=2, reason="多余")
    assert Task.objects.get(pk=risk.pk).state == "done"


def test_waiving_needs_a_reason_and_keeps_it(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    with pytest.raises(NotNow):
        waive(risk, actor=cast["pr"], now=noon, seen_version=1, reason=" ")
    waive(risk, actor=cast["pr"], now=noon, seen_version=1, reason="外部律师已出具")
    risk.refresh_from_db()
    assert (risk.state, risk.waive_reason, risk.finished_by) == ("waived", "外部律师已出具", cast["pr"])


def test_handing_over_tells_the_new_owner_and_moves_the_department(
    risk: Task, cast: dict[str, User], noon: datetime
) -> None:
    reassign(risk, actor=cast["legal"], now=noon, seen_version=1, owner=cast["dept"])
    risk.refresh_from_db()
    assert (risk.owner, risk.department, risk.version) == (cast["dept"], cast["dept"].department, 2)
    notice = Notice.objects.get(person=cast["dept"])
    assert (notice.event, notice.url) == ("response.task_reassigned", f"/tasks/{risk.uuid}/")
    assert Incident.objects.visible_to(cast["dept"]).exists()  # let in, as a member


def test_a_recurring_task_opens_the_next_one(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    brief = incident.tasks.get(plan_task__key="monitoring-brief")  # every 2 h
    following = finish(
        brief, actor=cast["monitor"], now=noon + timedelta(minutes=110), seen_version=1, evidence="第1期"
    )
    assert following is not None
    assert (following.due_at, following.owner, following.every_minutes) == (
        noon + timedelta(hours=4),
        cast["monitor"],
        120,
    )


def test_a_recurring_task_finished_late_skips_the_slots_that_have_passed(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    brief = incident.tasks.get(plan_task__key="monitoring-brief")
    following = finish(brief, actor=cast["monitor"], now=noon + timedelta(hours=5), seen_version=1, evidence="第1期")
    assert following is not None
    assert following.due_at == noon + timedelta(hours=6)


def test_a_recurring_task_slows_down_after_a_day(cast: dict[str, User], noon: datetime) -> None:
    incident = with_tasks(incident_at(Level.ONE, cast, noon), cast, noon)
    brief = incident.tasks.get(plan_task__key="monitoring-brief")  # hourly, every 4 h after 24 h
    Task.objects.filter(pk=brief.pk).update(due_at=noon + timedelta(hours=24))
    brief.refresh_from_db()
    following = finish(brief, actor=cast["monitor"], now=noon + timedelta(hours=24), seen_version=1, evidence="第24期")
    assert following is not None
    assert following.due_at == noon + timedelta(hours=28)


def test_a_recurring_task_ends_when_waived(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    brief = incident.tasks.get(plan_task__key="monitoring-brief")
    waive(brief, actor=cast["pr"], now=noon, seen_version=1, reason="已平息")
    assert not incident.tasks.unfinished().filter(plan_task__key="monitoring-brief").exists()


def test_archiving_with_an_open_required_task_is_vetoed_in_words(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    with pytest.raises(Vetoed) as veto, transaction.atomic():
        after_step("archive", incident, actor=cast["pr"], now=noon)
    assert "成立应急工作小组并通知" in str(veto.value)
    assert incident.tasks.unfinished().count() == 15


def test_archiving_cancels_what_is_left_once_the_required_ones_are_finished(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    incident.tasks.filter(is_starred=True).update(state=State.DONE)
    with transaction.atomic():
        after_step("archive", incident, actor=cast["pr"], now=noon)
    assert not incident.tasks.unfinished().exists()
    assert incident.tasks.filter(state=State.CANCELLED).count() == 9


@pytest.mark.parametrize("step", ["dismiss", "merge"])
def test_a_false_alarm_or_a_merge_cancels_everything(
    incident: Incident, cast: dict[str, User], noon: datetime, step: str
) -> None:
    with transaction.atomic():
        after_step(step, incident, actor=cast["gm"], now=noon)
    assert not incident.tasks.unfinished().exists()
