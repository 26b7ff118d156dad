from datetime import timedelta

import pytest

from incidents import timeline_words
from incidents.levels import Level, Stage
from incidents.selectors.clocks import milestones
from incidents.selectors.ladder import ladder
from incidents.services import levels, undoing
from incidents.services.timeline import note_on
from incidents.timeline_words import MARKS, OUTWARD, Words
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _a_release_speaks(monkeypatch):
    words = Words(MARKS["P"], "Published: %(title)s", group=OUTWARD, milestone="said")
    monkeypatch.setitem(timeline_words.WORDS, "test.released", words)


def states(incident):
    return {step.code: step.state for step in milestones(incident)}


# --- milestones ------------------------------------------------------------------------------------------------------
def test_milestones_come_from_the_timeline(cast, incident, noon):
    assert states(incident) == {
        "found": "done", "assessed": "now", "levelled": "", "said": "", "calmed": "", "reviewed": "",
    }  # fmt: skip
    request = levels.request_level(incident, 2, actor=cast["legal"], now=noon, reason="央级媒体转载三家，微博热搜第九")
    levels.approve(request, actor=cast["gm"], now=noon + 5 * MINUTE, fresh=True, seen_version=1)
    note_on(incident, "test.released", actor=cast["spokesperson"], now=noon + HOUR, detail={"title": "情况说明"})
    incident.refresh_from_db()

    assert {step.code: step.at for step in milestones(incident)} == {
        "found": incident.first_known_at,
        "assessed": noon,
        "levelled": noon + 5 * MINUTE,
        "said": noon + HOUR,
        "calmed": None,
        "reviewed": None,
    }
    assert states(incident)["calmed"] == "now"


def test_a_level_taken_back_is_no_milestone(cast, incident, noon):
    request = levels.request_level(incident, 2, actor=cast["legal"], now=noon, reason="央级媒体转载三家，微博热搜第九")
    levels.approve(request, actor=cast["gm"], now=noon, fresh=True, seen_version=1)
    undoing.take_back(request, actor=cast["gm"], now=noon + MINUTE, fresh=True)
    incident.refresh_from_db()
    assert (states(incident)["levelled"], states(incident)["assessed"]) == ("now", "done")


def test_what_calmed_without_a_word_goes_on_to_the_review(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.THREE, opened_by=cast["pr"])
    note_on(incident, "incidents.calmed_down", actor=cast["pr"], now=noon)
    assert (states(incident)["said"], states(incident)["calmed"], states(incident)["reviewed"]) == ("", "done", "now")


def test_what_came_back_has_not_calmed(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    note_on(incident, "incidents.calmed_down", actor=cast["pr"], now=noon)
    assert states(incident)["calmed"] == ""


def test_the_ladder_shows_where_it_stands_and_what_is_asked(cast):
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"])
    rungs = ladder(incident, asked(incident, Level.ONE, by=cast["legal"]))
    assert [(rung.level, rung.is_current, rung.is_asked) for rung in rungs] == [
        (Level.ONE, False, True),
        (Level.TWO, False, False),
        (Level.THREE, True, False),
    ]
