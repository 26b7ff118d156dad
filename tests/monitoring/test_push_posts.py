"""`POST /api/v1/posts/`: what a vendor pushes is taken in once, and every item is answered for."""

import json

import pytest

from audit.models import Entry
from monitoring.models import Push, PushedItem
from monitoring.services import pushing
from monitoring.services.vendors import change_mapping
from opinion.models import Heard, Post, Source
from opinion.services import pipeline
from tests.factories import WatchFactory
from tests.monitoring.vendor_tools import an_item, push, vendor_with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendor_and_key(cast, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    WatchFactory(rule="晴野")
    return vendor_with_key(cast["pr"], now=noon)


@pytest.fixture
def key(vendor_and_key):
    return vendor_and_key[1]


def outcomes(answer):
    return [result["outcome"] for result in answer.json()["results"]]


def test_each_item_is_answered_for(key, noon):
    items = [an_item(1), an_item(2, text="天气很好"), an_item(1), an_item(3, published_at="2026-11-18T11:00:00"), "词"]
    answer = push(key, items)
    assert answer.status_code == 202
    body = answer.json()
    post = str(Post.objects.get().uuid)
    assert [(one["index"], one["external_id"], one["outcome"], one["post"]) for one in body["results"]] == [
        (0, "wb-1", "stored", post),
        (1, "wb-2", "heard", None),
        (2, "wb-1", "duplicate", post),
        (3, "wb-3", "rejected", None),
        (4, "", "rejected", None),
    ]
    assert [(one["reason"], one["field"]) for one in body["results"][3:]] == [
        ("no_zone", "published_at"),
        ("not_an_object", ""),
    ]
    assert body["results"][3]["words"] == "This time has no zone. Write it with one: 2026-11-18T12:00:00+08:00."
    assert body["counts"] == {"items": 5, "stored": 1, "heard": 1, "duplicate": 1, "rejected": 2}
    stored = Push.objects.get()
    assert (str(stored.uuid), stored.received_at) == (body["push"], noon)
    assert [(item.position, item.outcome, item.delay_seconds) for item in PushedItem.objects.all()] == [
        (0, "stored", 120),
        (1, "heard", 120),
        (2, "duplicate", 120),
        (3, "rejected", None),
        (4, "rejected", None),
    ]


def test_everything_a_vendor_tells_arrives(vendor_and_key):
    vendor, key = vendor_and_key
    push(
        key,
        [
            an_item(
                1,
                title="标题",
                platform="小红书",
                region="浙江",
                author_since="2020-01-01T00:00:00Z",
                reposts=1,
                comments="2",
                likes=3,
                reads=4,
                followers=5,
                heat=6,
                rank=7,
            )
        ],
    )
    post = Post.objects.get()
    assert (post.title, post.platform, post.region, post.author) == ("标题", "小红书", "浙江", "路人甲")
    assert [getattr(post, name) for name in ("reposts", "comments", "likes", "reads", "followers", "heat", "rank")] == [
        *range(1, 8)
    ]
    assert post.author_since.year == 2020
    assert post.source == vendor.channels.get().source
    assert Source.objects.get().health == "ok"


def test_the_same_request_again_gets_the_same_answer(key):
    first = push(key, [an_item(1), an_item(2, url="x")])
    again = push(key, [an_item(1), an_item(2, url="x")])
    assert (again.status_code, again.json()) == (202, first.json())
    assert (Push.objects.count(), PushedItem.objects.count(), Post.objects.count()) == (1, 2, 1)


def test_the_same_id_with_another_body_is_refused(key):
    push(key, [an_item(1)])
    answer = push(key, [an_item(2)])
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["detail"] == "This webhook-id was used before, with another body."
    assert Post.objects.count() == 1


def test_an_idempotency_key_stands_for_its_answer_whatever_the_message_is_called(key):
    first = push(key, [an_item(1)], idempotency_key="a")
    again = push(key, [an_item(1)], message_id="m-2", idempotency_key="a")
    assert (again.status_code, again.json()) == (202, first.json())
    other = push(key, [an_item(2)], message_id="m-3", idempotency_key="a")
    assert other.json()["detail"] == "This Idempotency-Key was used before, with another body."
    assert other.status_code == 409
    assert (Push.objects.count(), Post.objects.count()) == (1, 1)


def test_what_was_pushed_before_is_a_duplicate_and_its_figures_grow(key, noon, time_machine):
    push(key, [an_item(1, likes=1), an_item(2, text="天气")])
    time_machine.move_to(noon.replace(minute=1), tick=False)
    answer = push(key, [an_item(1, likes=9), an_item(2, text="天气")], message_id="m-2")
    post = Post.objects.get()
    assert [(one["outcome"], one["post"]) for one in answer.json()["results"]] == [
        ("duplicate", str(post.uuid)),
        ("duplicate", None),
    ]
    assert post.likes == 9


def test_a_web_process_that_dies_before_the_answer_loses_nothing(key, monkeypatch, time_machine, noon):
    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(pushing, "_answer", die)
        with pytest.raises(Killed):
            push(key, [an_item(1), an_item(2, text="天气")])
    assert (Post.objects.count(), Heard.objects.count(), PushedItem.objects.count()) == (1, 2, 0)
    assert Push.objects.get().answer is None
    time_machine.move_to(noon.replace(minute=3), tick=False)
    assert outcomes(push(key, [an_item(1), an_item(2, text="天气")])) == ["stored", "heard"]
    assert (Post.objects.count(), Heard.objects.count(), PushedItem.objects.count()) == (1, 2, 2)


def test_a_process_that_dies_between_two_transactions_loses_nothing(key, monkeypatch):
    items = [an_item(n) for n in range(300)]
    stored, calls = pipeline._stored, []

    class Killed(BaseException):
        pass

    def die_at_the_second(*args):
        calls.append(1)
        if len(calls) == 2:
            raise Killed
        return stored(*args)

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "_stored", die_at_the_second)
        with pytest.raises(Killed):
            push(key, items)
    assert Post.objects.count() == pipeline.BATCH
    assert outcomes(push(key, items)) == ["stored"] * 300
    assert Post.objects.count() == 300


