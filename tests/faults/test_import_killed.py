"""A worker is killed in the middle of an import, or of taking one back: another goes on, and each row is there once."""

import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from accounts import clock
from accounts.models import User
from monitoring.models import Import
from monitoring.services import imports as services
from opinion.models import Heard, HourCount, Post
from opinion.services import undoing
from tests.factories import WatchFactory
from tests.faults.conftest import StartWorker, kill, wait_until
from tests.monitoring.tables import brought, csv_of, row

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ROWS = 900


def rows(number: int = ROWS) -> bytes:
    return csv_of(*(row(n, f"晴野第{n}条说的是{n * 7919}号") for n in range(number)))


@pytest.fixture
def waiting(cast: dict[str, User], settings: Any, tmp_path: Path) -> Import:
    settings.MEDIA_ROOT = tmp_path / "files"
    WatchFactory(rule="晴野")
    one = brought(rows(), cast["monitor"])
    services.start(one, one.mapping, seen_version=1, actor=cast["monitor"], now=clock.now())
    return one


def work_and_be_killed_when(moment: Callable[[], bool]) -> None:
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        services.work(clock.now)
        os._exit(0)
    ends = time.monotonic() + 60
    while not moment() and time.monotonic() < ends:
        time.sleep(0.02)
    os.kill(worker, signal.SIGKILL)
    _pid, status = os.waitpid(worker, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "it was over before it could be killed"


def the_lease_runs_out(one: Import) -> None:
    """As if its three minutes had passed."""
    Import.objects.filter(pk=one.pk).update(leased_until=clock.now() - timedelta(seconds=1))


def assert_whole(one: Import) -> None:
    one.refresh_from_db()
    assert (one.state, one.rows, one.stored, one.heard, one.duplicate, one.rejected) == ("done", ROWS, ROWS, 0, 0, 0)
    assert one.posts.count() == Post.objects.count() == Heard.objects.count() == ROWS
    assert sum(HourCount.objects.values_list("posts", flat=True)) == ROWS


def test_a_real_worker_killed_in_mid_import_is_followed_by_another(
    start_worker: StartWorker, waiting: Import, tmp_path: Path
) -> None:
    from monitoring.tasks import work_imports

    worker = start_worker()
    work_imports.delay()

    def some_rows_to_be_stored() -> bool:
        return 0 < Post.objects.count() < ROWS

    wait_until(some_rows_to_be_stored, every=0.02)
    kill(worker)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.done < ROWS) == ("running", True)
    the_lease_runs_out(waiting)
    start_worker()

    def the_import_to_be_done() -> bool:
        work_imports.delay()
        return Import.objects.get().state == "done"

    wait_until(the_import_to_be_done, seconds=120, every=1)
    assert_whole(waiting)


def test_killed_between_the_posts_and_the_note_of_how_far_it_is(
    waiting: Import, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_keep_on", lambda *args, **changes: time.sleep(60))
    work_and_be_killed_when(lambda: Post.objects.count() == services.BATCH)
    monkeypatch.undo()
    waiting.refresh_from_db()
    assert waiting.done == 0
    services.work(clock.now)
    assert Post.objects.count() == services.BATCH, "somebody else's lease was taken"
    the_lease_runs_out(waiting)
    services.work(clock.now)
    assert_whole(waiting)


def test_killed_while_it_is_taken_back(waiting: Import, cast: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    services.work(clock.now)
    assert_whole(waiting)
    services.ask_to_take_back(waiting, seen_version=waiting.version, actor=cast["pr"], now=clock.now())
    whole, calls = undoing._take_back, iter([True])

    def stalls_at_the_second(*some: Any) -> None:
        whole(*some) if next(calls, False) else time.sleep(60)

    monkeypatch.setattr(undoing, "_take_back", stalls_at_the_second)
    work_and_be_killed_when(lambda: Post.objects.filter(triage="undone").count() == undoing.AT_ONCE)
    monkeypatch.undo()
    the_lease_runs_out(waiting)
    services.work(clock.now)
    waiting.refresh_from_db()
    assert waiting.state == "undone"
    assert not Post.objects.standing().exists()
    assert not Heard.objects.exists()
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 0
