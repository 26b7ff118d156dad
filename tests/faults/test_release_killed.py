"""kill -9 of a worker in the middle of a publication: it is public once, and the record says what happened."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from audit.services import verify
from response.models import Release
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
    (queued,) = publish(version, channels=["newsroom"], actor=cast["spokesperson"], now=now)
    return queued


@pytest.mark.parametrize(("stall_at", "is_public_then"), [("before", False), ("after", True)])
def test_a_killed_worker_publishes_once(
    start_worker: StartWorker, release: Release, tmp_path: Path, stall_at: str, is_public_then: bool
) -> None:
    mark = tmp_path / "stands"
    worker = start_worker(
        DJANGO_SETTINGS_MODULE="tests.faults.stalling_settings", STALL_AT=stall_at, STALL_MARK=str(mark)
    )
    send_releases.delay()
    wait_until(mark.exists)
    kill(worker)

    release.refresh_from_db()
    assert (release.state, release.attempts.count()) == ("sending", 1)
    assert (release.public_at is not None) is is_public_then
    assert Client().get(f"/newsroom/{release.version.statement.number}/").status_code == 404
    public_then = release.public_at

    start_worker()  # and the dead one's message comes back to it
    send_releases.delay()
    the_lease_runs_out(release)

    def the_release_to_be_sent() -> bool:
        send_releases.delay()
        release.refresh_from_db()
        return release.state == "sent"

    wait_until(the_release_to_be_sent, seconds=60, every=0.5)
    assert is_public_then is (release.public_at == public_then)
    assert list(release.attempts.values_list("number", "outcome")) == [(1, "unknown"), (2, "sent")]
    assert Release.objects.count() == 1
    assert Entry.objects.filter(event="response.released").count() == 1
    assert Client().get(f"/newsroom/{release.version.statement.number}/").status_code == 200
    assert verify().whole


def the_lease_runs_out(release: Release) -> None:
    """As if its two minutes had passed."""
    Release.objects.filter(pk=release.pk).update(claimed_at=F("claimed_at") - timedelta(seconds=130))
