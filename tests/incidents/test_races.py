"""Two people at once: exactly one effect, the other is told by whom."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from audit.services import verify
from incidents.levels import Level
from incidents.models import Clock, Incident, LevelRequest
from incidents.services.levels import approve
from incidents.services.timeline import note_on
from incidents.services.warning import warn, words_due
from notices.models import Notice
from tests.cast import make_cast
from tests.factories import NOON
from tests.incidents.factories import asked, standing_at, with_clocks

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], int]) -> list[int]:
    """Run the acts in threads that start together; what each returned."""
    start, answers = threading.Barrier(len(acts)), [0] * len(acts)

    def run(place: int) -> None:
        try:
            start.wait()
            answers[place] = acts[place]()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[place]) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def people():
    return make_cast()


@pytest.fixture
def waiting(people):
    incident = standing_at("triaged", 0, opened_by=people["pr"], lead=people["pr"])
    return asked(incident, Level.TWO, by=people["legal"])


def tapping(person, act, request, **data):
    """A decider's tap, from a browser of their own."""
    client = Client()
    client.force_login(person)
    url = reverse(f"incidents:{act}", args=[request.uuid])
    return lambda: client.post(url, {"version": request.version, **data}).status_code


def decisions():
    return list(Entry.objects.filter(event__startswith="incidents.level").values_list("event", flat=True))


def test_two_leaders_approve_at_once(people, waiting):
    answers = at_once(
        tapping(people["gm"], "approve-level", waiting), tapping(people["deputy"], "approve-level", waiting)
    )

    assert sorted(answers) == [302, 409]
    incident = Incident.objects.get()
    assert (incident.level, incident.version, incident.timeline.count()) == (Level.TWO, 2, 1)
    assert decisions() == ["incidents.level_confirmed"]
    assert verify().whole


def test_one_approves_while_the_other_returns(people, waiting):
    reason = "请先核实批次信息再报，事实不足"
    answers = at_once(
        tapping(people["gm"], "approve-level", waiting),
        tapping(people["deputy"], "return-level", waiting, note=reason),
    )

    assert sorted(answers) == [302, 409]
    waiting.refresh_from_db()
    incident = Incident.objects.get()
    outcome = {
        LevelRequest.State.APPROVED: (Level.TWO, ["incidents.level_confirmed"]),
        LevelRequest.State.RETURNED: (Level.UNSET, ["incidents.level_returned"]),
    }[waiting.state]
    assert (incident.level, decisions()) == outcome


def test_one_approves_while_the_asker_withdraws(people, waiting):
    answers = at_once(
        tapping(people["gm"], "approve-level", waiting), tapping(people["legal"], "withdraw-level", waiting)
    )
    assert sorted(answers) == [302, 409]
    assert len(decisions()) == 1


def test_five_ask_at_once_and_one_request_stays_open(people):
    incident = standing_at("triaged", 0, opened_by=people["pr"], lead=people["pr"])
    url = reverse("incidents:request-level", args=[incident.number])

    def asking(person, level):
        client = Client()
        client.force_login(person)
        return lambda: client.post(url, {"level": level, "reason": "央级媒体转载三家，微博热搜第九"}).status_code

    answers = at_once(
        *(asking(people[who], level) for who, level in [("pr", 1), ("legal", 2), ("market", 3), ("tech", 2)])
    )

    assert answers == [302] * 4
    states = list(incident.level_requests.values_list("state", flat=True))
    assert sorted(states) == ["lapsed", "lapsed", "lapsed", "requested"]


def test_the_same_tap_twice_is_one_decision(people, waiting):
    client = Client()
    client.force_login(people["gm"])
    url = reverse("incidents:approve-level", args=[waiting.uuid])
    answers = [client.post(url, {"version": 1}).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert decisions() == ["incidents.level_confirmed"]


def test_the_late_one_is_shown_both_states(people, waiting):
    assert tapping(people["gm"], "approve-level", waiting)() == 302
    client = Client()
    client.force_login(people["deputy"])
    page = client.post(reverse("incidents:approve-level", args=[waiting.uuid]), {"version": 1})

    assert page.status_code == 409
    assert (page.context["asked"].decided_by, page.context["asked"].state) == (people["gm"], "approved")
    assert "王立群" in page.content.decode()


# --- clocks ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def speaking(people):
    incident = standing_at("responding", Level.TWO, opened_by=people["pr"], lead=people["legal"], first_known_at=NOON)
    with_clocks(incident, NOON)
    Clock.objects.exclude(kind="speak").update(stopped_at=NOON, next_word_at=None)
    return Clock.objects.get(kind="speak")


def test_three_sweeps_at_once_tell_each_step_once(people, speaking):
    later = NOON + timedelta(minutes=130)

    def sweeping() -> int:
        return sum(warn(clock, now=later) for clock in words_due(later))

    assert sum(at_once(sweeping, sweeping, sweeping)) == 1
    assert [notice.person for notice in Notice.objects.all()] == [people["legal"]]
    assert Entry.objects.filter(event="incidents.clock_warned").count() == 1


def test_a_statement_leaves_while_the_level_rises(people, speaking):
    """Whichever comes first: the clock is met once, by the release, and no decision opens it again."""
    incident = speaking.incident
    request = asked(incident, Level.ONE, by=people["legal"])

    def speaks() -> int:
        with transaction.atomic():
            note_on(
                incident, "response.released", actor=people["spokesperson"], now=NOON + timedelta(minutes=7), detail={}
            )
        return 1

    def decides() -> int:
        approve(request, actor=people["gm"], now=NOON + timedelta(minutes=7), fresh=True, seen_version=1)
        return 1

    assert at_once(speaks, decides) == [1, 1]
    speaking.refresh_from_db()
    assert (speaking.met_at, speaking.met_by.event) == (NOON + timedelta(minutes=7), "response.released")
    assert Clock.objects.filter(kind="speak").count() == 1
    assert Clock.objects.get(kind="report").is_running


def test_two_pause_one_clock_at_once(people, speaking):
    def pausing(who: str) -> Callable[[], int]:
        client = Client()
        client.force_login(people[who])
        url = reverse("incidents:pause-clock", args=[speaking.incident.number, speaking.uuid])
        return lambda: client.post(url, {"note": "等待市场监管局的检测结果，明日出具"}).status_code

    assert at_once(pausing("pr"), pausing("gm")) == [302, 302]
    assert speaking.pauses.count() == 1
    assert Entry.objects.filter(event="incidents.clock_paused").count() == 1
