import pytest

from accounts.models import User
from incidents.levels import Level, Stage
from incidents.models import Incident, Membership
from incidents.permissions import ACTS, MAY, STEPS, deciders_of, may
from tests.incidents.factories import asked, away, standing_at

pytestmark = pytest.mark.django_db

ONE, TWO, THREE, UNSET = Level.ONE, Level.TWO, Level.THREE, Level.UNSET
HEADS, GROUP = {"gm", "deputy"}, {"gm", "deputy", "member"}

# (from, to): who may decide it when the working group asks. The graver of the two counts.
DECIDERS = {
    (UNSET, THREE): GROUP,
    (UNSET, TWO): HEADS,
    (UNSET, ONE): HEADS,
    (THREE, TWO): HEADS,
    (THREE, ONE): HEADS,
    (TWO, ONE): HEADS,
    (TWO, THREE): HEADS,
    (ONE, TWO): HEADS,
    (ONE, THREE): HEADS,
}


@pytest.mark.parametrize(
    ("step", "allowed"), DECIDERS.items(), ids=[f"{before} to {after}" for before, after in DECIDERS]
)
def test_who_may_decide_which_step(cast, step, allowed):
    before, after = step
    incident = standing_at(Stage.RESPONDING if before else Stage.TRIAGED, before, opened_by=cast["legal"])
    request = asked(incident, after, by=cast["legal"])

    for act in ("approve_level", "decide_level_otherwise", "return_level"):
        assert {who for who, person in cast.items() if may(person, act, request)} == allowed
    assert {person.username for person in deciders_of(request)} == allowed


# Who may do what with an open incident that is not confidential, opened by somebody of the working group.
ALLOWED = {
    "open_incident": {"monitor", "pr", "legal", "market", "tech"},
    "edit_incident": {"pr", "legal", "market", "tech"},
    "hand_over_incidents": {"pr", "legal", "market", "tech"},
    "split_incident": {"pr", "legal", "market", "tech"},
    "edit_kinds": {"pr"},
    "make_confidential": {"pr", "gm", "deputy"},
    "change_members": {"pr", "gm", "deputy"},
    "attach_post": {"monitor", "pr", "legal", "market", "tech"},
    "detach_post": {"monitor", "pr", "legal", "market", "tech"},
    "assess": {"pr", "legal", "market", "tech"},
    "request_level": {"pr", "legal", "market", "tech"},
    "request_end": set(),  # of a response of 一级 or 二级: tests/incidents/test_request_end.py
    "start_level": {"pr"},
    "decide_level_alone": set(),  # while the plan gives no standing authority
    "make_brief": {"monitor", "pr", "legal", "market", "tech", "gm", "deputy", "member"},
    "come_on": {
        "monitor", "pr", "legal", "market", "tech", "gm", "deputy", "member", "spokesperson", "alternate",
    },
    "go_off": set(),  # nobody is on
    "add_note": {
        "monitor", "pr", "legal", "market", "tech", "gm", "deputy", "member", "spokesperson", "alternate",
    },
    "begin_statement": {"pr", "legal", "market", "tech", "spokesperson", "alternate"},
    "export_incidents": {"pr", "legal", "market", "tech", "gm", "deputy", "member", "auditor"},
}  # fmt: skip


@pytest.mark.parametrize(("act", "allowed"), ALLOWED.items())
def test_who_may_act(cast, incident, act, allowed):
    assert {who for who, person in cast.items() if may(person, act, incident)} == allowed


