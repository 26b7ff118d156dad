"""P1: every limit of the procedure runs as a row, started, changed, met and stopped by what happens to the incident."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from incidents import timeline_words
from incidents.levels import LIMITS, ClockKind, Level, Stage
from incidents.models import Clock, Incident
from incidents.selectors.clocks import board, next_clock
from incidents.services import levels, stages, undoing
from incidents.services.clocks import meet
from incidents.services.opening import open_incident
from incidents.services.timeline import note_on, write_entry
from incidents.timeline_words import MARKS, OUTWARD, Words
from tests.incidents.factories import asked, standing_at, with_clocks

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
REASON = "央级媒体转载三家，微博热搜第九"


@pytest.fixture(autouse=True)
def _a_release_speaks(monkeypatch):
    words = Words(MARKS["P"], "Published: %(title)s", group=OUTWARD, milestone="said")
    monkeypatch.setitem(timeline_words.WORDS, "test.released", words)


def decided(incident, level, cast, at):
    request = levels.request_level(incident, level, actor=cast["legal"], now=at, reason=REASON)
    levels.approve(request, actor=cast["gm"], now=at + 5 * MINUTE, fresh=True, seen_version=1)
    incident.refresh_from_db()
    return request


def spoken(incident, cast, at):
    return note_on(incident, "test.released", actor=cast["spokesperson"], now=at, detail={"title": "情况说明"})


def running(incident):
    return {clock.kind: clock for clock in incident.clocks.running()}


def minutes(clock):
    return (clock.due_at - clock.started_at) / MINUTE


# --- from opening to the level ---------------------------------------------------------------------------------------
def test_opening_starts_the_clocks_to_assess_and_to_set_the_level_from_finding_out(cast, noon):
    incident = open_incident(actor=cast["pr"], title="建国路店效期标签", now=noon)
    there = running(incident)
    assert set(there) == {ClockKind.ASSESS, ClockKind.CONFIRM}
    assert {clock.started_at for clock in there.values()} == {incident.first_known_at}
    # Nothing was measured, so the limits are those of 三级, on the working calendar: lunch does not count.
    assert (there["assess"].due_at, there["confirm"].due_at) == (noon + 3 * HOUR, noon + 5 * HOUR)


def test_a_graver_suggestion_shortens_them_and_the_old_deadline_stays_on_record(cast, noon):
    incident = with_clocks(standing_at("triaged", 0, opened_by=cast["pr"], first_known_at=noon))
    before = incident.clocks.get(kind="confirm").due_at
    incident.assessments.create(at=noon, formula="1", inputs={}, severity=90, confidence=1, parts={}, suggestion="1")
    note_on(incident, "incidents.assessed", actor=cast["pr"], now=noon + MINUTE, detail={"severity": 90})

    clock = incident.clocks.get(kind="confirm")
    assert (clock.level, clock.started_at, clock.due_at) == (Level.ONE, noon, noon + 30 * MINUTE)
    assert [(was.level, was.due_at) for was in clock.changes.all()] == [(Level.THREE, before)]
    assess = incident.clocks.get(kind="assess")
    assert (assess.met_at, assess.met_by.event) == (noon + MINUTE, "incidents.assessed")


def test_a_request_meets_the_assessment_and_starts_the_clock_of_its_deciders(cast, incident, noon):
    with_clocks(incident)
    request = levels.request_level(incident, 1, actor=cast["legal"], now=noon, reason=REASON)
    assert (minutes(request.clock), request.clock.started_at, request.due_at) == (15, noon, noon + 15 * MINUTE)
    assert incident.clocks.get(kind="assess").met_at == noon
    assert next_clock(incident) == request.clock


def test_of_those_that_run_the_one_due_first_is_the_next(cast, incident, noon):
    with_clocks(incident)
    first = min(incident.clocks.all(), key=lambda clock: clock.due_at)
    assert next_clock(incident) == first
    assert next_clock(standing_at("archived", 2, opened_by=cast["pr"])) is None


@pytest.mark.parametrize("outcome", ["return_request", "withdraw"])
def test_returning_is_a_decision_and_withdrawing_is_none(cast, incident, noon, outcome):
    request = levels.request_level(incident, 2, actor=cast["legal"], now=noon, reason=REASON)
    who = cast["gm"] if outcome == "return_request" else cast["legal"]
    getattr(levels, outcome)(request, actor=who, now=noon + 5 * MINUTE, seen_version=1, note="请先核实批次信息再报")
    clock = Clock.objects.get(request=request)
    ends = (noon + 5 * MINUTE, None) if outcome == "return_request" else (None, noon + 5 * MINUTE)
    assert (clock.met_at, clock.stopped_at) == ends


def test_a_newer_request_stops_the_clock_of_the_older(cast, incident, noon):
    older = levels.request_level(incident, 3, actor=cast["legal"], now=noon, reason=REASON)
    newer = levels.request_level(incident, 2, actor=cast["market"], now=noon + MINUTE, reason=REASON)
    assert Clock.objects.get(request=older).stopped_at == noon + MINUTE
    assert Clock.objects.get(request=newer).is_running


# --- a level ---------------------------------------------------------------------------------------------------------
def test_a_confirmed_level_meets_two_clocks_and_starts_three(cast, incident, noon):
    with_clocks(incident)
    request = decided(incident, Level.ONE, cast, noon)
    at = noon + 5 * MINUTE
    met = {clock.kind: clock.met_by.event for clock in incident.clocks.filter(met_at=at)}
    assert met == {"confirm": "incidents.level_confirmed", "decide": "incidents.level_confirmed"}
    there = running(incident)
    assert {kind: (clock.started_at, minutes(clock)) for kind, clock in there.items()} == {
        "speak": (incident.first_known_at, 60),  # the public and the law count from 获知
        "report": (incident.first_known_at, 60),
        "close": (at, 10080),  # our own work from activation
    }
    assert request.clock.is_running is False or Clock.objects.get(request=request).met_at == at


def test_level_three_need_not_speak_and_closes_on_the_working_calendar(cast, incident, noon):
    decided(incident, Level.THREE, cast, noon)
    there = running(incident)
    assert set(there) == {"close"}
    # three working days from Wednesday 12:05: lunch is over at one, Saturday and Sunday are free
    assert there["close"].due_at == datetime.fromisoformat("2026-11-23T13:00:00+08:00")


def test_a_rise_counts_internal_clocks_anew_and_public_ones_still_from_finding_out(cast, incident, noon):
    decided(incident, Level.TWO, cast, noon)
    before = {kind: clock.due_at for kind, clock in running(incident).items()}
    decided(incident, Level.ONE, cast, noon + HOUR)
    there, at = running(incident), noon + HOUR + 5 * MINUTE
    assert (there["close"].started_at, minutes(there["close"])) == (at, 10080)
    assert (there["speak"].started_at, minutes(there["speak"])) == (incident.first_known_at, 60)
    for kind in ("close", "speak"):
        (was,) = there[kind].changes.all()
        assert (was.level, was.due_at, was.entry.event) == (Level.TWO, before[kind], "incidents.level_confirmed")


def test_what_was_met_is_not_asked_again_by_a_rise(cast, incident, noon):
    decided(incident, Level.TWO, cast, noon)
    entry = spoken(incident, cast, noon + 10 * MINUTE)
    decided(incident, Level.ONE, cast, noon + HOUR)
    speak = incident.clocks.get(kind="speak")
    assert (speak.met_at, speak.met_by, speak.level) == (noon + 10 * MINUTE, entry, Level.TWO)


def test_a_word_said_before_the_level_has_met_the_clock_the_level_starts(cast, incident, noon):
    entry = spoken(incident, cast, noon - MINUTE)
    decided(incident, Level.TWO, cast, noon)
    speak = incident.clocks.get(kind="speak")
    assert (speak.met_at, speak.met_by) == (noon - MINUTE, entry)


def test_taking_the_first_decision_back_restores_what_ran_before(cast, incident, noon):
    with_clocks(incident)
    before = {c.kind: (c.due_at, c.level) for c in running(incident).values()}
    request = decided(incident, Level.ONE, cast, noon)
    undoing.take_back(request, actor=cast["gm"], now=noon + 8 * MINUTE, fresh=True)

    there = running(incident)
    assert {kind: (clock.due_at, clock.level) for kind, clock in there.items()} == {"confirm": before["confirm"]}
    assert set(incident.clocks.filter(stopped_at=noon + 8 * MINUTE).values_list("kind", flat=True)) == {
        "speak", "report", "close",
    }  # fmt: skip
    assert Clock.objects.get(request=request).met_at == noon + 5 * MINUTE  # it was decided in time all the same


def test_taking_a_rise_back_restores_deadlines_to_the_minute(cast, incident, noon):
    decided(incident, Level.TWO, cast, noon)
    before = {kind: (clock.due_at, clock.level) for kind, clock in running(incident).items()}
    rise = decided(incident, Level.ONE, cast, noon + HOUR)
    undoing.take_back(rise, actor=cast["gm"], now=noon + HOUR + 8 * MINUTE, fresh=True)

    assert {kind: (clock.due_at, clock.level) for kind, clock in running(incident).items()} == before
    report = incident.clocks.get(kind="report")  # only 一级 asked for it
    assert report.stopped_at == noon + HOUR + 8 * MINUTE
    # A restored clock does not tell again what it has told.
    assert incident.clocks.get(kind="close").told_percent == 0


def test_a_level_confirmed_again_after_that_lets_the_stopped_clocks_go_on(cast, incident, noon):
    request = decided(incident, Level.TWO, cast, noon)
    undoing.take_back(request, actor=cast["gm"], now=noon + 6 * MINUTE, fresh=True)
    incident.refresh_from_db()
    decided(incident, Level.TWO, cast, noon + 20 * MINUTE)
    assert {kind: minutes(clock) for kind, clock in running(incident).items()} == {"speak": 240, "close": 7200}
    assert incident.clocks.filter(kind="speak").count() == 1


# --- the end ---------------------------------------------------------------------------------------------------------
def test_the_first_statement_meets_its_clock_once(cast, incident, noon):
    decided(incident, Level.TWO, cast, noon)
    first = spoken(incident, cast, noon + HOUR)
    spoken(incident, cast, noon + 2 * HOUR)
    speak = incident.clocks.get(kind="speak")
    assert (speak.met_at, speak.met_by) == (noon + HOUR, first)


def test_what_calms_without_a_word_needs_none_and_what_comes_back_does_again(cast, noon):
    incident = with_clocks(standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"]))
    end = levels.request_end(incident, actor=cast["legal"], now=noon, reason="热度回落，已无新增报道")
    levels.approve(end, actor=cast["gm"], now=noon, fresh=True, seen_version=end.version)
    speak = incident.clocks.get(kind="speak")
    assert (speak.stopped_at, speak.stopped_by.event) == (noon, "incidents.calmed_down")
    stages.relapse(incident, actor=cast["pr"], now=noon + HOUR, note="又有两家媒体跟进报道此事")
    speak.refresh_from_db()
    assert (speak.stopped_at, minutes(speak)) == (None, 240)


def test_the_archive_meets_the_clock_to_close_and_reopening_starts_another(cast, noon):
    incident = with_clocks(standing_at(Stage.REVIEWING, Level.THREE, opened_by=cast["pr"]))
    stages.archive(incident, actor=cast["pr"], now=noon)
    assert (incident.clocks.get(kind="close").met_at, running(incident)) == (noon, {})
    incident.refresh_from_db()
    stages.reopen(incident, actor=cast["gm"], now=noon + HOUR, note="同一批次又有投诉出现了", fresh=True)
    assert incident.clocks.filter(kind="close").count() == 2
    assert running(incident)["close"].started_at == noon + HOUR


@pytest.mark.parametrize("kind", ["assess", "confirm"])
def test_a_false_alarm_stops_what_runs(cast, incident, noon, kind):
    with_clocks(incident)
    stages.dismiss(incident, actor=cast["pr"], now=noon, note="系同名门店，与我司无关")
    assert incident.clocks.get(kind=kind).stopped_at == noon


def test_a_report_meets_its_clock_by_the_function_left_for_it(cast, incident, noon):
    decided(incident, Level.ONE, cast, noon)
    with transaction.atomic():
        entry = write_entry(incident, "test.reported", actor=cast["gm"], now=noon + 9 * MINUTE, before={})
        assert meet(incident, ClockKind.REPORT, noon + 9 * MINUTE, by=entry) is True
        assert meet(incident, ClockKind.REPORT, noon + 10 * MINUTE, by=entry) is False
    assert incident.clocks.get(kind="report").met_at == noon + 9 * MINUTE


# --- times -----------------------------------------------------------------------------------------------------------
def test_an_app_above_sets_the_limits(cast, incident, noon, settings):
    settings.LIMIT_HOOKS = ["tests.incidents.test_clocks.strict", "tests.incidents.test_clocks.never_asked"]
    decided(incident, Level.TWO, cast, noon)
    assert {kind: minutes(clock) for kind, clock in running(incident).items()} == {"speak": 30}


def strict(incident: Incident):
    return {"speak": {Level.TWO: 30}}


def never_asked(incident: Incident):
    raise AssertionError("the first that answers counts")


def test_a_limit_reaches_across_the_holidays_with_their_moved_days(cast, noon):
    """Asked on 30 September at 17:30: October 1-7 are free, and half an hour is left for the 8th."""
    incident = standing_at("triaged", 0, opened_by=cast["pr"])
    at = datetime.fromisoformat("2026-09-30T17:30:00+08:00")
    request = levels.request_level(incident, 3, actor=cast["legal"], now=at, reason=REASON)
    assert request.due_at == datetime.fromisoformat("2026-10-08T09:30:00+08:00")


def test_the_zone_of_the_reader_moves_no_deadline(cast, incident, noon):
    with timezone.override("America/New_York"):
        there = with_clocks(incident).clocks.get(kind="confirm").due_at
    Clock.objects.all().delete()
    assert with_clocks(incident).clocks.get(kind="confirm").due_at == there


def test_every_limit_of_ours_names_a_clock_and_a_level():
    assert set(LIMITS) == set(ClockKind)
    assert all(set(limits) <= {Level.ONE, Level.TWO, Level.THREE} for limits in LIMITS.values())


def test_the_board_says_both_counts_and_how_late(cast, incident, noon, django_assert_num_queries):
    with_clocks(incident)
    decided(incident, Level.TWO, cast, noon)
    spoken(incident, cast, noon + 5 * HOUR)
    with django_assert_num_queries(3):
        rows = board(incident, noon + 6 * HOUR)
    assert [row.clock.kind for row in rows] == ["assess", "confirm", "decide", "speak", "close"]
    states = {row.clock.kind: row for row in rows}
    speak = states["speak"]
    assert (speak.state, speak.late_by) == ("late", 100 * MINUTE)
    assert (speak.since_known, speak.since_active) == (5 * HOUR + 40 * MINUTE, 5 * HOUR - 5 * MINUTE)
    assert (states["confirm"].state, states["assess"].since_active) == ("kept", None)
    assert (states["close"].state, states["close"].left) == ("running", 5 * 24 * HOUR - 6 * HOUR + 5 * MINUTE)


def test_a_request_from_before_the_clocks_still_says_when_it_is_due(cast, incident, noon):
    assert asked(incident, Level.TWO, by=cast["legal"], requested_at=noon).due_at == noon + 30 * MINUTE
