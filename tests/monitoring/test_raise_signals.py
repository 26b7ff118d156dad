"""Signals rise from stored posts: one a story, growing, with numbers and posts, told once."""

from datetime import timedelta

import pytest
from django.utils import translation

from accounts.models import Exercise
from monitoring.models import Signal, SignalGrowth
from monitoring.services.signals import judge, raise_signals
from monitoring.signals.keeping import fits
from monitoring.signals.reasons import in_words
from notices.models import Delivery, Notice
from opinion.models import HourCount, Post, Topic
from opinion.services.pipeline import take_in
from opinion.services.triage import snooze
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.opinion.factories import minutes, raw

pytestmark = pytest.mark.django_db

HEARD = ["重新贴标签", "更换效期标签", "撕掉标签重贴", "标签日期被改"]


@pytest.fixture
def watch():
    return WatchFactory(name="晴野品牌", rule="晴野")


@pytest.fixture
def weibo(watch):
    return SourceFactory(platform="微博")


def story(number, *, at=NOON, text=""):
    """Negative posts with a risk word about one story, all worded differently."""
    said = (
        text or f"晴野建国路店{HEARD[number % 4]}，原料过期，第{number}位顾客{'甲乙丙丁戊己庚辛'[number % 8]}投诉没人理"
    )
    return raw(number, said, at=at)


def test_a_calm_mention_raises_nothing(cast, weibo):
    take_in(weibo, [raw(1, "今天路过晴野，门口在排队")], now=NOON)
    assert raise_signals(NOON) == []
    assert Topic.objects.get().changed_at is None


def test_a_risk_word_at_first_sight_opens_a_signal_with_its_reason_and_post(cast, weibo, watch):
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场")], now=NOON + minutes(1))
    [signal] = raise_signals(NOON + minutes(2))
    assert (signal.watch, signal.kind, signal.suggestion) == (watch, "risk_word", "attention")
    [reason] = signal.reasons
    assert (reason["kind"], reason["numbers"]["terms"], reason["numbers"]["posts"]) == ("risk_word", ["起火"], 1)
    assert "起火" in reason["words"]
    assert list(signal.posts.all()) == [Post.objects.get()]
    assert Post.objects.get().is_held is True
    assert (signal.opened_at, signal.grown_at) == (NOON + minutes(2), NOON + minutes(2))


def test_looking_again_without_news_does_nothing(cast, weibo):
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场")], now=NOON)
    raise_signals(NOON)
    assert raise_signals(NOON + minutes(1)) == []
    assert (Signal.objects.count(), SignalGrowth.objects.count()) == (1, 1)


def test_the_signal_of_a_story_grows_and_its_suggestion_rises(cast, weibo):
    take_in(weibo, [story(0)], now=NOON)
    raise_signals(NOON)
    first = Signal.objects.get()
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(1, 9)], now=NOON + minutes(9))
    assert Topic.objects.count() == 1
    [signal] = raise_signals(NOON + minutes(10))
    assert signal == first
    assert (first.suggestion, signal.suggestion) == ("attention", "2")
    assert {reason["kind"] for reason in signal.reasons} == {"risk_word", "negative_share", "burst"}
    assert [(step.at, step.suggestion) for step in signal.growths.all()] == [
        (NOON, "attention"),
        (NOON + minutes(10), "2"),
    ]
    assert set(signal.posts.all()) == set(Post.objects.leads())  # reposts are counted, not named
    assert signal.version == 2


def test_people_are_told_once_per_opening_and_once_per_raise(cast, weibo):
    take_in(weibo, [story(0)], now=NOON)
    raise_signals(NOON)
    told = set(Notice.objects.values_list("person__username", flat=True))
    assert told == {"monitor", "pr", "legal", "market", "tech"}
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(1, 9)], now=NOON + minutes(9))
    raise_signals(NOON + minutes(10))
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(9, 40)], now=NOON + minutes(40))
    raise_signals(NOON + minutes(41))
    notices = Notice.objects.filter(person=cast["pr"])
    assert notices.count() == 2
    assert {notice.event for notice in notices} == {"monitoring.signal_raised"}
    assert all("晴野品牌" in notice.subject and notice.url.startswith("/signals/") for notice in notices)


def test_a_storm_of_ten_thousand_posts_about_one_thing_is_one_signal_and_few_notices(cast, weibo):
    """As small here as it may be: the number of posts does not matter, only that they are one story."""
    for start in range(0, 400, 100):
        batch = [story(n, at=NOON + timedelta(seconds=n)) for n in range(start, start + 100)]
        take_in(weibo, batch, now=NOON + minutes(7))
        raise_signals(NOON + minutes(7))
    assert Signal.objects.filter(topic__size__gt=100).count() == 1
    assert Notice.objects.filter(person=cast["pr"]).count() <= 3


