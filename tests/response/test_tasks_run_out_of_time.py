"""Time runs out for tasks: owners hear at 50, 80 and 100 %, then the chain above; each step once, one digest each."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from accounts.models import Exercise, User
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Delivery, Notice
from response import tasks as background
from response.models import Task
from response.services.opening import apply_level
from response.services.reminding import tasks_to_tell, tell
from response.services.tasks import finish
from tests.response.factories import incident_at, with_tasks

pytestmark = pytest.mark.usefixtures("at_noon")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def incident(cast: dict[str, User], noon: datetime) -> Incident:
    """二级, its tasks opened at noon."""
    return with_tasks(incident_at(Level.TWO, cast, noon), cast, noon)


def nobody_told() -> None:
    Delivery.objects.all().delete()
    Notice.everywhere.all().delete()


def alone(incident: Incident, key: str) -> Task:
    """The only task that still tells anybody anything."""
    incident.tasks.exclude(plan_task__key=key).update(next_word_at=None, is_followed=True)
    nobody_told()
    return incident.tasks.get(plan_task__key=key)


def told_at(moment: datetime) -> set[tuple[str, str]]:
    nobody_told()
    for _twice in range(2):
        with time_machine.travel(moment, tick=False):
            background.remind_overdue()
    return {(notice.person.username, notice.event.split(".")[1]) for notice in Notice.everywhere.all()}


def test_a_starred_task_goes_up_the_chain(incident: Incident, noon: datetime) -> None:
    alone(incident, "verify-facts")  # within 120 minutes, owned by the head of the department
    steps = [
        (59, set()),
        (60, {("head", "tasks_running_out")}),
        (96, {("head", "tasks_running_out")}),
        (120, {("head", "tasks_overdue"), ("pr", "tasks_overdue")}),
        (180, {("deputy", "tasks_overdue")}),
        (240, {("gm", "tasks_overdue")}),
        (2400, set()),
    ]
    for minutes, people in steps:
        assert told_at(noon + minutes * MINUTE) == people, minutes


@pytest.mark.parametrize("key", ["legal-risk", "monitoring-brief"])
def test_others_and_those_that_come_back_stop_at_the_head_of_the_working_group(
    incident: Incident, noon: datetime, key: str
) -> None:
    task = alone(incident, key)
    incident.tasks.update(is_followed=True)  # the next round has its own test
    assert ("pr", "tasks_overdue") in told_at(task.due_at)
    assert told_at(task.due_at + timedelta(days=9)) == set()


def test_what_runs_out_together_is_one_digest(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    later = noon + timedelta(days=30)
    nobody_told()
    assert tell(tasks_to_tell(None, later), later) == 15
    per_person = Notice.objects.values_list("person__username", flat=True)
    assert len(per_person) == len(set(per_person))
    everything = Notice.objects.get(person=cast["pr"])
    assert everything.body.count("\n") == 14
    assert tell(tasks_to_tell(None, later), later) == 0


def test_two_workers_tell_once(incident: Incident, noon: datetime) -> None:
    task = alone(incident, "legal-risk")
    later = noon + 61 * MINUTE
    (mine,), (theirs,) = tasks_to_tell(None, later), tasks_to_tell(None, later)
    assert (tell([mine], later), tell([theirs], later)) == (1, 0)
    assert [notice.url for notice in Notice.objects.all()] == [task.get_absolute_url()]


def test_what_is_finished_is_told_to_nobody(incident: Incident, cast: dict[str, User], noon: datetime) -> None:
    task = alone(incident, "legal-risk")
    finish(task, actor=cast["legal"], now=noon, seen_version=task.version, evidence="法律意见见附件")
    assert told_at(noon + timedelta(days=1)) == set()


def test_the_next_round_of_a_task_is_told_by_its_own_time(
    incident: Incident, cast: dict[str, User], noon: datetime
) -> None:
    brief = alone(incident, "monitoring-brief")  # every two hours
    following = finish(brief, actor=cast["monitor"], now=noon, seen_version=brief.version, evidence="第1期")
    assert following is not None
    assert (following.due_at, following.next_word_at) == (noon + 240 * MINUTE, noon + 120 * MINUTE)


def test_a_level_change_begins_a_tasks_time_anew(cast: dict[str, User], incident: Incident, noon: datetime) -> None:
    told_at(noon + 110 * MINUTE)
    facts = incident.tasks.get(plan_task__key="verify-facts")
    assert facts.told_percent == 80
    Incident.everywhere.filter(pk=incident.pk).update(level=Level.ONE)
    incident.refresh_from_db()
    with transaction.atomic():
        apply_level(incident, actor=cast["gm"], now=noon + 110 * MINUTE)
    facts.refresh_from_db()  # within 45 minutes at 一级
    begun = noon + 110 * MINUTE
    assert (facts.rebased_at, facts.told_percent, facts.next_word_at) == (begun, 0, begun + timedelta(seconds=1350))


def test_level_three_counts_working_time(cast: dict[str, User], noon: datetime) -> None:
    friday = datetime.fromisoformat("2026-11-20T17:00:00+08:00")
    incident = with_tasks(incident_at(Level.THREE, cast, friday), cast, friday)
    party = incident.tasks.get(title="核实并联系当事人")  # 240 working minutes, due on Monday at noon
    assert party.due_at == datetime.fromisoformat("2026-11-23T12:00:00+08:00")
    assert party.next_word_at == datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def test_a_drill_is_told_by_its_own_clock(cast: dict[str, User], noon: datetime) -> None:
    ahead = Exercise.objects.create(
        name="演练", kind="drill", started_at=noon, clock_from=noon + timedelta(hours=1), speed=1
    )
    incident = with_tasks(incident_at(Level.TWO, cast, noon, exercise=ahead), cast, noon)
    alone(incident, "legal-risk")
    nobody_told()
    background.remind_overdue()
    assert (Notice.objects.count(), Notice.everywhere.count()) == (0, 1)


def test_a_round_asks_as_much_however_many_tasks_wait(
    incident: Incident, noon: datetime, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(5):  # type: ignore[operator]
        background.remind_overdue()
