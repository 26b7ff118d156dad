from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django_fsm import TransitionNotAllowed

from accounts.models import User
from accounts.roles import Role
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest, TimelineEntry
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, ReasonNeeded, Refused
from incidents.services import levels, undoing
from incidents.services.stages import dismiss
from notices.models import Notice
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
State = LevelRequest.State
ONE, TWO, THREE = Level.ONE, Level.TWO, Level.THREE


def approve(request, actor, now, *, fresh=True, seen_version=1, note=""):
    return levels.approve(request, actor=actor, now=now, fresh=fresh, seen_version=seen_version, note=note)


def unchanged(incident, request):
    """That a refused act left nothing behind."""
    before = incident.position
    incident.refresh_from_db()
    request.refresh_from_db()
    return (
        incident.position,
        incident.version,
        request.state,
        TimelineEntry.objects.count(),
        Entry.objects.count(),
    ) == (
        before,
        1,
        State.REQUESTED,
        0,
        0,
    )


# --- 同意 ------------------------------------------------------------------------------------------------------------
def test_approval_moves_the_level_and_begins_the_response(cast, incident, noon):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)

    incident.refresh_from_db()
    assert (incident.stage, incident.level, incident.activated_at) == (Stage.RESPONDING, TWO, noon)
    assert (request.state, request.decided_by, request.acting_for, request.decided_at, request.decided_level) == (
        State.APPROVED,
        cast["gm"],
        None,
        noon,
        TWO,
    )
    entry = incident.timeline.get()
    assert (entry.event, entry.before, entry.after) == (
        "incidents.level_confirmed",
        {"stage": "triaged", "level": 0},
        {"stage": "responding", "level": 2},
    )
    assert Entry.objects.get().event == "incidents.level_confirmed"
    told = {notice.person.username for notice in Notice.objects.filter(event="incidents.level_confirmed")}
    assert told == {"legal", "pr", "deputy", "member"}


def test_raising_what_runs_keeps_its_activation(cast, noon):
    incident = standing_at(Stage.RESPONDING, THREE, opened_by=cast["pr"])
    approve(asked(incident, ONE, by=cast["legal"]), cast["deputy"], noon)

    fresh = Incident.everywhere.get(pk=incident.pk)
    assert (fresh.stage, fresh.level, fresh.activated_at) == (Stage.RESPONDING, ONE, incident.activated_at)


def test_raising_what_is_observed_takes_the_response_up_again(cast, noon):
    incident = standing_at(Stage.OBSERVING, THREE, opened_by=cast["pr"])
    approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "responding", "level": 2}


def test_lowering_what_is_observed_leaves_it_there(cast, noon):
    incident = standing_at(Stage.OBSERVING, TWO, opened_by=cast["pr"])
    approve(asked(incident, THREE, by=cast["legal"]), cast["gm"], noon)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "observing", "level": 3}


@pytest.mark.parametrize(("before", "after"), [(0, ONE), (TWO, ONE), (ONE, TWO), (ONE, THREE)])
def test_level_one_takes_a_fresh_credential_up_and_down(cast, noon, before, after):
    incident = standing_at(Stage.RESPONDING if before else Stage.TRIAGED, before, opened_by=cast["pr"])
    request = asked(incident, after, by=cast["legal"])

    with pytest.raises(FreshCredentialNeeded):
        approve(request, cast["gm"], noon, fresh=False)

    assert unchanged(incident, request)


def test_level_two_does_not(cast, incident, noon):
    assert approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon, fresh=False).state == State.APPROVED


@pytest.mark.parametrize(
    "who", ["monitor", "pr", "legal", "member", "spokesperson", "head", "auditor", "admin", "outsider"]
)
def test_who_may_not_decides_nothing(cast, incident, noon, who):
    request = asked(incident, TWO, by=cast["legal"])
    with pytest.raises(PermissionDenied):
        approve(request, cast[who], noon)
    assert unchanged(incident, request)


def test_a_member_of_the_group_decides_level_three(cast, incident, noon):
    approve(asked(incident, THREE, by=cast["legal"]), cast["member"], noon)
    incident.refresh_from_db()
    assert incident.level == THREE


def test_who_stands_in_decides_in_the_others_name(cast, incident, noon):
    away(cast["gm"], cast["member"])
    request = approve(asked(incident, ONE, by=cast["legal"]), cast["member"], noon)

    entry = incident.timeline.get()
    assert (request.decided_by, request.acting_for) == (cast["member"], cast["gm"])
    assert (entry.actor, entry.acting_for) == (cast["member"], cast["gm"])
    assert Entry.objects.get().detail["acting_for"] == "王立群"


def test_who_holds_the_role_needs_nobodys_name(cast, incident, noon):
    away(cast["gm"], cast["deputy"])
    assert approve(asked(incident, TWO, by=cast["legal"]), cast["deputy"], noon).acting_for is None


