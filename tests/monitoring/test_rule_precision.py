"""How good the rules are: precision by rule, risk words that only raise false alarms, and a better threshold."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit.models import Entry
from monitoring.models import Signal
from monitoring.selectors.precision import quality
from monitoring.signals.precision import Advice, Raised, Record, better_burst
from tests.factories import NOON, TopicFactory, WatchFactory


def burst(posts, useful):
    return Raised((1, "burst"), useful, frozenset({"burst"}), posts)


def test_the_better_threshold_spares_what_lies_under_every_useful_burst():
    month = [burst(4, False), burst(5, False), burst(6, False), burst(9, False), burst(8, True), burst(30, True)]
    assert better_burst(month) == Advice(burst_from=8, spared=3, false=4)


def test_without_a_useful_burst_it_lies_above_every_false_one():
    assert better_burst([burst(4, False), burst(5, False), burst(6, False)]) == Advice(7, 3, 3)


def test_two_false_alarms_are_too_few_to_learn_from():
    assert better_burst([burst(4, False), burst(5, False), burst(8, None)]) is None


def test_no_advice_where_a_useful_burst_was_as_small_as_the_false_ones():
    assert better_burst([burst(4, True), *[burst(5, False)] * 5]) is None


def test_what_had_another_reason_teaches_nothing_about_bursts():
    also_risky = Raised((1, "burst"), False, frozenset({"burst", "risk_word"}), 4)
    assert better_burst([also_risky] * 5) is None


@given(st.lists(st.tuples(st.integers(2, 50), st.sampled_from([True, False, None]))))
def test_the_advice_never_loses_a_useful_signal(month):
    advice = better_burst([burst(posts, useful) for posts, useful in month])
    if advice:
        assert all(posts >= advice.burst_from for posts, useful in month if useful)
        assert advice.spared == sum(posts < advice.burst_from for posts, useful in month if useful is False)


def test_nothing_judged_has_no_precision():
    assert Record(0, 0, 4).precision is None


# --- the month -------------------------------------------------------------------------------------------------------
def raised(watch, *, posts=None, terms=(), useful=None, days=1, closed=True):
    reasons = [{"kind": "burst", "numbers": {"posts": posts}, "words": ""}] if posts else []
    if terms:
        reasons.append({"kind": "risk_word", "numbers": {"terms": list(terms)}, "words": ""})
    at = NOON - timedelta(days=days)
    return Signal.objects.create(
        watch=watch,
        topic=TopicFactory(watch=watch),
        kind=reasons[0]["kind"],
        opened_at=at,
        grown_at=at,
        suggestion="attention",
        reasons=reasons,
        is_useful=useful,
        closed_at=NOON if useful is not None and closed else None,
    )


@pytest.fixture
def month():
    """A watch whose bursts are mostly launches, and whose word 曝光 cries wolf."""
    watch = WatchFactory(name="晴野品牌")
    for posts in (4, 5, 6):
        raised(watch, posts=posts, useful=False)
    raised(watch, posts=12, useful=True)
    raised(watch, posts=5)
    for number in range(3):
        raised(watch, terms=["曝光", "致歉"] if number else ["曝光"], useful=False)
    raised(watch, terms=["致歉"], useful=True)
    raised(watch, posts=4, useful=False, days=31)
    return watch


@pytest.mark.django_db
def test_the_month_by_rule_by_word_and_with_advice(month, django_assert_num_queries):
    with django_assert_num_queries(2):
        found = quality(now=NOON)
    assert found.all == Record(useful=2, false=6, waiting=1)
    assert {rule.kind: rule.record for rule in found.rules} == {"burst": Record(1, 3, 1), "risk_word": Record(1, 3, 0)}
    assert all(rule.record.is_noisy for rule in found.rules)
    assert found.advice == [(month, Advice(12, 3, 3))]
    assert found.words == [("曝光", Record(0, 3, 0)), ("致歉", Record(1, 2, 0))]


@pytest.mark.django_db
def test_a_threshold_that_is_in_use_is_not_advised_again(month):
    month.burst_from = 12
    month.save()
    assert quality(now=NOON).advice == []


@pytest.mark.django_db
def test_what_went_into_another_topic_is_nobodys_judgement(month):
    other = raised(month, posts=7)
    Signal.objects.filter(pk=other.pk).update(closed_at=NOON)
    assert quality(now=NOON).all.waiting == 1


@pytest.mark.django_db
def test_taking_the_advice_changes_the_watch_and_can_be_undone(signed_in, month, cast):
    client = signed_in("pr")
    address = reverse("monitoring:use-threshold", args=[month.uuid])
    assert client.post(address, {"version": 1, "burst_from": 12}).url == reverse("monitoring:rules")
    month.refresh_from_db()
    assert (month.burst_from, month.version) == (12, 2)
    entry = Entry.objects.get(event="opinion.watch_changed")
    assert (entry.actor, entry.detail["after"]["burst_from"]) == (cast["pr"], 12)
    client.post(f"{address}?version=2&burst_from=")
    month.refresh_from_db()
    assert month.burst_from is None


@pytest.mark.django_db
def test_a_watch_somebody_changed_meanwhile_is_left_alone(signed_in, month):
    answer = signed_in("pr").post(
        reverse("monitoring:use-threshold", args=[month.uuid]), {"version": 7, "burst_from": 12}
    )
    assert answer.status_code == 409
    month.refresh_from_db()
    assert month.burst_from is None


@pytest.mark.django_db
def test_the_page_shows_rules_words_and_advice_with_the_same_queries_however_many(signed_in, month):
    client = signed_in("monitor")
    client.get(reverse("monitoring:rules"))
    counts = []
    for number in range(2):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("monitoring:rules")).content.decode()
        counts.append(len(queries))
        raised(WatchFactory(name=f"方案{number}"), posts=9, useful=True)
    assert counts[0] == counts[1]
    assert "曝光" in page
    assert f'action="{reverse("monitoring:use-threshold", args=[month.uuid])}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["spokesperson", "head", "dept", "auditor", "admin", "outsider"])
def test_who_has_no_part_in_the_rules_does_not_see_them(signed_in, month, who):
    client = signed_in(who)
    assert client.get(reverse("monitoring:rules")).status_code == 403
    address = reverse("monitoring:use-threshold", args=[month.uuid])
    assert client.post(address, {"version": 1, "burst_from": 12}).status_code == 403


@pytest.mark.django_db
def test_an_empty_month_says_so(signed_in):
    assert "card" in signed_in("pr").get(reverse("monitoring:rules")).content.decode()
