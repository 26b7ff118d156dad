"""Keywords are counted per watch and day as posts arrive, once for a repost's original, and forgotten in time."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from accounts.models import Exercise
from opinion.models import WordCount
from opinion.services.pipeline import take_in
from opinion.services.retention import WORD_DAYS, prune
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def words_of(watch):
    return {row.word: (row.posts, row.negative) for row in WordCount.objects.filter(watch=watch)}


def test_a_word_counts_once_for_a_post_and_a_repost_says_no_new_word():
    watch = WatchFactory(rule="晴野")
    take_in(
        SourceFactory(),
        [raw(1, STORIES[0]), raw(2, f"//@甲:{STORIES[0]}", at=NOON + minutes(5))],
        now=NOON + minutes(9),
    )
    found = words_of(watch)
    assert found
    assert {posts for posts, _negative in found.values()} == {1}


def test_taking_the_same_posts_in_again_counts_nothing_twice():
    watch, source = WatchFactory(rule="晴野"), SourceFactory()
    take_in(source, [raw(1, STORIES[0]), raw(2, STORIES[1])], now=NOON)
    before = words_of(watch)
    take_in(source, [raw(1, STORIES[0]), raw(2, STORIES[1])], now=NOON)
    assert words_of(watch) == before


def test_each_watch_has_its_own_words_and_a_day_is_one_of_the_company():
    ours, rival = WatchFactory(rule="晴野"), WatchFactory(rule="云岫", is_rival=True)
    late = NOON.replace(hour=15, minute=59)  # 23:59 in Shanghai
    take_in(
        SourceFactory(),
        [raw(1, "晴野茶饮的芋泥变质", at=late), raw(2, "云岫茶的荔枝好喝", at=late + minutes(1))],
        now=late + minutes(2),
    )
    assert "荔枝" not in words_of(ours)
    assert "荔枝" in words_of(rival)
    assert set(WordCount.objects.filter(watch=ours).values_list("day", flat=True)) == {date(2026, 11, 18)}
    assert set(WordCount.objects.filter(watch=rival).values_list("day", flat=True)) == {date(2026, 11, 19)}


def test_the_words_of_an_exercise_stay_out_of_the_live_desk():
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    watch = WatchFactory(rule="晴野", exercise=drill)
    take_in(SourceFactory(), [raw(1, STORIES[0])], now=NOON, exercise=drill)
    assert words_of(watch) == {}
    assert WordCount.everywhere.filter(exercise=drill).exists()


def test_words_are_forgotten_after_a_year_and_a_month():
    watch = WatchFactory()
    for back in (WORD_DAYS, WORD_DAYS + 1):
        WordCount.objects.create(watch=watch, day=localdate(NOON) - DAY * back, word="芋泥", posts=1)
    assert prune(NOON)["words"] == 1
    assert WordCount.objects.get().day == localdate(NOON) - DAY * WORD_DAYS


def test_a_replay_of_old_posts_keeps_its_words_while_it_runs():
    watch = WatchFactory()
    replay = Exercise.objects.create(name="复盘演练", kind="replay", started_at=NOON, clock_from=NOON - DAY * 4000)
    WordCount.everywhere.create(watch=watch, day=localdate(NOON) - DAY * 4000, word="芋泥", posts=1, exercise=replay)
    assert prune(NOON)["words"] == 0