def test_a_stale_look_decides_nothing(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    with pytest.raises(Stale):
        approve(request, cast["gm"], noon, seen_version=7)
    assert unchanged(incident, request)


def test_the_second_decider_is_told_who_was_faster(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    approve(request, cast["gm"], noon)

    with pytest.raises(AlreadyDecided) as late:
        levels.return_request(request, actor=cast["deputy"], now=noon, seen_version=1, note="先核实再报，事实不足")

    assert late.value.request.decided_by == cast["gm"]
    incident.refresh_from_db()
    assert (incident.level, incident.timeline.count()) == (TWO, 1)


def test_what_was_dismissed_meanwhile_gets_no_level(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    dismiss(incident, actor=cast["pr"], now=noon, note="核实后确认并无此事，是同名门店")

    with pytest.raises(AlreadyDecided):
        approve(request, cast["gm"], noon)
    request.refresh_from_db()
    incident.refresh_from_db()
    assert (request.state, incident.stage, incident.level) == (State.LAPSED, Stage.DISMISSED, 0)


def test_even_a_request_left_open_moves_nothing_that_is_over(cast, noon):
    incident = standing_at(Stage.ARCHIVED, TWO, opened_by=cast["pr"])
    request = asked(incident, ONE, by=cast["legal"])
    with pytest.raises(TransitionNotAllowed):
        approve(request, cast["gm"], noon)
    assert unchanged(incident, request)


def test_a_role_taken_away_between_look_and_tap_decides_nothing(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    cast["gm"].groups.clear()
    with pytest.raises(PermissionDenied):
        approve(request, User.objects.get(username="gm"), noon)
    assert unchanged(incident, request)


# --- 改级 ------------------------------------------------------------------------------------------------------------
def otherwise(request, level, actor, now, *, fresh=True, note="影响有限，先按三级处置"):
    return levels.decide_otherwise(request, level, actor=actor, now=now, fresh=fresh, seen_version=1, note=note)


def test_another_level_with_a_reason(cast, incident, noon):
    request = otherwise(asked(incident, ONE, by=cast["legal"]), THREE, cast["gm"], noon)

    incident.refresh_from_db()
    assert (incident.level, incident.stage) == (THREE, Stage.RESPONDING)
    assert (request.state, request.decided_level, request.decision_note) == (
        State.DECIDED_OTHERWISE,
        THREE,
        "影响有限，先按三级处置",
    )
    assert incident.timeline.get().event == "incidents.level_decided_otherwise"


def test_a_member_does_not_overrule_what_the_heads_were_asked(cast, incident, noon):
    request = asked(incident, ONE, by=cast["legal"])
    with pytest.raises(PermissionDenied):
        otherwise(request, THREE, cast["member"], noon)
    assert unchanged(incident, request)


def test_a_member_does_not_reach_above_level_three(cast, incident, noon):
    request = asked(incident, THREE, by=cast["legal"])
    with pytest.raises(PermissionDenied):
        otherwise(request, TWO, cast["member"], noon)
    assert unchanged(incident, request)


def test_reaching_level_one_takes_a_fresh_credential(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    with pytest.raises(FreshCredentialNeeded):
        otherwise(request, ONE, cast["gm"], noon, fresh=False)
    assert unchanged(incident, request)


def test_otherwise_needs_a_reason(cast, incident, noon):
    request = asked(incident, ONE, by=cast["legal"])
    with pytest.raises(ReasonNeeded):
        otherwise(request, TWO, cast["gm"], noon, note="  ")
    assert unchanged(incident, request)


@pytest.mark.parametrize("level", [ONE, 0, 5])
def test_otherwise_is_another_level(cast, incident, noon, level):
    with pytest.raises(ValueError, match="not another level"):
        otherwise(asked(incident, ONE, by=cast["legal"]), level, cast["gm"], noon)


def test_deciding_that_it_stays_where_it_is(cast, noon):
    incident = standing_at(Stage.RESPONDING, TWO, opened_by=cast["pr"])
    otherwise(asked(incident, ONE, by=cast["legal"]), TWO, cast["gm"], noon)
    entry = incident.timeline.get()
    assert (entry.event, entry.before == entry.after) == ("incidents.level_decided_otherwise", True)


# --- 退回, 撤回 ------------------------------------------------------------------------------------------------------
def test_returned_with_a_reason_that_reaches_who_asked(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    levels.return_request(request, actor=cast["gm"], now=noon, seen_version=1, note="请先核实批次信息再报")

    request.refresh_from_db()
    incident.refresh_from_db()
    assert (request.state, request.decision_note, incident.level) == (State.RETURNED, "请先核实批次信息再报", 0)
    assert Notice.objects.get(event="incidents.level_returned").person == cast["legal"]
    assert incident.timeline.get().event == "incidents.level_returned"


def test_withdrawn_by_who_asked_alone(cast, incident, noon):
    request = asked(incident, TWO, by=cast["legal"])
    with pytest.raises(PermissionDenied):
        levels.withdraw(request, actor=cast["pr"], now=noon, seen_version=1)
    levels.withdraw(request, actor=cast["legal"], now=noon, seen_version=1)

    request.refresh_from_db()
    assert request.state == State.WITHDRAWN
    assert levels.request_level(
        incident, THREE, actor=cast["legal"], now=noon, reason="改报三级，影响有限可自行处理"
    ).pk


# --- 收回 ------------------------------------------------------------------------------------------------------------
MINUTE = timedelta(minutes=1)


def take_back(request, actor, now, *, fresh=True):
    return undoing.take_back(request, actor=actor, now=now, fresh=fresh)


def test_taken_back_level_and_stage_return(cast, incident, noon):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    request = take_back(request, cast["gm"], noon + 10 * MINUTE)

    incident.refresh_from_db()
    assert (incident.stage, incident.level, incident.activated_at) == (Stage.TRIAGED, 0, None)
    assert (request.state, request.decided_by, request.decided_at) == (State.TAKEN_BACK, cast["gm"], noon)
    assert incident.timeline.first().event == "incidents.level_taken_back"
    confirmed = {n.person.username for n in Notice.objects.filter(event="incidents.level_confirmed")}
    taken_back = {n.person.username for n in Notice.objects.filter(event="incidents.level_taken_back")}
    assert taken_back == confirmed


def test_a_department_head_who_leads_by_their_own_decision_may_still_take_it_back(cast, noon, settings):
    settings.INCIDENT_HOOKS = ["incidents.services.people.after_step"]
    head = cast["head"]
    head.groups.add(Group.objects.get(name=Role.LEADER_MEMBER))
    incident = standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"], department=head.department)
    request = approve(asked(incident, THREE, by=cast["legal"]), User.objects.get(pk=head.pk), noon)
    incident.refresh_from_db()
    assert (incident.level, incident.lead) == (THREE, head)

    take_back(request, User.objects.get(pk=head.pk), noon + 10 * MINUTE)
    incident.refresh_from_db()
    assert (incident.level, incident.stage) == (0, Stage.TRIAGED)


def test_taken_back_to_the_level_before(cast, noon):
    incident = standing_at(Stage.RESPONDING, THREE, opened_by=cast["pr"])
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    take_back(request, cast["gm"], noon + MINUTE)

    incident = Incident.everywhere.get(pk=incident.pk)
    assert (incident.stage, incident.level, incident.activated_at is None) == (Stage.RESPONDING, THREE, False)


def test_taken_back_what_was_observed_is_observed_again(cast, noon):
    incident = standing_at(Stage.OBSERVING, THREE, opened_by=cast["pr"])
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    take_back(request, cast["gm"], noon + MINUTE)
    assert Incident.everywhere.get(pk=incident.pk).position == {"stage": "observing", "level": 3}


def test_after_ten_minutes_it_stands(cast, incident, noon):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    with pytest.raises(Refused):
        take_back(request, cast["gm"], noon + 10 * MINUTE + timedelta(seconds=1))
    incident.refresh_from_db()
    assert (incident.level, incident.timeline.count()) == (TWO, 1)


@pytest.mark.parametrize("who", ["deputy", "pr", "legal", "member"])
def test_only_who_decided_takes_it_back(cast, incident, noon, who):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    with pytest.raises(PermissionDenied):
        take_back(request, cast[who], noon + MINUTE)
    incident.refresh_from_db()
    assert incident.level == TWO


@pytest.mark.parametrize("who", ["member", "gm"])
def test_or_in_whose_name_it_was_decided(cast, incident, noon, who):
    away(cast["gm"], cast["member"])
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["member"], noon)
    take_back(request, cast[who], noon + MINUTE)
    incident.refresh_from_db()
    assert incident.level == 0


def test_taking_back_level_one_takes_a_fresh_credential(cast, incident, noon):
    request = approve(asked(incident, ONE, by=cast["legal"]), cast["gm"], noon)
    with pytest.raises(FreshCredentialNeeded):
        take_back(request, cast["gm"], noon + MINUTE, fresh=False)
    incident.refresh_from_db()
    assert incident.level == ONE


def test_taken_back_once(cast, incident, noon):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    take_back(request, cast["gm"], noon + MINUTE)
    with pytest.raises(AlreadyDecided):
        take_back(request, cast["gm"], noon + 2 * MINUTE)
    assert incident.timeline.count() == 2


def test_not_when_something_was_decided_since(cast, incident, noon):
    first = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    incident.refresh_from_db()
    approve(asked(incident, THREE, by=cast["legal"]), cast["deputy"], noon + MINUTE)
    with pytest.raises(Refused):
        take_back(first, cast["gm"], noon + 2 * MINUTE)
    incident.refresh_from_db()
    assert incident.level == THREE


def test_what_waits_lapses_with_what_is_taken_back(cast, incident, noon):
    first = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    incident.refresh_from_db()
    later = asked(incident, ONE, by=cast["market"])
    take_back(first, cast["gm"], noon + MINUTE)
    later.refresh_from_db()
    assert later.state == State.LAPSED


def test_a_role_taken_away_takes_nothing_back(cast, incident, noon):
    request = approve(asked(incident, TWO, by=cast["legal"]), cast["gm"], noon)
    cast["gm"].groups.clear()
    with pytest.raises(PermissionDenied):
        take_back(request, User.objects.get(username="gm"), noon + MINUTE)
    incident.refresh_from_db()
    assert incident.level == TWO
