"""重新切词: proposed when the dictionary has changed, started by a person, taken up where a worker died."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from audit.models import Entry
from opinion import words
from opinion.models import Post, Retokening
from opinion.selectors import search
from opinion.services import retokening
from tests.factories import NOON, PostFactory, WatchFactory

pytestmark = pytest.mark.django_db
PAGE = "opinion:retokening"


@pytest.fixture(autouse=True)
def _own_dictionary():
    words.use_names([])
    yield
    words.use_names([])


@pytest.fixture
def posts():
    """Five posts cut before anybody watched for 岚栖木谣."""
    return [PostFactory(title="", text="昨天去了岚栖木谣门店", tokens="昨天 去 了 门店") for _ in range(5)]


def clock_from(time, step=timedelta(seconds=1)):
    """A clock that goes on by a step each time somebody looks."""
    times = iter(time + step * each for each in range(100))
    return lambda: next(times)


def test_it_is_due_once_the_names_have_changed(cast, posts):
    assert retokening.is_due()
    retokening.start(actor=cast["monitor"], now=NOON)
    assert not retokening.is_due()
    retokening.go_on(clock_from(NOON))
    assert not retokening.is_due()
    WatchFactory(rule="岚栖木谣")
    assert retokening.is_due()


def test_nothing_is_due_without_posts(db):
    assert not retokening.is_due()


def test_it_cuts_every_post_by_todays_names_and_search_follows(cast, posts):
    WatchFactory(rule="岚栖木谣")
    copy = PostFactory(original=posts[0], tokens="")
    run = retokening.start(actor=cast["monitor"], now=NOON)
    assert retokening.go_on(clock_from(NOON)) == 5
    run.refresh_from_db()
    assert (run.done, run.total, run.leased_until) == (5, 5, None)
    assert run.ended_at is not None
    assert all("岚栖木谣" in post.tokens.split() for post in Post.objects.filter(original=None))
    asked = search.query("岚栖木谣")
    assert len(search.page_of(search.candidates(search.results(cast["pr"], {}), asked), asked).posts) == 5
    copy.refresh_from_db()
    assert copy.tokens == ""
    assert list(Entry.objects.order_by("seq").values_list("event", flat=True)) == [
        "opinion.retokening_started",
        "opinion.retokening_ended",
    ]


def test_a_dead_workers_run_is_taken_up_where_it_stood(cast, posts, monkeypatch):
    monkeypatch.setattr(retokening, "AT_ONCE", 2)
    run = retokening.start(actor=cast["monitor"], now=NOON)
    Retokening.objects.filter(pk=run.pk).update(
        done=2, last_post=posts[1].pk, leased_until=NOON + timedelta(seconds=60)
    )
    assert retokening.go_on(clock_from(NOON)) == 0  # its lease still runs
    assert retokening.go_on(clock_from(NOON + timedelta(seconds=61))) == 3
    run.refresh_from_db()
    assert run.done == 5
    assert run.ended_at is not None


def test_who_lost_the_lease_writes_nothing(cast, posts, monkeypatch):
    run = retokening.start(actor=cast["monitor"], now=NOON)
    mine = retokening._claim(NOON)
    Retokening.objects.filter(pk=run.pk).update(leased_until=NOON + timedelta(hours=1))
    posts[0].tokens = "别的"
    with pytest.raises(retokening.LeaseLost):
        retokening._write(mine, posts, [posts[0]], now=NOON)
    assert set(Post.objects.values_list("tokens", flat=True)) == {"昨天 去 了 门店"}
    run.refresh_from_db()
    assert run.done == 0


def test_a_turn_ends_and_the_next_worker_goes_on(cast, posts, monkeypatch):
    monkeypatch.setattr(retokening, "AT_ONCE", 2)
    retokening.start(actor=cast["monitor"], now=NOON)
    assert retokening.go_on(clock_from(NOON, timedelta(seconds=40))) == 2
    assert Retokening.objects.get().leased_until is None
    assert retokening.go_on(clock_from(NOON + timedelta(minutes=5))) == 3


def test_one_run_at_a_time(cast, posts):
    retokening.start(actor=cast["monitor"], now=NOON)
    with pytest.raises(retokening.AlreadyRunning):
        retokening.start(actor=cast["pr"], now=NOON)


def test_who_only_reads_does_not_start_it(cast, signed_in, posts):
    with pytest.raises(PermissionDenied):
        retokening.start(actor=cast["gm"], now=NOON)
    assert signed_in("gm").post(reverse("opinion:start-retokening")).status_code == 403
    assert not Retokening.objects.exists()
    page = signed_in("gm").get(reverse(PAGE)).content.decode()
    assert reverse("opinion:start-retokening") not in page


def test_the_page_proposes_starts_and_shows_how_far_it_is(signed_in, posts):
    client = signed_in("monitor")
    assert reverse("opinion:start-retokening") in client.get(reverse(PAGE)).content.decode()
    assert client.post(reverse("opinion:start-retokening")).status_code == 302
    page = client.get(reverse(PAGE)).content.decode()
    assert 'max="5"' in page
    assert f'data-poll-url="{reverse(PAGE)}"' in page
    part = client.get(reverse(PAGE), headers={"HX-Request": "true"}).content.decode()
    assert 'max="5"' in part
    assert "<h1" not in part
    retokening.go_on(clock_from(NOON))
    assert "<progress" not in client.get(reverse(PAGE)).content.decode()


@pytest.mark.parametrize(("who", "status"), [("pr", 200), ("gm", 200), ("dept", 403), ("admin", 403)])
def test_who_sees_the_page(signed_in, who, status):
    assert signed_in(who).get(reverse(PAGE)).status_code == status