# Stage, level: who may take each step of the stage.
STAGE_STEPS = [
    ("calm_down", Stage.RESPONDING, ONE, set()),  # only by a decision on a request to end it
    ("calm_down", Stage.RESPONDING, TWO, set()),
    ("ratify", Stage.RESPONDING, TWO, set()),  # only by a decision on a provisional start
    ("calm_down", Stage.RESPONDING, THREE, {"pr"}),
    ("relapse", Stage.OBSERVING, TWO, {"pr"}),
    ("begin_review", Stage.OBSERVING, ONE, {"pr"}),
    ("archive", Stage.REVIEWING, ONE, {"pr"}),
    ("reopen", Stage.ARCHIVED, ONE, HEADS),
    ("reopen", Stage.ARCHIVED, THREE, GROUP),
    ("dismiss", Stage.TRIAGED, UNSET, {"pr", "legal", "market", "tech"} | GROUP),
    ("dismiss", Stage.RESPONDING, TWO, HEADS),
    ("dismiss", Stage.RESPONDING, THREE, GROUP),
    ("merge", Stage.TRIAGED, UNSET, {"pr", "legal", "market", "tech"} | GROUP),
    ("merge", Stage.RESPONDING, ONE, HEADS),
    ("unmerge", Stage.MERGED, UNSET, {"pr", "legal", "market", "tech"} | GROUP),
    ("unmerge", Stage.MERGED, TWO, HEADS),
    ("respond", Stage.TRIAGED, UNSET, set()),
    ("stand_back", Stage.RESPONDING, TWO, set()),
    ("set_level_one", Stage.TRIAGED, UNSET, set()),
    ("set_level_two", Stage.RESPONDING, THREE, set()),
    ("set_level_three", Stage.RESPONDING, ONE, set()),
    ("unset_level", Stage.RESPONDING, ONE, set()),
]


@pytest.mark.parametrize(("step", "stage", "level", "allowed"), STAGE_STEPS)
def test_who_may_take_a_step(cast, step, stage, level, allowed):
    incident = standing_at(stage, level, opened_by=cast["legal"])
    assert {who for who, person in cast.items() if may(person, step, incident)} == allowed


def test_every_step_has_a_rule():
    incident = Incident()
    steps = {*incident.get_all_stage_transitions(), *incident.get_all_level_transitions()}
    assert {step.name for step in steps} == set(STEPS)
    assert set(STEPS) | set(ACTS) == set(MAY)


def test_every_act_is_asked_of_the_whole_cast():
    of_requests = {
        "withdraw_level",
        "approve_level",
        "decide_level_otherwise",
        "return_level",
        "take_back_level",
        "revoke_level",
        "record_approval",
        "countersign_level",
    }
    of_proposals = {"take_up_proposal", "dismiss_proposal"}
    of_clocks = {"pause_clock", "resume_clock"}  # test_pause_clock.py
    of_entries = {"correct_entry"}  # test_correct_entry.py
    assert {*ALLOWED, *of_requests, *of_proposals, *of_clocks, *of_entries} == set(ACTS)
    assert {step for step, *_rest in STAGE_STEPS} == set(STEPS)


def test_nobody_decides_what_they_asked_for(cast):
    cast["legal"].groups.add(*cast["gm"].groups.all())
    asker = User.objects.get(username="legal")  # roles are read once a person
    request = asked(standing_at(Stage.TRIAGED, UNSET, opened_by=asker), TWO, by=asker)

    assert not may(asker, "approve_level", request)
    assert {person.username for person in deciders_of(request)} == HEADS


def test_the_head_of_the_working_group_does_not_decide_for_it(cast):
    cast["pr"].groups.add(*cast["gm"].groups.all())
    head = User.objects.get(username="pr")
    incident = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["legal"])

    assert not may(head, "approve_level", asked(incident, TWO, by=cast["legal"]))


def test_whoever_leads_the_incident_does_not_decide_for_its_team(cast):
    incident = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["legal"], lead=cast["deputy"])

    assert {person.username for person in deciders_of(asked(incident, TWO, by=cast["legal"]))} == {"gm"}


def test_a_department_head_does_not_decide_for_the_department(cast):
    cast["member"].groups.add(*cast["head"].groups.all())  # member and market are of one department
    member = User.objects.get(username="member")
    incident = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["legal"])

    assert may(member, "approve_level", asked(incident, THREE, by=cast["legal"]))
    other = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["market"])
    assert not may(member, "approve_level", asked(other, THREE, by=cast["market"]))


