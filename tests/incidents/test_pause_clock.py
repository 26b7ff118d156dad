"""暂停时限: with a reason, by who may; what the law sets never stands still."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incidents.levels import Level, Stage
from incidents.permissions import may
from incidents.refusals import ReasonNeeded, Refused
from incidents.services.clocks import meet
from incidents.services.pausing import pause, resume
from incidents.services.timeline import note_on
from incidents.services.warning import words_due
from tests.incidents.factories import standing_at, with_clocks

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WHY = "等待市场监管局的检测结果，明日出具"


@pytest.fixture
def grave(cast, noon):
    """一级, known at noon, led by the lawyer."""
    incident = standing_at(Stage.RESPONDING, Level.ONE, opened_by=cast["pr"], lead=cast["legal"], first_known_at=noon)
    return with_clocks(incident, noon)


def of(incident, kind):
    return incident.clocks.select_related("incident").get(kind=kind)


def test_it_is_due_later_by_the_time_it_stood_still(cast, grave, noon):
    pause(of(grave, "speak"), actor=cast["pr"], now=noon + 20 * MINUTE, reason=WHY)
    assert not words_due(noon + 10 * HOUR).filter(kind="speak").exists()  # nobody is pressed meanwhile
    resume(of(grave, "speak"), actor=cast["legal"], now=noon + 50 * MINUTE)

    clock = of(grave, "speak")
    assert (clock.due_at, clock.next_word_at) == (noon + 90 * MINUTE, noon + 60 * MINUTE)
    stretch = clock.pauses.get()
    assert (stretch.paused_by, stretch.reason, stretch.resumed_by) == (cast["pr"], WHY, cast["legal"])
    entries = list(grave.timeline.filter(event__startswith="incidents.clock").order_by("pk"))
    assert [(entry.event, entry.actor, entry.note) for entry in entries] == [
        ("incidents.clock_paused", cast["pr"], WHY),
        ("incidents.clock_resumed", cast["legal"], ""),
    ]


def test_a_second_pause_adds_to_the_first(cast, grave, noon):
    for begins, ends in ((10, 20), (40, 70)):
        pause(of(grave, "speak"), actor=cast["pr"], now=noon + begins * MINUTE, reason=WHY)
        resume(of(grave, "speak"), actor=cast["pr"], now=noon + ends * MINUTE)
    assert of(grave, "speak").due_at == noon + 100 * MINUTE


def test_what_was_late_before_the_pause_stays_late(cast, grave, noon):
    pause(of(grave, "speak"), actor=cast["pr"], now=noon + 70 * MINUTE, reason=WHY)
    resume(of(grave, "speak"), actor=cast["pr"], now=noon + 90 * MINUTE)
    assert of(grave, "speak").due_at == noon + 60 * MINUTE


def test_on_the_working_calendar_only_working_time_is_put_off(cast, noon):
    """Due on Monday at noon; paused on Friday at five, it has four working hours left when it goes on on Tuesday."""
    friday = datetime.fromisoformat("2026-11-20T17:00:00+08:00")
    incident = standing_at("triaged", 0, opened_by=cast["pr"], first_known_at=friday - timedelta(minutes=0))
    with_clocks(incident, friday)
    clock = of(incident, "confirm")
    assert clock.due_at == datetime.fromisoformat("2026-11-23T12:00:00+08:00")
    pause(clock, actor=cast["pr"], now=friday, reason=WHY)
    resume(of(incident, "confirm"), actor=cast["pr"], now=datetime.fromisoformat("2026-11-24T09:00:00+08:00"))
    assert of(incident, "confirm").due_at == datetime.fromisoformat("2026-11-24T14:00:00+08:00")


def test_what_is_met_while_it_stands_still_is_in_time(cast, grave, noon):
    pause(of(grave, "speak"), actor=cast["pr"], now=noon + 20 * MINUTE, reason=WHY)
    entry = note_on(grave, "test.spoken", actor=cast["pr"], now=noon + 3 * HOUR)
    meet(grave, "speak", noon + 3 * HOUR, by=entry)
    clock = of(grave, "speak")
    assert (clock.met_at, clock.due_at, clock.paused_at) == (noon + 3 * HOUR, noon + 3 * HOUR + 40 * MINUTE, None)
    assert clock.pauses.get().resumed_at == noon + 3 * HOUR


def test_nobody_stops_what_the_law_sets(cast, grave, noon):
    for who in cast.values():
        assert not may(who, "pause_clock", of(grave, "report"))
    with pytest.raises(PermissionDenied):
        pause(of(grave, "report"), actor=cast["gm"], now=noon, reason=WHY)
    assert of(grave, "report").paused_at is None


def test_who_may_pause_and_who_may_let_go_on(cast, grave):
    clock = of(grave, "speak")
    assert {who for who, person in cast.items() if may(person, "pause_clock", clock)} == {"pr", "gm", "deputy"}
    assert {who for who, person in cast.items() if may(person, "resume_clock", clock)} == {
        "pr", "gm", "deputy", "legal",  # the lead
    }  # fmt: skip


def test_no_pause_without_a_reason_and_none_twice(cast, grave, noon):
    with pytest.raises(ReasonNeeded):
        pause(of(grave, "speak"), actor=cast["pr"], now=noon, reason="等等")
    with pytest.raises(Refused):
        resume(of(grave, "speak"), actor=cast["pr"], now=noon)
    pause(of(grave, "speak"), actor=cast["pr"], now=noon, reason=WHY)
    with pytest.raises(Refused):
        pause(of(grave, "speak"), actor=cast["gm"], now=noon, reason=WHY)
    assert of(grave, "speak").pauses.count() == 1


def test_the_page_pauses_asks_for_a_reason_and_lets_go_on(cast, signed_in, grave, noon):
    clock = of(grave, "speak")
    pause_url, resume_url = (
        reverse(f"incidents:{act}-clock", args=[grave.number, clock.uuid]) for act in ("pause", "resume")
    )
    client = signed_in("pr")
    assert client.post(pause_url, {"note": "等等"}).status_code == 422
    assert of(grave, "speak").paused_at is None
    assert client.post(pause_url, {"note": WHY}).status_code == 302
    assert WHY in client.get(reverse("incidents:clocks", args=[grave.number])).content.decode()
    assert signed_in("market").post(resume_url).status_code == 403
    assert client.post(resume_url).status_code == 302
    assert of(grave, "speak").paused_at is None
    law = reverse("incidents:pause-clock", args=[grave.number, of(grave, "report").uuid])
    assert client.post(law, {"note": WHY}).status_code == 403
