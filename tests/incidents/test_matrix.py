"""Role × act × state on every surface: the table, the pages and the API, against the policy in policy.py.

An act without a row in the policy fails here. One test an act, not one a cell: the whole cast at every position.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from incidents.levels import Level, Stage
from incidents.models import Clock, Incident, LevelRequest, Membership, OralApproval, TimelineEntry
from incidents.permissions import MAY, STEPS, may
from tests.factories import NOON, PostFactory
from tests.incidents.factories import asked, proposed, standing_at, with_clocks
from tests.incidents.policy import LEADERS, OF_INCIDENTS, OF_ROWS, POSITIONS

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

REASON = "监管来函询问此事，需要立即回应"
ALIKE = {"tech", "alternate", "security"}  # hold what market, spokesperson and admin hold: asked in test_permissions.py
INSIDE = {"pr", "legal"}  # members of the confidential incident
State = LevelRequest.State


@pytest.fixture
def standing(cast: dict[str, User]) -> Callable[..., Incident]:
    def at(stage: str, level: int, **values: Any) -> Incident:
        incident = standing_at(stage, level, opened_by=cast["pr"], lead=cast["legal"], **values)
        Membership.objects.bulk_create(Membership(incident=incident, person=cast[who], added_at=NOON) for who in INSIDE)
        return incident

    return at


def allowed(cast: dict[str, User], act: str, thing: Any) -> set[str]:
    return {who for who, person in cast.items() if who not in ALIKE and may(person, act, thing)}


def expected(act: str, position: tuple[str, int]) -> set[str]:
    return set().union(*(who for where, who in OF_INCIDENTS[act] if position in where)) - ALIKE


# --- the table -------------------------------------------------------------------------------------------------------
def test_every_act_has_a_row_in_the_policy():
    assert {*OF_INCIDENTS, *OF_ROWS} == set(MAY)


@pytest.mark.parametrize("hidden", [False, True], ids=["open", "confidential"])
def test_who_may_at_every_position(cast, standing, hidden):
    wrong = []
    for position in POSITIONS:
        incident = standing(*position, is_confidential=hidden)
        takeable = {step.name for step in incident.get_available_stage_transitions()}
        takeable |= {step.name for step in incident.get_available_level_transitions()}
        for act in OF_INCIDENTS:
            should = expected(act, position)
            if hidden and act not in ("open_incident", "edit_kinds", "export_incidents", "hand_over_incidents"):
                should &= INSIDE | LEADERS
            does = allowed(cast, act, incident) if act not in STEPS or act in takeable else set()
            if does != should:
                wrong.append((act, *position, does - should, should - does))
    assert wrong == []


@pytest.fixture
def rows(cast: dict[str, User], standing: Callable[..., Incident]) -> Callable[[str], Any]:
    """A row of each kind on an incident of its own."""

    def request(to_level: int, **values: Any) -> LevelRequest:
        asker = values.pop("by", cast["market"])
        return asked(standing(Stage.RESPONDING, Level.THREE if to_level != 3 else 2), to_level, by=asker, **values)

    def by_mouth() -> LevelRequest:
        decided = {"decided_by": cast["deputy"], "decided_level": 2, "decided_at": NOON, "state": State.ORAL}
        row = request(2, **decided)
        OralApproval.objects.create(
            request=row, given_by=cast["deputy"], given_at=NOON, means="phone", words="同意", recorded_at=NOON,
            recorded_by=cast["tech"],
        )  # fmt: skip
        return row

    def clock(kind: str) -> Clock:
        return with_clocks(standing(Stage.RESPONDING, Level.ONE, first_known_at=NOON)).clocks.get(kind=kind)

    made: dict[str, Callable[[], Any]] = {
        "asked_three": lambda: asked(standing(Stage.TRIAGED, Level.UNSET), 3, by=cast["market"]),
        "asked_two": lambda: request(2),
        "asked_one": lambda: request(1),
        "started": lambda: request(1, by=cast["pr"], state=State.PROVISIONAL, way=LevelRequest.Way.PROVISIONAL),
        "by_mouth": by_mouth,
        "decided": lambda: request(
            2, state=State.APPROVED, decided_by=cast["gm"], decided_level=2, decided_at=NOON - timedelta(minutes=1)
        ),
        "proposal": lambda: proposed(standing(Stage.RESPONDING, Level.THREE), Level.TWO),
        "proposed_end_of_three": lambda: proposed(standing(Stage.RESPONDING, Level.THREE), Level.THREE, kind="end"),
        "clock": lambda: clock("close"),
        "legal_clock": lambda: clock("report"),
        "entry": lambda: TimelineEntry.objects.filter(
            incident=with_clocks(standing(Stage.RESPONDING, Level.TWO))
        ).first(),
    }
    return lambda name: made[name]()


@pytest.mark.parametrize("act", OF_ROWS)
def test_who_may_with_what_hangs_on_it(cast, rows, act):
    found = {name: allowed(cast, act, rows(name)) for name in OF_ROWS[act]}
    assert found == {name: who - ALIKE for name, who in OF_ROWS[act].items()}


# --- the pages -------------------------------------------------------------------------------------------------------
def pages(incident: Incident, post: Any, rows: Callable[[str], Any]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Act, address and what is posted: every page on which an act can be taken at 处置中, 三级."""
    number, reason = (
        incident.number,
        {"note": "监管来函询问此事，需要立即回应", "reason": "监管来函询问此事，需要立即回应"},
    )
    yield "edit_incident", reverse("incidents:edit", args=[number]), {"title": "改过的标题"}
    yield "split_incident", reverse("incidents:split", args=[number]), {"title": "分出去的"}
    yield "change_members", reverse("incidents:members", args=[number]), {}
    yield "come_on", reverse("incidents:come-on", args=[number]), {}
    yield "go_off", reverse("incidents:go-off", args=[number]), {}
    yield "attach_post", reverse("incidents:attach", args=[number, post.uuid]), {}
    yield "detach_post", reverse("incidents:detach", args=[number, post.uuid]), {}
    yield "add_note", reverse("incidents:note", args=[number]), {"words": "记一笔"}
    yield "make_brief", reverse("incidents:make-brief", args=[number]), {"seen": "0"}
    yield "assess", reverse("incidents:assess", args=[number]), {}
    yield "request_level", reverse("incidents:request-level", args=[number]), {"level": "2", **reason}
    yield "start_level", reverse("incidents:start-level", args=[number, 2]), reason
    yield "decide_level_alone", reverse("incidents:decide-alone", args=[number]), reason
    yield "request_end", reverse("incidents:request-end", args=[number]), reason
    yield "edit_kinds", reverse("incidents:kinds"), {"name": "员工权益"}
    yield "export_incidents", reverse("incidents:export"), {}
    yield "hand_over_incidents", reverse("incidents:hand-over"), {"chosen": f"{number}:1"}
    for step in ("calm_down", "relapse", "begin_review", "archive", "reopen", "dismiss", "merge"):
        yield step, reverse("incidents:step", args=[number, step.replace("_", "-")]), reason
    for act in ("approve_level", "decide_level_otherwise", "return_level", "withdraw_level", "take_back_level"):
        name = "decide-otherwise" if act == "decide_level_otherwise" else act.replace("_", "-")
        yield act, reverse(f"incidents:{name}", args=[rows("asked_two").uuid]), {"version": "1", "level": "3", **reason}
    started = rows("started")
    yield "revoke_level", reverse("incidents:revoke-level", args=[started.uuid]), {"version": "1", **reason}
    yield "record_approval", reverse("incidents:record-approval", args=[rows("asked_two").uuid]), {}
    yield "countersign_level", reverse("incidents:countersign-level", args=[rows("by_mouth").uuid]), {"version": "1"}
    yield "take_up_proposal", reverse("incidents:take-up-proposal", args=[rows("proposal").uuid]), {}
    yield "dismiss_proposal", reverse("incidents:dismiss-proposal", args=[rows("proposal").uuid]), reason
    clock = rows("clock")
    yield "pause_clock", reverse("incidents:pause-clock", args=[clock.incident.number, clock.uuid]), reason
    yield "resume_clock", reverse("incidents:resume-clock", args=[clock.incident.number, clock.uuid]), {}
    entry = rows("entry")
    yield "correct_entry", reverse("incidents:correct-entry", args=[entry.incident.number, entry.pk]), reason


