"""The file of a replay: good lines become posts in their order, each once; bad ones are named with the reason."""

import json

import pytest
from django.utils import translation

from monitoring.reading import replays as replay_file


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def line(number=1, **more):
    row = {"id": f"a{number}", "published_at": f"2026-11-18T08:{number:02}:00+08:00", "source": "微博", "title": "晴野"}
    return json.dumps({**row, **more}, ensure_ascii=False).encode()


def test_posts_come_in_the_order_they_were_published_whatever_the_order_of_the_lines():
    lines = [line(3), line(1, source="知乎"), line(2)]
    read = replay_file.read(lines)
    assert [(source, post.external_id) for source, post in read.posts] == [
        ("知乎", "a1"),
        ("微博", "a2"),
        ("微博", "a3"),
    ]
    assert replay_file.read(reversed(lines)) == read


def test_a_line_that_repeats_one_is_counted_and_read_once():
    read = replay_file.read([line(1), line(1), line(1, source="知乎"), b"{", b"{"])
    assert (len(read.posts), len(read.bad), read.repeated) == (2, 1, 2)


def test_what_only_the_judge_may_read_is_not_read():
    judged = line(1, true_event="crisis", last_seen_at="2026-11-19T08:00:00+08:00", times_listed=9, max_heat=10**6)
    assert replay_file.read([judged]).posts == replay_file.read([line(1)]).posts


def test_numbers_are_taken_where_they_are_counts():
    more = {"rank": 3, "heat": 10**30, "likes": -1, "reposts": True, "comments": "7", "author_followers": 12}
    [(_source, post)] = replay_file.read([line(1, **more)]).posts
    assert (post.rank, post.heat, post.followers) == (3, 2**31 - 1, 12)
    assert (post.likes, post.reposts, post.comments) == (None, None, None)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"\xff\xfe", "it is not UTF-8"),
        (b"{", "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b"[]", "it is not a JSON object"),
        (line(1, id=None), "it has no id"),
        (line(1, id=True), "it has no id"),
        (line(1, id=" "), "it has no id"),
        (line(1, source=None), "it names no source"),
        (line(1, title=None), "it has neither title nor text"),
        (line(1, text=7), "its text is not a text"),
        (line(1, published_at="yesterday"), "its published_at is not a time as in 2026-11-22T08:00:00+08:00"),
        (line(1, published_at=1763424000), "its published_at is not a time as in 2026-11-22T08:00:00+08:00"),
        (line(1, published_at="2026-11-18T08:00:00"), "its published_at has no offset from UTC"),
        (line(1, published_at="0001-01-01T00:00:00+08:00"), "its published_at lies in a year nobody can mean"),
        (line(1, text="长" * 400_000), "it is longer than a million bytes"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_reason_and_the_others_are_read(bad, why):
    read = replay_file.read([line(2), b"\n", bad, line(3)])
    assert [(each.number, each.why) for each in read.bad] == [(3, why)]
    assert [post.external_id for _source, post in read.posts] == ["a2", "a3"]
