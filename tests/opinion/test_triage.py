"""Sorting a post and taking it back: at once, once, and never over somebody else's decision."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.versions import Stale
from audit.models import Entry
from opinion.models import Post, Triage
from opinion.services import triage
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return PostFactory()


def test_ignoring_says_who_and_when_and_what_it_was(cast, post, noon):
    assert triage.ignore(post, actor=cast["monitor"], now=noon) == Triage.WAITING
    post.refresh_from_db()
    assert (post.triage, post.triaged_by, post.triaged_at, post.version) == ("ignored", cast["monitor"], noon, 2)
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.subject) == ("opinion.post_ignored", cast["monitor"], f"post:{post.uuid}")


def test_undo_puts_it_back_and_the_trail_keeps_both(cast, post, noon):
    triage.ignore(post, actor=cast["monitor"], now=noon)
    assert triage.restore(post, actor=cast["monitor"], now=noon) == Triage.IGNORED
    post.refresh_from_db()
    assert (post.triage, post.triaged_by, post.triaged_at) == ("waiting", None, None)
    assert [entry.event for entry in Entry.objects.order_by("seq")] == ["opinion.post_ignored", "opinion.post_restored"]


def test_a_stale_copy_changes_nothing(cast, post, noon):
    mine, theirs = Post.objects.get(), Post.objects.get()
    triage.ignore(theirs, actor=cast["pr"], now=noon)
    with pytest.raises(Stale):
        triage.snooze(mine, actor=cast["monitor"], now=noon)
    post.refresh_from_db()
    assert (post.triage, post.triaged_by) == ("ignored", cast["pr"])
    assert Entry.objects.count() == 1


def test_a_post_in_an_incident_is_given_back_by_the_incident_alone(cast, post, noon):
    triage.triage(post, Triage.ATTACHED, actor=cast["pr"], now=noon)
    with pytest.raises(Stale):
        triage.restore(post, actor=cast["monitor"], now=noon)
    assert Post.objects.get().triage == "attached"


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "admin", "auditor", "outsider"])
def test_who_may_not_sort_changes_nothing(cast, post, noon, who):
    for act in (triage.ignore, triage.snooze, triage.restore):
        with pytest.raises(PermissionDenied):
            act(post, actor=cast[who], now=noon)
    assert Post.objects.get().version == 1


def test_what_was_put_aside_comes_back_when_it_is_time(cast, post, noon):
    other = PostFactory()
    triage.snooze(post, actor=cast["monitor"], now=noon, until=noon + timedelta(hours=1))
    triage.snooze(other, actor=cast["monitor"], now=noon)
    assert triage.wake_those_due(noon + timedelta(minutes=59)) == 0
    assert triage.wake_those_due(noon + timedelta(hours=1)) == 1
    states = dict(Post.objects.values_list("pk", "triage"))
    assert states == {post.pk: "waiting", other.pk: "snoozed"}