ROW_OF = {
    "revoke_level": "started",
    "countersign_level": "by_mouth",
    "take_up_proposal": "proposal",
    "dismiss_proposal": "proposal",
    "pause_clock": "clock",
    "resume_clock": "clock",
    "correct_entry": "entry",
}
# acts whose address is another act's, or that no page of this app offers alone
ELSEWHERE = {"open_incident", "make_confidential", "begin_statement", "unmerge"} | {
    name for name in STEPS if name.startswith(("set_level", "unset", "respond", "stand_back", "ratify"))
}


def test_every_act_has_a_page_in_the_walk(cast, standing, rows):
    incident = standing(Stage.RESPONDING, Level.THREE)
    walked = {act for act, _url, _data in pages(incident, PostFactory(), rows)}
    assert walked | ELSEWHERE == set(MAY)


def state_of_everything() -> tuple[int, list[Any]]:
    return TimelineEntry.objects.count(), list(
        Incident.everywhere.values_list("pk", "stage", "level", "title", "version")
    )


def test_a_page_refuses_everybody_the_policy_does_not_name_and_nothing_changes(cast, standing, rows):
    incident = standing(Stage.RESPONDING, Level.THREE)
    browsers = {who: Client() for who in cast}
    for who, client in browsers.items():
        client.force_login(cast[who])
    wrong = []
    for act, url, data in pages(incident, PostFactory(), rows):
        if act in OF_ROWS:
            named = OF_ROWS[act][ROW_OF.get(act, "asked_two")]
        else:
            named = expected(act, (Stage.RESPONDING, Level.THREE))
        before = state_of_everything()
        for who in cast.keys() - named - ALIKE:
            answer = browsers[who].post(url, data)
            if answer.status_code not in (403, 404, 405, 409):
                wrong.append((act, who, answer.status_code))
        if state_of_everything() != before:
            wrong.append((act, "something changed"))
    assert wrong == []


# --- the API ---------------------------------------------------------------------------------------------------------
def test_the_api_shows_what_a_person_may_see_and_changes_nothing(cast, standing):
    hidden = standing(Stage.RESPONDING, Level.TWO, is_confidential=True)
    plain = standing(Stage.RESPONDING, Level.TWO)
    sees_plain = {"monitor", "pr", "legal", "market", "tech", "spokesperson", "alternate", "auditor"} | LEADERS
    sees_hidden = INSIDE | LEADERS | {"auditor"}
    for who, person in cast.items():
        client = Client()
        client.force_login(person)
        for incident, seen in ((plain, sees_plain), (hidden, sees_hidden)):
            url = f"/api/v1/incidents/{incident.uuid}/"
            assert (who, client.get(url).status_code) == (who, 200 if who in seen else 404)
            changed = {
                client.generic(verb, url, "{}", "application/json").status_code for verb in ("PUT", "PATCH", "DELETE")
            }
            assert changed <= {403, 404, 405}
        listed = {row["number"] for row in client.get("/api/v1/incidents/").json()["results"]}
        assert listed == {i.number for i, seen in ((plain, sees_plain), (hidden, sees_hidden)) if who in seen}
