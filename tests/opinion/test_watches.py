"""监测方案: the list, adding, changing with a version guard, a rule that cannot be read, who may."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import Entry
from opinion.models import HourCount, Watch
from opinion.permissions import MAY, may
from tests.factories import NOON, WatchFactory

pytestmark = pytest.mark.django_db

LISTENERS = {"monitor", "pr", "legal", "market", "tech"}
READERS = LISTENERS | {"gm", "deputy", "member", "spokesperson", "alternate", "head"}


READ = {"see_posts", "see_watches", "see_terms", "see_trends", "see_topics", "see_spread", "see_quality"}
SORT = {
    *("triage", "enter_lead", "add_evidence", "fold", "regroup"),
    *("correct_tone", "edit_watches", "edit_terms", "export_posts"),
}
HEAD = {"train_model", "switch_model", "answer_personal_requests", "see_personal_requests"}


def test_who_may_do_what(cast):
    for who, person in cast.items():
        allowed = {act for act in MAY if may(person, act)}
        expected = set()
        if who in READERS:
            expected |= READ
        if who in LISTENERS:
            expected |= SORT
        if who in LISTENERS - {"monitor"}:
            expected |= {"open_original"}
        if who == "pr":
            expected |= HEAD
        if who == "auditor":
            expected |= {"see_personal_requests"}
        assert allowed == expected, who


def test_the_list_shows_each_watch_with_its_two_weeks(signed_in):
    watch = WatchFactory(name="晴野品牌", rule="晴野 OR 青野")
    HourCount.objects.create(watch=watch, hour=NOON, platform="微博", sentiment="neg", posts=3)
    page = signed_in("monitor").get(reverse("opinion:watches")).content.decode()
    assert "晴野品牌" in page
    assert "晴野 OR 青野" in page


def test_the_list_takes_the_same_queries_however_many_watches(signed_in):
    client = signed_in("monitor")
    client.get(reverse("opinion:watches"))  # the first request of a session writes it
    counts = []
    for _ in range(2):
        WatchFactory()
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("opinion:watches"))
        counts.append(len(queries))
        WatchFactory()
    assert counts[0] == counts[1]


@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_has_no_part_in_it_does_not_see_the_list(signed_in, who):
    assert signed_in(who).get(reverse("opinion:watches")).status_code == 403


def test_adding_a_watch(signed_in, cast):
    answer = signed_in("monitor").post(
        reverse("opinion:add-watch"), {"name": "晴野品牌", "rule": "晴野{-晴野山}", "is_enabled": "on"}
    )
    assert (answer.status_code, answer.url) == (302, reverse("opinion:watches"))
    watch = Watch.objects.get()
    assert (watch.name, watch.rule, watch.is_enabled) == ("晴野品牌", "晴野{-晴野山}", True)
    entry = Entry.objects.get(event="opinion.watch_added")
    assert (entry.actor, entry.detail["rule"]) == (cast["monitor"], "晴野{-晴野山}")


def test_a_rule_that_cannot_be_read_is_refused_at_its_field_with_its_place(signed_in):
    answer = signed_in("monitor").post(reverse("opinion:add-watch"), {"name": "x", "rule": "晴野 AND (茶"})
    assert answer.status_code == 422
    [error] = answer.context["form"].errors["rule"]
    assert "8" in error  # the bracket is the eighth character
    assert not Watch.objects.exists()


def test_changing_a_watch_keeps_what_was_heard_before(signed_in):
    watch = WatchFactory(name="晴野品牌", rule="晴野")
    values = {"name": "晴野品牌", "rule": "晴野 NOT 招聘", "is_enabled": "on", "version": "1"}
    assert signed_in("pr").post(reverse("opinion:change-watch", args=[watch.uuid]), values).status_code == 302
    watch.refresh_from_db()
    assert (watch.rule, watch.version) == ("晴野 NOT 招聘", 2)


def test_a_stale_form_gets_409_with_both_states_and_changes_nothing(signed_in):
    watch = WatchFactory(rule="晴野", version=2)
    values = {"name": watch.name, "rule": "青野", "is_enabled": "on", "version": "1"}
    answer = signed_in("pr").post(reverse("opinion:change-watch", args=[watch.uuid]), values)
    assert answer.status_code == 409
    assert {(yours, theirs) for _field, yours, theirs in answer.context["changes"]} == {("青野", "晴野")}
    watch.refresh_from_db()
    assert (watch.rule, watch.version) == ("晴野", 2)


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "admin", "outsider"])
def test_who_may_not_change_it_gets_403_and_changes_nothing(signed_in, who):
    watch = WatchFactory(rule="晴野")
    client = signed_in(who)
    for address in (reverse("opinion:add-watch"), reverse("opinion:change-watch", args=[watch.uuid])):
        values = {"name": "x", "rule": "青野", "version": "1"}
        assert client.post(address, values).status_code == 403
    assert [(each.rule, each.version) for each in Watch.objects.all()] == [("晴野", 1)]