def test_a_key_source_raises_a_signal_for_whatever_it_says(cast, watch):
    take_in(SourceFactory(is_key=True), [raw(1, "晴野今日开出第一百家店")], now=NOON)
    [signal] = raise_signals(NOON)
    assert signal.kind == "key_source"


def test_two_watches_have_a_signal_each(cast, weibo):
    WatchFactory(rule="晴野 起火")
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场")], now=NOON)
    assert len(raise_signals(NOON)) == 2


def test_a_story_that_was_over_before_we_heard_of_it_raises_nothing(cast, weibo):
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场", at=NOON - timedelta(days=9))], now=NOON)
    assert raise_signals(NOON) == []


def test_a_judged_story_stays_quiet_unless_it_gets_worse(cast, weibo):
    take_in(weibo, [story(0)], now=NOON)
    [signal] = raise_signals(NOON)
    judge(signal, actor=cast["monitor"], now=NOON + minutes(1), is_useful=False)
    take_in(weibo, [raw(50, "晴野建国路店更换效期标签被投诉，太离谱", at=NOON + minutes(2))], now=NOON + minutes(3))
    assert raise_signals(NOON + minutes(4)) == []
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(1, 9)], now=NOON + minutes(9))
    [again] = raise_signals(NOON + minutes(10))
    assert again != signal
    assert (again.topic, again.suggestion) == (signal.topic, "3")


def test_a_post_put_aside_comes_back_when_its_story_heats_up(cast, weibo):
    take_in(weibo, [raw(1, "今天路过晴野建国路店，标签有点旧")], now=NOON)
    raise_signals(NOON)
    snooze(Post.objects.get(), actor=cast["monitor"], now=NOON)
    take_in(weibo, [raw(2, "晴野建国路店标签作假，起火了", at=NOON + minutes(5))], now=NOON + minutes(5))
    raise_signals(NOON + minutes(6))
    assert Topic.objects.count() == 1
    assert set(Post.objects.values_list("triage", flat=True)) == {"waiting"}


def test_an_exercise_has_signals_of_its_own_that_never_leave_the_building(cast, weibo):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    WatchFactory(rule="晴野", exercise=drill)
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场")], now=NOON, exercise=drill)
    assert raise_signals(NOON) == []
    [signal] = raise_signals(NOON, exercise=drill)
    assert (signal.exercise, Signal.objects.count()) == (drill, 0)
    assert (Notice.objects.count(), Delivery.objects.count()) == (0, 0)
    assert Notice.everywhere.filter(exercise=drill).count() == 5


def test_looking_takes_the_same_queries_however_many_stories_are_calm(cast, django_assert_max_num_queries, watch):
    source = SourceFactory()
    take_in(source, [raw(n, text) for n, text in enumerate(CALM)], now=NOON)
    assert Topic.objects.filter(changed_at__isnull=False).count() >= 4
    stories = Topic.objects.count()
    with django_assert_max_num_queries(6 + 3 * stories):  # to look: six; to tick a story off: a small transaction
        raise_signals(NOON)


CALM = [
    "晴野白桃乌龙清爽不腻，杯子好看",
    "青年路晴野招聘店长，待遇从优",
    "杭州晴野门店搬迁公告，旧址不再使用",
    "晴野会员日积分翻倍，周五截止",
]


# --- few signals, nothing swallowed ----------------------------------------------------------------------------------
@pytest.fixture
def busy():
    """A watch that is often spoken of, so that two posts are one story only where they say the same."""
    made = WatchFactory(name="晴野品牌", rule="晴野")
    for day in range(1, 12):
        HourCount.objects.create(
            watch=made, hour=NOON - timedelta(days=day), platform="微博", sentiment="neu", posts=99
        )
    return made


def tell(number, text, after):
    at = NOON + minutes(after)
    take_in(SourceFactory(platform="微博"), [raw(number, text, at=at)], now=at)
    return raise_signals(at)


STORIES = [
    "晴野杭州工厂排放污水被环保部门罚款",
    "晴野店员与外卖骑手争吵被投诉",
    "网友质疑晴野会员积分虚假宣传",
    "晴野加盟商拉横幅讨要保证金维权",
]


def test_what_is_for_attention_only_joins_the_open_signal_of_its_watch(cast, busy):
    [first] = tell(1, STORIES[0], 0)
    [grown] = tell(2, STORIES[1], 60)
    assert Topic.objects.count() == 2
    assert grown == first
    reason = next(reason for reason in grown.reasons if "story" in reason)
    assert reason["story"] == STORIES[1]
    assert set(grown.posts.all()) == set(Post.objects.all())
    with translation.override("en"):
        assert in_words(reason).endswith(f"(in “{STORIES[1]}”)")
    assert tell(3, "晴野今天排队", 61) == []


