"""Posts taken in: kept when a watch wants them, masked, scored, folded, grouped, counted."""

import json
from datetime import timedelta

import pytest

from accounts.models import Exercise
from accounts.secrets import decrypt
from opinion.models import Heard, HourCount, Match, Post, PostBand, PostKey, PostOriginal, Topic, TopicCount
from opinion.services.pipeline import Intake, take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


@pytest.fixture
def watch():
    return WatchFactory(rule="晴野")


def test_everything_is_heard_but_only_what_a_watch_wants_becomes_a_post(source, watch):
    intake = take_in(source, [raw(1, STORIES[0]), raw(2, "今天天气很好，适合散步")], now=NOON)
    assert intake == Intake(heard=2, stored=1)
    assert Heard.objects.count() == 2
    assert [post.key.external_id for post in Post.objects.all()] == ["p1"]


def test_a_switched_off_watch_wants_nothing(source):
    WatchFactory(rule="晴野", is_enabled=False)
    assert take_in(source, [raw(1)], now=NOON) == Intake(heard=1)


def test_a_watch_whose_rule_became_unreadable_does_not_silence_the_others(source, watch):
    WatchFactory(rule="晴野 OR")
    assert take_in(source, [raw(1)], now=NOON) == Intake(heard=1, stored=1)


def test_the_post_carries_what_was_said_and_what_is_thought_of_it(source, watch):
    take_in(
        source, [raw(1, "记者从监管部门获悉，晴野门店原料被封存", title="晴野立案调查", likes=3)], now=NOON + minutes(2)
    )
    post = Post.objects.get()
    assert (post.title, post.author, post.platform, post.likes, post.reads) == (
        "晴野立案调查",
        "路人甲",
        "微博",
        3,
        None,
    )
    assert (post.published_at, post.first_seen_at) == (NOON, NOON + minutes(2))
    assert (post.sentiment, post.score < 0.5) == ("neg", True)
    assert post.score_model.startswith("hybrid-")
    assert all(set(reason) == {"text", "kind", "weight", "about"} for reason in post.reasons)
    assert {"term": "立案调查", "category": "enforcement", "severity": 3} in post.risks
    assert {"立案", "封存"} <= set(post.tokens.split())


def test_a_negated_or_denied_crisis_term_is_no_risk(source, watch):
    take_in(source, [raw(1, "晴野门店未发现食物中毒"), raw(2, "网传晴野爆炸系谣言")], now=NOON)
    assert [post.risks for post in Post.objects.all()] == [[], []]


def test_a_headline_that_asks_names_its_risk_all_the_same(source, watch):
    take_in(source, [raw(1, "", title="如何看待晴野门店起火？")], now=NOON)
    assert [risk["term"] for risk in Post.objects.get().risks] == ["起火"]


def test_private_numbers_are_masked_everywhere_and_the_original_is_one_encrypted_row(source, watch):
    take_in(source, [raw(1, "晴野店长电话13812345678", author="小王13912345678"), raw(2, STORIES[1])], now=NOON)
    post = Post.objects.get(key__external_id="p1")
    assert (post.text, post.author) == ("晴野店长电话138****5678", "小王139****5678")
    assert Heard.objects.get(external_id="p1").text == "晴野店长电话138****5678"
    original = PostOriginal.objects.get()
    assert b"13812345678" not in bytes(original.cipher)
    assert json.loads(decrypt(original.cipher)) == {
        "title": "",
        "text": "晴野店长电话13812345678",
        "author": "小王13912345678",
    }
    assert original.purge_after == NOON + timedelta(days=180)


def test_what_cannot_be_taken_is_counted_and_takes_nothing_with_it(source, watch):
    naive = NOON.replace(tzinfo=None)
    odd = [raw(1), raw("", "晴野", at=naive), raw(3, "\u200b \x00"), raw(4, "晴野", at=naive)]
    assert take_in(source, odd, now=NOON) == Intake(heard=1, stored=1, rejected=3)


def test_an_address_that_is_no_web_address_is_dropped(source, watch):
    take_in(source, [raw(1, url="javascript:alert(1)")], now=NOON)
    assert Post.objects.get().url == ""


def test_a_post_that_knows_its_platform_better_than_its_source_is_believed(source, watch):
    take_in(source, [raw(1, platform="小红书")], now=NOON)
    assert Post.objects.get().platform == "小红书"
    assert HourCount.objects.get().platform == "小红书"


