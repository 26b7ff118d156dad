"""解除响应: at 一级 and 二级 a decision that the working group asks the leaders for; at 三级 an act of its head."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.permissions import may
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, Refused
from incidents.services import levels, undoing
from notices.models import Notice
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
ONE, TWO, THREE = Level.ONE, Level.TWO, Level.THREE
State = LevelRequest.State
REASON = "负面声量回落到常态，连续二十四小时无新增"
MINUTE = timedelta(minutes=1)


def responding(cast, level=TWO, **values):
    return standing_at(Stage.RESPONDING, level, opened_by=cast["pr"], **values)


def requested(incident, actor, now):
    return levels.request_end(incident, actor=actor, now=now, reason=REASON)


def approved(request, actor, now, fresh=True):
    return levels.approve(request, actor=actor, now=now, fresh=fresh, seen_version=request.version)


def position(incident):
    return Incident.everywhere.get(pk=incident.pk).position


def test_the_working_group_asks_and_the_leaders_hear_of_it(cast, noon):
    incident = responding(cast)
    request = requested(incident, cast["legal"], noon)
    assert (request.kind, request.from_level, request.to_level, request.state) == ("end", TWO, TWO, State.REQUESTED)
    assert {notice.person.username for notice in Notice.objects.filter(event="incidents.end_requested")} == {
        "gm",
        "deputy",
    }
    assert incident.timeline.get().event == "incidents.end_requested"


@pytest.mark.parametrize(("stage", "level"), [(Stage.RESPONDING, THREE), (Stage.OBSERVING, TWO), (Stage.TRIAGED, 0)])
def test_there_is_nothing_to_ask_for(cast, noon, stage, level):
    with pytest.raises(PermissionDenied):
        requested(standing_at(stage, level, opened_by=cast["pr"]), cast["pr"], noon)


@pytest.mark.parametrize("who", ["gm", "member", "monitor", "spokesperson", "auditor"])
def test_nobody_else_asks(cast, noon, who):
    with pytest.raises(PermissionDenied):
        requested(responding(cast), cast[who], noon)


def test_the_response_ends_at_the_level_it_had(cast, noon):
    incident = responding(cast)
    request = approved(requested(incident, cast["legal"], noon), cast["deputy"], noon + MINUTE)
    assert (position(incident), request.state) == ({"stage": "observing", "level": 2}, State.APPROVED)
    entry = incident.timeline.first()
    assert (entry.event, entry.actor, entry.detail["asked_by"]) == (
        "incidents.calmed_down",
        cast["deputy"],
        str(cast["legal"]),
    )


@pytest.mark.parametrize("level", [ONE, TWO])
def test_who_decides_it(cast, noon, level):
    request = requested(responding(cast, level), cast["legal"], noon)
    assert {who for who, person in cast.items() if may(person, "approve_level", request)} == {"gm", "deputy"}


def test_who_stands_in_ends_it_in_the_others_name(cast, noon):
    away(cast["gm"], cast["member"])
    incident = responding(cast)
    approved(requested(incident, cast["legal"], noon), cast["member"], noon)
    entry = incident.timeline.first()
    assert (entry.actor, entry.acting_for) == (cast["member"], cast["gm"])


def test_level_one_takes_a_fresh_credential(cast, noon):
    incident = responding(cast, ONE)
    request = requested(incident, cast["legal"], noon)
    with pytest.raises(FreshCredentialNeeded):
        approved(request, cast["gm"], noon, fresh=False)
    assert position(incident)["stage"] == "responding"


def test_no_leader_ends_it_without_being_asked(cast, signed_in):
    incident = responding(cast)
    answer = signed_in("gm").post(reverse("incidents:step", args=[incident.number, "calm-down"]), {"note": REASON})
    assert (answer.status_code, position(incident)["stage"]) == (403, "responding")


def test_a_lower_level_instead_of_the_end(cast, noon):
    incident = responding(cast)
    levels.decide_otherwise(
        requested(incident, cast["legal"], noon),
        THREE,
        actor=cast["gm"],
        now=noon,
        fresh=True,
        seen_version=1,
        note="先降为三级，由门店继续跟进一周",
    )
    assert position(incident) == {"stage": "responding", "level": 3}


def test_returned_nothing_moves(cast, noon):
    incident = responding(cast)
    request = requested(incident, cast["legal"], noon)
    levels.return_request(request, actor=cast["gm"], now=noon, seen_version=1, note="再观察一夜，明早再报一次")
    assert (position(incident)["stage"], incident.timeline.first().event) == ("responding", "incidents.end_returned")


def test_a_level_asked_for_lets_it_lapse_and_the_other_way_round(cast, noon):
    incident = responding(cast)
    end = requested(incident, cast["legal"], noon)
    level = levels.request_level(incident, ONE, actor=cast["market"], now=noon, reason=REASON)
    end.refresh_from_db()
    assert end.state == State.LAPSED
    requested(incident, cast["legal"], noon)
    level.refresh_from_db()
    assert (level.state, incident.level_requests.filter(state=State.REQUESTED).count()) == (State.LAPSED, 1)


def test_taken_back_the_response_goes_on(cast, noon):
    incident = responding(cast)
    request = approved(requested(incident, cast["legal"], noon), cast["gm"], noon)
    undoing.take_back(request, actor=cast["gm"], now=noon + 9 * MINUTE, fresh=True)
    assert (position(incident), incident.timeline.first().event) == (
        {"stage": "responding", "level": 2},
        "incidents.end_taken_back",
    )


def test_not_when_it_came_back_by_itself_meanwhile(cast, noon):
    from incidents.services.stages import relapse

    incident = responding(cast)
    request = approved(requested(incident, cast["legal"], noon), cast["gm"], noon)
    relapse(incident, actor=cast["pr"], now=noon, note=REASON)
    with pytest.raises(Refused):
        undoing.take_back(request, actor=cast["gm"], now=noon + MINUTE, fresh=True)


def test_two_who_end_it(cast, noon):
    request = approved(requested(responding(cast), cast["legal"], noon), cast["gm"], noon)
    with pytest.raises(AlreadyDecided) as late:
        approved(request, cast["deputy"], noon)
    assert str(cast["gm"]) in str(late.value)


def test_the_page_shows_how_calm_it_is(signed_in, cast, noon):
    incident = responding(cast, activated_at=noon - timedelta(days=2))
    for hours in range(5):
        incident.severity_hours.create(
            at=noon - timedelta(hours=hours), severity=20.0, posts=1, unusual_from=4, size_seen=0
        )
    page = signed_in("legal").get(reverse("incidents:request-end", args=[incident.number]))
    assert (page.status_code, page.context["calm"].needed) == (200, 12)
    answer = signed_in("legal").post(reverse("incidents:request-end", args=[incident.number]), {"reason": REASON})
    assert answer.status_code == 302
    asked_for = LevelRequest.objects.get()
    decision = signed_in("gm").get(f"{asked_for.get_absolute_url()}?ask=otherwise")
    assert [each["level"] for each in decision.context["others"]] == [THREE]
    assert decision.context["calm"] is not None


def test_a_waiting_level_and_a_waiting_end_are_one_row(cast, noon):
    from django.db import IntegrityError, transaction

    incident = responding(cast)
    asked(incident, ONE, by=cast["market"])
    with pytest.raises(IntegrityError), transaction.atomic():
        asked(incident, TWO, by=cast["legal"], kind="end", state="provisional")
