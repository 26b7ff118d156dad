"""更正: nothing on the timeline is edited; what is right stands beside it, by whom and why."""

import pytest
from django.core.checks import run_checks
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from audit import triggers
from incidents.models import TimelineEntry
from incidents.permissions import may
from incidents.refusals import ReasonNeeded
from incidents.services.people import add_note, correct_entry
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db
WHY = "值班电话录音为证，两家而非三家"


@pytest.fixture
def wrong(cast, incident, noon):
    return add_note(incident, "三家媒体来电", actor=cast["legal"], now=noon)


def test_the_correction_points_to_the_entry_and_both_are_shown_together(cast, signed_in, incident, wrong, noon):
    page = signed_in("pr").post(
        reverse("incidents:correct-entry", args=[incident.number, wrong.pk]), {"words": "两家媒体来电", "reason": WHY}
    )
    assert (page.status_code, page.url) == (302, wrong.get_absolute_url())
    correction = incident.timeline.get(event="incidents.entry_corrected")
    assert (correction.corrects, correction.actor, correction.url) == (wrong, cast["pr"], wrong.get_absolute_url())
    assert correction.note == f"两家媒体来电（理由：{WHY}）"
    wrong.refresh_from_db()
    assert wrong.note == "三家媒体来电"
    shown = signed_in("market").get(reverse("incidents:timeline", args=[incident.number])).content.decode()
    assert shown.count(correction.note) == 2  # beside the entry, and as the entry it is
    printed = signed_in("market").get(reverse("incidents:chronicle", args=[incident.number])).content.decode()
    assert printed.count(correction.note) == 2


def test_without_a_reason_nothing_is_written(cast, signed_in, incident, wrong, noon):
    with pytest.raises(ReasonNeeded):
        correct_entry(wrong, actor=cast["pr"], now=noon, words="两家", reason="错了")
    url = reverse("incidents:correct-entry", args=[incident.number, wrong.pk])
    assert signed_in("pr").post(url, {"words": "两家", "reason": "错了"}).status_code == 422
    assert incident.timeline.count() == 1


def test_who_may_correct(cast, wrong):
    workers = {"monitor", "pr", "legal", "market", "tech", "gm", "deputy", "member", "spokesperson", "alternate"}
    assert {who for who, person in cast.items() if may(person, "correct_entry", wrong)} == workers


def test_an_entry_of_another_incident_is_not_found(cast, signed_in, wrong):
    other = standing_at("triaged", 0, opened_by=cast["pr"])
    url = reverse("incidents:correct-entry", args=[other.number, wrong.pk])
    assert signed_in("pr").get(url).status_code == 404


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_itself_refuses_to_change_an_entry(wrong, act):
    rows = TimelineEntry.objects.filter(pk=wrong.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows.update(note="两家") if act == "update" else rows._raw_delete(rows.db)
    assert TimelineEntry.objects.get().note == "三家媒体来电"


def test_sql_by_hand_is_refused_too(wrong):
    statement = "DELETE FROM incidents_timelineentry"
    if connection.vendor == "postgresql":
        connection.check_constraints()  # else it refuses for another reason: checks that wait for the commit
        statement = "TRUNCATE incidents_timelineentry CASCADE"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert TimelineEntry.objects.count() == 1


def test_what_is_missing_keeps_nobody_from_migrating():
    """An older desk has no triggers on its timeline, and `migrate`, which puts them there, runs the checks first."""
    triggers.lift()
    try:
        found = run_checks(databases=["default"])
        assert {each.id for each in found} >= {"audit.W001"}
        assert [each for each in found if each.is_serious()] == []
    finally:
        triggers.install()


def test_the_check_names_what_protects_the_timeline():
    assert triggers.missing() == []
    guarded = {table for table, _name, _body in triggers.triggers()}
    assert guarded >= {"audit_entry", "incidents_timelineentry"}
