"""A signal is put aside until it heats up: until its suggestion rises, or its posts have doubled."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.versions import Stale
from audit.models import Entry
from monitoring.models import Signal
from monitoring.services.signals import judge, raise_signals, snooze, unsnooze
from notices.models import Notice
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def weibo():
    WatchFactory(name="晴野品牌", rule="晴野")
    return SourceFactory(platform="微博")


def tell(source, numbers, text="晴野滨江店后厨起火", *, after=0):
    """Posts of one story, told apart by a number; returns the signals touched."""
    at = NOON + minutes(after)
    take_in(source, [raw(n, f"{text}，第{n}位顾客离开", at=at) for n in numbers], now=at)
    return raise_signals(at)


@pytest.fixture
def signal(cast, weibo):
    [opened] = tell(weibo, range(1, 7))
    return snooze(opened, actor=cast["monitor"], now=NOON + minutes(1))


def test_it_is_put_aside_with_who_and_when(cast, signal):
    stored = Signal.objects.get()
    assert (stored.snoozed_at, stored.snoozed_by, stored.closed_at) == (NOON + minutes(1), cast["monitor"], None)
    assert Entry.objects.latest("pk").event == "monitoring.signal_snoozed"


def test_a_few_posts_more_leave_it_aside(weibo, signal):
    before = Notice.objects.count()
    tell(weibo, [7, 8], after=10)
    assert Signal.objects.get().snoozed_at is not None
    assert Notice.objects.count() == before


def test_twice_the_posts_bring_it_back_and_people_are_told(cast, weibo, signal):
    before = Notice.objects.filter(person=cast["pr"]).count()
    [back] = tell(weibo, range(7, 13), after=10)
    assert (back.pk, back.snoozed_at, back.snoozed_by) == (signal.pk, None, None)
    assert Notice.objects.filter(person=cast["pr"]).count() == before + 1


def test_a_higher_suggestion_brings_it_back_at_once(weibo, signal):
    assert Signal.objects.get().suggestion == "2"
    [back] = tell(SourceFactory(tier="central"), [7], "晴野滨江店后厨起火致两人死亡", after=10)
    assert (back.pk, back.suggestion, back.snoozed_at) == (signal.pk, "1", None)


def test_a_person_brings_it_back(cast, signal):
    unsnooze(signal, actor=cast["pr"], now=NOON + timedelta(hours=1))
    assert Signal.objects.get().snoozed_at is None
    assert Entry.objects.latest("pk").event == "monitoring.signal_unsnoozed"


def test_one_that_is_aside_can_be_judged(cast, signal):
    judge(signal, actor=cast["monitor"], now=NOON + minutes(5), is_useful=False)
    assert Signal.objects.get().closed_at == NOON + minutes(5)


def test_acts_on_what_somebody_else_changed_are_refused(cast, signal):
    mine, theirs = Signal.objects.get(), Signal.objects.get()
    with pytest.raises(Stale):
        snooze(mine, actor=cast["monitor"], now=NOON)
    unsnooze(theirs, actor=cast["pr"], now=NOON)
    with pytest.raises(Stale):
        unsnooze(mine, actor=cast["monitor"], now=NOON)
    with pytest.raises(Stale):
        unsnooze(theirs, actor=cast["monitor"], now=NOON)
    assert Signal.objects.get().snoozed_at is None


@pytest.mark.parametrize("who", ["gm", "spokesperson", "auditor", "admin", "outsider"])
def test_who_may_not_judge_may_not_put_aside(cast, signal, who):
    before = Signal.objects.values().get()
    for act in (snooze, unsnooze):
        with pytest.raises(PermissionDenied):
            act(signal, actor=cast[who], now=NOON)
    assert Signal.objects.values().get() == before
