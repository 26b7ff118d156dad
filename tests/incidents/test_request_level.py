import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Entry
from incidents.levels import Level, Stage
from incidents.models import LevelRequest, TimelineEntry
from incidents.refusals import ReasonNeeded, Refused
from incidents.services.levels import request_level
from notices.models import Notice, Urgency
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db
REASON = "央级媒体转载三家，微博热搜第九"
State = LevelRequest.State


def test_the_working_group_asks_and_the_deciders_hear_of_it(cast, incident, noon):
    request = request_level(incident, Level.ONE, actor=cast["legal"], now=noon, reason=f"  {REASON} ")

    assert (request.from_level, request.to_level, request.state, request.reason) == (0, 1, State.REQUESTED, REASON)
    notices = Notice.objects.filter(event="incidents.level_requested")
    assert {notice.person.username for notice in notices} == {"gm", "deputy"}
    assert {(notice.urgency, notice.url) for notice in notices} == {(Urgency.NOW, request.get_absolute_url())}
    entry = incident.timeline.get()
    assert (entry.event, entry.note, entry.detail) == (
        "incidents.level_requested",
        REASON,
        {"from_level": 0, "to_level": 1},
    )
    assert Entry.objects.get().event == "incidents.level_requested"


def test_a_confidential_incident_goes_by_its_number_in_the_notice(cast, noon):
    incident = standing_at(Stage.TRIAGED, 0, opened_by=cast["pr"], lead=cast["pr"], is_confidential=True, title="秘密")
    incident.memberships.create(person=cast["legal"], added_at=noon)
    request_level(incident, Level.TWO, actor=cast["legal"], now=noon, reason=REASON)
    assert [notice.subject for notice in Notice.objects.all() if "秘密" in notice.subject + notice.body] == []


@pytest.mark.parametrize("who", ["monitor", "gm", "spokesperson", "head", "auditor", "outsider"])
def test_nobody_else_asks(cast, incident, noon, who):
    with pytest.raises(PermissionDenied):
        request_level(incident, Level.TWO, actor=cast[who], now=noon, reason=REASON)
    assert (LevelRequest.objects.count(), TimelineEntry.objects.count(), Notice.objects.count()) == (0, 0, 0)


def test_a_newer_request_lets_the_older_lapse(cast, incident, noon):
    older = asked(incident, Level.THREE, by=cast["market"])
    newer = request_level(incident, Level.TWO, actor=cast["legal"], now=noon, reason=REASON)

    older.refresh_from_db()
    assert (older.state, older.decided_by, older.version, newer.state) == (
        State.LAPSED,
        cast["legal"],  # whose act overtook it
        2,
        State.REQUESTED,
    )
    assert sorted(incident.timeline.values_list("event", flat=True)) == [
        "incidents.level_lapsed",
        "incidents.level_requested",
    ]
    lapsed = Notice.objects.get(event="incidents.level_lapsed")
    assert lapsed.person == cast["market"]


def test_the_database_holds_one_open_request_an_incident(cast, incident):
    from django.db import IntegrityError, transaction

    asked(incident, Level.THREE, by=cast["market"])
    with pytest.raises(IntegrityError), transaction.atomic():
        asked(incident, Level.TWO, by=cast["legal"])


@pytest.mark.parametrize("reason", ["", "   ", "太严重了"])
def test_a_reason_is_needed(cast, incident, noon, reason):
    with pytest.raises(ReasonNeeded):
        request_level(incident, Level.TWO, actor=cast["legal"], now=noon, reason=reason)
    assert not LevelRequest.objects.exists()


def test_the_level_it_has_is_refused(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    with pytest.raises(Refused):
        request_level(incident, Level.TWO, actor=cast["legal"], now=noon, reason=REASON)
    assert not LevelRequest.objects.exists()


@pytest.mark.parametrize("level", [0, 4, -1])
def test_what_is_no_level_is_an_error(cast, incident, noon, level):
    with pytest.raises(ValueError, match="is not a level"):
        request_level(incident, level, actor=cast["legal"], now=noon, reason=REASON)


@pytest.mark.parametrize("stage", [Stage.REVIEWING, Stage.ARCHIVED, Stage.DISMISSED, Stage.MERGED])
def test_what_is_over_gets_no_level(cast, noon, stage):
    incident = standing_at(stage, Level.TWO, opened_by=cast["pr"])
    with pytest.raises(PermissionDenied):
        request_level(incident, Level.ONE, actor=cast["legal"], now=noon, reason=REASON)
    assert not LevelRequest.objects.exists()
