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


# --- first aid -------------------------------------------------------------------------------------------------------
REASON = "央级媒体转载三家，微博热搜第九"


@pytest.fixture
def with_tasks(settings):
    """The real plan opens real tasks."""
    settings.INCIDENT_HOOKS = ["response.services.tasks.after_step"]


def triaged(people):
    return standing_at("triaged", 0, opened_by=people["pr"], lead=people["pr"])


def posting(person, name, *args, **data):
    client = Client()
    client.force_login(person)
    url = reverse(f"incidents:{name}", args=args)
    return lambda: client.post(url, data).status_code


def states(incident):
    return sorted(incident.level_requests.values_list("state", flat=True))


def test_a_level_approved_twice_at_once_opens_one_set_of_tasks(people, waiting, with_tasks):
    answers = at_once(
        tapping(people["gm"], "approve-level", waiting), tapping(people["deputy"], "approve-level", waiting)
    )

    incident = Incident.objects.get()
    assert sorted(answers) == [302, 409]
    titles = list(incident.tasks.values_list("title", flat=True))
    assert len(titles) == len(set(titles)) == 15  # the plan's lines for 二级, each once
    assert Entry.objects.filter(event="response.tasks_opened").count() == 1


def test_a_start_pressed_twice_at_once_is_one_start(people, with_tasks):
    incident = triaged(people)
    press = [posting(people["pr"], "start-level", incident.number, 2, reason=REASON) for _ in range(2)]
    assert at_once(*press) == [302, 302]

    incident.refresh_from_db()
    assert (incident.level, states(incident), decisions()) == (2, ["provisional"], ["incidents.level_started"])
    assert Entry.objects.filter(event="response.tasks_opened").count() == 1


def test_one_ratifies_while_the_other_revokes(people, with_tasks):
    incident = triaged(people)
    posting(people["pr"], "start-level", incident.number, 2, reason=REASON)()
    request = incident.level_requests.get()
    opened = incident.tasks.count()
    assert opened == 15
    answers = at_once(
        tapping(people["gm"], "approve-level", request),
        tapping(people["deputy"], "revoke-level", request, note="目前事实不足以支撑二级，请先核实"),
    )

    assert sorted(answers) == [302, 409]
    request.refresh_from_db()
    incident.refresh_from_db()
    unfinished = incident.tasks.unfinished().count()
    outcome = {
        "approved": (2, opened, ["incidents.level_started", "incidents.level_ratified"]),
        "revoked": (0, 0, ["incidents.level_started", "incidents.level_start_revoked"]),
    }[request.state]
    assert (incident.level, unfinished, decisions()[::-1]) == outcome  # the trail reads newest first
    assert verify().whole


def test_one_approves_while_another_records_an_approval(people, waiting):
    said = {"given_by": "deputy", "given_at": "2026-11-18T11:55", "means": "phone", "words": "副总电话同意按二级处理"}
    answers = at_once(
        tapping(people["gm"], "approve-level", waiting),
        posting(people["market"], "record-approval", waiting.uuid, version=1, **said),
    )

    assert 302 in answers
    waiting.refresh_from_db()
    incident = Incident.objects.get()
    assert (waiting.state in ("approved", "oral"), incident.level, incident.version) == (True, 2, 2)
    moves = Entry.objects.filter(event__in=["incidents.level_confirmed", "incidents.approval_recorded"])
    assert moves.count() == 1


def test_a_level_is_approved_while_the_incident_is_dismissed(people):
    incident = standing_at("responding", 3, opened_by=people["pr"], lead=people["pr"])
    request = asked(incident, Level.TWO, by=people["legal"])
    answers = at_once(
        tapping(people["gm"], "approve-level", request),
        posting(people["member"], "step", incident.number, "dismiss", note="核实为同名门店，与本公司无关"),
    )

    incident = Incident.objects.get()
    request.refresh_from_db()
    if incident.stage == "dismissed":  # then the level never moved, or had before: 二级 is not a member's to dismiss
        assert (request.state, incident.level, sorted(answers)) == ("lapsed", 3, [302, 409])
    else:
        assert (request.state, incident.level, sorted(answers)) == ("approved", 2, [302, 403])


def test_two_take_a_proposal_up_at_once(people):
    from tests.incidents.factories import proposed

    incident = standing_at("responding", 3, opened_by=people["pr"], lead=people["pr"])
    proposal = proposed(incident, Level.TWO)
    answers = at_once(*(posting(people[who], "take-up-proposal", proposal.uuid) for who in ("pr", "legal", "market")))

    assert answers == [302, 302, 302]
    assert (states(incident), Entry.objects.filter(event="incidents.proposal_taken_up").count()) == (["requested"], 1)


def test_eight_sweeps_at_once_propose_once(people):
    from django.utils import timezone

    from incidents.models import LevelProposal
    from incidents.services.level_proposals import incidents_to_look_at, look_at
    from tests.factories import MatchFactory, PostFactory, SourceFactory, TopicFactory

    incident = standing_at("responding", 3, opened_by=people["pr"], lead=people["pr"])
    topic, now = TopicFactory(), timezone.now()
    incident.topics.add(topic)
    post = PostFactory(source=SourceFactory(tier="central"), sentiment="neg", published_at=now - timedelta(hours=1))
    MatchFactory(watch=topic.watch, topic=topic, post=post)

    def sweeping():
        for each in incidents_to_look_at(now):
            look_at(each, now)
        return 0

    at_once(*[sweeping] * 8)
    assert LevelProposal.objects.filter(state="open").count() == 1


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
