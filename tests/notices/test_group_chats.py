"""Group chats: never anything confidential, one voice for many people, and no more than a few words in a storm."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from accounts.models import PlatformIdentity
from incidents.models import Incident
from notices.models import Delivery, DeliveryAttempt, Notice, NoticeChannel, Urgency
from notices.services import notify
from notices.services.channels import make
from notices.services.delivering import send, take
from notices.tasks import send_notices
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)
ROBOTS = ("wecom_robot", "dingtalk_robot", "feishu_robot")
SECOND = timedelta(seconds=1)


@pytest.fixture
def at(fake):
    """Our clock and that of the platforms, moved together."""
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


@pytest.fixture
def robots(at, config):
    NoticeChannel.objects.update(is_on=False)  # the mail has its own tests
    return {kind: make(kind, kind, config(kind)) for kind in ROBOTS}


def post(subject="二级信号：建国路店", *people, urgency=Urgency.SOON, **how):
    return notify(people, event="test.posted", subject=subject, urgency=urgency, for_groups=True, **how)


def texts(fake, platform=""):
    return [message.text for message in fake.world.messages if platform in message.platform]


def work(at, seconds):
    """A worker that looks every ten seconds, for so long."""
    for _beat in range(seconds // 10):
        send_notices()
        at.shift(10 * SECOND)


# --- who reads it ----------------------------------------------------------------------------------------------------
def test_a_chat_is_told_once_however_many_people_are(cast, fake, robots):
    post("二级信号", *cast.values())
    send_notices()
    assert len(texts(fake)) == 3
    assert {"二级信号" in text for text in texts(fake)} == {True}
    assert Notice.objects.filter(person=None).count() == 1


def test_without_being_said_so_nothing_is_for_chats(cast, fake, robots):
    notify([cast["gm"]], event="test.told", subject="只给总经理")
    send_notices()
    assert (texts(fake), Notice.objects.filter(person=None).count()) == ([], 0)


def test_what_can_wait_till_the_morning_is_not_posted(cast, fake, robots):
    post("三级", urgency=Urgency.CALM)
    send_notices()
    assert texts(fake) == []


# --- confidential ----------------------------------------------------------------------------------------------------
@pytest.fixture
def secret(cast):
    return standing_at("responding", 1, opened_by=cast["pr"], title="机密：原料供应商", is_confidential=True)


def test_a_planted_delivery_of_a_confidential_incident_never_leaves(cast, fake, robots, secret):
    said = {"event": "test.planted", "subject": str(secret), "created_at": NOON, "about": secret.about}
    planted = [
        Notice.objects.create(**said),  # as if somebody had said that chats may have it
        Notice.objects.create(**said, person=cast["gm"]),  # a person's own, put on a robot
        Notice.objects.create(**{**said, "about": ""}, person=cast["gm"]),
    ]
    for notice in planted:
        for robot in robots.values():
            Delivery.objects.create(notice=notice, channel=robot, next_try_at=NOON)
    post("可以说的")
    send_notices()
    assert {"机密" in text for text in texts(fake)} == {False}
    assert len(texts(fake)) == 3
    ended = Delivery.objects.filter(notice__event="test.planted")
    assert {(each.state, each.error, each.attempts) for each in ended} == {("failed", "not for a group chat", 0)}


def test_an_incident_that_becomes_confidential_while_its_notice_waits_stays_inside(cast, fake, robots, secret):
    Incident.everywhere.update(is_confidential=False)
    post("先发出的", about=secret.about)
    send_notices()
    post(str(secret), about=secret.about)
    Incident.everywhere.update(is_confidential=True)
    with time_machine.travel(NOON + 61 * SECOND, tick=False):
        post("别的事")
        send_notices()
    assert {"机密" in text for text in texts(fake)} == {False}
    assert len(texts(fake)) == 6


def test_a_level_decision_is_posted_only_for_an_incident_that_is_not_confidential(cast, fake, robots, secret):
    from incidents.models import TimelineEntry
    from incidents.services.telling import tell

    open_one = standing_at("responding", 2, opened_by=cast["pr"], title="公开事件")
    for incident in (secret, open_one):
        entry = TimelineEntry(
            incident=incident,
            event="incidents.level_confirmed",
            at=NOON,
            before={"stage": "triaged", "level": 0},
            after={"stage": "responding", "level": incident.level},
        )
        tell(incident, entry)
    send_notices()
    assert len(texts(fake)) == 3
    assert {("公开事件" in text, secret.number in text) for text in texts(fake)} == {(True, False)}


def test_who_is_called_by_name_where_it_cannot_wait(cast, fake, robots):
    PlatformIdentity.objects.create(
        person=cast["monitor"], platform="wecom", subject="meng", set_by=cast["security"], set_at=NOON
    )
    post("一级", cast["monitor"], urgency=Urgency.NOW)
    send_notices()
    assert [message.mentioned for message in fake.world.messages if "wecom" in message.platform] == [("meng",)]


# --- a storm ---------------------------------------------------------------------------------------------------------
def storm(robot, number, at):
    """So many notices for a chat of forty stories, as `notify` writes them."""
    rows = Notice.objects.bulk_create(
        Notice(event="test.posted", about=f"signal:{n % 40}", subject=f"负面 {n}", created_at=at) for n in range(number)
    )
    Delivery.objects.bulk_create(Delivery(notice=row, channel=robot, next_try_at=at) for row in rows)


def test_ten_thousand_in_a_minute_are_three_messages_at_most_and_the_gravest_goes_at_once(cast, fake, robots, at):
    robot = robots["wecom_robot"]
    for tenth in range(10):
        storm(robot, 1000, NOON + 6 * tenth * SECOND)
        send_notices()
        if tenth == 5:
            post("一级信号：起火", about="signal:0", urgency=Urgency.NOW)
            send_notices()
            assert ["一级信号：起火" in text for text in texts(fake, "wecom")] == [False, True]
        at.shift(6 * SECOND)
    work(at, 120)

    assert len(texts(fake, "wecom")) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert sum(robot.attempts.values_list("notices", flat=True)) == 10_001


def test_the_gravest_goes_first_even_when_the_budget_is_used_up(cast, fake, robots, at):
    robot = robots["dingtalk_robot"]
    for number in range(15):  # fifteen tests in a minute: all that may wait has used its share
        DeliveryAttempt.objects.create(
            channel=robot, event="test", urgency=Urgency.SOON, began_at=NOON - (60 - number) * SECOND, outcome="put_off"
        )
    at.shift(SECOND)
    post("二级")
    post("一级", urgency=Urgency.NOW)
    send_notices()
    (message,) = texts(fake, "dingtalk")
    assert message.index("一级") < message.index("二级")


def test_eight_workers_together_keep_the_limit_and_say_nothing_twice(transactional_db, fake, config, at):
    NoticeChannel.objects.update(is_on=False)
    make("wecom_robot", "chat", config("wecom_robot"))
    for number in range(40):
        post(f"一级 {number}", about=f"signal:{number}", urgency=Urgency.NOW)

    def worker(_number):
        try:
            send_notices()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(worker, range(8)))
    assert len(texts(fake)) == 1
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


# --- platforms that refuse, break off, or block ----------------------------------------------------------------------
def fault(fake, path, kind, times=1):
    fake.world.faults.append({"path": path, "kind": kind, "times": times, "done": 0})


def outcome(robot):
    return [(each.outcome, each.code) for each in robot.attempts.order_by("pk")]


def test_a_reply_that_is_lost_is_not_sent_again(cast, fake, robots, at):
    fault(fake, "/cgi-bin/webhook/send", "swallow")
    post()
    work(at, 300)
    robot = robots["wecom_robot"]
    assert (len(texts(fake, "wecom")), outcome(robot)) == (1, [("unknown", "")])
    assert robot.deliveries.get().state == "unknown"


def test_a_request_that_was_not_read_is_not_blindly_sent_again_either(cast, fake, robots, at):
    fault(fake, "/cgi-bin/webhook/send", "drop")
    post()
    work(at, 300)
    assert (len(texts(fake, "wecom")), outcome(robots["wecom_robot"])) == (0, [("unknown", "")])


def test_a_robot_that_was_removed_is_switched_off_and_the_administrators_are_told(cast, fake, robots, at):
    robot = robots["wecom_robot"]
    robot.settings = {**robot.settings, "key": "another"}
    robot.save()
    post()
    work(at, 60)
    robot.refresh_from_db()
    assert (robot.is_on, outcome(robot)) == (False, [("refused", "93000")])
    assert [notice.person.username for notice in Notice.objects.filter(event="notices.channel_switched_off")] == [
        "admin"
    ]
    post("下一条")
    work(at, 60)
    assert len(outcome(robot)) == 1


def test_a_robot_that_is_blocked_rests_ten_minutes_and_then_tells_what_waited(cast, fake, robots, at):
    robot = robots["dingtalk_robot"]
    for _number in range(20):  # somebody else uses the robot, too
        fake.world.is_too_fast("dingtalk robot", 20, 60)
    post("第一条")
    send_notices()
    robot.refresh_from_db()
    at.shift(60 * SECOND)
    post("第二条")
    work(at, 480)
    assert len(outcome(robot)) == 1  # not asked again while it rests
    work(at, 180)
    assert outcome(robot)[0][0] == "put_off"
    assert {each.state for each in robot.deliveries.all()} == {"sent"}
    assert len(texts(fake, "dingtalk")) <= 2


def test_a_worker_that_dies_while_it_posts_leaves_it_unknown(cast, fake, robots, at):
    post()
    delivery = Delivery.objects.filter(channel=robots["wecom_robot"]).get()
    assert take(delivery, NOON) is not None
    at.shift(timedelta(minutes=10, seconds=1))
    send_notices()
    delivery.refresh_from_db()
    assert (delivery.state, outcome(robots["wecom_robot"])) == ("unknown", [("unknown", "")])
    assert texts(fake, "wecom") == []


# --- personal apps ---------------------------------------------------------------------------------------------------
@pytest.fixture
def apps(at, fake, config, cast):
    """DingTalk first, then Feishu; 周妍 has an account on both."""
    NoticeChannel.objects.update(is_on=False)
    for platform in ("dingtalk", "feishu"):
        PlatformIdentity.objects.create(
            person=cast["legal"], platform=platform, subject="zhou", set_by=cast["security"], set_at=NOON
        )
    return {kind: make(kind, kind, config(kind)) for kind in ("dingtalk_app", "feishu_app")}


def tell_legal(cast, urgency=Urgency.SOON):
    return notify([cast["legal"]], event="test.told", subject="请看", urgency=urgency)


def test_a_lost_reply_of_a_channel_that_folds_repeats_is_asked_again_and_arrives_once(cast, fake, apps, at):
    NoticeChannel.objects.filter(kind="dingtalk_app").update(is_on=False)
    fault(fake, "/open-apis/im/v1/messages", "swallow")
    tell_legal(cast)
    work(at, 120)
    assert (len(texts(fake, "feishu")), outcome(apps["feishu_app"])) == (1, [("unknown", ""), ("sent", "")])


def test_a_lost_reply_of_one_that_does_not_goes_another_way(cast, fake, apps, at):
    fault(fake, "/topapi/message/corpconversation/asyncsend", "swallow")
    tell_legal(cast)
    work(at, 120)
    states = [(each.channel.kind, each.state) for each in Delivery.objects.order_by("pk")]
    assert states == [("dingtalk_app", "unknown"), ("feishu_app", "sent")]


def test_nothing_is_held_while_a_platform_answers(cast, fake, apps, at):
    tell_legal(cast, Urgency.NOW)
    delivery = Delivery.objects.filter(channel=apps["dingtalk_app"]).get()
    taken = take(delivery, NOON)
    assert taken is not None
    assert connection.in_atomic_block is True  # the test's own; take() has left its savepoint
    send(taken, NOON)
    assert len(texts(fake, "dingtalk")) == 1