def test_a_repost_is_folded_into_its_original_and_counted_there(source, watch):
    other = SourceFactory(platform="知乎")
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    forward = raw(2, "转发微博//@小周:" + STORIES[0], at=NOON + minutes(5))
    assert take_in(other, [forward], now=NOON + minutes(6)) == Intake(heard=1, stored=1, folded=1)
    first, second = Post.objects.order_by("pk")
    assert second.original == first
    assert (first.copy_count, second.copy_count) == (1, 0)
    assert (second.sentiment, second.score, second.reasons) == (first.sentiment, first.score, [])
    assert not PostBand.objects.filter(post=second).exists()


def test_reposts_within_one_batch_are_folded_into_the_earliest(source, watch):
    batch = [raw(1, STORIES[0] + "！", at=NOON + minutes(9)), raw(2, STORIES[0]), raw(3, STORIES[1])]
    assert take_in(source, batch, now=NOON + minutes(10)) == Intake(heard=3, stored=3, folded=1)
    assert Post.objects.get(key__external_id="p1").original.key.external_id == "p2"
    assert Post.objects.get(key__external_id="p2").copy_count == 1


def test_the_same_words_four_days_later_are_news_again(source, watch):
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    later = NOON + timedelta(days=4)
    assert take_in(source, [raw(2, STORIES[0], at=later)], now=later).folded == 0


def test_each_watch_that_wants_a_post_has_its_match_with_its_words(source, watch):
    tags = WatchFactory(rule="(晴野 OR 青野) 标签")
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    found = {match.watch_id: match.words for match in Match.objects.all()}
    assert found == {watch.pk: ["晴野"], tags.pk: ["晴野", "标签"]}


def test_posts_about_the_same_story_share_a_topic(source, watch):
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    told = "建国路店更换效期标签，晴野总部回应顾客举报：正在调查店员"
    take_in(source, [raw(2, told, at=NOON + minutes(30)), raw(3, STORIES[2])], now=NOON + minutes(31))
    topics = {match.post.key.external_id: match.topic for match in Match.objects.select_related("topic", "post__key")}
    assert topics["p1"] == topics["p2"] != topics["p3"]
    assert (topics["p1"].size, topics["p1"].title) == (2, told)
    assert (topics["p1"].first_at, topics["p1"].last_at) == (NOON, NOON + minutes(30))
    assert topics["p1"].changed_at == NOON + minutes(31)


def test_hours_are_counted_by_watch_and_topic_platform_and_sentiment(source, watch):
    at_two = NOON + timedelta(hours=2)
    take_in(source, [raw(1, STORIES[0]), raw(2, "//@小周:" + STORIES[0]), raw(3, STORIES[0], at=at_two)], now=at_two)
    counts = {(count.hour, count.platform): count.posts for count in HourCount.objects.filter(watch=watch)}
    assert counts == {(NOON, "微博"): 2, (at_two, "微博"): 1}
    assert sum(TopicCount.objects.values_list("posts", flat=True)) == 3


def test_a_post_on_the_hour_belongs_to_the_hour_it_opens(source, watch):
    take_in(source, [raw(1, at=NOON), raw(2, STORIES[0], at=NOON - timedelta(seconds=1))], now=NOON)
    assert {count.hour for count in HourCount.objects.all()} == {NOON, NOON - timedelta(hours=1)}


def test_an_exercise_keeps_to_itself_and_listens_with_its_own_watches(source, watch):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    assert take_in(source, [raw(2, STORIES[0])], now=NOON, exercise=drill) == Intake(heard=1)
    Heard.everywhere.filter(exercise=drill).delete()
    WatchFactory(name=watch.name, rule=watch.rule, exercise=drill)
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    assert take_in(source, [raw(1, STORIES[0])], now=NOON, exercise=drill) == Intake(heard=1, stored=1)
    for model in (Heard, PostKey, Post, Topic, HourCount, PostBand):
        live, everywhere = model.objects.count(), model.everywhere.count()
        assert everywhere == 2 * live, model
    assert Post.everywhere.get(exercise=drill).original is None


def test_more_than_a_batch_is_taken_in_batches(source, watch):
    posts = [raw(number, f"晴野第{number}号门店的编号是{number * 7919}") for number in range(401)]
    intake = take_in(source, posts, now=NOON)
    assert (intake.heard, intake.stored) == (401, 401)
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 401


def test_a_person_may_want_what_no_rule_wants(source, watch):
    take_in(source, [raw(1, "路边听来的一句话")], now=NOON)
    assert not Post.objects.exists()
    intake = take_in(source, [raw(1, "路边听来的一句话")], now=NOON, for_watch=watch)
    assert (intake.stored, intake.known) == (1, 1)
    assert Match.objects.get().watch == watch
