"""试跑: a rule tried on what was heard in the last seven days, saving nothing."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from opinion.models import Heard, Watch
from opinion.trial import try_rule
from tests.factories import NOON, SourceFactory

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
    with django_assert_num_queries(2):
        trial = try_rule("晴野 NOT 招聘", now=NOON)
    assert (trial.looked_at, trial.found) == (4, 2)
    assert [hit.heard.text for hit in trial.hits] == ["<b>晴野</b>上新", "晴野换标签"]
    assert trial.hits[1].say == [("晴野", True), ("换标签", False)]
    assert trial.a_day == pytest.approx(2 / 3)


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
