import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django_fsm import TransitionNotAllowed

from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.refusals import FreshCredentialNeeded, ReasonNeeded
from incidents.services import stages
from incidents.services.levels import approve, request_end
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db
NOTE = "负面声量回落到常态，连续二十四小时无新增"


def ended(incident, asker, leader, now):
    """The way a response of 一级 or 二级 ends."""
    request = request_end(incident, actor=asker, now=now, reason=NOTE)
    approve(request, actor=leader, now=now, fresh=True, seen_version=1)


def reload(incident):
    return Incident.everywhere.get(pk=incident.pk)


def test_the_whole_way_from_response_to_archive_and_back(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["legal"])

    ended(incident, cast["legal"], cast["deputy"], noon)
    stages.relapse(incident, actor=cast["pr"], now=noon, note=NOTE)
    ended(incident, cast["legal"], cast["gm"], noon)
    stages.begin_review(incident, actor=cast["pr"], now=noon)
    stages.archive(incident, actor=cast["pr"], now=noon)
    assert (reload(incident).stage, reload(incident).closed_at) == (Stage.ARCHIVED, noon)
    stages.reopen(incident, actor=cast["gm"], now=noon, note=NOTE, fresh=False)

    assert (reload(incident).position, reload(incident).closed_at) == ({"stage": "responding", "level": 2}, None)
    assert [entry.event.split(".")[1] for entry in incident.timeline.order_by("pk")] == [
        "end_requested", "calmed_down", "relapsed", "end_requested", "calmed_down",
        "review_begun", "archived", "reopened",
    ]  # fmt: skip


def test_reopening_level_one_takes_a_fresh_credential(cast, noon):
    incident = standing_at(Stage.ARCHIVED, Level.ONE, opened_by=cast["pr"])
    with pytest.raises(FreshCredentialNeeded):
        stages.reopen(incident, actor=cast["gm"], now=noon, note=NOTE, fresh=False)
    assert (reload(incident).stage, incident.timeline.count()) == (Stage.ARCHIVED, 0)
    stages.reopen(incident, actor=cast["gm"], now=noon, note=NOTE, fresh=True)
    assert reload(incident).stage == Stage.RESPONDING


def test_who_stands_in_ends_a_level_three_in_the_others_name(cast, noon):
    away(cast["pr"], cast["head"])
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"], department=cast["head"].department)
    stages.calm_down(incident, actor=cast["head"], now=noon, note=NOTE)
    entry = incident.timeline.get()
    assert (entry.actor, entry.acting_for) == (cast["head"], cast["pr"])


def test_ending_a_response_takes_a_reason(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    with pytest.raises(ReasonNeeded):
        stages.calm_down(incident, actor=cast["pr"], now=noon, note="好了")
    assert reload(incident).stage == Stage.RESPONDING


def test_what_waits_lapses_with_the_response(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    request = asked(incident, Level.TWO, by=cast["legal"])
    stages.calm_down(incident, actor=cast["pr"], now=noon, note=NOTE)
    request.refresh_from_db()
    assert request.state == LevelRequest.State.LAPSED


def test_dismissed_for_good(cast, incident, noon):
    stages.dismiss(incident, actor=cast["tech"], now=noon, note="核实为同名门店，与本公司无关")
    with pytest.raises(TransitionNotAllowed):
        stages.relapse(incident, actor=cast["pr"], now=noon, note=NOTE)
    assert (reload(incident).stage, reload(incident).closed_at) == (Stage.DISMISSED, noon)


def test_a_running_response_is_dismissed_by_who_decides_its_level(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    with pytest.raises(PermissionDenied):
        stages.dismiss(incident, actor=cast["pr"], now=noon, note=NOTE)
    stages.dismiss(incident, actor=cast["deputy"], now=noon, note=NOTE)
    assert reload(incident).stage == Stage.DISMISSED


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_asks_first_and_then_does_it(signed_in, cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    url = reverse("incidents:step", args=[incident.number, "calm-down"])
    client = signed_in("pr")
    assert client.get(url).status_code == 200
    assert reload(incident).stage == Stage.RESPONDING
    assert client.post(url, {"note": "短"}).status_code == 422
    assert client.post(url, {"note": NOTE}).status_code == 302
    assert reload(incident).stage == Stage.OBSERVING


def test_the_page_asks_for_proof_at_level_one(signed_in, cast):
    incident = standing_at(Stage.ARCHIVED, Level.ONE, opened_by=cast["pr"])
    answer = signed_in("gm").get(reverse("incidents:step", args=[incident.number, "reopen"]))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("account_reauthenticate"))


def test_a_step_the_incident_has_left_behind_is_409(signed_in, cast):
    incident = standing_at(Stage.OBSERVING, Level.THREE, opened_by=cast["pr"])
    answer = signed_in("pr").post(reverse("incidents:step", args=[incident.number, "calm-down"]), {"note": NOTE})
    assert (answer.status_code, reload(incident).stage) == (409, Stage.OBSERVING)


def test_a_veto_is_said_in_its_own_words(signed_in, cast, settings):
    settings.INCIDENT_HOOKS = ["tests.incidents.test_move.vetoes"]
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    url = reverse("incidents:step", args=[incident.number, "calm-down"])
    page = signed_in("pr").post(url, {"note": NOTE}, follow=True)
    assert [str(message) for message in page.context["messages"]] == ["Three required tasks are open."]
    assert reload(incident).stage == Stage.RESPONDING


@pytest.mark.parametrize("step", ["respond", "set-level-one", "nonsense"])
def test_no_other_step_has_a_page(signed_in, incident, step):
    assert signed_in("gm").post(reverse("incidents:step", args=[incident.number, step]), {}).status_code == 404
