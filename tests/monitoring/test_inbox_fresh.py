"""New posts never move the list: a strip says how many there are, and the poll for it is cheap."""

import pytest
from django.urls import reverse

from tests.factories import NOON, PostFactory
from tests.opinion.factories import minutes

pytestmark = pytest.mark.django_db

POLL = {"X-Poll": "1", "HX-Request": "true"}


def poll(client, after, **headers):
    return client.get(reverse("monitoring:fresh"), {"after": after}, headers={**POLL, **headers})


def test_nothing_new_says_nothing_and_then_304(signed_in):
    newest = PostFactory()
    client = signed_in("monitor")
    first = poll(client, newest.uuid)
    assert (first.status_code, first.content.decode().strip()) == (200, "")
    again = poll(client, newest.uuid, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_came_in_since_is_counted_whatever_its_own_time(signed_in):
    newest = PostFactory(published_at=NOON)
    client = signed_in("monitor")
    etag = poll(client, newest.uuid)["ETag"]
    PostFactory(published_at=NOON + minutes(1))
    PostFactory(published_at=NOON - minutes(90))
    PostFactory(original=newest)
    PostFactory(triage="ignored")
    answer = poll(client, newest.uuid, **{"If-None-Match": etag})
    assert answer.status_code == 200
    assert "2" in answer.content.decode()
    assert 'data-key="."' in answer.content.decode()


def test_it_counts_what_fits_the_filters(signed_in):
    newest = PostFactory()
    PostFactory(sentiment="neg")
    PostFactory(sentiment="pos")
    answer = signed_in("monitor").get(reverse("monitoring:fresh"), {"after": newest.uuid, "sentiment": "neg"})
    assert "1" in answer.content.decode()


def test_an_empty_list_counts_everything(signed_in):
    PostFactory()
    assert 'class="strip"' in poll(signed_in("monitor"), "").content.decode()


def test_the_page_polls_from_the_post_that_came_in_last(signed_in):
    PostFactory(published_at=NOON)
    last = PostFactory(published_at=NOON - minutes(30))
    assert f"after={last.uuid}" in signed_in("monitor").get("/inbox/").content.decode()