def test_names_of_the_vendors_own(vendor_and_key, cast):
    vendor, key = vendor_and_key
    mapping = {"external_id": "mid", "published_at": "time.created", "text": "body"}
    change_mapping(vendor, mapping, seen_version=vendor.version, actor=cast["pr"])
    answer = push(key, [{"mid": 42, "time": {"created": 1_795_000_000}, "body": "晴野排队"}])
    assert [(one["external_id"], one["outcome"]) for one in answer.json()["results"]] == [("42", "rejected")]
    assert answer.json()["results"][0]["reason"] == "in_future"
    answer = push(key, [{"mid": 42, "time": {"created": 1_794_974_000_000}, "body": "晴野排队"}], message_id="m-2")
    assert outcomes(answer) == ["stored"]
    assert Post.objects.get().key.external_id == "42"


def test_an_id_that_holds_a_private_number_comes_back_as_it_was_sent_and_is_kept_without_it(key):
    answer = push(key, [an_item(1, external_id="call-13812345678")])
    assert answer.json()["results"][0]["external_id"] == "call-13812345678"
    again = push(key, [an_item(1, external_id="call-13812345678")])
    assert again.json() == answer.json()
    kept = PushedItem.objects.get()
    assert kept.external_id == Post.objects.get().key.external_id
    assert "13812345678" not in kept.external_id + json.dumps(Push.objects.get().answer)


def test_a_rejected_item_is_kept_encrypted(key):
    push(key, [an_item(1, url="ftp://x", text="电话13812345678")])
    item = PushedItem.objects.get()
    assert b"13812345678" not in bytes(item.payload)
    assert (item.reason, item.field) == ("not_an_address", "url")


def test_a_push_is_no_act_on_the_record(key):
    before = Entry.objects.count()
    push(key, [an_item(1)])
    assert Entry.objects.count() == before


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "The body is no JSON."),
        (b'{"posts": [NaN]}', 400, "The body is no JSON."),
        (b"[" * 100_000, 400, "The body is no JSON."),
        (b"[]", 422, "The body is to be an object whose “posts” is a list."),
        (b'{"posts": {}}', 422, "The body is to be an object whose “posts” is a list."),
        (b'{"posts": []}', 422, "A batch has from 1 to 500 posts; this one has 0."),
        (json.dumps({"posts": [1] * 501}).encode(), 422, "A batch has from 1 to 500 posts; this one has 501."),
        (b" " * (5 * 1024 * 1024 + 1), 413, "The body is larger than 5 MB. Push fewer posts at once."),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused_in_words(key, body, status, words):
    answer = push(key, body)
    assert (answer.status_code, answer["Content-Type"], answer.json()["detail"]) == (
        status,
        "application/problem+json",
        words,
    )
    assert Push.objects.count() == 0


def test_a_large_batch_of_long_posts_is_taken(key):
    answer = push(key, [an_item(n, text=f"晴野第{n}号门店 " + "很长的话 " * 120) for n in range(500)])
    assert answer.status_code == 202
    assert outcomes(answer) == ["stored"] * 500


def test_characters_no_database_takes_do_no_harm(key):
    answer = push(
        key, [an_item(1, external_id="a\x00b", text="晴野\ud800\x00"), {"external_id": "\x00", "\x00": "\ud800"}]
    )
    assert [(one["external_id"], one["outcome"]) for one in answer.json()["results"]] == [
        ("ab", "stored"),
        ("", "rejected"),
    ]
