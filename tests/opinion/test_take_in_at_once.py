"""Several workers with the same posts at the same time: everything once, every count right. Real transactions."""

import threading

import pytest
from django.db import connection, connections

from opinion.models import Heard, HourCount, Match, Post, PostKey, Topic
from opinion.services.pipeline import Intake, take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4


def at_once(*jobs):
    """Run jobs in threads that start together; returns what they returned, raises what they raised."""
    ready = threading.Barrier(len(jobs))
    results: dict[int, object] = {}

    def run(number, job):
        try:
            ready.wait()
            results[number] = job()
        except BaseException as problem:  # noqa: BLE001 - handed to the test, which raises it
            results[number] = problem
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, job)) for number, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results.values():
        if isinstance(result, BaseException):
            raise result
    return [results[number] for number in range(len(jobs))]


def test_the_same_batch_by_four_workers_is_stored_once():
    source, watch = SourceFactory(), WatchFactory(rule="晴野")
    batch = [raw(n, f"晴野第{n}号门店今天的编号是{n * 7919}", at=NOON + minutes(n)) for n in range(30)]
    batch += [raw(30 + n, STORIES[0] + "！" * n, at=NOON + minutes(n)) for n in range(10)]
    intakes = at_once(*[lambda: take_in(source, batch, now=NOON)] * WORKERS)
    assert sum(intake.stored for intake in intakes) == 40
    for model in (Heard, PostKey, Post):
        assert model.objects.count() == 40, model
    assert Match.objects.filter(watch=watch).count() == 40
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 40
    assert sum(Topic.objects.values_list("size", flat=True)) == 40
    assert sum(Post.objects.values_list("copy_count", flat=True)) == Post.objects.filter(original__isnull=False).count()


def test_different_sources_with_the_same_story_at_once_share_counts_and_topic():
    WatchFactory(rule="晴野")
    sources = [SourceFactory() for _ in range(WORKERS)]
    jobs = [
        lambda source=source, number=number: take_in(
            source, [raw(number, STORIES[0], at=NOON + minutes(number))], now=NOON + minutes(9)
        )
        for number, source in enumerate(sources)
    ]
    assert sum((intake.stored for intake in at_once(*jobs)), 0) == WORKERS
    assert sum(HourCount.objects.values_list("posts", flat=True)) == WORKERS
    assert sum(Topic.objects.values_list("size", flat=True)) == WORKERS
    assert Topic.objects.count() == 1
    assert Post.objects.filter(original__isnull=True).count() == 1


def test_metrics_that_arrive_out_of_order_end_at_the_highest():
    source = SourceFactory()
    WatchFactory(rule="晴野")
    take_in(source, [raw(1, likes=0)], now=NOON)
    at_once(*[lambda likes=likes: take_in(source, [raw(1, likes=likes)], now=NOON) for likes in (5, 50, 20, 35)])
    assert Post.objects.get().likes == 50


def test_nothing_is_written_when_nothing_is_new():
    source = SourceFactory()
    WatchFactory(rule="晴野")
    take_in(source, [raw(1)], now=NOON)
    with connection.execute_wrapper(_no_writes):
        assert take_in(source, [raw(1)], now=NOON) == Intake(known=1)


def _no_writes(execute, sql, params, many, context):
    assert sql.lstrip().upper().startswith("SELECT"), sql
    return execute(sql, params, many, context)
