"""A rival watch: named by a person, counted for comparison, never queued; its posts can still be found."""

import pytest
from django.urls import reverse

from audit.models import Entry
from monitoring.selectors.inbox import counts_by_state
from opinion.models import HourCount, Match, Post, Triage, Watch
from opinion.selectors import search
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """One post of ours, one of a rival, one of both."""
    ours, rival = WatchFactory(name="晴野茶饮", rule="晴野"), WatchFactory(name="云岫茶", rule="云岫", is_rival=True)
    posts = [raw(1, "晴野茶饮今天排队"), raw(2, "云岫茶的杯子漏水，投诉没人理"), raw(3, "晴野和云岫哪个好喝")]
    take_in(SourceFactory(), posts, now=NOON)
    return ours, rival


def test_what_only_a_rival_wants_is_stored_and_never_queued(cast, heard):
    found = dict(Post.objects.values_list("key__external_id", "triage"))
    assert found == {"p1": Triage.WAITING, "p2": Triage.RIVAL, "p3": Triage.WAITING}
    counts = counts_by_state(cast["monitor"])
    assert (counts[Triage.WAITING], sum(counts.values())) == (2, 2)


def test_the_inbox_does_not_list_it(signed_in, heard):
    html = signed_in("monitor").get(reverse("monitoring:inbox")).content.decode()
    rival = Post.objects.get(triage=Triage.RIVAL)
    assert str(rival.uuid) not in html
    assert str(Post.objects.get(key__external_id="p3").uuid) in html


def test_it_is_counted_and_found_where_the_count_leads(cast, heard):
    _ours, rival = heard
    counted = sum(HourCount.objects.filter(watch=rival).values_list("posts", flat=True))
    found = search.results(cast["monitor"], {"watch": rival, "copies": True})
    assert counted == Match.objects.filter(watch=rival).count() == found.count() == 2


def test_naming_a_rival_is_on_the_record_and_shown_in_the_list(signed_in):
    client = signed_in("monitor")
    values = {"name": "云岫茶", "rule": "云岫", "is_rival": "on", "is_enabled": "on"}
    assert client.post(reverse("opinion:add-watch"), values).status_code == 302
    watch = Watch.objects.get()
    assert watch.is_rival
    assert Entry.objects.get(event="opinion.watch_added").detail["is_rival"] is True
    [row] = client.get(reverse("opinion:watches")).context["rows"]
    assert row[0].is_rival
    assert f"{reverse('search')}?watch={watch.uuid}" in client.get(reverse("opinion:watches")).content.decode()


def test_a_watch_that_becomes_a_rival_leaves_what_was_queued_as_it_was(signed_in, heard):
    ours, _rival = heard
    values = {"name": ours.name, "rule": ours.rule, "is_rival": "on", "is_enabled": "on", "version": ours.version}
    assert signed_in("pr").post(reverse("opinion:change-watch", args=[ours.uuid]), values).status_code == 302
    entry = Entry.objects.get(event="opinion.watch_changed")
    assert (entry.detail["before"]["is_rival"], entry.detail["after"]["is_rival"]) == (False, True)
    assert Post.objects.get(key__external_id="p1").triage == Triage.WAITING
    take_in(SourceFactory(), [raw(9, "晴野茶饮明天打折")], now=NOON)
    assert Post.objects.get(key__external_id="p9").triage == Triage.RIVAL


def test_a_stale_form_shows_that_somebody_made_it_a_rival(signed_in):
    watch = WatchFactory(is_rival=True, version=2)
    values = {"name": watch.name, "rule": watch.rule, "is_enabled": "on", "version": 1}
    answer = signed_in("pr").post(reverse("opinion:change-watch", args=[watch.uuid]), values)
    assert answer.status_code == 409
    assert [(yours, theirs) for _field, yours, theirs in answer.context["changes"]] == [("False", "True")]
