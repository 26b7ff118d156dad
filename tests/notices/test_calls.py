"""呼叫: told until somebody says 收到, on the next channel, to the next person, and then to who asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Exercise
from notices.models import Call, Delivery, Notice, NoticeRule, Urgency
from notices.selectors.receipts import calls_about
from notices.services import acknowledge, notify, stand_down
from notices.services.calling import chase
from notices.services.channels import make
from notices.tasks import chase_calls
from tests.cast import make_cast
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "/decide/1/"


@pytest.fixture
def at():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def call(*people, then=(), urgency=Urgency.NOW, **how):
    said = {"event": "test.called", "subject": "一级待审批", "url": URL, "acknowledge": True}
    return notify(people, then=then, urgency=urgency, **{**said, **how})


def only():
    return Call.everywhere.get()


def told():
    return [notice.person.username for notice in Notice.everywhere.filter(event="test.called").order_by("pk")]


def later(at, minutes=5):
    at.shift(minutes * MINUTE)
    chase_calls()


# --- 收到 -------------------------------------------------------------------------------------------------------------
def test_a_call_knows_when_it_goes_on_by_its_urgency(cast, at):
    for urgency in Urgency:
        call(cast["gm"], urgency=urgency)
    assert [(each.next_at - NOON) / MINUTE for each in Call.objects.order_by("pk")] == [5, 15, 60]


def test_the_times_are_the_companys(cast, at):
    NoticeRule.objects.create(pk=1, now_minutes=2)
    call(cast["gm"])
    assert only().next_at == NOON + 2 * MINUTE


def test_a_call_that_is_held_for_quiet_hours_begins_to_run_in_the_morning(cast, at):
    at.move_to(NOON + timedelta(hours=12))
    call(cast["gm"], urgency=Urgency.CALM)
    assert only().next_at == NOON + timedelta(hours=20, minutes=30)


def test_who_was_called_says_got_it_and_is_left_alone(cast, at):
    (notice,) = call(cast["gm"], then=[cast["deputy"]])
    assert acknowledge(notice, actor=cast["gm"], now=NOON) is True
    notice.refresh_from_db()
    assert (notice.acknowledged_at, notice.read_at, only().end) == (NOON, NOON, "acknowledged")
    later(at)
    assert told() == ["gm"]
    assert acknowledge(notice, actor=cast["gm"], now=timezone.now()) is False


def test_nobody_says_it_for_somebody_else(cast, at):
    (notice,) = call(cast["gm"])
    assert acknowledge(notice, actor=cast["deputy"], now=NOON) is False
    notice.refresh_from_db()
    assert (notice.acknowledged_at, only().ended_at) == (None, None)


def test_without_people_standing_by_everybody_answers_for_themselves(cast, at):
    first, second = call(cast["gm"], cast["deputy"])
    acknowledge(first, actor=cast["gm"], now=NOON)
    assert only().ended_at is None
    acknowledge(second, actor=cast["deputy"], now=NOON)
    assert only().end == "acknowledged"


def test_a_notice_without_a_call_asks_for_nothing(cast, at):
    (notice,) = notify([cast["gm"]], event="test.told", subject="x")
    assert (notice.asks, acknowledge(notice, actor=cast["gm"], now=NOON), Call.objects.count()) == (False, False, 0)


# --- one step further ------------------------------------------------------------------------------------------------
def test_first_another_channel_then_the_next_person_then_who_asked(cast, at):
    make("email", "second", {})
    call(cast["gm"], then=[cast["deputy"], cast["member"]], urgency=Urgency.SOON, sender=cast["pr"])
    steps = []
    for _step in range(6):
        later(at, 15)
        steps.append((Delivery.objects.count(), told(), only().end))
    assert steps == [
        (2, ["gm"], ""),  # again, on the second channel
        (3, ["gm", "deputy"], ""),
        (4, ["gm", "deputy"], ""),
        (5, ["gm", "deputy", "member"], ""),
        (6, ["gm", "deputy", "member"], ""),
        (7, ["gm", "deputy", "member"], "unanswered"),
    ]
    asked = Notice.objects.get(event="notices.call_unanswered")
    assert (asked.person, asked.subject) == (cast["pr"], "Nobody acknowledged: 一级待审批")
    assert asked.body == "Please call them: 王立群、沈知远、罗敏"


@pytest.fixture(autouse=True)
def _company_language(settings):
    settings.LANGUAGE_CODE = "en"


def test_not_a_second_too_early(cast, at):
    call(cast["gm"], then=[cast["deputy"]])
    at.shift(5 * MINUTE - timedelta(seconds=1))
    chase_calls()
    assert told() == ["gm"]
    at.shift(timedelta(seconds=1))
    chase_calls()
    assert told() == ["gm", "deputy"]


def test_one_of_them_is_enough_and_ends_it_for_all(cast, at):
    call(cast["gm"], then=[cast["deputy"], cast["member"]])
    later(at)
    acknowledge(Notice.objects.get(person=cast["deputy"]), actor=cast["deputy"], now=timezone.now())
    later(at)
    assert (told(), only().end) == (["gm", "deputy"], "acknowledged")


def test_who_left_or_may_not_know_is_passed_over(cast, at):
    incident = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True)
    cast["member"].is_active = False
    cast["member"].save()
    call(cast["gm"], then=[cast["outsider"], cast["member"], cast["deputy"]], about=incident.about)
    later(at)
    assert told() == ["gm", "deputy"]


def test_what_is_settled_is_chased_no_further(cast, at):
    call(cast["gm"], then=[cast["deputy"]])
    assert (stand_down("/decide/2/", NOON), stand_down(URL, NOON)) == (0, 1)
    later(at)
    assert (told(), only().end) == (["gm"], "stood_down")


def test_a_drill_runs_by_its_own_clock_and_nothing_leaves_the_house(cast, at):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON, speed=10)
    call(cast["gm"], then=[cast["deputy"]], exercise=drill)
    later(at, 0.5)
    assert (told(), Delivery.objects.count()) == (["gm", "deputy"], 0)


def test_a_replay_calls_nobody(cast, at):
    replay = Exercise.objects.create(name="回放", kind="replay", started_at=NOON, clock_from=NOON)
    call(cast["gm"], then=[cast["deputy"]], exercise=replay)
    assert Call.everywhere.count() == 0


@pytest.mark.django_db(transaction=True)
def test_eight_sweeps_at_once_take_one_step():
    people = make_cast()
    call(people["gm"], then=[people["deputy"], people["member"]])
    seen = only()

    def sweep(_number):
        try:
            return chase(seen, seen.next_at)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        steps = list(pool.map(sweep, range(8)))
    assert (sorted(steps)[-1], steps.count(""), told()) == ("next", 7, ["gm", "deputy"])


# --- the link --------------------------------------------------------------------------------------------------------
def page_of(notice):
    return f"/n/{notice.uuid}/"


def test_looking_at_the_link_acknowledges_nothing(cast, at, desk):
    (notice,) = call(cast["gm"])
    client = desk("gm")
    for _look in range(3):
        assert client.get(page_of(notice)).status_code == 200
    assert client.head(page_of(notice)).status_code == 405
    assert Notice.objects.get().acknowledged_at is None


def test_the_button_says_got_it_and_leads_to_the_matter(cast, at, desk):
    (notice,) = call(cast["gm"])
    client = desk("gm")
    assert "Got it" in client.get(page_of(notice)).content.decode()
    answer = client.post(page_of(notice))
    assert (answer["Location"], Notice.objects.get().acknowledged_at) == (URL, NOON)


def test_somebody_to_whom_it_was_forwarded_reads_a_sentence(cast, at, desk):
    (notice,) = call(cast["gm"])
    for answer in (desk("pr").get(page_of(notice)), desk("pr").post(page_of(notice))):
        assert answer.status_code == 403
        assert "sent to somebody else" in answer.content.decode()
        assert "一级待审批" not in answer.content.decode()
    assert Notice.objects.get().acknowledged_at is None


def test_a_link_preview_sees_the_sign_in_page(cast, at, client):
    (notice,) = call(cast["gm"])
    assert client.get(page_of(notice))["Location"] == f"/accounts/login/?next={page_of(notice)}"


def test_going_to_the_matter_from_the_inbox_is_a_got_it_too(cast, at, desk):
    (notice,) = call(cast["gm"])
    desk("gm").post(f"/notices/{notice.uuid}/open/")
    assert (Notice.objects.get().acknowledged_at, only().end) == (NOON, "acknowledged")


# --- 通知回执 ---------------------------------------------------------------------------------------------------------
def panel(client, incident):
    return client.get(f"/notices/receipts/incident/{incident.uuid}/").content.decode()


def test_the_sender_sees_who_acknowledged_and_when(cast, at, desk):
    incident = standing_at("triaged", 0, opened_by=cast["pr"])
    first, _second = call(cast["gm"], cast["deputy"], about=incident.about, sender=cast["pr"])
    acknowledge(first, actor=cast["gm"], now=NOON + MINUTE)
    (shown,) = calls_about(cast["pr"], incident.about)
    assert [(n.person.username, n.acknowledged_at) for n in shown.notices] == [("gm", NOON + MINUTE), ("deputy", None)]
    text = panel(desk("pr"), incident)
    assert ("1 of 2 acknowledged" in text, "王立群" in text, "not yet" in text) == (True, True, True)


def test_who_may_not_know_of_the_incident_sees_an_empty_panel(cast, at, desk):
    incident = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True)
    call(cast["gm"], about=incident.about)
    assert "一级待审批" in panel(desk("gm"), incident)
    for username in ("market", "outsider", "admin"):
        assert panel(desk(username), incident).strip() == ""