def test_a_superuser_decides_nothing(cast, incident):
    User.objects.filter(username="admin").update(is_superuser=True, is_staff=True)
    admin = User.objects.get(username="admin")
    request = asked(incident, TWO, by=cast["legal"])

    of_the_request = [act for act in ACTS if act.endswith("_level") and act not in ("request_level", "start_level")]
    assert [act for act in of_the_request if may(admin, act, request)] == []
    assert [act for act in (*STEPS, *ALLOWED) if may(admin, act, incident)] == []
    assert not Incident.objects.visible_to(admin).exists()


def test_an_inactive_leader_decides_nothing(cast, incident):
    User.objects.filter(username="gm").update(is_active=False)
    request = asked(incident, TWO, by=cast["legal"])

    assert not may(User.objects.get(username="gm"), "approve_level", request)
    assert {person.username for person in deciders_of(request)} == {"deputy"}


def test_who_stands_in_decides_only_while_it_lasts(cast, incident):
    request = asked(incident, TWO, by=cast["legal"])
    assert not may(cast["member"], "approve_level", request)

    delegation = away(cast["gm"], cast["member"])
    assert may(cast["member"], "approve_level", request)
    assert {person.username for person in deciders_of(request)} == HEADS | {"member"}

    delegation.revoked_at = delegation.starts_at
    delegation.save()
    assert not may(cast["member"], "approve_level", request)


def test_whoever_asked_cannot_decide_as_a_stand_in(cast, incident):
    away(cast["gm"], cast["legal"])
    assert not may(cast["legal"], "approve_level", asked(incident, TWO, by=cast["legal"]))


def test_nobody_stands_in_for_whoever_asked(cast):
    cast["gm"].groups.add(*cast["legal"].groups.all())
    gm = User.objects.get(username="gm")
    away(gm, cast["member"])
    request = asked(standing_at(Stage.TRIAGED, UNSET, opened_by=gm), TWO, by=gm)

    assert not may(cast["member"], "approve_level", request)


def test_an_unknown_act_is_an_error_not_a_yes(cast, incident):
    with pytest.raises(KeyError):
        may(cast["gm"], "approve_everything", incident)


# --- seeing ----------------------------------------------------------------------------------------------------------
def test_who_sees_an_open_incident(cast, incident):
    seen = {who for who, person in cast.items() if Incident.objects.visible_to(person).exists()}
    assert seen == {
        "monitor", "pr", "legal", "market", "tech", "gm", "deputy", "member", "spokesperson", "alternate", "auditor",
    }  # fmt: skip


def test_a_confidential_incident_is_for_its_members_and_the_leaders(cast, noon):
    incident = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["pr"], is_confidential=True)
    Membership.objects.create(incident=incident, person=cast["dept"], added_at=noon)
    Membership.objects.create(incident=incident, person=cast["tech"], added_at=noon, removed_at=noon)

    seen = {who for who, person in cast.items() if Incident.objects.visible_to(person).exists()}

    assert seen == {"dept", "gm", "deputy", "member", "auditor"}
    assert not may(cast["legal"], "request_level", incident)


def test_a_department_head_sees_the_departments_own(cast):
    standing_at(Stage.TRIAGED, UNSET, opened_by=cast["pr"])
    own = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["pr"], department=cast["head"].department)
    User.objects.filter(username="head").update(department=None)

    assert list(Incident.objects.visible_to(cast["head"])) == [own]
    assert not Incident.objects.visible_to(User.objects.get(username="head")).exists()  # none is not "those of none"


def test_who_stands_in_for_a_leader_sees_what_a_leader_sees(cast):
    incident = standing_at(Stage.TRIAGED, UNSET, opened_by=cast["pr"], is_confidential=True)
    assert not Incident.objects.visible_to(cast["head"]).exists()
    away(cast["deputy"], cast["head"])
    assert list(Incident.objects.visible_to(cast["head"])) == [incident]
