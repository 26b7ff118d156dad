"""Checklists, files as evidence, tasks that wait for others, rounds that come by themselves, tasks given by hand."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response import tasks as background
from response.models import PlanTask, Task
from response.notnow import NotNow
from response.services import tasks as acts
from response.services.opening import apply_level, go_round
from tests.response.factories import incident_at, with_tasks

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    """二级. The plan says that 法律风险初评 takes two steps and waits for 调查核实事实."""
    line = PlanTask.objects.filter(level=2, key="legal-risk")
    line.update(checklist=["查合同", "写意见"], waits_for=["verify-facts"])
    return with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)


@pytest.fixture
def risk(incident: Incident) -> Task:
    return incident.tasks.get(plan_task__key="legal-risk")


def rounds(incident: Incident) -> list[tuple[str, timedelta]]:
    briefs = incident.tasks.filter(plan_task__key="monitoring-brief").order_by("due_at")
    return [(task.state, task.due_at - incident.activated_at) for task in briefs]


def test_steps_are_ticked_and_unticked(risk: Task, cast: dict[str, User], noon: datetime) -> None:
    first, second = risk.items.all()
    acts.tick(first, actor=cast["legal"], now=noon, done=True)
    acts.tick(second, actor=cast["legal"], now=noon, done=True)
    acts.tick(second, actor=cast["pr"], now=noon, done=False)
    assert list(risk.items.values_list("text", "done_by__username")) == [("查合同", "legal"), ("写意见", None)]
    with pytest.raises(PermissionDenied):
        acts.tick(second, actor=cast["market"], now=noon, done=True)


def test_it_waits_for_what_comes_before_unless_said_why(
    risk: Task, incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    legal = {"actor": cast["legal"], "now": noon, "seen_version": 1}
    with pytest.raises(NotNow, match="调查核实事实"):
        acts.start(risk, **legal)
    with pytest.raises(NotNow, match="调查核实事实"):
        acts.finish(Task.objects.get(pk=risk.pk), **legal, evidence="意见")
    assert Task.objects.get(pk=risk.pk).state == "open"
    acts.start(risk, **legal, in_spite="法院传票已到")
    assert incident.timeline.latest("id").note == "法院传票已到"
    acts.finish(risk, actor=cast["legal"], now=noon, seen_version=2, evidence="意见")  # it was said why
    other = with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)
    facts = other.tasks.get(plan_task__key="verify-facts")
    acts.finish(facts, actor=cast["head"], now=noon, seen_version=1, evidence="清单")
    acts.start(other.tasks.get(plan_task__key="legal-risk"), **legal)  # nothing is left to wait for


def test_the_next_round_comes_when_its_time_does(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    for hours in (1, 2, 2, 3):  # every minute, by two workers
        with time_machine.travel(noon + hours * HOUR, tick=False):
            background.remind_overdue()
    assert rounds(incident) == [("open", 2 * HOUR), ("open", 4 * HOUR)]
    late = incident.tasks.filter(plan_task__key="monitoring-brief").order_by("due_at").first()
    acts.finish(late, actor=cast["monitor"], now=noon + 3 * HOUR, seen_version=late.version, evidence="迟到的简报")
    assert rounds(incident) == [("done", 2 * HOUR), ("open", 4 * HOUR)]  # its next round was open already


def test_a_round_that_nobody_began_is_missed_when_the_next_one_is_late_too(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    brief = incident.tasks.get(plan_task__key="monitoring-brief")
    second = go_round(brief, noon + 2 * HOUR)
    assert go_round(Task.objects.get(pk=brief.pk), noon + 2 * HOUR) is None  # another worker was faster
    go_round(second, noon + 4 * HOUR)
    assert rounds(incident) == [("cancelled", 2 * HOUR), ("open", 4 * HOUR), ("open", 6 * HOUR)]
    assert Notice.objects.get(event="response.round_missed").person == cast["pr"]
    assert incident.timeline.latest("id").event == "response.round_missed"


def test_nothing_comes_back_once_the_review_begins(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    Incident.everywhere.filter(pk=incident.pk).update(stage="reviewing")
    incident = Incident.everywhere.get(pk=incident.pk)
    with transaction.atomic():
        acts.after_step("begin_review", incident, actor=cast["pr"], now=noon)
    assert not incident.tasks.unfinished().filter(every_minutes__isnull=False).exists()
    assert incident.tasks.unfinished().filter(every_minutes__isnull=True).exists()


def test_a_level_change_keeps_every_old_deadline(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    for hours, level in ((1, Level.ONE), (2, Level.TWO)):
        Incident.everywhere.filter(pk=incident.pk).update(level=level)
        incident = Incident.everywhere.get(pk=incident.pk)
        with transaction.atomic():
            apply_level(incident, actor=cast["gm"], now=noon + hours * HOUR)
    task = incident.tasks.get(plan_task__key="verify-facts")
    assert task.due_at == noon + 4 * HOUR
    assert task.deadlines_before == [
        (Level.TWO, noon + 2 * HOUR, noon + HOUR),
        (Level.ONE, noon + timedelta(minutes=105), noon + 2 * HOUR),
    ]


def test_the_pages(incident: Incident, risk: Task, cast, signed_in, settings, tmp_path, at_noon) -> None:
    settings.MEDIA_ROOT = tmp_path
    legal, pr, address = signed_in("legal"), signed_in("pr"), risk.get_absolute_url()
    assert "调查核实事实" in legal.get(address).content.decode()
    assert legal.post(f"{address}start/", {"start-version": 1}).status_code == 400  # it must say why
    legal.post(f"{address}start/", {"start-version": 1, "start-in_spite": "传票已到"})
    legal.post(f"{address}items/{risk.items.first().pk}/", {"done": "yes"})
    assert risk.items.filter(done_at__isnull=False).count() == 1
    assert legal.post(f"{address}finish/", {"finish-version": 2}).status_code == 400
    lying = SimpleUploadedFile("意见.pdf", b"MZ")
    assert legal.post(f"{address}finish/", {"finish-version": 2, "finish-attached": lying}).status_code == 400
    good = SimpleUploadedFile("意见.pdf", b"%PDF-1.7")
    sent = {"finish-version": 2, "finish-attached": good, "finish-link": "https://example.com/a"}
    assert legal.post(f"{address}finish/", sent).status_code == 302
    risk.refresh_from_db()
    assert (risk.state, risk.evidence_link, risk.files.get().name) == ("done", "https://example.com/a", "意见.pdf")
    assert "意见.pdf" in legal.get(address).content.decode()
    give = f"/incidents/{incident.number}/tasks/give/"
    typed = {"title": "安抚老客户", "owner": cast["market"].pk, "within_minutes": 90, "checklist": "名单\n短信"}
    assert legal.post(give, typed).status_code == 403
    assert pr.get(give).status_code == 200
    assert pr.post(give, typed).status_code == 302
    given = incident.tasks.get(title="安抚老客户")
    assert (given.owner, given.wave, given.items.count()) == (cast["market"], 240, 2)
    assert given.due_at == at_noon + timedelta(minutes=90)
    task = incident.tasks.get(plan_task__key="internal-line")
    moved = {"reassign-version": 1, "reassign-owner": cast["market"].pk, "reassign-deputy": cast["legal"].pk}
    pr.post(f"{task.get_absolute_url()}reassign/", moved)
    task.refresh_from_db()
    assert (task.owner, task.deputy) == (cast["market"], cast["legal"])
    assert pr.get(f"/incidents/{incident.number}/tasks/").status_code == 200
