import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.levels import Level, Stage
from incidents.services import assessing
from incidents.services.people import add_note
from tests.incidents.factories import standing_at, with_clocks

pytestmark = pytest.mark.django_db
URL = "/api/v1/incidents/"


def test_what_one_sees_newest_first(signed_in, cast, incident):
    newer = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"], is_confidential=True)

    body = signed_in("legal").get(URL).json()

    assert [row["number"] for row in body["results"]] == [newer.number, incident.number]
    first = body["results"][0]
    assert (first["stage"], first["level"], first["uuid"]) == ("responding", 2, str(newer.uuid))
    assert "id" not in first


def test_one_with_its_timeline(signed_in, cast, incident, noon):
    add_note(incident, "记者来电", actor=cast["pr"], now=noon)
    assessing.measure(incident, noon)
    body = signed_in("gm").get(f"{URL}{incident.uuid}/").json()
    assert [(entry["event"], entry["actor"], entry["note"]) for entry in body["timeline"]] == [
        ("incidents.note_added", "周妍", "记者来电")
    ]
    assert body["assessment"]["formula"] == "v1"


def test_one_with_its_clocks(signed_in, cast, incident, noon):
    with_clocks(incident)
    clocks = signed_in("gm").get(f"{URL}{incident.uuid}/").json()["clocks"]
    assert {(clock["kind"], clock["level"], clock["minutes"], clock["met_at"]) for clock in clocks} == {
        ("assess", 3, 120, None),
        ("confirm", 3, 240, None),
    }


@pytest.mark.parametrize("who", ["outsider", "dept", "admin", "head"])
def test_who_sees_nothing_gets_nothing(signed_in, incident, who):
    client = signed_in(who)
    assert client.get(URL).json()["results"] == []
    missing = client.get(f"{URL}{incident.uuid}/")
    assert (missing.status_code, missing["Content-Type"], missing.json()["status"]) == (
        404,
        "application/problem+json",
        404,
    )


def test_not_without_signing_in(client, incident):
    assert client.get(URL).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_is_written_here(signed_in, incident, method):
    answer = getattr(signed_in("gm"), method)(f"{URL}{incident.uuid}/", {"level": 1}, content_type="application/json")
    assert answer.status_code == 405
    incident.refresh_from_db()
    assert incident.level == 0


def test_pages_by_cursor(signed_in, cast):
    for _ in range(3):
        standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
    client = signed_in("pr")
    first = client.get(f"{URL}?limit=2").json()
    second = client.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), second["next"]) == (2, 1, None)


def test_as_many_queries_for_one_as_for_three(signed_in, cast):
    client, counts = signed_in("pr"), []
    client.get(URL)
    for more in (1, 2):
        for _ in range(more):
            standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"], lead=cast["legal"])
        with CaptureQueriesContext(connection) as queries:
            client.get(URL)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_waits_for_the_leaders_and_what_the_desk_proposes(signed_in, cast, incident, noon):
    from incidents.services.starting import start
    from tests.incidents.factories import proposed

    reason = "央视财经点名，热搜第三，两位组长都在飞机上"
    start(incident, Level.TWO, actor=cast["pr"], now=noon, reason=reason, fresh=True)
    other = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    proposal = proposed(other, Level.TWO)

    rows = {row["number"]: row for row in signed_in("legal").get(URL).json()["results"]}
    waiting = rows[incident.number]["level_request"]
    assert (waiting["state"], waiting["way"], waiting["to_level"], waiting["requested_by"]) == (
        "provisional",
        "provisional",
        2,
        str(cast["pr"]),
    )
    assert (rows[incident.number]["proposal"], rows[other.number]["level_request"]) == (None, None)
    assert rows[other.number]["proposal"]["uuid"] == str(proposal.uuid)
    assert signed_in("legal").get(f"{URL}{incident.uuid}/").json()["level_request"] == waiting
