"""kill -9 of a worker in the middle of a poll: what was heard is stored once, all of it, whoever finishes the work."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from config.health import broker
from monitoring.tasks import poll_due_sources
from opinion.models import Heard, HourCount, Post, PostKey, Source, SourceHealth, Watch
from tests.faults.conftest import StartWorker, family, kill, processes, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ENTRIES = 450  # below the cap of one feed, more than two batches
PLACES = ("东街店", "河畔店", "大学城店", "机场店", "老城店", "西站店", "港湾店")
THINGS = ("奶盖", "吸管", "杯盖", "小票", "外卖袋", "收银台", "点单屏", "取餐号", "会员码", "冰量", "甜度")


def entry(number: int) -> str:
    place, thing = PLACES[number % len(PLACES)], THINGS[number % len(THINGS)]
    text = (
        f"第 {number} 位顾客说：晴野茶饮{place}的{thing}要等 {number * 7 % 61} 分钟，编号 {number * 104729 % 99991}。"
    )
    day = (timezone.now() - timedelta(minutes=number)).strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"<item><guid>post-{number}</guid><title>晴野{place}见闻 {number}</title><description>{text}</description>"
        f"<link>https://feeds.example.com/{number}</link><pubDate>{day}</pubDate></item>"
    )


class Feed:
    """A feed server that can stop in mid-answer until it is let go."""

    def __init__(self) -> None:
        body = '<?xml version="1.0"?><rss version="2.0"><channel><title>见闻</title>'
        self.body = (body + "".join(map(entry, range(ENTRIES))) + "</channel></rss>").encode()
        self.half_way, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.visits = 0
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                feed.visits += 1
                self.send_response(200)
                self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
                self.send_header("Content-Length", str(len(feed.body)))
                self.end_headers()
                half = len(feed.body) // 2
                self.wfile.write(feed.body[:half])
                self.wfile.flush()
                feed.half_way.set()
                feed.go_on.wait(30)
                self.wfile.write(feed.body[half:])

            def log_message(self, *words: Any) -> None:
                """Quiet."""

            def handle(self) -> None:
                try:
                    super().handle()
                except ConnectionError:
                    return  # the worker that asked is dead

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def feed() -> Iterator[Feed]:
    feed = Feed()
    yield feed
    feed.go_on.set()
    feed.server.shutdown()
    feed.server.server_close()


@pytest.fixture
def source(transactional_db: None, feed: Feed) -> Source:
    Watch.objects.create(name="晴野", rule="晴野")
    return Source.objects.create(name="见闻", url=f"http://{feed.host}/feed.xml", platform="论坛")


def the_lease_runs_out(source: Source) -> None:
    """As if the minutes of the lease had passed: the dead worker no longer holds the source."""
    Source.objects.filter(pk=source.pk).update(leased_until=timezone.now() - timedelta(seconds=1))


def ring_until_polled(source: Source) -> None:
    """The scheduler's tick, and the poll it brings."""
    poll_due_sources.delay()

    def the_source_to_be_polled() -> bool:
        source.refresh_from_db()
        return source.health == SourceHealth.OK and source.leased_until is None

    wait_until(the_source_to_be_polled, seconds=90)


def assert_all_is_stored_once() -> None:
    ids = {f"post-{number}" for number in range(ENTRIES)}
    assert set(PostKey.objects.values_list("external_id", flat=True)) == ids
    assert PostKey.objects.count() == ENTRIES
    assert Post.objects.count() == ENTRIES
    assert Heard.objects.count() == ENTRIES
    assert HourCount.objects.aggregate(posts=Sum("posts")) == {"posts": ENTRIES}


def test_killed_between_two_batches(start_worker: StartWorker, feed: Feed, source: Source) -> None:
    worker = start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    poll_due_sources.delay()
    wait_until(PostKey.objects.exists, seconds=90, every=0.002)
    kill(worker)
    stored = PostKey.objects.count()
    assert 0 < stored < ENTRIES  # else the kill came too late and shows nothing
    source.refresh_from_db()
    assert source.health == SourceHealth.NEVER  # nobody claims to have listened
    the_lease_runs_out(source)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    ring_until_polled(source)
    assert_all_is_stored_once()


