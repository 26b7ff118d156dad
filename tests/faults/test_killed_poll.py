"""A worker is killed in the middle of a visit: the source is visited again, and every entry is there once."""

import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from accounts import clock
from monitoring.reading import apart
from monitoring.services import polling
from opinion.models import Heard, Source
from opinion.services import pipeline
from tests.monitoring.feedserver import FeedServer, Request

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
ENTRIES = 450
FEED = (
    "<rss version='2.0'><channel>"
    + "".join(
        f"<item><guid isPermaLink='false'>{n}</guid><title>晴野茶饮第{n}条</title></item>" for n in range(ENTRIES)
    )
    + "</channel></rss>"
).encode()


@pytest.fixture
def source(settings: Any) -> Source:
    web = FeedServer()
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    return Source.objects.create(name="晴野资讯", url=web.put("/feed", FEED), platform="资讯")


def visit_and_be_killed_when(moment: Callable[[], bool], source: Source) -> None:
    """A process that visits the source and is killed, kill -9, as soon as `moment` is true."""
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        polling.poll(source, now=clock.now())
        os._exit(0)
    ends = time.monotonic() + 20
    while not moment() and time.monotonic() < ends:
        time.sleep(0.02)
    os.kill(worker, signal.SIGKILL)
    _pid, status = os.waitpid(worker, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, "the visit was over before it could be killed"


def assert_visited_again_and_whole(source: Source) -> None:
    assert polling.claim_due(now=clock.now()) == []
    later = clock.now() + polling.LEASE + timedelta(seconds=1)
    (again,) = polling.claim_due(now=later)
    assert polling.poll(again, now=later).health == "ok"
    ids = sorted(Heard.objects.values_list("external_id", flat=True), key=int)
    assert ids == [str(n) for n in range(ENTRIES)]


@pytest.fixture
def stalling() -> threading.Event:
    return threading.Event()


def test_killed_while_fetching(settings: Any, stalling: threading.Event) -> None:
    web = FeedServer()
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    source = Source.objects.create(name="晴野资讯", url=web.url("/feed"), platform="资讯")

    def half(request: Request) -> None:
        request.say(200, FEED[:1000], Content_Length=str(len(FEED)))
        stalling.set()
        time.sleep(5)

    web.answers["/feed"] = half
    assert polling.claim(source, now=clock.now())
    visit_and_be_killed_when(stalling.is_set, source)
    web.put("/feed", FEED)
    assert Heard.objects.count() == 0
    assert_visited_again_and_whole(source)


def test_killed_while_reading(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "_answered", lambda *answer: time.sleep(60))
    assert polling.claim(source, now=clock.now())
    started = time.monotonic()
    visit_and_be_killed_when(lambda: time.monotonic() - started > 1.5, source)
    monkeypatch.undo()
    assert Heard.objects.count() == 0
    assert_visited_again_and_whole(source)


def test_killed_between_two_batches(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = pipeline._take_batch, iter([True])

    def stalls_at_the_second(*batch: Any) -> Any:
        return whole(*batch) if next(calls, False) else time.sleep(60)

    monkeypatch.setattr(pipeline, "_take_batch", stalls_at_the_second)
    assert polling.claim(source, now=clock.now())
    visit_and_be_killed_when(lambda: Heard.objects.count() == pipeline.BATCH, source)
    monkeypatch.undo()
    assert Heard.objects.count() == pipeline.BATCH
    assert_visited_again_and_whole(source)
