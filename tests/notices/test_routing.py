"""Which channels carry whose notices, and when."""

from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine

from accounts.roles import Role
from notices.models import Delivery, NoticeChannel, NoticeRoute, NoticeRule, QuietHours, Urgency
from notices.selectors.routing import carriers, routes_now
from notices.services import notify
from notices.services.channels import make
from notices.tasks import send_notices

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 18, 16, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 18, 23, 30, tzinfo=UTC)


@pytest.fixture
def at():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def mail_and_second(db):
    """The mail channel of every desk, and another one behind it."""
    NoticeChannel.objects.update(name="first")
    make("email", "second", {})


def tell(*people, subject="请看", urgency=Urgency.SOON, **how):
    return notify(people, event="test.told", subject=subject, urgency=urgency, **how)


def on(person, urgency=Urgency.SOON, now=NOON):
    return [channel.name for channel in carriers(person, routes_now(urgency, now), now)]


def route(name, **changes):
    NoticeRoute.objects.filter(channel__name=name).update(**changes)


def sent_to(person):
    return [each.channel.name for each in Delivery.objects.filter(notice__person=person).order_by("pk")]


# --- whose, how urgent, at which hour --------------------------------------------------------------------------------
def test_out_of_the_box_mail_carries_everything_to_everybody(cast):
    NoticeChannel.objects.update(name="mail")
    assert [on(cast["gm"], urgency) for urgency in Urgency] == [["mail"]] * 3


def test_the_order_is_that_of_the_routes(cast, mail_and_second):
    assert on(cast["gm"]) == ["first", "second"]
    route("second", position=1)
    assert on(cast["gm"]) == ["second", "first"]


def test_a_persons_own_routes_count_before_those_of_a_role_and_those_before_everybodys(cast, mail_and_second):
    route("second", role=Role.LEADER_HEAD)
    assert (on(cast["gm"]), on(cast["pr"])) == (["second"], ["first"])
    NoticeRoute.objects.create(channel=NoticeChannel.objects.get(name="first"), person=cast["gm"])
    assert on(cast["gm"]) == ["first"]


def test_a_route_may_carry_only_what_is_loud(cast, mail_and_second):
    route("first", least=Urgency.NOW)
    assert (on(cast["gm"], Urgency.NOW), on(cast["gm"], Urgency.SOON)) == (["first", "second"], ["second"])


def test_a_route_may_have_hours(cast, mail_and_second):
    route("first", since=time(9), until=time(18))
    assert (on(cast["gm"], now=NOON), on(cast["gm"], now=MIDNIGHT)) == (["first", "second"], ["second"])


def test_a_channel_that_is_off_carries_nothing_and_one_at_rest_comes_last(cast, mail_and_second):
    NoticeChannel.objects.filter(name="first").update(paused_until=NOON + timedelta(minutes=10))
    assert on(cast["gm"]) == ["second", "first"]
    NoticeChannel.objects.filter(name="first").update(is_on=False)
    assert on(cast["gm"]) == ["second"]


def test_who_has_no_address_is_not_reached_there(cast, mail_and_second):
    cast["gm"].email = ""
    assert on(cast["gm"]) == []


# --- how many at once ------------------------------------------------------------------------------------------------
def test_what_cannot_wait_goes_on_every_channel_and_the_rest_on_the_first(cast, at, mail_and_second):
    tell(cast["gm"], urgency=Urgency.NOW)
    tell(cast["pr"], urgency=Urgency.SOON)
    assert (sent_to(cast["gm"]), sent_to(cast["pr"])) == (["first", "second"], ["first"])


# --- quiet hours -----------------------------------------------------------------------------------------------------
def due(person):
    return [each.next_try_at for each in Delivery.objects.filter(notice__person=person).order_by("pk")]


def test_only_what_can_wait_respects_quiet_hours(cast, at):
    at.move_to(MIDNIGHT)
    for urgency in Urgency:
        tell(cast["gm"], urgency=urgency)
    assert due(cast["gm"]) == [MIDNIGHT, MIDNIGHT, MORNING]


