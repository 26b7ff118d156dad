"""Confirming a level opens its tasks; changing it carries unfinished work on; taking it back cancels the untouched."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from accounts.models import User
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Notice
from response.models import Task
from response.services.opening import apply_level
from response.services.tasks import after_step, finish, start
from tests.response.factories import incident_at, with_tasks

State = Task.State


def confirm(incident: Incident, level: int, cast: dict[str, User], now: datetime) -> Incident:
    """What move() does to the row, then the hook, in one transaction."""
    Incident.everywhere.filter(pk=incident.pk).update(level=level, stage="responding")
    incident = Incident.everywhere.get(pk=incident.pk)
    steps = {Level.ONE: "set_level_one", Level.TWO: "set_level_two", Level.THREE: "set_level_three"}
    with transaction.atomic():
        after_step(steps[Level(level)], incident, actor=cast["gm"], now=now)
    return incident


def owner_of(incident: Incident, order: int) -> str:
    return str(incident.tasks.values_list("owner__username", flat=True).get(plan_task__order=order))


@pytest.fixture
def level_one(cast: dict[str, User], noon: datetime) -> Incident:
    return confirm(incident_at(0, cast, noon), Level.ONE, cast, noon)


def test_level_one_opens_its_23_tasks(level_one: Incident) -> None:
    assert level_one.tasks.count() == 23
    assert set(level_one.tasks.values_list("state", "level")) == {("open", 1)}
    assert level_one.tasks.filter(is_starred=True).count() == 8


def test_owners_come_from_the_plans_letters(level_one: Incident) -> None:
    owners = {order: owner_of(level_one, order) for order in (1, 3, 4, 6, 7, 8, 12, 13, 14, 15, 18)}
    assert owners == {
        1: "gm",
        3: "monitor",
        4: "market",
        6: "head",  # the owning department's head
        7: "gm",
        8: "pr",
        12: "deputy",
        13: "spokesperson",
        14: "pr",
        15: "legal",
        18: "member",
    }


def test_the_next_letter_stands_in_and_the_owners_department_owns(level_one: Incident, cast: dict[str, User]) -> None:
    report = level_one.tasks.get(plan_task__order=7)  # L/LEG
    assert (report.deputy, report.department) == (cast["legal"], cast["gm"].department)
    speech = level_one.tasks.get(plan_task__order=13)  # S: the alternate stands in
    assert speech.deputy == cast["alternate"]


def test_level_one_and_two_run_on_the_wall_clock(level_one: Incident, noon: datetime) -> None:
    for task in level_one.tasks.select_related("plan_task"):
        assert task.plan_task is not None
        assert task.due_at == task.first_due_at == noon + timedelta(minutes=task.plan_task.within_minutes)


def test_level_three_runs_in_working_time_and_leaves_out_what_waits_for_an_event(
    cast: dict[str, User], noon: datetime
) -> None:
    friday_evening = datetime.fromisoformat("2026-11-20T17:30:00+08:00")
    incident = confirm(incident_at(0, cast, noon), Level.THREE, cast, friday_evening)
    assert list(incident.tasks.order_by("plan_task__order").values_list("plan_task__order", flat=True)) == [
        1, 2, 3, 4, 5, 7, 8, 9,
    ]  # fmt: skip
    first = incident.tasks.get(plan_task__order=1)
    assert first.due_at == datetime.fromisoformat("2026-11-23T09:30:00+08:00")


def test_a_task_nobody_can_own_is_opened_all_the_same_and_the_team_head_is_told(
    cast: dict[str, User], noon: datetime
) -> None:
    cast["head"].groups.clear()
    incident = confirm(incident_at(0, cast, noon), Level.THREE, cast, noon)
    assert incident.tasks.filter(owner=None).count() == 5
    told = Notice.objects.get(person=cast["pr"], event="response.tasks_need_owner")
    assert told.body.count("\n") == 4


def test_each_owner_gets_one_digest(level_one: Incident, cast: dict[str, User]) -> None:
    digests = Notice.objects.filter(event="response.tasks_opened")
    assert set(digests.values_list("person__username", flat=True)) == {
        "gm", "deputy", "member", "pr", "legal", "market", "spokesperson", "monitor", "head",
    }  # fmt: skip
    assert digests.count() == 9
    assert digests.get(person=cast["market"]).url == "/my-tasks/"


def test_the_timeline_and_the_trail_say_it(level_one: Incident) -> None:
    entry = level_one.timeline.get()
    assert (entry.event, entry.detail) == (
        "response.tasks_opened",
        {"level": 1, "opened": 23, "moved": 0, "cancelled": 0},
    )
    assert Entry.objects.latest("seq").event == "response.tasks_opened"


def test_an_owner_who_could_not_see_the_incident_is_let_in(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon, is_confidential=True), Level.TWO, cast, noon)
    members = set(incident.memberships.values_list("person__username", flat=True))
    assert members == {"pr", "legal", "market", "tech", "spokesperson", "alternate", "monitor", "head"}
    assert not Incident.objects.visible_to(cast["dept"]).exists()


def test_a_rise_carries_unfinished_work_on_and_keeps_its_first_deadline(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon), Level.TWO, cast, noon)
    evidence = incident.tasks.get(plan_task__key="preserve-evidence")
    group = incident.tasks.get(plan_task__key="working-group")
    later = noon + timedelta(minutes=20)
    incident = confirm(incident, Level.ONE, cast, later)
    carried = Task.objects.get(pk=evidence.pk)
    assert (carried.level, carried.title) == (1, "固定证据与全网快照")
    assert carried.due_at == later + timedelta(minutes=30)
    assert carried.first_due_at == noon + timedelta(minutes=60)
    assert carried.version == evidence.version + 1
    assert Task.objects.get(pk=group.pk).state == State.CANCELLED
    assert incident.tasks.unfinished().count() == 23


def test_a_rise_asks_again_for_what_was_done_at_the_milder_level(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon), Level.TWO, cast, noon)
    facts = incident.tasks.get(plan_task__key="verify-facts")
    finish(facts, actor=cast["head"], now=noon, seen_version=1, evidence="事实清单 v1")
    incident = confirm(incident, Level.ONE, cast, noon)
    assert Task.objects.get(pk=facts.pk).state == State.DONE
    assert incident.tasks.unfinished().filter(plan_task__key="verify-facts", level=1).count() == 1


def test_a_fall_accepts_what_was_done_at_the_graver_level(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon), Level.ONE, cast, noon)
    facts = incident.tasks.get(plan_task__key="verify-facts")
    finish(facts, actor=cast["head"], now=noon, seen_version=1, evidence="事实清单 v1")
    incident = confirm(incident, Level.TWO, cast, noon)
    assert incident.tasks.filter(plan_task__key="verify-facts").count() == 1
    assert incident.tasks.unfinished().count() == 14


def test_an_owner_somebody_chose_stays_through_a_level_change(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon), Level.TWO, cast, noon)
    Task.objects.filter(plan_task__key="verify-facts").update(owner=cast["dept"])
    incident = confirm(incident, Level.ONE, cast, noon)
    assert incident.tasks.get(plan_task__key="verify-facts", level=1).owner == cast["dept"]


def test_taking_the_first_decision_back_cancels_only_what_is_untouched(cast: dict[str, User], noon: datetime) -> None:
    incident = confirm(incident_at(0, cast, noon), Level.TWO, cast, noon)
    begun = incident.tasks.get(plan_task__key="legal-risk")
    start(begun, actor=cast["legal"], now=noon, seen_version=1)
    with transaction.atomic():
        after_step("unset_level", incident, actor=cast["gm"], now=noon)
    assert list(incident.tasks.unfinished()) == [begun]
    assert incident.tasks.filter(state=State.CANCELLED).count() == 14
    told = Notice.objects.get(event="response.tasks_cancelled", person=cast["legal"])
    assert told.body == "监管预沟通（是否需要）判断"


def test_a_drills_tasks_stay_in_the_drill(cast: dict[str, User], noon: datetime) -> None:
    from tests.response.factories import drill

    incident = with_tasks(incident_at(Level.TWO, cast, noon, exercise=drill(noon)), cast, noon)
    assert incident.tasks.count() == 15
    assert not Notice.objects.exists()
    assert Notice.everywhere.exists()


def test_an_incident_keeps_the_plan_it_began_with(level_one: Incident, cast: dict[str, User], noon: datetime) -> None:
    from response.models import PlanVersion

    first = PlanVersion.objects.get()
    PlanVersion.objects.update(state="retired")
    PlanVersion.objects.create(number=2, name="新预案", state="adopted", adopted_at=noon)
    confirm(level_one, Level.TWO, cast, noon)
    assert set(level_one.tasks.values_list("plan_task__plan", flat=True)) == {first.pk}


def test_without_a_plan_nothing_opens_and_nothing_breaks(cast: dict[str, User], noon: datetime) -> None:
    from response.models import PlanVersion

    PlanVersion.objects.update(state="retired")
    incident = incident_at(Level.ONE, cast, noon)
    with transaction.atomic():
        assert apply_level(incident, actor=cast["gm"], now=noon) == []
    assert incident.tasks.count() == 0
