"""H3.2: the desk proposes a graver level at once, a lower one or the end after calm; people take it up or say no."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Exercise
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelProposal, LevelRequest, SeverityHour
from incidents.refusals import ReasonNeeded, Refused
from incidents.selectors.level_proposals import in_words
from incidents.services.assessing import Entered, assess
from incidents.services.level_proposals import (
    compared_with_other_days,
    dismiss_proposal,
    incidents_to_look_at,
    look_at,
    take_up_proposal,
)
from incidents.services.levels import approve, request_level
from incidents.tasks import propose
from notices.models import Notice
from opinion.models import HourCount
from tests.factories import MatchFactory, PostFactory, SourceFactory, TopicFactory
from tests.incidents.factories import asked, proposed, standing_at

pytestmark = pytest.mark.django_db
ONE, TWO, THREE, UNSET = Level.ONE, Level.TWO, Level.THREE, Level.UNSET
HOUR = timedelta(hours=1)
NO = "该媒体转载的是旧闻，已与编辑部核实"


def watched(incident):
    """A topic the incident keeps watching."""
    topic = TopicFactory(exercise=incident.exercise)
    incident.topics.add(topic)
    return topic


def said(topic, at, *, tier="ordinary", **values):
    """A negative post arrives in a topic."""
    source = SourceFactory(tier=tier)
    post = PostFactory(
        source=source, sentiment="neg", published_at=at, first_seen_at=at, exercise=topic.exercise, **values
    )
    MatchFactory(watch=topic.watch, topic=topic, post=post)
    topic.size += 1
    topic.save(update_fields=["size"])
    return post


def looked(now, exercise=None):
    return [proposal for each in incidents_to_look_at(now, exercise) if (proposal := look_at(each, now))]


def quiet(incident, now, hours, *, severity=5.0, unusual_from=4):
    SeverityHour.objects.bulk_create(
        SeverityHour(
            incident=incident, at=now - back * HOUR, severity=severity, posts=0, unusual_from=unusual_from, size_seen=0
        )
        for back in range(hours)
    )


def responding(cast, level, now, **values):
    """A response that has been running for days."""
    incident = standing_at(Stage.RESPONDING, level, opened_by=cast["pr"], lead=cast["pr"], **values)
    long_ago = now - timedelta(days=3)
    Incident.everywhere.filter(pk=incident.pk).update(opened_at=long_ago, activated_at=long_ago)
    return Incident.everywhere.get(pk=incident.pk)


# --- graver, at once -------------------------------------------------------------------------------------------------
def test_a_change_in_its_topics_proposes_a_graver_level_with_the_numbers(cast, noon):
    incident = responding(cast, THREE, noon)
    topic = watched(incident)
    said(topic, noon - HOUR, tier="central")

    [proposal] = looked(noon)

    assert (proposal.from_level, proposal.to_level, proposal.kind, proposal.state) == (THREE, ONE, "level", "open")
    line = next(reason for reason in proposal.reasons if reason["code"] == "red_line")
    assert (line["line"], line["number"]) == ("central_media", 1)
    assert {reason["code"] for reason in proposal.reasons} == {"red_line", "index", "posts"}
    assert "1" in in_words(proposal)
    told = Notice.objects.filter(event="incidents.proposal_opened")
    assert {notice.person.username for notice in told} == {"pr"}
    entry = incident.timeline.get()
    assert (entry.event, entry.actor, entry.detail) == ("incidents.proposal_opened", None, {"proposed": 1})
    incident.refresh_from_db()
    assert incident.level == THREE  # it proposes; people decide


def test_it_is_not_proposed_again_while_it_is_open(cast, noon):
    incident = responding(cast, THREE, noon)
    topic = watched(incident)
    said(topic, noon - HOUR, tier="national")
    assert len(looked(noon)) == 1
    said(topic, noon, tier="national")
    assert looked(noon + timedelta(minutes=1)) == []
    said(topic, noon, tier="central")
    [graver] = looked(noon + timedelta(minutes=2))
    assert (graver.to_level, sorted(incident.proposals.values_list("state", flat=True))) == (ONE, ["open", "overtaken"])


def test_what_did_not_change_is_not_measured_again(cast, noon):
    incident = responding(cast, THREE, noon)
    said(watched(incident), noon - HOUR)
    looked(noon)
    assert incidents_to_look_at(noon + timedelta(minutes=1)) == []
    assert incidents_to_look_at(noon + HOUR) == [incident]  # an hour is over
    said(incident.topics.get(), noon)
    assert incidents_to_look_at(noon + timedelta(minutes=1)) == [incident]


def test_looking_for_changes_is_one_query_however_many_there_are(cast, noon):
    for count in (1, 3):
        while Incident.objects.count() < count:
            said(watched(responding(cast, THREE, noon)), noon)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(incidents_to_look_at(noon)) == count
        assert len(queries) == 1


@pytest.mark.parametrize("level", [ONE, TWO])
def test_not_what_was_asked_for_already(cast, noon, level):
    incident = responding(cast, THREE, noon)
    said(watched(incident), noon - HOUR, tier="central")
    asked(incident, ONE, by=cast["legal"]) if level == ONE else None
    assert len(looked(noon)) == (0 if level == ONE else 1)


def test_before_a_level_is_set_only_beyond_what_was_suggested(cast, incident, noon):
    from django.db import transaction

    from incidents.services.assessing import measure

    topic = watched(incident)
    said(topic, noon - HOUR, tier="national")
    with transaction.atomic():
        assert measure(incident, noon).suggestion == "2"
    assert looked(noon) == []
    said(topic, noon, tier="central")
    [proposal] = looked(noon + timedelta(minutes=1))
    assert (proposal.from_level, proposal.to_level) == (UNSET, ONE)


@pytest.mark.parametrize("stage", [Stage.REVIEWING, Stage.ARCHIVED, Stage.DISMISSED])
def test_what_is_over_is_left_alone(cast, noon, stage):
    incident = standing_at(stage, THREE, opened_by=cast["pr"])
    said(watched(incident), noon - HOUR, tier="central")
    assert looked(noon) == []


def test_what_is_closed_while_it_is_measured_is_left_alone(cast, noon):
    incident = responding(cast, THREE, noon)
    said(watched(incident), noon - HOUR, tier="central")
    [each] = incidents_to_look_at(noon)
    Incident.everywhere.filter(pk=incident.pk).update(stage=Stage.DISMISSED)
    assert (look_at(each, noon), LevelProposal.objects.count()) == (None, 0)


# --- lower, after calm -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("level", "needed"), [(ONE, 24), (TWO, 12), (THREE, 6)])
def test_after_enough_calm_the_end_is_proposed(cast, noon, level, needed):
    incident = responding(cast, level, noon)
    quiet(incident, noon, needed - 1)
    SeverityHour.objects.create(
        incident=incident, at=noon - needed * HOUR + HOUR, severity=99.0, posts=0, unusual_from=None, size_seen=0
    )
    assert looked(noon + timedelta(minutes=1)) == []

    SeverityHour.objects.filter(severity=99.0).update(severity=4.0)
    Incident.everywhere.filter(pk=incident.pk).update(version=1)
    [proposal] = looked(noon + HOUR)
    assert (proposal.kind, proposal.from_level, proposal.to_level) == ("end", level, level)
    assert proposal.reasons[0]["hours"] == needed


def test_what_the_loudest_hour_asks_for_is_kept(cast, noon):
    incident = responding(cast, ONE, noon)
    quiet(incident, noon, 24, severity=44.0)
    [proposal] = looked(noon + HOUR)
    assert (proposal.kind, proposal.to_level) == ("level", TWO)


def test_never_below_a_red_line_until_a_person_clears_it_with_a_reason(cast, noon):
    incident = responding(cast, ONE, noon)
    two_days_ago = noon - timedelta(days=2)
    entered = Entered(red_lines=("casualties",))
    assess(incident, actor=cast["legal"], now=two_days_ago, entered=entered)
    quiet(incident, noon, 24)
    assert looked(noon + HOUR) == []

    with pytest.raises(ReasonNeeded):
        assess(incident, actor=cast["legal"], now=noon + HOUR, entered=Entered(), note="")
    assess(incident, actor=cast["legal"], now=noon + HOUR, entered=Entered(), note="伤者均已出院，经卫健委复核无重伤")
    [proposal] = looked(noon + 2 * HOUR)
    assert proposal.kind == "end"


def test_calm_counts_from_the_last_decision(cast, noon):
    incident = responding(cast, THREE, noon)
    quiet(incident, noon, 12)
    request = request_level(incident, TWO, actor=cast["legal"], now=noon - 2 * HOUR, reason="内部消息，明日将有曝光")
    approve(request, actor=cast["gm"], now=noon - 2 * HOUR, fresh=True, seen_version=1)
    assert looked(noon + HOUR) == []


def test_an_hour_louder_than_other_days_is_not_calm(cast, noon):
    incident = responding(cast, THREE, noon)
    quiet(incident, noon, 6)
    SeverityHour.objects.filter(at=noon - 2 * HOUR).update(posts=4)
    assert looked(noon + HOUR) == []


def test_hours_missed_while_the_desk_was_down_are_measured_later(cast, noon):
    incident = responding(cast, THREE, noon)
    [proposal] = looked(noon)
    assert (proposal.kind, SeverityHour.objects.filter(incident=incident).count() >= 6) == ("end", True)


def test_the_same_hours_of_other_days(cast, noon):
    incident = responding(cast, THREE, noon)
    topic = watched(incident)
    type(topic.watch).objects.filter(pk=topic.watch_id).update(listens_since=noon - timedelta(days=30))
    assert compared_with_other_days(incident, noon) == (0, 4)
    for day, posts in enumerate([9, 3, 2, 4, 3, 3, 2, 3]):
        HourCount.objects.create(
            watch=topic.watch, hour=noon - HOUR - timedelta(days=day), platform="微博", sentiment="neg", posts=posts
        )
    posts, unusual_from = compared_with_other_days(incident, noon)
    assert (posts, unusual_from) == (9, 9)  # the middle of seven days is 3, three deviations of a Poisson stream above

    type(topic.watch).objects.filter(pk=topic.watch_id).update(listens_since=noon - timedelta(days=2))
    assert compared_with_other_days(incident, noon) == (9, None)  # two days say nothing about what is usual


# --- answers ---------------------------------------------------------------------------------------------------------
def test_taken_up_in_one_click_it_is_a_request_with_its_reasons(cast, noon):
    incident = responding(cast, THREE, noon)
    proposal = proposed(incident, TWO)
    request = take_up_proposal(proposal, actor=cast["legal"], now=noon)
    assert (request.to_level, request.requested_by, request.assessment) == (TWO, cast["legal"], proposal.assessment)
    assert "52.1" in request.reason
    proposal.refresh_from_db()
    assert (proposal.state, proposal.answered_by) == ("taken_up", cast["legal"])


def test_the_end_of_a_grave_response_is_asked_for(cast, noon):
    incident = responding(cast, TWO, noon)
    request = take_up_proposal(proposed(incident, TWO, kind="end"), actor=cast["legal"], now=noon)
    assert (request.kind, request.state) == ("end", LevelRequest.State.REQUESTED)


def test_the_end_at_level_three_is_the_heads_own_act(cast, noon):
    incident = responding(cast, THREE, noon)
    proposal = proposed(incident, THREE, kind="end")
    with pytest.raises(PermissionDenied):
        take_up_proposal(proposal, actor=cast["legal"], now=noon)
    take_up_proposal(proposal, actor=cast["pr"], now=noon)
    incident.refresh_from_db()
    assert incident.stage == Stage.OBSERVING


@pytest.mark.parametrize("who", ["gm", "member", "monitor", "auditor", "outsider"])
def test_nobody_else_answers(cast, noon, who):
    proposal = proposed(responding(cast, THREE, noon), TWO)
    with pytest.raises(PermissionDenied):
        take_up_proposal(proposal, actor=cast[who], now=noon)
    with pytest.raises(PermissionDenied):
        dismiss_proposal(proposal, actor=cast[who], now=noon, note=NO)
    proposal.refresh_from_db()
    assert proposal.state == "open"


def test_answered_once(cast, noon):
    proposal = proposed(responding(cast, THREE, noon), TWO)
    dismiss_proposal(proposal, actor=cast["legal"], now=noon, note=NO)
    with pytest.raises(Refused) as late:
        take_up_proposal(proposal, actor=cast["pr"], now=noon)
    assert str(cast["legal"]) in str(late.value)
    assert not LevelRequest.objects.exists()


def test_dismissing_takes_a_reason(cast, noon):
    with pytest.raises(ReasonNeeded):
        dismiss_proposal(proposed(responding(cast, THREE, noon), TWO), actor=cast["legal"], now=noon, note="不用")


def test_dismissed_it_comes_back_when_another_red_line_is_crossed_or_after_a_day(cast, noon):
    incident = responding(cast, THREE, noon)
    topic = watched(incident)
    said(topic, noon - HOUR, tier="national")
    [proposal] = looked(noon)
    dismiss_proposal(proposal, actor=cast["legal"], now=noon, note=NO)
    said(topic, noon, tier="national")
    assert looked(noon + HOUR) == []

    said(topic, noon + HOUR, rank=20)  # on a hot list, too: no graver level, but another line
    [again] = looked(noon + HOUR + timedelta(minutes=1))
    assert again.to_level == TWO

    dismiss_proposal(again, actor=cast["legal"], now=noon + 2 * HOUR, note=NO)
    said(topic, noon + 25 * HOUR, tier="national")
    assert looked(noon + 25 * HOUR) == []
    assert [each.to_level for each in looked(noon + 27 * HOUR)] == [TWO]


def test_what_was_calm_and_is_loud_again_is_no_longer_proposed(cast, noon):
    incident = responding(cast, THREE, noon)
    quiet(incident, noon, 6)
    [proposal] = looked(noon + HOUR)
    SeverityHour.objects.create(
        incident=incident, at=noon + 2 * HOUR, severity=14.0, posts=9, unusual_from=4, size_seen=0
    )
    assert looked(noon + 2 * HOUR + timedelta(minutes=1)) == []
    said(watched(incident), noon + 2 * HOUR)
    looked(noon + 2 * HOUR + timedelta(minutes=2))
    proposal.refresh_from_db()
    assert proposal.state == "overtaken"


def test_a_level_decided_meanwhile_overtakes_it(cast, noon):
    incident = responding(cast, THREE, noon)
    said(watched(incident), noon - HOUR, tier="national")
    [proposal] = looked(noon)
    request = request_level(incident, TWO, actor=cast["legal"], now=noon, reason="省级媒体已转载，影响扩大")
    approve(request, actor=cast["gm"], now=noon, fresh=True, seen_version=1)
    assert looked(noon + HOUR) == []
    proposal.refresh_from_db()
    assert proposal.state == "overtaken"


def test_the_database_holds_one_open_proposal_an_incident(cast, noon):
    from django.db import IntegrityError, transaction

    incident = responding(cast, THREE, noon)
    proposed(incident, TWO)
    with pytest.raises(IntegrityError), transaction.atomic():
        proposed(incident, ONE)


# --- drills, pages ---------------------------------------------------------------------------------------------------
def test_a_drill_proposes_by_its_own_clock_and_tells_nobody_outside(cast, noon):
    drill = Exercise.objects.create(
        name="演练", kind="drill", started_at=noon, clock_from=noon + timedelta(days=9), speed=600
    )
    there = noon + timedelta(days=9)
    incident = standing_at(Stage.RESPONDING, THREE, opened_by=cast["pr"], lead=cast["pr"], exercise=drill)
    said(watched(incident), there - HOUR, tier="central")
    assert looked(noon) == []
    propose()
    assert (LevelProposal.objects.get().opened_at, Notice.objects.count()) == (there, 0)
    assert Notice.everywhere.filter(event="incidents.proposal_opened").count() == 1


def test_it_stands_on_the_incident_the_list_and_the_approvals_page(signed_in, cast, noon):
    incident = responding(cast, THREE, noon)
    proposal = proposed(incident, TWO)
    client = signed_in("legal")
    page = client.get(incident.get_absolute_url())
    assert (page.context["proposal"].proposal, page.context["proposal"].may_take_up) == (proposal, True)
    assert client.get(reverse("incidents:list")).context["rows"][0]["proposal"] == proposal
    assert client.get(reverse("incidents:approvals")).context["proposals"] == [proposal]
    assert signed_in("gm").get(incident.get_absolute_url()).context["proposal"].may_take_up is False
    assert signed_in("gm").get(reverse("incidents:approvals")).context["proposals"] == []


def test_what_was_dismissed_meanwhile_is_proposed_to_nobody(signed_in, cast, noon):
    from incidents.services.stages import dismiss

    incident = responding(cast, THREE, noon)
    proposal = proposed(incident, TWO)
    dismiss(incident, actor=cast["member"], now=noon, note="核实为同名门店，与本公司无关")
    assert signed_in("legal").get(reverse("incidents:approvals")).context["proposals"] == []
    with pytest.raises(PermissionDenied):
        take_up_proposal(proposal, actor=cast["legal"], now=noon)
    assert not LevelRequest.objects.exists()


def test_measuring_costs_the_same_however_many_posts_there_are(cast, noon):
    incident = standing_at(Stage.RESPONDING, ONE, opened_by=cast["pr"])  # nothing graver to propose, no calm hours yet
    topic, counts = watched(incident), []
    for more in (1, 30):
        for _post in range(more):
            said(topic, noon - HOUR)
        SeverityHour.objects.all().delete()
        [each] = incidents_to_look_at(noon)
        with CaptureQueriesContext(connection) as queries:
            look_at(each, noon)
        counts.append(len(queries))
    assert counts == [counts[0]] * 2


def test_the_buttons_do_it(signed_in, cast, noon):
    incident = responding(cast, THREE, noon)
    proposal = proposed(incident, TWO)
    client = signed_in("legal")
    assert client.get(reverse("incidents:take-up-proposal", args=[proposal.uuid])).status_code == 405
    page = reverse("incidents:dismiss-proposal", args=[proposal.uuid])
    assert client.get(page).status_code == 200
    assert client.post(page, {"note": "短"}).status_code == 422
    assert client.post(reverse("incidents:take-up-proposal", args=[proposal.uuid])).status_code == 302
    assert LevelRequest.objects.get().to_level == TWO
    assert signed_in("outsider").post(page, {"note": NO}).status_code == 404
