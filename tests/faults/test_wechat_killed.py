"""kill -9 of a worker while it publishes on WeChat: one article, or a person is asked; never two."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as desk_settings
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import verify
from notices.channels.fakes.server import FakeServer, running
from response.channels import fakes
from response.channels.fakes import wechat
from response.models import ChannelAccount, Release
from response.services.releases import publish
from response.tasks import send_releases
from tests.faults.conftest import StartWorker, kill, wait_until
from tests.response.factories import incident_at, let_speak, releasable

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def release(transactional_db: None, cast: dict[str, User]) -> Release:
    now = timezone.now()
    let_speak(cast["spokesperson"], cast)
    version = releasable(incident_at(2, cast, now), cast, now)
    account = ChannelAccount(kind="wechat")
    account.settings = fakes.configs("")["wechat"]
    account.save()
    publish(version, channels=["newsroom", "wechat"], actor=cast["spokesperson"], now=now)
    return Release.objects.get(channel="wechat")


@pytest.mark.parametrize(
    ("call", "path", "stall_at", "jobs_then"),
    [
        ("response.channels.wechat.api.post_json", "/draft/add", "after", 0),  # the draft's id is lost
        ("response.channels.wechat.api.post_json", "/freepublish/submit", "before", 0),
        ("response.channels.wechat.api.post_json", "/freepublish/submit", "after", 1),  # the reply is not read
    ],
)
def test_a_worker_killed_on_wechat_publishes_once_or_asks(
    start_worker: StartWorker, release: Release, tmp_path: Path, call: str, path: str, stall_at: str, jobs_then: int
) -> None:
    mark = tmp_path / "stands"
    with running(more=fakes.ROUTES) as server:
        there = {
            "CHANNEL_BASE_URL": server.url,
            "OUTGOING_ALLOWED_HOSTS": server.url.removeprefix("http://"),
            "DEMO": "1",  # a stand-in is refused on a live desk
        }
        worker = start_worker(
            DJANGO_SETTINGS_MODULE="tests.faults.stalling_settings",
            STALL_CALL=call,
            STALL_PATH=path,
            STALL_AT=stall_at,
            STALL_MARK=str(mark),
            **there,
        )

        def the_worker_to_stand() -> bool:
            send_releases.delay()
            return mark.exists()

        wait_until(the_worker_to_stand, every=0.5)
        kill(worker)
        release.refresh_from_db()
        assert release.state == "sending"
        assert len(wechat.account(server.world).jobs) == jobs_then
        start_worker(**there)

        def it_to_be_settled() -> bool:
            let_time_pass()
            send_releases.delay()
            release.refresh_from_db()
            return release.state in ("sent", "unknown")

        wait_until(it_to_be_settled, seconds=90, every=0.5)
        assert_once(server, release)
    assert verify().whole
    assert desk_settings.TESTING


def assert_once(server: FakeServer, release: Release) -> None:
    articles = wechat.account(server.world).articles
    assert len(articles) <= 1
    assert len(wechat.account(server.world).jobs) <= 1
    if release.state == "sent":
        assert [each["url"] for each in articles.values()] == [release.url]


def let_time_pass() -> None:
    """As if the lease, and the time until the next look, were over."""
    stands = Release.objects.filter(state="sending")
    stands.filter(look_at__isnull=True).update(claimed_at=F("claimed_at") - timedelta(seconds=130))
    stands.filter(look_at__isnull=False).update(look_at=timezone.now())
