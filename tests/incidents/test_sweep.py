from datetime import timedelta

import pytest

from accounts.models import Exercise
from incidents.levels import DECIDE_WITHIN, Level
from incidents.models import LevelRequest
from incidents.services.reminding import remind_of, requests_overdue
from incidents.tasks import sweep
from notices.models import Notice
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("level", "minutes"), [(Level.ONE, 15), (Level.TWO, 30), (Level.THREE, 60)])
def test_deciders_are_reminded_after_the_levels_own_time(cast, incident, noon, level, minutes):
    assert DECIDE_WITHIN[level] == timedelta(minutes=minutes)
    request = asked(incident, level, by=cast["legal"], requested_at=noon)

    assert requests_overdue(noon + timedelta(minutes=minutes, seconds=-1)) == []
    assert requests_overdue(noon + timedelta(minutes=minutes)) == [request]


def test_once(cast, incident, noon, time_machine):
    request = asked(incident, Level.TWO, by=cast["legal"], requested_at=noon)
    time_machine.move_to(noon + timedelta(minutes=31), tick=False)
    sweep()
    sweep()

    notices = Notice.objects.filter(event="incidents.deciders_reminded")
    assert {notice.person.username for notice in notices} == {"gm", "deputy"}
    assert notices.count() == 2
    entry = incident.timeline.get()
    assert (entry.event, entry.actor, entry.url) == ("incidents.deciders_reminded", None, request.get_absolute_url())


def test_two_sweeps_at_once_remind_once(cast, incident, noon):
    request = asked(incident, Level.TWO, by=cast["legal"], requested_at=noon)
    again = LevelRequest.objects.get(pk=request.pk)
    later = noon + timedelta(hours=1)
    assert (remind_of(request, now=later), remind_of(again, now=later)) == (True, False)


def test_what_was_decided_needs_no_reminder(cast, incident, noon):
    request = asked(incident, Level.TWO, by=cast["legal"], requested_at=noon)
    LevelRequest.objects.update(state=LevelRequest.State.RETURNED)
    assert requests_overdue(noon + timedelta(hours=2)) == []
    assert remind_of(request, now=noon) is False


def test_a_drill_runs_by_its_own_clock(cast, noon):
    drill = Exercise.objects.create(
        name="演练", kind="drill", started_at=noon, clock_from=noon + timedelta(hours=3), speed=1
    )
    request = asked(
        standing_at("triaged", 0, opened_by=cast["pr"], exercise=drill), Level.TWO, by=cast["legal"], requested_at=noon
    )
    sweep()
    request.refresh_from_db()
    assert request.reminded_at == noon + timedelta(hours=3)
    assert (Notice.objects.count(), Notice.everywhere.count()) == (0, 2)
