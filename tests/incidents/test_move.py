from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from audit.models import Entry
from audit.services import verify
from incidents.levels import Level, Stage
from incidents.models import Incident, TimelineEntry
from incidents.services.move import Vetoed, move
from notices.models import Notice
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db
APP = Path(__file__).parents[2] / "incidents"


def vetoes(step, incident, *, actor, now):
    raise Vetoed(_("Three required tasks are open."))


def leaves_a_trace(step, incident, *, actor, now):
    Incident.everywhere.filter(pk=incident.pk).update(summary=f"{step} by {actor.username} at {incident.stage}")


def test_a_step_leaves_stage_timeline_notice_and_audit(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["legal"], lead=cast["legal"])

    moved = move(incident, "relapse", actor=cast["pr"], now=noon, note="又有三家媒体转载")

    incident.refresh_from_db()
    assert (incident.stage, incident.level, incident.version) == (Stage.RESPONDING, Level.TWO, 2)
    assert moved.position == incident.position
    entry = incident.timeline.get()
    assert (entry.event, entry.actor, entry.at, entry.note) == (
        "incidents.relapsed",
        cast["pr"],
        noon,
        "又有三家媒体转载",
    )
    assert (entry.before, entry.after) == ({"stage": "observing", "level": 2}, {"stage": "responding", "level": 2})
    told = {notice.person.username for notice in Notice.objects.filter(event="incidents.relapsed")}
    assert told == {"legal", "gm", "deputy", "member"}
    audited = Entry.objects.get()
    assert (audited.event, audited.actor, audited.subject) == ("incidents.relapsed", cast["pr"], incident.number)
    assert audited.detail == {"before": entry.before, "after": entry.after}


def test_who_may_not_changes_nothing(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])
    with pytest.raises(PermissionDenied):
        move(incident, "relapse", actor=cast["market"], now=noon)

    incident.refresh_from_db()
    assert (incident.stage, incident.version) == (Stage.OBSERVING, 1)
    assert (TimelineEntry.objects.count(), Notice.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_a_step_the_stage_cannot_take_changes_nothing(cast, noon):
    incident = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
    with pytest.raises(TransitionNotAllowed):
        move(incident, "relapse", actor=cast["pr"], now=noon)

    incident.refresh_from_db()
    assert (incident.stage, incident.version, TimelineEntry.objects.count()) == (Stage.TRIAGED, 1, 0)


@pytest.mark.parametrize("step", ["relapse", "archive", "set_level_one", "dismiss"])
def test_the_system_moves_nothing(cast, noon, step):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])
    with pytest.raises(PermissionDenied):
        move(incident, step, actor=None, now=noon)
    assert not TimelineEntry.objects.exists()


@pytest.mark.parametrize("step", ["set_level_one", "set_level_two", "set_level_three", "unset_level", "respond"])
def test_no_level_moves_without_a_recorded_decision(cast, noon, step):
    incident = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["legal"])
    with pytest.raises(PermissionDenied):
        move(incident, step, actor=cast["gm"], now=noon)
    incident.refresh_from_db()
    assert incident.position == {"stage": "triaged", "level": 0}


def test_a_hooks_veto_undoes_everything(cast, noon, settings):
    settings.INCIDENT_HOOKS = [f"{__name__}.leaves_a_trace", f"{__name__}.vetoes"]
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])

    with pytest.raises(Vetoed, match="Three required tasks are open"):
        move(incident, "relapse", actor=cast["pr"], now=noon)

    incident.refresh_from_db()
    assert (incident.stage, incident.summary, incident.version) == (Stage.OBSERVING, "", 1)
    assert (TimelineEntry.objects.count(), Notice.objects.count(), Entry.objects.count()) == (0, 0, 0)


def test_a_hook_sees_the_incident_moved(cast, noon, settings):
    settings.INCIDENT_HOOKS = [f"{__name__}.leaves_a_trace"]
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])

    move(incident, "relapse", actor=cast["pr"], now=noon)

    incident.refresh_from_db()
    assert incident.summary == "relapse by pr at responding"


def test_a_stale_copy_cannot_be_saved_over_a_step(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])
    stale = Incident.everywhere.get(pk=incident.pk)
    move(incident, "relapse", actor=cast["pr"], now=noon)

    stale.begin_review()
    with pytest.raises(ConcurrentTransition), transaction.atomic():
        stale.save(update_fields=["stage"])
    assert Incident.everywhere.get(pk=incident.pk).stage == Stage.RESPONDING


def test_stage_and_level_cannot_be_assigned(cast):
    incident = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
    with pytest.raises(AttributeError):
        incident.level = Level.ONE
    with pytest.raises(AttributeError):
        incident.stage = Stage.ARCHIVED


def test_only_move_writes_stage_and_level():
    """No file but move.py calls a transition, saves the fields, or updates them past the door."""
    steps = {
        step.name for field in ("stage", "level") for step in getattr(Incident(), f"get_all_{field}_transitions")()
    }
    writes = ["stage=", "level=", '"stage"', '"level"']
    for file in sorted(APP.rglob("*.py")):
        if file.name in ("lifecycle.py", "move.py") or "migrations" in file.parts:
            continue
        source = file.read_text()
        called = [step for step in steps if f".{step}(" in source and file.name != "steps.py"]
        assert [name for name in called if f"stages.{name}" not in source] == [], file
        updates = [line for line in source.splitlines() if ".update(" in line and any(word in line for word in writes)]
        assert updates == [], file
        assert "update_fields" not in source, file


def test_the_trail_stays_whole(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.TWO, opened_by=cast["pr"])
    move(incident, "relapse", actor=cast["pr"], now=noon)
    assert verify().whole
