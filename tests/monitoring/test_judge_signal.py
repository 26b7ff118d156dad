"""A signal is judged useful or a false alarm, once, and that can be taken back."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.versions import Stale
from audit.models import Entry
from monitoring.models import Signal, SignalGrowth
from monitoring.permissions import MAY, may
from monitoring.selectors import signals_waiting
from monitoring.services.signals import judge, take_back
from tests.factories import NOON, MatchFactory, PostFactory, TopicFactory

pytestmark = pytest.mark.django_db

REASONS = [
    {
        "kind": "risk_word",
        "words": "起火",
        "numbers": {"terms": ["起火"], "severity": 3, "categories": ["accident"], "grave": ["accident"], "posts": 1},
    },
    {"kind": "burst", "words": "", "numbers": {"posts": 8, "hours": 6, "threshold": 4, "usual": 0.1}},
    {"kind": "negative_share", "words": "", "numbers": {"share": 0.9, "negative": 9, "posts": 10, "usual": 0.2}},
    {"kind": "key_source", "words": "", "numbers": {"posts": 2, "negative": 1}},
]


@pytest.fixture
def signal():
    topic = TopicFactory(title="建国路店起火", size=8)
    made = Signal.objects.create(
        watch=topic.watch,
        topic=topic,
        kind="risk_word",
        opened_at=NOON,
        grown_at=NOON,
        suggestion="3",
        reasons=REASONS,
    )
    SignalGrowth.objects.create(signal=made, at=NOON, suggestion="3", reasons=REASONS)
    made.posts.add(MatchFactory(watch=topic.watch, topic=topic, post=PostFactory(title="<b>晴野</b>起火")).post)
    return made


def test_useful_with_a_verdict_closes_it(cast, signal, noon):
    judge(signal, actor=cast["monitor"], now=noon, is_useful=True, verdict="attention")
    signal.refresh_from_db()
    assert (signal.is_useful, signal.verdict, signal.closed_by, signal.closed_at) == (
        True,
        "attention",
        cast["monitor"],
        noon,
    )
    assert list(signals_waiting()) == []
    entry = Entry.objects.get()
    assert (entry.event, entry.subject) == ("monitoring.signal_judged", f"signal:{signal.uuid}")


def test_a_false_alarm_has_no_verdict(cast, signal, noon):
    judge(signal, actor=cast["pr"], now=noon, is_useful=False, verdict="2")
    signal.refresh_from_db()
    assert (signal.is_useful, signal.verdict) == (False, "")


def test_taking_it_back_opens_it_again(cast, signal, noon):
    judge(signal, actor=cast["pr"], now=noon, is_useful=False)
    take_back(signal, actor=cast["pr"], now=noon)
    signal.refresh_from_db()
    assert (signal.is_useful, signal.closed_at, signal.closed_by) == (None, None, None)
    assert [each.pk for each in signals_waiting()] == [signal.pk]


def test_it_cannot_be_taken_back_once_the_story_raised_another(cast, signal, noon):
    judge(signal, actor=cast["pr"], now=noon, is_useful=False)
    Signal.objects.create(
        watch=signal.watch, topic=signal.topic, kind="burst", opened_at=noon, grown_at=noon, suggestion="2"
    )
    with pytest.raises(Stale):
        take_back(signal, actor=cast["pr"], now=noon)
    signal.refresh_from_db()
    assert signal.is_useful is False


def test_the_second_of_two_verdicts_is_refused(cast, signal, noon):
    mine, theirs = Signal.objects.get(), Signal.objects.get()
    judge(theirs, actor=cast["pr"], now=noon, is_useful=True, verdict="2")
    with pytest.raises(Stale):
        judge(mine, actor=cast["monitor"], now=noon, is_useful=False)
    assert Signal.objects.get().verdict == "2"
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("monitor", True),
        ("pr", True),
        ("legal", True),
        ("gm", False),
        ("spokesperson", False),
        ("head", False),
        ("dept", False),
        ("auditor", False),
        ("admin", False),
        ("outsider", False),
    ],
)
def test_who_may_judge(cast, signal, noon, who, allowed):
    assert "judge_signal" in MAY
    assert may(cast[who], "judge_signal", signal) is allowed
    if not allowed:
        with pytest.raises(PermissionDenied):
            judge(signal, actor=cast[who], now=noon, is_useful=True, verdict="1")
        assert Signal.objects.get().closed_at is None


def test_the_page_names_reasons_posts_and_growth_and_escapes_what_strangers_wrote(signed_in, signal):
    page = signed_in("monitor").get(reverse("monitoring:signal", args=[signal.uuid])).content.decode()
    assert "建国路店起火" in page
    assert "&lt;b&gt;<mark>晴野</mark>&lt;/b&gt;起火" in page
    assert "<b>晴野" not in page
    assert page.count('class="tick no"') == 4


@pytest.mark.parametrize("who", ["dept", "auditor", "security", "admin", "outsider"])
def test_who_may_not_see_it_finds_nothing(signed_in, signal, who):
    assert signed_in(who).get(reverse("monitoring:signal", args=[signal.uuid])).status_code == 404


def test_leaders_read_it_without_buttons(signed_in, signal):
    answer = signed_in("gm").get(reverse("monitoring:signal", args=[signal.uuid]))
    assert (answer.status_code, answer.context["may_judge"]) == (200, False)
    assert "judge/" not in answer.content.decode()


def test_judging_on_the_page_offers_undo(signed_in, signal):
    client = signed_in("monitor")
    values = {"version": 1, "verdict": "2"}
    answer = client.post(reverse("monitoring:judge-signal", args=[signal.uuid]), values, follow=True)
    assert Signal.objects.get().verdict == "2"
    [message] = answer.context["messages"]
    undo = message.extra_tags.split()[0].removeprefix("undo:")
    assert client.post(undo).status_code == 302
    assert Signal.objects.get().closed_at is None


def test_a_form_without_a_verdict_is_refused_in_words(signed_in, signal):
    answer = signed_in("monitor").post(
        reverse("monitoring:judge-signal", args=[signal.uuid]), {"version": 1, "verdict": ""}
    )
    assert answer.status_code == 400
    assert Signal.objects.get().closed_at is None


def test_a_stale_form_gets_409_and_changes_nothing(signed_in, signal):
    Signal.objects.update(version=2)
    answer = signed_in("monitor").post(
        reverse("monitoring:judge-signal", args=[signal.uuid]), {"version": 1, "verdict": "false_alarm"}
    )
    assert answer.status_code == 409
    assert Signal.objects.get().closed_at is None
