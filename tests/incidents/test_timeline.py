import re
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation

from audit.models import Entry
from incidents.event_words import EVENT_WORDS
from incidents.models import TimelineEntry
from incidents.selectors.timeline import entries_of, lines
from incidents.services.move import EVENTS
from incidents.services.timeline import note_on
from incidents.timeline_words import FIELDS, MILESTONES, WORDS, headline

APP = Path(__file__).parents[2] / "incidents"


@pytest.mark.django_db
def test_an_act_from_above_stands_on_the_timeline_and_in_the_trail(cast, incident, noon):
    detail = {"channel": "官网", "title": "情况说明"}
    note_on(incident, "upper.act_done", actor=None, now=noon, note="补充", detail=detail, url="/x/", acting_for=None)

    entry = TimelineEntry.objects.get()
    assert (entry.event, entry.actor, entry.note, entry.url, entry.before) == (
        "upper.act_done",
        None,
        "补充",
        "/x/",
        {},
    )
    audited = Entry.objects.get()
    assert (audited.event, audited.actor_kind, audited.subject, audited.detail) == (
        "upper.act_done",
        "system",
        incident.number,
        detail,
    )


@pytest.mark.django_db
def test_an_event_without_words_shows_its_code_rather_than_nothing(cast, incident, noon):
    note_on(incident, "upper.act_done", actor=None, now=noon)
    assert [line.sentence for line in lines(entries_of(incident, {}))] == ["upper.act_done"]


@pytest.mark.django_db
def test_what_a_sentence_lacks_is_a_dash(cast, incident, noon):
    note_on(incident, "incidents.member_added", actor=cast["pr"], now=noon)
    with translation.override("en"):
        assert [line.sentence for line in lines(entries_of(incident, {}))] == ["— joined"]


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written():
    from tests.cast import make_cast
    from tests.incidents.factories import standing_at

    pr = make_cast()["pr"]
    incident = standing_at("triaged", 0, opened_by=pr)
    with pytest.raises(transaction.TransactionManagementError):
        note_on(incident, "incidents.note_added", actor=pr, now=incident.opened_at)
    assert not TimelineEntry.objects.exists()


def test_codes_are_said_in_words():
    with translation.override("en"):
        said = headline("incidents.level_confirmed", {}, {"stage": "triaged", "level": 0}, {"stage": "x", "level": 2})
        assert said == "Level confirmed: level two"
        assert headline("incidents.level_requested", {"to_level": 1}, {}, {}) == "level one requested"
        assert headline("incidents.assessed", {"severity": 36.2, "suggestion": "attention"}, {}, {}) == (
            "Assessed: severity 36.2, suggestion daily attention"
        )
        assert headline("incidents.edited", {"fields": ["title", "lead"]}, {}, {}) == "Incident corrected: title, lead"


def test_every_event_of_ours_has_words():
    written = set()
    for file in APP.rglob("*.py"):
        written |= set(re.findall(r'"(incidents\.[a-z]+(?:_[a-z]+)*)"', file.read_text()))
    events = {each for each in written if not (APP / (each.split(".")[1] + ".py")).exists()}
    acts_without_a_timeline = {"incidents.timeline_exported"}
    assert events - set(EVENT_WORDS) - acts_without_a_timeline - {"incidents.services", "incidents.views"} <= set(WORDS)
    assert set(EVENTS.values()) <= set(WORDS)


def test_every_milestone_but_the_first_comes_from_an_event():
    milestones = {words.milestone for words in WORDS.values()} - {""}
    assert milestones == set(MILESTONES) - {"found"}


def test_every_field_one_may_correct_has_a_name():
    from incidents.services.people import EDITABLE

    assert set(FIELDS) == {*EDITABLE, "affects"}
