"""试跑 of signals: what a changed watch would have raised from what was heard, beside what it raises as it is."""

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Exercise
from monitoring.models import Signal
from monitoring.services import trials
from notices.models import Notice
from opinion.models import CompanyTerm, Heard, Post, Watch, WatchTrial
from tests.factories import NOON, SourceFactory, WatchFactory

pytestmark = pytest.mark.django_db

FORM = {"rule": "晴野", "burst_from": "", "languages": [], "source_classes": []}


def at(now):
    return lambda: now


@pytest.fixture
def heard():
    """Twelve posts about us within an hour, none of them grave."""
    source = SourceFactory(platform="微博")
    for number in range(12):
        when = NOON - timedelta(minutes=60 - 5 * number)
        text = f"晴野门店第 {number} 家今天排队 {number * 7919 % 97} 分钟"
        Heard.objects.create(source=source, external_id=f"p{number}", text=text, published_at=when, heard_at=when)


def ask(actor, watch=None, **asked):
    trial = trials.start({**FORM, "burst_from": None, **asked}, watch=watch, actor=actor, now=NOON)
    assert trials.work(at(NOON)) == trial
    trial.refresh_from_db()
    return trial


def test_it_tells_the_signals_of_both(cast, heard):
    watch = WatchFactory(rule="晴野")
    trial = ask(cast["monitor"], watch, burst_from=50)
    assert trial.result[trials.CHANGED] == []
    [signal] = trial.result[trials.AS_IT_IS]
    assert signal["kind"] == "burst"
    assert signal["suggested_level"] == "attention"
    assert (trial.total, trial.done, trial.ended_at) == (12, 12, NOON)


def test_a_new_watch_is_compared_with_nothing(cast, heard):
    trial = ask(cast["monitor"])
    assert list(trial.result) == [trials.CHANGED]
    assert len(trial.result[trials.CHANGED]) == 1


def test_the_live_desk_learns_nothing_of_it(cast, heard):
    ask(cast["monitor"])
    for model in (Post, Signal, Watch, Notice):
        assert not model.objects.exists(), model
    assert Heard.objects.count() == 12
    assert Signal.everywhere.filter(exercise=Exercise.objects.get()).exists()


def test_its_own_risk_terms_count_as_they_do_live(cast, heard):
    """A word that is grave for this watch alone raises 风险词 in a trial of it, and not in one of another."""
    watch, other = WatchFactory(rule="晴野"), WatchFactory(rule="晴野 门店")
    CompanyTerm.objects.create(text="排队", kind="crisis", category="food_drug", severity=3, watch=watch, added_at=NOON)
    for asked, kinds in ((watch, {"risk_word"}), (other, set())):
        [changed] = ask(cast["monitor"], asked).result[trials.CHANGED]
        found = {reason["kind"] for reason in changed["reasons"]}
        assert found & {"risk_word"} == kinds


def test_classes_that_are_not_wanted_raise_nothing(cast, heard):
    assert ask(cast["monitor"], source_classes=["own"]).total == 0


def test_two_workers_do_it_once(cast, heard):
    trials.start({**FORM, "burst_from": None}, watch=None, actor=cast["monitor"], now=NOON)
    assert trials.work(at(NOON)) is not None
    assert trials.work(at(NOON)) is None


def test_what_a_dead_worker_left_is_taken_up(cast, heard):
    left = trials.start({**FORM, "burst_from": None}, watch=None, actor=cast["monitor"], now=NOON)
    WatchTrial.objects.filter(pk=left.pk).update(leased_until=NOON + trials.LEASE)
    assert trials.work(at(NOON)) is None
    assert trials.work(at(NOON + trials.LEASE + timedelta(seconds=1))) == left


def test_the_form_leads_to_a_page_that_shows_how_far_it_is(signed_in, heard, django_capture_on_commit_callbacks):
    client = signed_in("monitor")
    answer = client.post(reverse("monitoring:try-signals"), FORM)
    trial = WatchTrial.objects.get()
    assert answer.url == reverse("monitoring:trial", args=[trial.uuid])
    waiting = client.get(answer.url).content.decode()
    assert f'data-poll-url="{answer.url}"' in waiting
    trials.work(at(NOON))
    done = client.get(answer.url).content.decode()
    assert "data-poll-url" not in done
    assert "晴野门店" in done


def test_a_rule_that_cannot_be_read_is_refused_with_its_place(signed_in):
    answer = signed_in("monitor").post(reverse("monitoring:try-signals"), {**FORM, "rule": "晴野 OR"})
    assert answer.status_code == 400
    assert not WatchTrial.objects.exists()


def test_who_may_not_edit_may_not_try(signed_in):
    assert signed_in("gm").post(reverse("monitoring:try-signals"), FORM).status_code == 403
