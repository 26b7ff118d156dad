"""What a person said of a text is found again when the same words come back, long after reposts are folded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Exercise
from opinion.models import Correction, HourCount, Post, WordCount
from opinion.selectors.quality import correction_in_force, readable
from opinion.services import corrections
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
STORY = STORIES[0]


@pytest.fixture(autouse=True)
def watch():
    return WatchFactory(rule="晴野")


@pytest.fixture
def source():
    return SourceFactory()


def post(number):
    return Post.everywhere.get(key__external_id=f"p{number}")


def another(label):
    return {"neg": "pos", "neu": "neg", "pos": "neg"}[label]


@pytest.fixture
def said(cast, source):
    """A person says otherwise than the model."""
    take_in(source, [raw(1, STORY)], now=NOON)
    return corrections.correct(post(1), another(post(1).sentiment), actor=cast["monitor"], now=NOON)


def comes_again(source, number=2, text=STORY, after=WEEK, **more):
    take_in(source, [raw(number, text, at=NOON + after)], now=NOON + after, **more)
    return post(number)


@pytest.mark.parametrize("text", [STORY, "转发微博//@小周:" + STORY, f"【{STORY}[怒]】！"])
def test_the_same_words_a_week_later_sound_as_a_person_said(source, said, text):
    again = comes_again(source, text=text)
    assert again.original is None
    assert (again.sentiment, again.recalled) == (said.label, said)
    assert again.model_sentiment != said.label
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {said.label}


def test_other_words_are_scored_by_the_model(source, said):
    assert comes_again(source, text=STORIES[1]).recalled is None


def test_too_few_words_are_nobodys(cast, source):
    take_in(source, [raw(1, "晴野")], now=NOON)
    corrections.correct(post(1), "neg", actor=cast["monitor"], now=NOON)
    assert comes_again(source, text="晴野").recalled is None


def test_its_reposts_go_by_it_too(source, said):
    again = comes_again(source)
    repost = comes_again(source, 3, "//@甲:" + STORY, WEEK + minutes(5))
    assert (repost.original, repost.sentiment) == (again, said.label)
    assert correction_in_force(repost) == said


def test_taken_back_it_counts_for_none_of_them_any_more(cast, source, said):
    again, repost = comes_again(source), comes_again(source, 3, "//@甲:" + STORY, WEEK + minutes(5))
    corrections.take_back(said, actor=cast["pr"], now=NOON + WEEK)
    label = post(1).model_sentiment
    assert {p.sentiment for p in Post.objects.all()} == {label}
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {label}
    assert (post(2).recalled, again.version < post(2).version) == (None, True)
    assert repost.original == again
    assert comes_again(source, 4, after=2 * WEEK).recalled is None


def test_taken_back_while_the_post_is_on_its_way_it_counts_for_nothing(cast, source, said, monkeypatch):
    from opinion.services import pipeline

    think = pipeline._think_of_originals

    def think_and_wait(*args):
        think(*args)
        corrections.take_back(said, actor=cast["pr"], now=NOON + WEEK)

    monkeypatch.setattr(pipeline, "_think_of_originals", think_and_wait)
    again = comes_again(source)
    assert (again.recalled, again.sentiment) == (None, again.model_sentiment)


def test_a_second_word_about_the_text_is_the_one_for_all(cast, source, said):
    comes_again(source)
    now = corrections.correct(post(1), "neu", actor=cast["pr"], now=NOON + WEEK)
    assert (post(2).sentiment, post(2).recalled) == ("neu", now)
    corrections.take_back(now, actor=cast["pr"], now=NOON + WEEK)
    assert (post(2).sentiment, post(2).recalled) == (said.label, said)


def test_a_word_about_the_later_post_is_its_own(cast, source, said):
    comes_again(source)
    own = corrections.correct(post(2), "neu", actor=cast["pr"], now=NOON + WEEK)
    assert (post(1).sentiment, post(2).sentiment) == (said.label, "neu")
    assert Correction.objects.filter(taken_back_at__isnull=True).count() == 2
    corrections.take_back(own, actor=cast["pr"], now=NOON + WEEK)
    assert post(2).sentiment == said.label


def test_it_is_found_after_the_keys_were_rotated(settings, source, said):
    from cryptography.fernet import Fernet

    settings.SECRETS_KEYS = [Fernet.generate_key().decode(), *settings.SECRETS_KEYS]
    assert comes_again(source).recalled == said


def test_a_plain_hash_of_the_words_does_not_find_it(said):
    from hashlib import sha256

    assert len(said.said_hash) == 64
    assert said.said_hash != sha256(STORY.encode()).hexdigest()


def test_a_drill_neither_hears_nor_teaches_the_live_desk(source, said):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    WatchFactory(rule="晴野", exercise=drill)
    take_in(source, [raw(2, STORY, at=NOON + WEEK)], now=NOON + WEEK, exercise=drill)
    assert post(2).recalled is None


def test_it_is_one_word_for_the_model_to_learn_from(source, said):
    comes_again(source)
    assert list(readable()) == [said]


def test_a_batch_asks_once_and_once_more_when_it_is_stored(source, said):
    def queries(numbers, text):
        batch = [raw(n, text, at=NOON + WEEK + n * WEEK) for n in numbers]
        with CaptureQueriesContext(connection) as captured:
            take_in(source, batch, now=NOON + 20 * WEEK)
        return len([q for q in captured if 'FROM "opinion_correction"' in q["sql"]])

    assert queries([5], STORY) == queries([6, 7, 8], STORY) == 2
    assert queries([30], STORIES[1]) == 1


def test_the_reader_says_where_it_was_said(signed_in, source, said):
    again = comes_again(source)
    answer = signed_in("monitor").get(
        reverse("monitoring:open-post", args=[again.uuid]), headers={"Accept-Language": "en"}
    )
    page = answer.content.decode()
    assert "said of the same words in an earlier post" in page
    assert reverse("monitoring:open-post", args=[post(1).uuid]) in page


# --- keywords --------------------------------------------------------------------------------------------------------
def negative_words(watch):
    rows = WordCount.objects.filter(watch=watch, posts__gt=0)
    assert {row.posts for row in rows} == {1}
    return {row.negative for row in rows}


def test_keywords_follow_a_correction_and_back(cast, source, watch):
    take_in(source, [raw(1, STORY), raw(2, "//@甲:" + STORY, at=NOON + minutes(3))], now=NOON)
    corrections.correct(post(1), "pos", actor=cast["monitor"], now=NOON)
    assert negative_words(watch) == {0}
    said = corrections.correct(post(1), "neg", actor=cast["monitor"], now=NOON)
    assert negative_words(watch) == {1}
    corrections.take_back(said, actor=cast["monitor"], now=NOON)
    assert negative_words(watch) == {0}