def test_a_person_may_have_quiet_hours_of_their_own_or_none(cast, at):
    at.move_to(MIDNIGHT)
    QuietHours.objects.create(person=cast["gm"], quiet_from=time(23), quiet_until=time(6))
    QuietHours.objects.create(person=cast["pr"], quiet_from=time(8), quiet_until=time(8))
    tell(cast["gm"], cast["pr"], urgency=Urgency.CALM)
    assert (due(cast["gm"]), due(cast["pr"])) == ([MIDNIGHT + timedelta(hours=6)], [MIDNIGHT])


def test_the_company_sets_its_own_quiet_hours(cast, at):
    NoticeRule.objects.create(pk=1, quiet_from=time(12), quiet_until=time(14))
    tell(cast["gm"], urgency=Urgency.CALM)
    assert due(cast["gm"]) == [NOON + timedelta(hours=2)]


def test_what_was_held_comes_in_the_morning_as_one_message(cast, at, mail):
    at.move_to(MIDNIGHT)
    for number in range(3):
        tell(cast["gm"], subject=f"三级事件 {number}", urgency=Urgency.CALM)
    send_notices()
    assert mail.taken == []

    at.move_to(MORNING)
    send_notices()
    (message,) = mail.taken
    text = message.get_payload(decode=True).decode()
    assert [f"三级事件 {number}" in text for number in range(3)] == [True] * 3
    assert {(each.state, each.attempt_id) for each in Delivery.objects.all()} == {
        ("sent", Delivery.objects.earliest("pk").attempt_id)
    }


# --- folding ---------------------------------------------------------------------------------------------------------
def test_more_than_a_few_that_wait_for_one_person_go_as_one(cast, at, mail):
    for number in range(5):
        tell(cast["gm"], subject=f"任务 {number}")
    send_notices()
    (message,) = mail.taken
    assert "任务 4" in message.get_payload(decode=True).decode()


def test_the_same_matter_is_told_once_a_minute_unless_it_cannot_wait(cast, at, mail):
    tell(cast["gm"], subject="第一条", about="incident:1")
    send_notices()
    at.shift(timedelta(seconds=20))
    tell(cast["gm"], subject="第二条", about="incident:1")
    tell(cast["gm"], subject="第三条", about="incident:1")
    tell(cast["gm"], subject="别的事", about="incident:2")
    send_notices()
    assert len(mail.taken) == 2  # the first, and the other matter
    at.shift(timedelta(seconds=40))
    send_notices()
    assert len(mail.taken) == 3
    at.shift(timedelta(seconds=1))
    tell(cast["gm"], subject="一级", about="incident:1", urgency=Urgency.NOW)
    send_notices()
    assert len(mail.taken) == 4


# --- another way -----------------------------------------------------------------------------------------------------
def test_a_channel_at_rest_hands_its_messages_to_the_next_one(cast, at, mail, mail_and_second):
    tell(cast["gm"])
    NoticeChannel.objects.filter(name="first").update(paused_until=NOON + timedelta(minutes=10))
    send_notices()
    assert [(each.channel.name, each.state) for each in Delivery.objects.order_by("pk")] == [
        ("first", "moved"),
        ("second", "sent"),
    ]
    assert len(mail.taken) == 1


def test_without_another_way_it_waits_for_the_end_of_the_rest(cast, at, mail):
    tell(cast["gm"])
    NoticeChannel.objects.update(paused_until=NOON + timedelta(minutes=10))
    send_notices()
    assert (Delivery.objects.get().state, Delivery.objects.get().next_try_at) == (
        "queued",
        NOON + timedelta(minutes=10),
    )
    at.shift(timedelta(minutes=10))
    send_notices()
    assert len(mail.taken) == 1


def test_what_waits_on_a_channel_that_is_switched_off_goes_another_way(cast, at, mail, mail_and_second):
    tell(cast["gm"])
    NoticeChannel.objects.filter(name="first").update(is_on=False)
    send_notices()
    assert [(each.channel.name, each.state) for each in Delivery.objects.order_by("pk")] == [
        ("first", "failed"),
        ("second", "sent"),
    ]


def test_after_three_tries_another_channel_takes_over(cast, at, mail, mail_and_second):
    mail.refusal = b"450 greylisted"
    tell(cast["gm"])
    for _try in range(3):
        send_notices()
        at.shift(timedelta(minutes=5))
    assert [(each.channel.name, each.state, each.attempts) for each in Delivery.objects.order_by("pk")] == [
        ("first", "moved", 3),
        ("second", "queued", 1),
    ]
