"""Time runs out: whose clock it is hears at 50, 80 and 100 %, then who stands above; each step once."""

from datetime import timedelta

import pytest

from accounts.models import Exercise
from incidents.levels import Level, Stage
from incidents.models import Clock
from incidents.services import levels
from incidents.services.warning import warn, words_due
from incidents.tasks import sweep
from notices.models import Notice
from tests.incidents.factories import standing_at, with_clocks

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def speaking(cast, noon):
    """二级, known at noon, led by the lawyer: the first statement is due at four; nothing else runs."""
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"], lead=cast["legal"], first_known_at=noon)
    with_clocks(incident, noon)
    Clock.objects.filter(incident=incident).exclude(kind="speak").update(stopped_at=noon, next_word_at=None)
    return incident


def told(after=0):
    return {(notice.person.username, notice.event) for notice in Notice.everywhere.order_by("pk")[after:]}


def at(moment, time_machine):
    time_machine.move_to(moment, tick=False)
    sweep()


def test_each_step_is_told_once_and_a_public_clock_goes_up_the_chain(cast, speaking, noon, time_machine):
    chain = [
        (119, set()),
        (120, {("legal", "incidents.clock_warned")}),  # 50 %
        (192, {("legal", "incidents.clock_warned")}),  # 80 %
        (240, {("legal", "incidents.clock_overdue"), ("pr", "incidents.clock_overdue")}),  # 100 %: 工作组组长
        (360, {("deputy", "incidents.clock_overdue")}),  # 150 %
        (480, {("gm", "incidents.clock_overdue")}),  # 200 %
        (4800, set()),
    ]
    for minutes, people in chain:
        before = Notice.objects.count()
        at(noon + minutes * MINUTE, time_machine)
        sweep()
        assert told(before) == people, minutes
    entries = speaking.timeline.filter(event__startswith="incidents.clock_").order_by("pk")
    assert [entry.detail["percent"] for entry in entries] == [50, 80, 100, 150, 200]
    assert {entry.url for entry in entries} == {speaking.clocks.get(kind="speak").get_absolute_url()}


def test_an_internal_clock_stops_at_the_head_of_the_working_group(cast, noon, time_machine):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"], lead=cast["legal"])
    with_clocks(incident, noon)
    close = incident.clocks.get(kind="close")
    at(close.due_at + 30 * 24 * HOUR, time_machine)
    assert told() == {("legal", "incidents.clock_overdue"), ("pr", "incidents.clock_overdue")}
    close.refresh_from_db()
    assert (close.told_percent, close.next_word_at) == (100, None)


def test_steps_that_passed_unseen_are_told_as_one_to_all_they_concern(cast, speaking, noon, time_machine):
    at(noon + 400 * MINUTE, time_machine)
    event = "incidents.clock_overdue"
    assert told() == {("legal", event), ("pr", event), ("deputy", event)}
    assert Notice.objects.count() == 3


def test_a_request_is_told_to_those_who_may_decide_it(cast, incident, noon, time_machine):
    request = levels.request_level(incident, 2, actor=cast["legal"], now=noon, reason="央级媒体转载三家，微博热搜第九")
    before = Notice.objects.count()
    at(noon + 15 * MINUTE, time_machine)
    event = "incidents.deciders_reminded"
    assert told(before) == {("gm", event), ("deputy", event)}
    before = Notice.objects.count()
    at(noon + 31 * MINUTE, time_machine)
    assert told(before) == {("gm", event), ("deputy", event), ("pr", "incidents.clock_overdue")}
    levels.return_request(
        request, actor=cast["gm"], now=noon + 32 * MINUTE, seen_version=1, note="请先核实批次信息再报，事实不足"
    )
    assert not words_due(noon + 24 * HOUR).filter(request=request).exists()


def test_two_sweeps_at_once_tell_once(cast, speaking, noon):
    later = noon + 130 * MINUTE
    (clock,), (again,) = words_due(later), words_due(later)
    assert (warn(clock, now=later), warn(again, now=later)) == (True, False)
    assert Notice.objects.count() == 1


def test_a_clock_that_was_met_meanwhile_is_not_told(cast, speaking, noon):
    later = noon + 130 * MINUTE
    (clock,) = words_due(later)
    Clock.objects.update(met_at=later)
    assert warn(clock, now=later) is False
    assert not Notice.objects.exists()


def test_a_confidential_incident_is_told_by_number_and_only_to_who_may_know(cast, speaking, noon, time_machine):
    type(speaking).objects.update(is_confidential=True)
    at(noon + 240 * MINUTE, time_machine)
    assert {notice.person.username for notice in Notice.objects.all()} == {"legal"}
    assert speaking.title not in Notice.objects.get().subject


def test_a_drill_runs_by_its_own_clock(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon + 3 * HOUR, speed=1)
    incident = standing_at(
        Stage.RESPONDING, Level.TWO, opened_by=cast["pr"], lead=cast["pr"], exercise=drill, first_known_at=noon
    )
    with_clocks(incident, noon)
    sweep()
    assert incident.clocks.get(kind="speak").told_percent == 50
    assert (Notice.objects.count(), Notice.everywhere.count()) == (0, 1)


def test_a_round_asks_as_much_however_many_clocks_run(cast, speaking, noon, django_assert_num_queries):
    for _each in range(3):
        with_clocks(standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"], first_known_at=noon), noon)
    with django_assert_num_queries(4):  # drills, clocks, starts nobody ratified, approvals nobody countersigned
        sweep()
