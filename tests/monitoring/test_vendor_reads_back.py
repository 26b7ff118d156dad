"""What a vendor reads back: its own pushes and items, what became of them, and nothing of anybody else's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.levels import Level, Stage
from incidents.models import IncidentPost
from monitoring.models import Signal
from opinion.models import Post, Triage
from tests.factories import TopicFactory, WatchFactory
from tests.incidents.factories import standing_at
from tests.monitoring.vendor_tools import an_item, push, read, vendor_with_key

pytestmark = pytest.mark.django_db
ITEMS, PUSHES = "/api/v1/pushed-items/", "/api/v1/pushes/"


@pytest.fixture
def key(cast, noon, time_machine):
    time_machine.move_to(noon, tick=False)
    WatchFactory(rule="晴野")
    return vendor_with_key(cast["pr"], now=noon)[1]


@pytest.fixture
def other(cast, noon, key):
    return vendor_with_key(cast["pr"], name="别家", now=noon)[1]


def became(key, external_id="wb-1"):
    (item,) = read(key, f"{ITEMS}?external_id={external_id}").json()["results"]
    return item["became"]


def test_its_pushes_and_items_newest_first(key, noon):
    answers = [push(key, [an_item(n), an_item(n + 10, url="x")], message_id=f"m-{n}").json() for n in range(2)]
    pushes = read(key, PUSHES).json()["results"]
    assert [row["uuid"] for row in pushes] == [answers[1]["push"], answers[0]["push"]]
    assert (pushes[0]["message_id"], pushes[0]["items"], pushes[0]["rejected"], pushes[0]["is_answered"]) == (
        "m-1",
        2,
        1,
        True,
    )
    assert read(key, f"{PUSHES}{pushes[0]['uuid']}/").json() == pushes[0]
    items = read(key, ITEMS).json()["results"]
    assert [row["external_id"] for row in items] == ["wb-11", "wb-1", "wb-10", "wb-0"]
    assert (items[0]["outcome"], items[0]["reason"], items[0]["field"], items[0]["post"]) == (
        "rejected",
        "not_an_address",
        "url",
        None,
    )
    assert items[0]["words"] == "This is no http or https address."
    assert (items[1]["index"], items[1]["delay_seconds"], items[1]["push"]) == (0, 120, answers[1]["push"])
    of_one = read(key, f"{ITEMS}?push={answers[0]['push']}").json()["results"]
    assert [row["external_id"] for row in of_one] == ["wb-10", "wb-0"]
    assert read(key, f"{ITEMS}?push=nonsense").json()["results"] == []


def test_pages_by_cursor(key):
    push(key, [an_item(n) for n in range(5)])
    page = read(key, f"{ITEMS}?limit=3").json()
    rest = read(key, page["next"]).json()
    assert [row["external_id"] for row in page["results"] + rest["results"]] == ["wb-4", "wb-3", "wb-2", "wb-1", "wb-0"]


def test_nothing_of_another_vendor(key, other):
    answer = push(key, [an_item(1)]).json()
    assert read(other, PUSHES).json()["results"] == []
    assert read(other, ITEMS).json()["results"] == []
    assert read(other, f"{ITEMS}?push={answer['push']}").json()["results"] == []
    missing = read(other, f"{PUSHES}{answer['push']}/")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("triage", "state"),
    [
        (Triage.WAITING, "waiting"),
        (Triage.SNOOZED, "waiting"),
        (Triage.ATTACHED, "attached"),
        (Triage.IGNORED, "ignored"),
        (Triage.RIVAL, "ignored"),
        (Triage.UNDONE, "ignored"),
    ],
)
def test_the_state_of_its_post(key, triage, state):
    push(key, [an_item(1)])
    Post.objects.update(triage=triage)
    assert became(key) == {"state": state, "signal": "", "incident": ""}


@pytest.mark.parametrize(
    ("judged", "word"),
    [
        ([None], "raised"),
        ([False], "false_alarm"),
        ([True], "useful"),
        ([False, None], "raised"),
        ([False, True], "useful"),
    ],
)
def test_the_signals_that_cite_it(key, noon, judged, word):
    push(key, [an_item(1)])
    for is_useful in judged:
        topic = TopicFactory()
        signal = Signal.objects.create(
            watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon, is_useful=is_useful
        )
        signal.posts.set(Post.objects.all())
    assert became(key)["signal"] == word


@pytest.mark.parametrize(
    ("stage", "word"),
    [(Stage.RESPONDING, "open"), (Stage.TRIAGED, "open"), (Stage.ARCHIVED, "closed"), (Stage.DISMISSED, "false_alarm")],
)
def test_the_incident_it_is_in(key, cast, noon, stage, word):
    push(key, [an_item(1)])
    incident = standing_at(stage, Level.UNSET, opened_by=cast["pr"])
    IncidentPost.objects.create(incident=incident, post=Post.objects.get(), attached_by=cast["pr"], attached_at=noon)
    assert became(key)["incident"] == word


def test_nothing_is_told_of_a_confidential_incident_nor_of_one_it_was_taken_out_of(key, cast, noon):
    push(key, [an_item(1)])
    post = Post.objects.get()
    secret = standing_at(Stage.RESPONDING, Level.UNSET, opened_by=cast["pr"], is_confidential=True)
    past = standing_at(Stage.RESPONDING, Level.UNSET, opened_by=cast["pr"])
    IncidentPost.objects.create(incident=secret, post=post, attached_by=cast["pr"], attached_at=noon)
    IncidentPost.objects.create(incident=past, post=post, attached_by=cast["pr"], attached_at=noon, detached_at=noon)
    assert became(key)["incident"] == ""


def test_a_repost_shares_the_lot_of_its_original(key, cast, noon, time_machine):
    text = "晴野茶饮建国路店被拍到更换芋泥的效期标签，店员称总部要求不浪费，顾客已经拨打热线举报"
    push(key, [an_item(1, text=text)])
    push(key, [an_item(2, text=text + "！")], message_id="m-2")
    original = Post.objects.get(original=None)
    Post.objects.filter(pk=original.pk).update(triage=Triage.IGNORED)
    assert became(key, "wb-2")["state"] == "ignored"


def test_a_page_takes_the_same_queries_for_any_number_of_items(key):
    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert read(key, ITEMS).status_code == 200
        return len(caught)

    push(key, [an_item(1)])
    queries()
    one = queries()
    push(key, [an_item(n) for n in range(2, 30)], message_id="m-2")
    assert queries() == one
