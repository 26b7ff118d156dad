"""The hooks as incidents calls them: a decision opens tasks, taking it back cancels them, ★ tasks hold the archive."""

from datetime import datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident, LevelRequest
from incidents.refusals import Vetoed
from incidents.services.levels import approve, request_level
from incidents.services.move import move
from incidents.services.undoing import take_back
from response import tasks as background
from response.models import PlanVersion
from response.services.releases import publish
from response.services.tasks import start
from tests.response.factories import incident_at, releasable

pytestmark = pytest.mark.usefixtures("at_noon")


def decided(incident: Incident, level: int, cast: dict[str, User], now: datetime) -> LevelRequest:
    """Asked for by the team head, approved by the group's head."""
    asked = request_level(incident, level, actor=cast["pr"], now=now, reason="传播范围迅速扩大，媒体已转载")
    return approve(asked, actor=cast["gm"], now=now, fresh=True, seen_version=asked.version)


def test_a_confirmed_level_opens_its_tasks_in_the_same_breath(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decided(incident, Level.ONE, cast, noon)
    incident.refresh_from_db()
    assert (incident.stage, incident.activated_at) == ("responding", noon)
    assert incident.tasks.unfinished().count() == 23
    assert {task.due_at - noon for task in incident.tasks.filter(plan_task__key="activate")} == {timedelta(minutes=10)}
    events = [entry.event for entry in incident.timeline.order_by("id")]
    assert events == ["incidents.level_requested", "incidents.level_confirmed", "response.tasks_opened"]


def test_taking_the_decision_back_leaves_only_what_was_begun(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decision = decided(incident, Level.TWO, cast, noon)
    begun = incident.tasks.get(plan_task__key="legal-risk")
    start(begun, actor=cast["legal"], now=noon, seen_version=1)
    take_back(decision, actor=cast["gm"], now=noon + timedelta(minutes=5), fresh=True)
    assert list(incident.tasks.unfinished()) == [begun]


def test_taking_a_rise_back_returns_to_the_former_levels_tasks(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decided(incident, Level.THREE, cast, noon)
    incident.refresh_from_db()
    rise = decided(incident, Level.TWO, cast, noon + timedelta(minutes=20))
    begun = incident.tasks.get(plan_task__key="legal-risk")
    start(begun, actor=cast["legal"], now=noon, seen_version=1)
    take_back(rise, actor=cast["gm"], now=noon + timedelta(minutes=25), fresh=True)
    left = incident.tasks.unfinished()
    assert left.filter(level=Level.THREE).count() == 8
    assert list(left.filter(level=Level.TWO)) == [begun]


def test_a_decision_stands_once_a_statement_has_left(
    speakers: dict[str, User], cast: dict[str, User], noon: datetime
) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decision = decided(incident, Level.TWO, cast, noon)
    version = releasable(Incident.objects.get(), cast, noon)
    publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=noon)
    background.send_releases()
    with pytest.raises(Vetoed):
        take_back(decision, actor=cast["gm"], now=noon + timedelta(minutes=5), fresh=True)
    incident.refresh_from_db()
    assert (incident.level, incident.tasks.unfinished().count()) == (Level.TWO, 15)


def test_the_archive_waits_for_the_required_tasks(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decided(incident, Level.THREE, cast, noon)
    Incident.objects.update(stage="reviewing")
    with pytest.raises(Vetoed, match="第一时间向领导小组汇报"):
        move(incident, "archive", actor=cast["pr"], now=noon)
    incident.refresh_from_db()
    assert incident.stage == "reviewing"
    incident.tasks.filter(is_starred=True, every_minutes=None).update(state="done")
    move(incident, "archive", actor=cast["pr"], now=noon)
    incident.refresh_from_db()
    assert (incident.stage, incident.tasks.unfinished().count()) == ("archived", 0)


def test_a_rise_at_night_counts_from_the_night(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    night = datetime.fromisoformat("2026-11-22T02:00:00+08:00")
    with time_machine.travel(night, tick=False):
        decided(incident, Level.TWO, cast, night)
    assert incident.tasks.get(plan_task__key="working-group").due_at == night + timedelta(minutes=30)


def test_an_incident_keeps_the_limits_of_the_plan_it_began_with(cast: dict[str, User], noon: datetime) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    PlanVersion.objects.get().clocks.filter(level=2, kind="close").update(within_minutes=100)
    decided(incident, Level.TWO, cast, noon)
    assert incident.clocks.get(kind="close").due_at == noon + timedelta(minutes=100)

    PlanVersion.objects.update(state="retired")
    newer = PlanVersion.objects.create(number=2, name="新预案", state="adopted", adopted_at=noon)
    newer.clocks.create(level=1, kind="close", within_minutes=7)
    incident.refresh_from_db()
    decided(incident, Level.ONE, cast, noon + timedelta(hours=1))
    assert incident.clocks.get(kind="close").minutes == 10080
    begun_later = incident_at(Level.UNSET, cast, noon)
    decided(begun_later, Level.ONE, cast, noon)
    assert {clock.kind: clock.minutes for clock in begun_later.clocks.all()} == {"close": 7}


def test_a_release_meets_the_clock_of_the_first_statement(
    speakers: dict[str, User], cast: dict[str, User], noon: datetime
) -> None:
    incident = incident_at(Level.UNSET, cast, noon)
    decided(incident, Level.TWO, cast, noon)
    version = releasable(Incident.objects.get(), cast, noon)
    publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=noon)
    assert incident.clocks.get(kind="speak").met_at is None  # asked for is not said
    background.send_releases()
    speak = incident.clocks.get(kind="speak")
    assert (speak.met_at, speak.met_by.event) == (noon, "response.released")
