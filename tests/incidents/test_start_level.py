"""先行启动: in force at once, ratified or revoked by the first leader who decides, climbing while nobody does."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Exercise, User
from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.permissions import may
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, ReasonNeeded, Refused
from incidents.services import levels, stages, undoing
from incidents.services.starting import start
from incidents.tasks import sweep
from notices.models import Notice, Urgency
from tests.cast import PASSWORD
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
ONE, TWO, THREE, UNSET = Level.ONE, Level.TWO, Level.THREE, Level.UNSET
State = LevelRequest.State
REASON = "央视财经点名，热搜第三，组长和副组长都在飞机上"
NO = "目前事实不足以支撑一级，先按原等级处置"
MINUTE = timedelta(minutes=1)


def started(incident, actor, now, level=ONE):
    return start(incident, level, actor=actor, now=now, reason=REASON, fresh=True)


def decided(request, actor, now, **values):
    return levels.approve(request, actor=actor, now=now, fresh=True, seen_version=request.version, **values)


def revoked(request, actor, now, note=NO):
    return undoing.revoke(request, actor=actor, now=now, fresh=True, seen_version=request.version, note=note)


def told(event):
    return {notice.person.username for notice in Notice.objects.filter(event=event)}


# --- starting --------------------------------------------------------------------------------------------------------
def test_it_is_in_force_at_once_and_waits_to_be_ratified(cast, incident, noon):
    request = started(incident, cast["pr"], noon)

    incident.refresh_from_db()
    assert (incident.stage, incident.level, incident.activated_at) == (Stage.RESPONDING, ONE, noon)
    assert (request.state, request.way, request.is_waiting) == (State.PROVISIONAL, "provisional", True)
    entry = incident.timeline.get()
    assert (entry.event, entry.before["level"], entry.after["level"]) == ("incidents.level_started", 0, 1)
    assert Entry.objects.get().event == "incidents.level_started"
    calls = Notice.objects.filter(event="incidents.level_requested")
    assert {(each.person.username, each.urgency, each.url) for each in calls} == {
        ("gm", Urgency.NOW, request.get_absolute_url()),
        ("deputy", Urgency.NOW, request.get_absolute_url()),
    }
    assert told("incidents.level_started") == {"member"}  # who is asked to ratify hears of the start by that


def test_who_ratifies_has_got_it_and_nobody_is_chased_any_more(cast, incident, noon):
    request = started(incident, cast["pr"], noon, Level.TWO)
    decided(request, cast["gm"], noon + MINUTE)
    asks = Notice.objects.filter(call__url=request.get_absolute_url()).order_by("person__username")
    assert [(each.person.username, each.acknowledged_at, each.call.end) for each in asks] == [
        ("deputy", None, "stood_down"),
        ("gm", noon + MINUTE, "stood_down"),
    ]


def test_its_clock_runs_thirty_minutes(cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    incident.refresh_from_db()
    clock = incident.clocks.get(request=request)
    assert (clock.started_at, clock.due_at, request.due_at) == (noon, noon + 30 * MINUTE, noon + 30 * MINUTE)


@pytest.mark.parametrize("who", ["legal", "gm", "deputy", "member", "monitor", "head", "auditor", "admin"])
def test_nobody_but_the_head_of_the_working_group_starts(cast, incident, noon, who):
    with pytest.raises(PermissionDenied):
        started(incident, cast[who], noon)
    assert (LevelRequest.objects.count(), incident.timeline.count(), Notice.objects.count()) == (0, 0, 0)


def test_who_stands_in_starts_in_the_others_name(cast, incident, noon):
    away(cast["pr"], cast["legal"])
    request = started(incident, cast["legal"], noon)
    entry = incident.timeline.get()
    assert (request.requested_by, request.requested_for) == (cast["legal"], cast["pr"])
    assert (entry.actor, entry.acting_for) == (cast["legal"], cast["pr"])


@pytest.mark.parametrize(("level", "wrong"), [(THREE, ValueError), (TWO, Refused)])
def test_only_what_is_graver_and_grave_can_be_started(cast, noon, level, wrong):
    incident = standing_at(Stage.RESPONDING, TWO, opened_by=cast["pr"])
    with pytest.raises(wrong):
        started(incident, cast["pr"], noon, level)
    assert not LevelRequest.objects.exists()


def test_a_reason_and_for_level_one_a_proof_are_needed(cast, incident, noon):
    with pytest.raises(ReasonNeeded):
        start(incident, TWO, actor=cast["pr"], now=noon, reason="快", fresh=True)
    with pytest.raises(FreshCredentialNeeded):
        start(incident, ONE, actor=cast["pr"], now=noon, reason=REASON, fresh=False)
    assert not LevelRequest.objects.exists()


def test_a_request_that_waits_lapses_with_the_start(cast, incident, noon):
    waiting = asked(incident, THREE, by=cast["legal"])
    started(incident, cast["pr"], noon)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by) == (State.LAPSED, cast["pr"])


def test_a_graver_start_takes_the_place_of_the_first(cast, incident, noon):
    first = started(incident, cast["pr"], noon, TWO)
    incident.refresh_from_db()
    second = started(incident, cast["pr"], noon + MINUTE, ONE)
    first.refresh_from_db()
    assert (first.state, second.from_level, second.stage_before) == (State.LAPSED, UNSET, Stage.TRIAGED)

    revoked(second, cast["gm"], noon + 2 * MINUTE)
    incident.refresh_from_db()
    assert incident.position == {"stage": "triaged", "level": 0}


def test_while_it_waits_nothing_else_is_asked(cast, incident, noon):
    started(incident, cast["pr"], noon, TWO)
    incident.refresh_from_db()
    with pytest.raises(Refused):
        levels.request_level(incident, ONE, actor=cast["legal"], now=noon, reason=REASON)
    with pytest.raises(Refused):
        levels.request_end(incident, actor=cast["legal"], now=noon, reason=REASON)


# --- 追认 ------------------------------------------------------------------------------------------------------------
def test_the_first_leader_to_decide_ratifies(cast, incident, noon):
    request = decided(started(incident, cast["pr"], noon), cast["deputy"], noon + 5 * MINUTE)

    incident.refresh_from_db()
    assert (request.state, request.decided_by, incident.level) == (State.APPROVED, cast["deputy"], ONE)
    assert incident.activated_at == noon  # its clocks go on
    assert incident.timeline.first().event == "incidents.level_ratified"
    with pytest.raises(AlreadyDecided) as late:
        decided(request, cast["gm"], noon + 6 * MINUTE)
    assert str(cast["deputy"]) in str(late.value)


@pytest.mark.parametrize("who", ["pr", "legal", "member", "spokesperson", "auditor"])
def test_nobody_else_ratifies(cast, incident, noon, who):
    request = started(incident, cast["pr"], noon)
    with pytest.raises(PermissionDenied):
        decided(request, cast[who], noon)
    with pytest.raises(PermissionDenied):
        revoked(request, cast[who], noon)
    incident.refresh_from_db()
    assert (incident.level, incident.timeline.count()) == (ONE, 1)


def test_nobody_ratifies_their_own(cast, incident, noon):
    cast["pr"].groups.add(*cast["gm"].groups.all())
    both = User.objects.get(username="pr")
    request = started(incident, both, noon)
    assert not may(both, "approve_level", request)

    away(cast["gm"], both)
    assert not may(both, "approve_level", request)


def test_nor_does_the_one_in_whose_name_it_was_started(cast, incident, noon):
    cast["pr"].groups.add(*cast["deputy"].groups.all())
    principal = User.objects.get(username="pr")
    away(principal, cast["legal"])
    request = started(incident, cast["legal"], noon)
    assert not may(principal, "approve_level", request)


def test_ratifying_level_one_takes_a_proof(cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    with pytest.raises(FreshCredentialNeeded):
        levels.approve(request, actor=cast["gm"], now=noon, fresh=False, seen_version=1)
    with pytest.raises(FreshCredentialNeeded):
        undoing.revoke(request, actor=cast["gm"], now=noon, fresh=False, seen_version=1, note=NO)


def test_another_level_is_set_instead(cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    levels.decide_otherwise(request, TWO, actor=cast["gm"], now=noon, fresh=True, seen_version=1, note=NO)
    incident.refresh_from_db()
    assert (incident.level, incident.stage) == (TWO, Stage.RESPONDING)


def test_it_is_not_returned_nor_withdrawn(cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    with pytest.raises(Refused):
        levels.return_request(request, actor=cast["gm"], now=noon, seen_version=1, note=NO)
    with pytest.raises(PermissionDenied):
        levels.withdraw(request, actor=cast["pr"], now=noon, seen_version=1)


# --- 撤销 ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("stage", "level"), [(Stage.TRIAGED, UNSET), (Stage.RESPONDING, THREE), (Stage.OBSERVING, TWO)]
)
def test_revoked_level_and_stage_return_and_the_same_people_hear_of_it(cast, noon, stage, level):
    incident = standing_at(stage, level, opened_by=cast["pr"])
    request = revoked(started(incident, cast["pr"], noon), cast["gm"], noon + MINUTE)

    there = Incident.everywhere.get(pk=incident.pk)
    assert (there.stage, there.level, request.state, request.decided_by) == (stage, level, State.REVOKED, cast["gm"])
    assert there.activated_at == incident.activated_at
    assert incident.timeline.first().event == "incidents.level_start_revoked"
    heard = told("incidents.level_started") | told("incidents.level_requested")
    assert {*heard, "pr"} == {*told("incidents.level_start_revoked"), "gm"}


def test_ratified_and_taken_back_it_is_as_before_the_start(cast, incident, noon):
    request = decided(started(incident, cast["pr"], noon), cast["gm"], noon + MINUTE)
    undoing.take_back(request, actor=cast["gm"], now=noon + 5 * MINUTE, fresh=True)
    incident.refresh_from_db()
    assert (incident.position, incident.activated_at) == ({"stage": "triaged", "level": 0}, None)


def test_dismissed_meanwhile_there_is_nothing_to_ratify(cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    stages.dismiss(incident, actor=cast["deputy"], now=noon, note="核实为同名门店，与本公司无关")
    with pytest.raises(AlreadyDecided) as late:
        decided(request, cast["gm"], noon)
    assert (late.value.request.state, str(cast["deputy"]) in str(late.value)) == (State.LAPSED, True)


# --- climbing --------------------------------------------------------------------------------------------------------
def test_unanswered_the_whole_group_is_told_every_half_hour(cast, incident, noon, time_machine):
    started(incident, cast["pr"], noon)
    for minutes in (29, 30, 31, 60):
        time_machine.move_to(noon + minutes * MINUTE, tick=False)
        sweep()

    notices = Notice.objects.filter(event="incidents.deciders_reminded")
    assert {notice.person.username for notice in notices} == {"gm", "deputy", "member"}
    # the two deciders when 80 % of the time was used; everybody after 30 and after 60 minutes
    assert notices.count() == 2 + 6
    assert incident.timeline.filter(event="incidents.ratification_climbed").count() == 2


def test_climbing_lets_nobody_else_decide(cast, incident, noon, time_machine):
    request = started(incident, cast["pr"], noon)
    time_machine.move_to(noon + 40 * MINUTE, tick=False)
    sweep()
    assert not may(cast["member"], "approve_level", request)
    assert may(cast["member"], "record_approval", request)


def test_a_drill_starts_and_climbs_by_its_own_clock(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon + 90 * MINUTE, speed=1)
    incident = standing_at("triaged", 0, opened_by=cast["pr"], exercise=drill)
    started(incident, cast["pr"], noon + 55 * MINUTE)
    sweep()
    assert (Notice.objects.count(), Notice.everywhere.filter(event="incidents.deciders_reminded").count()) == (0, 3)


# --- the pages -------------------------------------------------------------------------------------------------------
def test_the_page_asks_for_proof_then_a_reason_and_starts(signed_in, incident):
    client = signed_in("pr")
    url = reverse("incidents:start-level", args=[incident.number, 1])
    assert client.get(url).url.split("?")[0] == reverse("account_reauthenticate")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert client.get(url).status_code == 200
    assert not LevelRequest.objects.exists()
    assert client.post(url, {"reason": "短"}).status_code == 422
    assert client.post(url, {"reason": REASON}).status_code == 302
    incident.refresh_from_db()
    assert incident.level == ONE


def test_it_is_called_provisional_everywhere_until_ratified(signed_in, cast, incident, noon):
    request = started(incident, cast["pr"], noon)
    pages = [incident.get_absolute_url(), reverse("incidents:list"), request.get_absolute_url()]
    client = signed_in("gm")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert ["先行启动" in client.get(page).content.decode() for page in pages] == [True] * 3
    assert "先行启动" in client.get(reverse("incidents:approvals")).content.decode()

    assert client.post(reverse("incidents:approve-level", args=[request.uuid]), {"version": 1}).status_code == 302
    assert client.get(pages[1]).context["rows"][0]["waiting"] is None


def test_revoking_in_two_taps(signed_in, cast, incident, noon):
    request = start(incident, TWO, actor=cast["pr"], now=noon, reason=REASON, fresh=True)
    client = signed_in("deputy")
    page = client.get(f"{request.get_absolute_url()}?ask=revoke")  # the first
    preset = page.context["revoke_reasons"][0]
    url = reverse("incidents:revoke-level", args=[request.uuid])
    assert url in page.content.decode()
    assert client.post(url, {"version": 1, "preset": preset}).status_code == 302  # the second
    incident.refresh_from_db()
    request.refresh_from_db()
    assert (incident.level, request.state, request.decision_note) == (UNSET, State.REVOKED, preset)


@pytest.mark.parametrize("who", ["pr", "legal", "member"])
def test_who_may_not_revoke_is_refused_and_it_is_on_record(signed_in, cast, incident, noon, who):
    request = start(incident, TWO, actor=cast["pr"], now=noon, reason=REASON, fresh=True)
    answer = signed_in(who).post(reverse("incidents:revoke-level", args=[request.uuid]), {"version": 1, "note": NO})
    assert answer.status_code == 403
    assert Entry.objects.order_by("-pk").first().event == "accounts.act_refused"