def test_killed_while_the_feed_answers(start_worker: StartWorker, feed: Feed, source: Source) -> None:
    feed.go_on.clear()
    worker = start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    poll_due_sources.delay()
    wait_until(feed.half_way.is_set)
    kill(worker)
    feed.go_on.set()
    assert PostKey.objects.count() == 0
    the_lease_runs_out(source)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    ring_until_polled(source)
    assert_all_is_stored_once()


def test_killed_while_a_document_is_read(start_worker: StartWorker, feed: Feed, source: Source) -> None:
    """Its readers end with it, as soon as they have answered into nothing."""
    whole = feed.body
    feed.body = ("<rss " + " ".join(f'a{n}="1"' for n in range(100_000)) + "></rss>").encode()  # takes seconds to read
    worker = start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    assert worker.process
    process = worker.process.pid
    poll_due_sources.delay()

    def readers() -> list[int]:
        return [pid for pid, args in family(process).items() if "monitoring.reading.child" in args]

    wait_until(readers, every=0.02)
    orphans = readers()
    kill(worker)
    assert PostKey.objects.count() == 0
    wait_until(lambda: not set(orphans) & set(processes()))
    feed.body = whole
    the_lease_runs_out(source)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    ring_until_polled(source)
    assert_all_is_stored_once()


def test_killed_in_the_middle_of_a_batch_of_sources(start_worker: StartWorker, feed: Feed, source: Source) -> None:
    others = [
        Source.objects.create(name=f"见闻 {n}", url=f"http://{feed.host}/feed.xml?{n}", platform="论坛")
        for n in range(2)
    ]
    worker = start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    poll_due_sources.delay()

    def one_source_to_be_stored_and_another_begun() -> bool:
        return PostKey.objects.count() > ENTRIES

    wait_until(one_source_to_be_stored_and_another_begun, seconds=120, every=0.002)
    kill(worker)
    assert PostKey.objects.count() < 3 * ENTRIES  # else the kill came too late and shows nothing
    for one in (source, *others):
        the_lease_runs_out(one)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    for one in (source, *others):
        ring_until_polled(one)
        assert PostKey.objects.filter(source=one).count() == ENTRIES
    assert Post.objects.count() == Heard.objects.count() == 3 * ENTRIES
    assert HourCount.objects.aggregate(posts=Sum("posts")) == {"posts": 3 * ENTRIES}


def test_a_ring_that_comes_back_from_the_dead_polls_nothing_twice(
    start_worker: StartWorker, feed: Feed, source: Source
) -> None:
    """The broker redelivers a killed worker's message after the visibility timeout; by then the lease is another."""
    feed.go_on.clear()
    worker = start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    poll_due_sources.delay()
    wait_until(feed.half_way.is_set)
    kill(worker)
    feed.go_on.set()
    the_lease_runs_out(source)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    ring_until_polled(source)
    visits = feed.visits

    def the_message_to_be_delivered_again() -> bool:
        with broker() as doorbell:
            prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
            return not doorbell.exists(f"{prefix}unacked", f"{prefix}celery")

    wait_until(the_message_to_be_delivered_again, seconds=60)
    assert (visits, feed.visits) == (2, 2)
    assert_all_is_stored_once()


def test_an_emptied_broker_costs_a_lease_and_no_post(start_worker: StartWorker, feed: Feed, source: Source) -> None:
    poll_due_sources()  # claims, and rings for a worker that is not there
    with broker() as doorbell:
        for key in doorbell.scan_iter(f"{settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}*"):
            doorbell.delete(key)
    start_worker(FETCH_ALLOWED_HOSTS=feed.host)
    the_lease_runs_out(source)
    ring_until_polled(source)
    assert_all_is_stored_once()
