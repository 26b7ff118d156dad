"""Requests at the same moment, over real connections: one batch is taken in once, and the limit a minute holds."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections

from audit.models import Entry
from monitoring.api import keys, limits
from monitoring.models import Push, PushedItem, Vendor
from opinion.models import Heard, Post
from tests.factories import WatchFactory
from tests.monitoring.vendor_tools import an_item, push, read, vendor_with_key

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 4


def at_once(job, times):
    """What `job` returned, run in so many threads that start together; raises what one of them raised."""
    ready, results = threading.Barrier(times), []

    def run():
        try:
            ready.wait()
            results.append(job())
        except BaseException as problem:  # noqa: BLE001 - handed to the test, which raises it
            results.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


@pytest.fixture
def key(cast, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    WatchFactory(rule="晴野")
    return vendor_with_key(cast["pr"], now=noon, per_minute=60)[1]


def test_identical_pushes_at_the_same_moment_are_one_and_all_get_its_answer(key):
    items = [an_item(n) for n in range(30)] + [an_item(99, url="x")] + [an_item(n, text="天气") for n in range(50, 60)]
    answers = at_once(lambda: push(key, items), AT_ONCE)
    assert [answer.status_code for answer in answers] == [202] * AT_ONCE
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["counts"] == {"items": 41, "stored": 30, "heard": 10, "duplicate": 0, "rejected": 1}
    assert [model.objects.count() for model in (Push, PushedItem, Post, Heard)] == [1, 41, 30, 40]


def test_of_different_bodies_under_one_id_at_the_same_moment_one_wins(key):
    numbers = iter(range(AT_ONCE))
    answers = at_once(lambda: push(key, [an_item(next(numbers))]), AT_ONCE)
    assert sorted(answer.status_code for answer in answers) == [202, 409, 409, 409]
    assert [model.objects.count() for model in (Push, PushedItem, Post)] == [1, 1, 1]


def test_the_same_posts_in_different_pushes_at_the_same_moment_are_stored_once(key):
    names = iter(range(AT_ONCE))
    answers = at_once(lambda: push(key, [an_item(n) for n in range(20)], message_id=f"m-{next(names)}"), AT_ONCE)
    assert {answer.status_code for answer in answers} == {202}
    assert (Post.objects.count(), PushedItem.objects.count()) == (20, 20 * AT_ONCE)


def test_however_many_come_at_once_no_more_get_in_than_the_limit(key, noon):
    Vendor.objects.update(per_minute=5)
    vendor = Vendor.objects.get()
    ask = partial(keys.seconds_to_wait, vendor, now=noon)
    waits = [wait for some in at_once(lambda: [ask() for _ in range(4)], 4) for wait in some]
    assert (waits.count(0), set(waits)) == (5, {0, 60})


def test_a_minute_later_it_is_let_in_again_and_the_answer_says_when_that_is(key, noon, time_machine):
    Vendor.objects.update(per_minute=2)
    time_machine.move_to(noon.replace(second=20), tick=False)
    answers = at_once(lambda: read(key, "/api/v1/pushes/"), AT_ONCE)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    (refused, _other) = [answer for answer in answers if answer.status_code == 429]
    assert (refused["Retry-After"], refused["Content-Type"]) == ("60", "application/problem+json")
    assert refused.json()["status"] == 429
    assert push(key, [an_item(1)]).status_code == 429
    assert Push.objects.count() == 0
    time_machine.move_to(noon.replace(minute=1, second=19), tick=False)
    assert push(key, [an_item(1)]).status_code == 429
    time_machine.move_to(noon.replace(minute=1, second=20), tick=False)
    assert push(key, [an_item(1)]).status_code == 202


def test_one_vendors_limit_is_not_anothers(key, cast, noon):
    Vendor.objects.update(per_minute=0)
    _vendor, other = vendor_with_key(cast["pr"], name="别家", now=noon)
    assert [read(one, "/api/v1/pushes/").status_code for one in (key, other)] == [429, 200]


def test_what_is_refused_and_put_on_record_is_no_more_than_the_limit_lets_in(key):
    Vendor.objects.update(per_minute=2)
    answers = [read(key, "/api/v1/signals/").status_code for _ in range(5)]
    assert answers == [403, 403, 429, 429, 429]
    assert Entry.objects.filter(event="monitoring.vendor_refused").count() == 2


def test_a_clock_that_runs_behind_opens_no_new_minute(key, noon):
    Vendor.objects.update(per_minute=1)
    vendor = Vendor.objects.get()
    assert keys.seconds_to_wait(vendor, now=noon) == 0
    assert keys.seconds_to_wait(vendor, now=noon - timedelta(minutes=1)) > 0


def test_where_nobody_counts_a_vendor_is_let_in(key, settings):
    """A post that is lost is worse than one request too many of somebody whose key we know."""
    Vendor.objects.update(per_minute=0)
    url = settings.REDIS_URL
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits._connection.cache_clear()
    answer = push(key, [an_item(1)])
    settings.REDIS_URL = url
    limits._connection.cache_clear()
    assert answer.status_code == 202
