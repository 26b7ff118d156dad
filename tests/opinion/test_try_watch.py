"""试跑: a rule tried on what was heard in the last seven days, saving nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from opinion.models import Heard, PostKey, Triage, Watch
from opinion.trial import Word, try_watch
from tests.factories import NOON, PostFactory, SourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    source = SourceFactory()
    for number, (text, days) in enumerate(
        [("晴野换标签", 1), ("晴野招聘", 2), ("今天天气", 3), ("晴野很早以前", 9), ("<b>晴野</b>上新", 0.5)]
    ):
        at = NOON - timedelta(days=days)
        Heard.objects.create(source=source, external_id=f"p{number}", text=text, published_at=at, heard_at=at)


def test_it_counts_what_fits_and_shows_the_newest(heard, django_assert_num_queries):
    with django_assert_num_queries(3):
        trial = try_watch(Watch(rule="晴野 NOT 招聘"), now=NOON)
    assert (trial.looked_at, trial.found) == (4, 2)
    assert [hit.heard.text for hit in trial.hits] == ["<b>晴野</b>上新", "晴野换标签"]
    assert trial.hits[1].say == [("晴野", True), ("换标签", False)]
    assert trial.a_day == pytest.approx(2 / 3)
    assert trial.days[-2:] == [1, 1]


def test_it_says_what_each_word_brings(heard):
    trial = try_watch(Watch(rule="晴野 OR 标签 OR 天气"), now=NOON)
    assert trial.words == [Word("晴野", 3, 2), Word("标签", 1, 0), Word("天气", 1, 1)]


def test_beside_the_watch_it_would_replace_it_says_what_changes(heard):
    trial = try_watch(Watch(rule="晴野 NOT 招聘 OR 天气"), now=NOON, instead_of=Watch(rule="晴野"))
    assert (trial.n_gained, trial.n_lost) == (1, 1)
    assert [hit.heard.text for hit in trial.gained] == ["今天天气"]
    assert [hit.heard.text for hit in trial.lost] == ["晴野招聘"]


def test_noise_is_what_people_ignored_of_what_it_would_want(heard):
    for number, state in enumerate([Triage.IGNORED, Triage.ATTACHED]):
        key = PostKey.objects.create(source=Heard.objects.first().source, external_id=f"p{number}")
        PostFactory(key=key, source=key.source, triage=state)
    trial = try_watch(Watch(rule="晴野"), now=NOON)
    assert (trial.ignored, trial.decided) == (1, 2)


def test_classes_and_languages_that_are_not_wanted_are_left_out(heard):
    assert try_watch(Watch(rule="晴野", source_classes=["own"]), now=NOON).found == 0
    assert try_watch(Watch(rule="晴野", languages=["latin"]), now=NOON).found == 0
    assert try_watch(Watch(rule="晴野", languages=["zh"], source_classes=["platform"]), now=NOON).found == 3


def test_the_panel_marks_the_words_and_escapes_the_rest(signed_in, heard):
    with time_machine.travel(NOON, tick=False):
        answer = signed_in("monitor").post(reverse("opinion:try-watch"), {"rule": "晴野"})
    assert answer.status_code == 200
    assert "&lt;b&gt;<mark>晴野</mark>&lt;/b&gt;上新" in answer.content.decode()
    assert not Watch.objects.exists()


def test_a_rule_that_cannot_be_read_says_where(signed_in):
    answer = signed_in("monitor").post(reverse("opinion:try-watch"), {"rule": "晴野 OR"})
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert "6" in page  # a word is missing at the sixth character
    assert "<section" not in page


def test_without_javascript_the_form_itself_tries_and_saves_nothing(signed_in, heard):
    with time_machine.travel(NOON, tick=False):
        answer = signed_in("monitor").post(reverse("opinion:add-watch"), {"name": "", "rule": "晴野", "try": "yes"})
    assert answer.status_code == 200
    assert answer.context["trial"].found == 3
    assert not Watch.objects.exists()


def test_who_may_not_edit_may_not_try(signed_in):
    assert signed_in("gm").post(reverse("opinion:try-watch"), {"rule": "晴野"}).status_code == 403
