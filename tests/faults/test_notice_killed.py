"""A worker is killed while a platform has its message: no chat hears it twice, the person hears it elsewhere."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import PlatformIdentity
from notices import tasks
from notices.channels.fakes import configs
from notices.channels.fakes.server import FakeServer, running
from notices.models import CLAIM_LASTS, Delivery, NoticeChannel, Urgency
from notices.services import notify
from notices.services.channels import make
from tests.cast import make_cast
from tests.faults.conftest import StartWorker, kill, wait_until

pytestmark = pytest.mark.faults

LOOKED_UP = "/topapi/message/corpconversation/getsendresult"  # DingTalk has the message and is asked what became of it
POSTED = "/cgi-bin/webhook/send"


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    with running() as server:
        server.world.people = {"zhou": "周妍"}
        for path in (LOOKED_UP, POSTED):
            server.world.faults.append({"path": path, "kind": "latency", "times": 1, "seconds": 8, "done": 0})
        yield server


def states() -> dict[str, str]:
    return {each.channel.kind: each.state for each in Delivery.objects.select_related("channel")}


def test_what_a_killed_worker_had_in_hand_is_told_elsewhere_and_not_twice(
    start_worker: StartWorker, fake: FakeServer
) -> None:
    people, settings = make_cast(), configs(fake.url)
    NoticeChannel.objects.update(is_on=False)
    for kind in ("dingtalk_app", "feishu_app", "wecom_robot"):
        make(kind, kind, settings[kind])
    for platform in ("dingtalk", "feishu"):
        PlatformIdentity.objects.create(
            person=people["legal"],
            platform=platform,
            subject="zhou",
            set_by=people["security"],
            set_at=people["legal"].date_joined,
        )
    worker = start_worker(OUTGOING_ALLOWED_HOSTS=fake.url.removeprefix("http://"))
    notify([people["legal"]], event="test.told", subject="请看", urgency=Urgency.SOON, for_groups=True)
    tasks.send_notices.delay()  # a second thread, for the second channel

    def both_platforms_to_have_been_asked() -> bool:
        return {LOOKED_UP, POSTED} <= {request["path"] for request in fake.world.requests}

    wait_until(both_platforms_to_have_been_asked)
    kill(worker)
    assert states() == {"dingtalk_app": "queued", "wecom_robot": "queued"}

    Delivery.objects.update(claimed_at=F("claimed_at") - CLAIM_LASTS - timedelta(seconds=1))  # ten minutes later
    start_worker(OUTGOING_ALLOWED_HOSTS=fake.url.removeprefix("http://"))
    tasks.send_notices.delay()

    def everything_to_have_ended() -> bool:
        return states() == {"dingtalk_app": "unknown", "wecom_robot": "unknown", "feishu_app": "sent"}

    wait_until(everything_to_have_ended)
    heard = [message.platform for message in fake.world.messages]
    assert {platform: heard.count(platform) for platform in set(heard)} == dict.fromkeys(set(heard), 1)
    assert "feishu_app" in heard