def test_after_a_week_it_has_a_signal_of_its_own_again(cast, busy):
    [first] = tell(1, STORIES[0], 0)
    [second] = tell(2, STORIES[1], 8 * 24 * 60)
    assert second != first


def test_once_the_open_one_is_judged_the_next_story_has_its_own(cast, busy):
    [first] = tell(1, STORIES[0], 0)
    judge(first, actor=cast["monitor"], now=NOON + minutes(5), is_useful=False)
    [second] = tell(2, STORIES[1], 60)
    assert second != first


def test_a_story_that_joined_has_its_own_signal_once_it_is_worse(cast, busy):
    [first] = tell(1, STORIES[0], 0)
    [grown] = tell(2, "晴野滨江店后厨起火", 10)
    assert grown == first
    [own] = tell(3, "晴野滨江店后厨起火，明火已被扑灭", 20)
    assert (own.suggestion, own.topic.size) == ("3", 2)
    assert own != first


def test_what_would_be_the_third_signal_of_a_day_joins_the_newest(cast, busy):
    fires = ["晴野滨江店后厨起火", "晴野高新路店多人食物中毒", "晴野工厂车间爆炸"]
    for number, text in enumerate(fires):
        tell(10 * number, text, 100 * number)
        tell(10 * number + 1, f"{text}，现场视频流出", 100 * number + 5)
    assert Topic.objects.count() == 3
    _first, newest = Signal.objects.order_by("opened_at")
    assert newest.suggestion == "3"
    assert {reason.get("story") for reason in newest.reasons} == {None, fires[2]}


# --- waves -----------------------------------------------------------------------------------------------------------
def test_an_affair_that_calmed_down_and_comes_back_has_a_new_signal_that_links_to_the_first(cast, weibo, watch):
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(9)], now=NOON + minutes(9))
    [first] = raise_signals(NOON + minutes(10))
    quiet = NOON + timedelta(days=1, hours=12)
    take_in(weibo, [story(20, at=quiet)], now=quiet)
    raise_signals(quiet)
    back = NOON + timedelta(days=3)
    take_in(weibo, [story(n, at=back + minutes(n)) for n in range(30, 36)], now=back + minutes(36))
    [second] = raise_signals(back + minutes(37))
    first.refresh_from_db()
    assert (second.previous, second.topic) == (first, first.topic)
    assert (first.closed_at, first.is_useful, first.closed_by) == (back + minutes(37), None, None)
    assert raise_signals(back + minutes(38)) == []


def test_a_story_about_the_same_in_another_topic_links_to_the_signal_before(cast, weibo, watch):
    take_in(weibo, [story(n, at=NOON + minutes(n)) for n in range(9)], now=NOON + minutes(9))
    [first] = raise_signals(NOON + minutes(10))
    back = NOON + timedelta(days=9)
    take_in(weibo, [story(n, at=back + minutes(n)) for n in range(30, 36)], now=back + minutes(36))
    [second] = raise_signals(back + minutes(37))
    assert second.topic != first.topic
    assert second.previous == first


# --- what raised it is kept ------------------------------------------------------------------------------------------
def test_what_raised_it_is_kept_at_once_and_a_later_change_shows(cast, weibo, watch):
    take_in(weibo, [raw(1, "晴野门店后厨起火，消防已到场", author="张三")], now=NOON + minutes(1))
    raise_signals(NOON + minutes(2))
    growth = SignalGrowth.objects.get()
    post = Post.objects.get()
    [kept] = growth.kept["posts"]
    assert (kept["uuid"], kept["text"], kept["platform"]) == (str(post.uuid), "晴野门店后厨起火，消防已到场", "微博")
    assert (kept["published_at"], growth.kept["counts"]["posts"]) == (NOON.isoformat(), 1)
    assert "张三" not in str(growth.kept)
    Post.objects.update(text="改过了")
    growth.refresh_from_db()
    assert fits(growth.kept, growth.kept_hash)
    growth.kept["posts"][0]["text"] = "改过了"
    assert not fits(growth.kept, growth.kept_hash)


# --- what counts as said about us ------------------------------------------------------------------------------------
def test_a_risk_word_far_from_our_name_or_in_another_item_of_a_digest_raises_nothing(cast, weibo):
    take_in(weibo, [raw(1, "晴野上新了，排队两小时。" + "今天天气很好，适合出门走走。" * 6 + "邻市工厂起火")], now=NOON)
    take_in(weibo, [raw(2, "8点早报丨晴野开出第一百家店；某地仓库起火；油价下调")], now=NOON)
    assert raise_signals(NOON) == []
    take_in(weibo, [raw(3, "早知道丨晴野仓库起火；明天降温")], now=NOON)
    assert len(raise_signals(NOON)) == 1
