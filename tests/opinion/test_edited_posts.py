"""A post whose publisher changed it: it says the new words, keeps the earlier ones, and is no new post."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from monitoring.models import Signal
from monitoring.services.signals import raise_signals
from opinion.models import (
    Heard,
    HourCount,
    Match,
    Post,
    PostBand,
    PostEdit,
    PostKey,
    Topic,
    TopicCount,
    Triage,
    WordCount,
)  # fmt: skip
from opinion.selectors.quality import readable
from opinion.services import corrections
from opinion.services.pipeline import Intake, take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw
from tests.opinion.test_take_in_at_once import at_once

pytestmark = pytest.mark.django_db
LATER = NOON + minutes(20)
WORSE = "晴野茶饮建国路店原料被监管部门封存，门店被立案调查，多名顾客食物中毒送医"


@pytest.fixture(autouse=True)
def watch():
    return WatchFactory(rule="晴野")


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


def post(number=1):
    return Post.everywhere.get(key__external_id=f"p{number}")


def says(source, text, number=1, *, at=NOON, now=LATER, **more):
    return take_in(source, [raw(number, text, at=at, **more)], now=now)


def versions(number=1):
    return [(edit.title, edit.text) for edit in PostEdit.objects.filter(post=post(number)).order_by("pk")]


def total(model):
    return sum(model.objects.values_list("posts", flat=True))


def test_it_takes_the_new_words_and_keeps_the_earlier_ones(source):
    says(source, STORIES[0], now=NOON)
    before = post()
    assert says(source, WORSE, title="晴野被查") == Intake(known=1)
    now = post()
    assert (now.title, now.text, now.version) == ("晴野被查", WORSE, before.version + 1)
    edit = PostEdit.objects.get()
    assert (edit.post, edit.title, edit.text, edit.seen_at) == (now, "", STORIES[0], LATER)
    assert {risk["category"] for risk in now.risks} >= {"enforcement"}
    assert "封存" in now.tokens.split()
    assert (now.reasons, now.score) != (before.reasons, before.score)


def test_it_is_no_new_post_anywhere(source, watch):
    says(source, STORIES[0], now=NOON)
    says(source, WORSE)
    assert [model.objects.count() for model in (Heard, PostKey, Post, Match, Topic)] == [1] * 5
    assert (total(HourCount), total(TopicCount), Topic.objects.get().size) == (1, 1, 1)
    assert {row.posts for row in WordCount.objects.filter(watch=watch, posts__gt=0)} == {1}
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {post().sentiment} == {"neg"}


def test_another_date_moves_nothing(source):
    says(source, STORIES[0], now=NOON)
    says(source, WORSE, at=NOON + timedelta(hours=5))
    assert (post().published_at, Match.objects.get().published_at) == (NOON, NOON)
    says(source, WORSE, at=NOON - timedelta(hours=5))
    assert (post().published_at, PostEdit.objects.count()) == (NOON, 1)


@pytest.mark.parametrize(
    "again",
    [STORIES[0] + "\n", "  ".join(STORIES[0].split("，")).replace("  ", "， "), STORIES[0] + " https://t.cn/a1b2"],
    ids=["a line break", "blanks", "an address"],
)
def test_trifles_are_no_edit(source, again):
    says(source, STORIES[0], now=NOON)
    before = list(Post.objects.values())
    assert says(source, again) == Intake(known=1)
    assert (list(Post.objects.values()), PostEdit.objects.count()) == (before, 0)


def test_private_numbers_are_masked_in_it_and_another_number_is_another_text(source):
    says(source, "晴野店长电话13812345678", now=NOON)
    says(source, "晴野店长电话13987654321，快打给他")
    assert (post().text, versions()) == ("晴野店长电话139****4321，快打给他", [("", "晴野店长电话138****5678")])


# --- signals ---------------------------------------------------------------------------------------------------------
def test_a_crisis_term_that_was_written_in_raises_a_signal(source):
    says(source, STORIES[1], now=NOON)
    raise_signals(NOON)
    assert Topic.objects.get().changed_at is None
    assert not Signal.objects.exists()
    says(source, WORSE)
    assert Topic.objects.get().changed_at == LATER
    [signal] = raise_signals(LATER)
    assert list(signal.posts.all()) == [post()]


def test_an_edit_that_changes_nothing_for_us_wakes_nobody(source):
    says(source, STORIES[1], now=NOON)
    Topic.objects.update(changed_at=None)
    says(source, STORIES[1] + "欢迎光临")
    assert PostEdit.objects.count() == 1
    assert Topic.objects.get().changed_at is None


# --- watches ---------------------------------------------------------------------------------------------------------
def test_a_watch_that_wants_only_the_new_words_has_it_as_a_new_one(source, watch):
    safety = WatchFactory(rule="食物中毒")
    says(source, STORIES[0], now=NOON)
    says(source, WORSE)
    match = Match.objects.get(watch=safety)
    assert (match.post, match.words, match.published_at) == (post(), ["食物中毒"], NOON)
    assert match.topic.watch == safety
    assert match.topic.size == 1
    for one in (watch, safety):
        assert [row.posts for row in HourCount.objects.filter(watch=one, posts__gt=0)] == [1]
        assert {row.posts for row in WordCount.objects.filter(watch=one, posts__gt=0)} == {1}
    before = list(HourCount.objects.values())
    says(source, WORSE)
    assert list(HourCount.objects.values()) == before


def test_a_watch_that_does_not_want_the_new_words_keeps_it(source, watch):
    says(source, STORIES[0], now=NOON)
    says(source, "这条内容已经被作者改成了别的话，和谁都没有关系")
    assert Match.objects.get(watch=watch).post == post()
    assert total(HourCount) == 1


def test_what_was_about_a_rival_only_comes_into_the_queue(source, watch):
    WatchFactory(rule="青野", is_rival=True)
    says(source, "青野今天上新，排队的人很多", now=NOON)
    assert post().triage == Triage.RIVAL
    says(source, "青野今天上新，隔壁的晴野门店却被查封")
    assert post().triage == Triage.WAITING


# --- groups, people, history -----------------------------------------------------------------------------------------
def test_its_reposts_sound_as_it_does_now_and_new_words_are_found(source):
    says(source, STORIES[1], now=NOON)
    says(source, "//@甲:" + STORIES[1], 2, at=NOON + minutes(2), now=NOON + minutes(2))
    says(source, WORSE)
    assert {p.sentiment for p in Post.objects.all()} == {"neg"}
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {"neg"}
    assert total(HourCount) == 2
    says(source, "转发微博//@乙:" + WORSE, 3, at=NOON + minutes(30), now=NOON + minutes(30))
    assert (post(3).original, post(1).copy_count) == (post(1), 2)


def test_an_edited_repost_stays_with_its_original(source):
    says(source, STORIES[1], now=NOON)
    says(source, "//@甲:" + STORIES[1], 2, at=NOON + minutes(2), now=NOON + minutes(2))
    says(source, WORSE, 2)
    assert (post(2).original, post(2).text, post(2).tokens) == (post(1), WORSE, "")
    assert post(2).sentiment == post(1).sentiment
    assert not PostBand.objects.filter(post=post(2)).exists()


def test_what_a_person_said_stays_but_teaches_no_model_other_words(cast, source):
    says(source, STORIES[1], now=NOON)
    said = corrections.correct(post(), "pos", actor=cast["monitor"], now=NOON + minutes(1))
    assert list(readable()) == [said]
    says(source, WORSE)
    assert (post().sentiment, post().model_sentiment) == ("pos", "neg")
    assert list(readable()) == []


def test_back_and_forth_at_every_poll_fills_nothing(source):
    for poll in range(30):
        says(source, STORIES[poll % 2], now=NOON + minutes(poll))
    assert sorted(versions()) == sorted([("", STORIES[0]), ("", STORIES[1])])
    assert post().text == STORIES[1]
    assert total(HourCount) == 1
    assert {row.posts for row in WordCount.objects.filter(posts__gt=0)} == {1}


def test_at_most_twenty_earlier_versions_are_kept_the_first_ones(source):
    for poll in range(30):
        says(source, f"晴野门店第{poll}次更新：今天已经有{poll}位顾客反映同一个问题", now=NOON + minutes(poll))
    assert len(versions()) == 20
    assert versions()[0][1].startswith("晴野门店第0次更新")
    assert post().text.startswith("晴野门店第29次更新")


# --- cost ------------------------------------------------------------------------------------------------------------
def queries_for(source, posts):
    with CaptureQueriesContext(connection) as captured:
        take_in(source, posts, now=LATER)
    return len(captured)


def test_nine_edits_take_as_many_queries_as_one(source):
    posts = [raw(n, f"晴野第{n}号门店编号{n * 7919}") for n in range(10)]
    take_in(source, posts, now=NOON)
    edited = [raw(n, f"晴野第{n}号门店今天停业编号{n * 7919}") for n in range(10)]
    one = queries_for(source, edited[:1])
    # only keywords are subtracted by amount: as many statements as there are amounts
    assert one <= queries_for(source, edited[1:]) <= one + 5


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_edit_write_it_once(source):
    WatchFactory(rule="食物中毒")
    says(source, STORIES[0], now=NOON)
    at_once(*[lambda: says(source, WORSE)] * 4)
    assert (post().text, versions()) == (WORSE, [("", STORIES[0])])
    assert (total(HourCount), Match.objects.count(), post().version) == (2, 2, 2)


# --- the reader ------------------------------------------------------------------------------------------------------
def test_the_reader_shows_the_earlier_words(signed_in, source):
    says(source, STORIES[0], now=NOON)
    says(source, WORSE + "<script>")
    address = reverse("monitoring:open-post", args=[post().uuid])
    page = signed_in("monitor").get(address, headers={"Accept-Language": "en"}).content.decode()
    assert "edited 1 time, earlier words" in page
    assert STORIES[0] in page
    assert "<script>" not in page.partition('id="reader"')[2].partition("</article>")[0]
