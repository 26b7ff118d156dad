"""How a notice leaves the house: once, until it is through, and never from an exercise."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

import pytest
import time_machine
from django.db import connection

from accounts.models import Exercise
from notices.models import Delivery, DeliveryAttempt, Notice, NoticeChannel, Urgency
from notices.services import notify
from notices.services.delivering import GIVE_UP_AFTER, take
from notices.tasks import send_notices
from tests.cast import make_cast

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


@pytest.fixture
def at():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def tell(*people, **how):
    words = {"event": "test.told", "subject": "二级事件等待审批", "body": "周妍提请升级", "url": "/incidents/1/"}
    return notify(people, **{**words, **how})


def only():
    return Delivery.objects.get()


# --- telling ---------------------------------------------------------------------------------------------------------
def test_a_notice_is_in_the_inbox_and_queued_at_once(cast, at):
    (notice,) = tell(cast["gm"])
    assert (notice.person, notice.created_at, notice.read_at) == (cast["gm"], NOON, None)
    assert (only().channel.kind, only().state, only().next_try_at, only().attempts) == ("email", "queued", NOON, 0)


def test_each_person_is_told_once_and_nobody_who_has_left(cast, at):
    cast["legal"].is_active = False
    told = tell(cast["gm"], cast["gm"], cast["legal"], cast["pr"])
    assert [notice.person.username for notice in told] == ["gm", "pr"]


def test_somebody_without_an_address_is_told_on_the_desk_only(cast, at):
    cast["gm"].email = ""
    tell(cast["gm"])
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 0)


def test_nothing_is_sent_inside_the_act(cast, at, mail):
    tell(cast["gm"])
    assert mail.seen == 0


# --- a mail that gets through ----------------------------------------------------------------------------------------
def test_the_worker_sends_what_is_due(cast, at, mail, settings):
    settings.SITE_URL = "https://desk.example.com"
    (notice,) = tell(cast["gm"])
    send_notices()

    (message,) = mail.taken
    assert str(make_header(decode_header(message["Subject"]))) == "二级事件等待审批"
    assert message["To"] == "gm@example.com"
    assert message["Message-ID"] == f"<notice-{notice.uuid}-{only().pk}@tinglan>"
    text = message.get_payload(decode=True).decode()
    assert text.split() == ["二级事件等待审批", "周妍提请升级", "https://desk.example.com/incidents/1/"]
    assert (only().state, only().attempts, only().sent_at, only().error) == ("sent", 1, NOON, "")
    assert only().receipt == message["Message-ID"]


def test_what_is_sent_is_not_sent_again(cast, at, mail):
    tell(cast["gm"])
    send_notices()
    at.shift(timedelta(days=1))
    send_notices()
    assert len(mail.taken) == 1


def test_a_subject_with_a_line_break_smuggles_no_header(cast, at, mail):
    tell(cast["gm"], subject="请看\r\nBcc: everybody@example.com")
    send_notices()
    (message,) = mail.taken
    assert message["Bcc"] is None
    assert str(make_header(decode_header(message["Subject"]))) == "请看 Bcc: everybody@example.com"


def test_the_loudest_goes_first(cast, at, mail):
    for urgency in (Urgency.CALM, Urgency.NOW, Urgency.SOON):
        tell(cast["gm"], subject=f"urgency {urgency}", urgency=urgency)
    send_notices()
    assert [message["Subject"] for message in mail.taken] == ["urgency 1", "urgency 2", "urgency 3"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once(mail):
    people = make_cast()
    tell(*people.values())

    def work(_worker):
        try:
            send_notices()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        list(pool.map(work, range(4)))
    assert sorted(message["To"] for message in mail.taken) == sorted(person.email for person in people.values())
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_a_claim_is_won_once(cast, at):
    tell(cast["gm"])
    first, second = only(), only()
    taken = take(first, NOON)
    assert taken is not None
    assert (take(second, NOON), only().attempts, only().attempt) == (None, 1, taken.attempt)


# --- a mail that does not --------------------------------------------------------------------------------------------
def test_a_refusal_for_now_is_tried_again_with_growing_pauses_and_then_given_up(cast, at, mail):
    mail.refusal = b"450 greylisted"
    tell(cast["gm"])
    pauses = []
    while only().state == "queued":
        began = datetime.now(UTC)
        send_notices()
        pauses.append((only().next_try_at - began).total_seconds())
        assert (only().attempts, only().claimed_at) == (len(pauses), None)
        at.move_to(only().next_try_at - timedelta(seconds=1))
        send_notices()
        assert mail.seen == len(pauses)  # not a second before its time
        at.move_to(only().next_try_at)

    assert pauses[:4] == [30, 60, 120, 240]
    assert (only().state, only().attempts, mail.seen) == ("failed", GIVE_UP_AFTER, GIVE_UP_AFTER)
    assert only().error == "the mail server refused the address"
    assert Notice.objects.get().read_at is None


def test_a_server_that_recovers_gets_the_mail(cast, at, mail):
    mail.refusal = b"451 try later"
    tell(cast["gm"])
    send_notices()
    mail.refusal = b""
    at.shift(timedelta(seconds=30))
    send_notices()
    assert (only().state, only().attempts, only().error, len(mail.taken)) == ("sent", 2, "", 1)


def test_a_refusal_for_good_is_given_up_at_once(cast, at, mail):
    mail.refusal = b"550 no such user"
    tell(cast["gm"])
    send_notices()
    assert (only().state, only().attempts) == ("failed", 1)


def test_a_server_that_hangs_up_is_tried_again(cast, at, mail):
    mail.hangs_up = True
    tell(cast["gm"])
    send_notices()
    assert (only().state, only().error) == ("queued", "the mail server did not take it: SMTPServerDisconnected")


def test_no_server_at_all_is_tried_again(cast, at, mail, settings):
    settings.EMAIL_PORT = 1
    tell(cast["gm"])
    send_notices()
    assert (only().state, only().error) == ("queued", "the mail server did not take it: ConnectionRefusedError")


def test_an_address_no_mail_can_have_is_given_up(cast, at, mail):
    cast["gm"].email = "gm@" + "x" * 70 + ".例子"
    cast["gm"].save()
    tell(cast["gm"])
    send_notices()
    assert (only().state, only().error) == ("failed", "this address or text cannot be mailed")


def test_one_bad_address_does_not_hold_up_the_others(cast, at, mail):
    cast["gm"].email = "gm@" + "x" * 70 + ".例子"
    cast["gm"].save()
    tell(cast["gm"], cast["pr"], cast["legal"])
    send_notices()
    assert [message["To"] for message in mail.taken] == ["pr@example.com", "legal@example.com"]


def test_who_left_before_it_went_out_is_not_told_outside(cast, at, mail):
    tell(cast["gm"])
    cast["gm"].is_active = False
    cast["gm"].save()
    send_notices()
    assert (only().state, mail.seen) == ("failed", 0)


# --- a worker that dies ----------------------------------------------------------------------------------------------
def test_a_dead_workers_claim_is_taken_over_after_ten_minutes(cast, at, mail):
    tell(cast["gm"])
    take(only(), NOON)  # and then nothing: kill -9
    at.shift(timedelta(minutes=10))
    send_notices()
    assert mail.seen == 0

    at.shift(timedelta(seconds=1))
    send_notices()
    assert (only().state, only().attempts, len(mail.taken)) == ("sent", 2, 1)


def test_a_notice_that_kills_every_worker_is_given_up(cast, at, mail):
    tell(cast["gm"])
    for _death in range(GIVE_UP_AFTER):
        assert take(only(), datetime.now(UTC)) is not None
        at.shift(timedelta(minutes=10, seconds=1))
    send_notices()
    assert (only().state, only().error, mail.seen) == ("unknown", "no worker survived sending it", 0)
    assert {attempt.outcome for attempt in DeliveryAttempt.objects.all()} == {"unknown"}


# --- an exercise stays inside ----------------------------------------------------------------------------------------
@pytest.fixture
def drill(at):
    return Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON - timedelta(days=300))


def test_an_exercises_notice_is_not_even_queued(cast, drill, mail):
    tell(cast["gm"], exercise=drill)
    send_notices()
    assert (Notice.objects.count(), Notice.everywhere.count(), Delivery.objects.count()) == (0, 1, 0)
    assert mail.seen == 0
    assert Notice.everywhere.get().created_at == NOON - timedelta(days=300)


def test_even_a_queued_one_would_not_leave_the_house(cast, drill, mail):
    (notice,) = tell(cast["gm"], exercise=drill)
    Delivery.objects.create(notice=notice, channel=NoticeChannel.objects.get(), next_try_at=NOON)
    send_notices()
    assert (only().state, only().attempts, mail.seen) == ("queued", 0, 0)
