"""常设授权: where the plan in force gives it, the 工作组组长 sets 三级 alone; leaders are told and may overturn."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.permissions import may
from incidents.refusals import Refused
from incidents.services import undoing
from incidents.services.starting import decide_alone
from notices.models import Notice
from response.models import PlanVersion
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
REASON = "单一投诉，互动不足一百，由门店自行处理"
NO = "涉及食品安全，三级不妥，请重新评估后申请"
State = LevelRequest.State


@pytest.fixture
def given(db):
    PlanVersion.objects.filter(state="adopted").update(gives_standing_authority=True)


def test_it_is_off_until_somebody_gives_it(cast, incident, noon):
    with pytest.raises(PermissionDenied):
        decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON)
    assert not LevelRequest.objects.exists()


def test_a_draft_of_the_plan_gives_nothing(cast, incident):
    PlanVersion.objects.create(number=2, name="修订稿", state="draft", gives_standing_authority=True)
    assert not may(cast["pr"], "decide_level_alone", incident)


def test_level_three_is_set_and_the_leadership_is_told(cast, incident, noon, given):
    request = decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON)
    incident.refresh_from_db()
    assert (incident.stage, incident.level) == (Stage.RESPONDING, Level.THREE)
    assert (request.state, request.way, request.decided_by) == (State.APPROVED, "standing", cast["pr"])
    notices = Notice.objects.filter(event="incidents.level_decided_alone")
    assert {"gm", "deputy", "member"} <= {notice.person.username for notice in notices}


@pytest.mark.parametrize("who", ["legal", "gm", "member", "monitor", "head"])
def test_for_the_head_of_the_working_group_alone(cast, incident, given, who):
    away(cast["pr"], cast["legal"])  # nor for who stands in: it is given to a person of that role
    assert not may(cast[who], "decide_level_alone", incident)


def test_not_where_a_level_stands_already(cast, given):
    for level in (Level.THREE, Level.TWO):
        assert not may(cast["pr"], "decide_level_alone", standing_at(Stage.RESPONDING, level, opened_by=cast["pr"]))


def test_not_while_a_graver_level_waits_for_the_leaders(cast, incident, noon, given):
    asked(incident, Level.TWO, by=cast["legal"])
    with pytest.raises(Refused):
        decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON)


def overturn(request, actor, now):
    return undoing.revoke(request, actor=actor, now=now, fresh=False, seen_version=request.version, note=NO)


def test_overturned_in_one_act_by_any_of_the_group(cast, incident, noon, given):
    request = overturn(decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON), cast["member"], noon)
    there = Incident.everywhere.get(pk=incident.pk)
    assert (there.position, request.state, request.decided_by) == (
        {"stage": "triaged", "level": 0},
        State.REVOKED,
        cast["member"],
    )
    assert incident.timeline.first().event == "incidents.level_overturned"


def test_for_twenty_four_hours(cast, incident, noon, given):
    request = decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON)
    with pytest.raises(Refused):
        overturn(request, cast["gm"], noon + timedelta(hours=24, seconds=1))
    assert overturn(request, cast["gm"], noon + timedelta(hours=24)).state == State.REVOKED


def test_who_decided_alone_neither_overturns_nor_takes_back(cast, incident, noon, given):
    request = decide_alone(incident, actor=cast["pr"], now=noon, reason=REASON)
    for act in ("revoke_level", "take_back_level", "approve_level"):
        assert not may(cast["pr"], act, request)


def test_the_page_is_there_while_it_is_given(signed_in, incident, given):
    client = signed_in("pr")
    url = reverse("incidents:decide-alone", args=[incident.number])
    assert url in client.get(incident.get_absolute_url()).content.decode()
    assert client.post(url, {"reason": REASON}).status_code == 302
    incident.refresh_from_db()
    assert incident.level == Level.THREE
    request = LevelRequest.objects.get()
    leader = signed_in("member")
    assert leader.get(request.get_absolute_url()).context["may_revoke"]
    leader.post(reverse("incidents:revoke-level", args=[request.uuid]), {"version": 1, "note": NO})
    incident.refresh_from_db()
    assert incident.level == Level.UNSET
