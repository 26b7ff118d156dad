"""The number of queries does not grow with the batch."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opinion.services.pipeline import take_in, take_in_all
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


def queries_for(posts, source):
    with CaptureQueriesContext(connection) as queries:
        take_in(source, posts, now=NOON)
    return len(queries)


def test_one_post_or_twelve_take_the_same_queries():
    WatchFactory(rule="晴野")
    few = [raw(1, STORIES[0]), raw(2, "//@甲:" + STORIES[0], at=NOON + minutes(1))]
    many = [raw(f"{n}a", f"晴野第{n}号门店编号{n * 7919}电话13800000000") for n in range(6)]
    many += [raw(f"{n}b", f"//@乙:晴野第{n}号门店编号{n * 7919}电话13800000000") for n in range(6)]
    few[0] = raw(1, STORIES[0] + "13800000000")
    assert queries_for(few, SourceFactory()) == queries_for(many, SourceFactory())


def test_known_posts_take_the_same_queries_however_many():
    WatchFactory(rule="晴野")
    source = SourceFactory()
    posts = [raw(n, f"晴野第{n}号门店编号{n * 7919}") for n in range(9)]
    take_in(source, posts, now=NOON)
    assert queries_for(posts[:1], source) == queries_for(posts, source) <= 3


def test_one_source_or_nine_take_the_same_queries():
    WatchFactory(rule="晴野")
    handed = [(SourceFactory(), [raw(1, f"路边第{n}家")]) for n in range(9)]
    counts = []
    for some in (handed[:1], handed[1:]):
        with CaptureQueriesContext(connection) as queries:
            take_in_all(some, now=NOON)
        counts.append(len(queries))
    assert counts[0] == counts[1]
