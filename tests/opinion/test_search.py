"""Searching posts: words as in a watch, filters, pages, numbers. Who may not read finds nothing."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from accounts.models import Exercise
from opinion.models import HourCount, Post
from opinion.rules import RuleError
from opinion.selectors import search
from opinion.services.pipeline import take_in
from tests.factories import NOON, MatchFactory, PostFactory, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


def told(title, **more):
    """A post found by each of its words, which blanks part."""
    return PostFactory(title=title, text="", tokens=title, **more)


def found(user, rule="", **filters):
    asked = search.query(rule)
    return search.page_of(search.candidates(search.results(user, filters), asked), asked).posts


def number(user, rule="", **filters):
    asked = search.query(rule)
    return search.total(search.candidates(search.results(user, filters), asked), asked)


def test_words_are_looked_for_as_a_watch_does(cast):
    refund, moulded = told("晴野 退款 太慢"), told("晴野 发霉 招聘", published_at=NOON + timedelta(hours=1))
    pr = cast["pr"]
    assert found(pr, "晴野") == [moulded, refund]
    assert found(pr, "退款 OR 发霉") == [moulded, refund]
    assert found(pr, "晴野 NOT 招聘") == [refund]
    assert found(pr, "(退款 太慢) OR 不存在") == [refund]
    assert found(pr, "晴野 NEAR/2 退款") == [refund]
    assert found(pr, '"退款 太慢"') == [refund]


@pytest.mark.parametrize(("rule", "reason"), [("NOT 晴野", "only_not"), ("(晴野", "bracket_open"), ("a,b", "comma")])
def test_what_cannot_be_read_is_refused(rule, reason):
    with pytest.raises(RuleError) as refused:
        search.query(rule)
    assert refused.value.reason == reason


def test_the_index_only_proposes_and_the_text_decides(cast):
    PostFactory(title="别的", text="", tokens="晴野")
    assert found(cast["pr"], "晴野") == []


def test_one_character_is_looked_for_among_the_newest(cast, monkeypatch):
    old = told("味道 酸")
    for hours in range(1, 4):
        told("味道 甜", published_at=NOON + timedelta(hours=hours))
    assert found(cast["pr"], "酸") == [old]
    monkeypatch.setattr(search, "LOOKED_AT", 2)
    asked = search.query("酸")
    page = search.page_of(search.results(cast["pr"], {}), asked)
    assert (page.posts, page.looked_at) == ([], 2)
    further = search.page_of(search.results(cast["pr"], {}), asked, after=page.after)
    assert further.posts == [old]
    assert number(cast["pr"], "酸") == search.Total(0, is_more=True)


def test_filters_narrow(cast):
    watch = WatchFactory()
    post = told("晴野", platform="知乎", sentiment="neg", region="四川", source=SourceFactory(source_class="media"))
    topic = TopicFactory(watch=watch)
    MatchFactory(watch=watch, post=post, topic=topic)
    told("晴野", platform="微博", published_at=NOON - timedelta(hours=1))
    pr = cast["pr"]
    for filters in (
        {"platform": "知乎"},
        {"sentiment": "neg"},
        {"region": "四川"},
        {"source_class": "media"},
        {"watch": watch},
        {"topic": topic.uuid},
        {"since": NOON},
        {"posts": Post.objects.filter(pk=post.pk).values("pk")},
    ):
        assert found(pr, "晴野", **filters) == found(pr, **filters) == [post], filters
    assert len(found(pr, until=NOON)) == 1


def test_copies_are_listed_only_when_asked_for(cast):
    original = told("晴野")
    copy = PostFactory(original=original, published_at=NOON + timedelta(hours=1))
    assert found(cast["pr"]) == [original]
    assert found(cast["pr"], copies=True) == [copy, original]


def test_drills_and_those_without_a_right_stay_apart(cast):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    told("晴野", exercise=drill)
    mine = told("晴野")
    assert found(cast["gm"], "晴野") == [mine]
    for who in ("dept", "auditor", "admin", "outsider"):
        assert found(cast[who], "晴野") == []
        assert number(cast[who], "晴野") == search.Total(0)


@pytest.mark.parametrize("rule", ["", "晴野"])
def test_pages_follow_one_another_without_gap_or_repeat(cast, rule):
    posts = [told(f"晴野 {at}", published_at=NOON + timedelta(minutes=at // 2)) for at in range(7)]
    asked = search.query(rule)
    left = search.candidates(search.results(cast["pr"], {}), asked)
    seen, after = [], None
    for _page in range(4):
        page = search.page_of(left, asked, after=after, size=3)
        seen += page.posts
        after = page.after
        if not after:
            break
    assert seen == sorted(posts, key=lambda post: (post.published_at, post.pk), reverse=True)
    assert list(search.every(left, asked, most=5)) == seen[:5]


def test_numbers_are_exact_up_to_a_bound(cast, monkeypatch):
    monkeypatch.setattr(search, "COUNTED", 3)
    for at in range(3):
        told(f"晴野 {at}")
    assert number(cast["pr"], "晴野") == number(cast["pr"]) == search.Total(3)
    told("晴野 4")
    assert number(cast["pr"], "晴野") == number(cast["pr"]) == search.Total(3, is_more=True)
    asked = search.query("晴野")
    page, total = search.first_page(search.candidates(search.results(cast["pr"], {}), asked), asked)
    assert (len(page.posts), total) == (4, search.Total(3, is_more=True))


def test_every_point_of_a_curve_leads_to_exactly_its_posts(cast):
    watch = WatchFactory(rule="晴野")
    source = SourceFactory()
    given = [raw(at, STORIES[at % 2], at=NOON + minutes(17 * at)) for at in range(12)]
    take_in(source, given, now=NOON + minutes(300))
    assert HourCount.objects.aggregate(all=Sum("posts"))["all"] == 12
    for count in HourCount.objects.all():
        filters = {
            "watch": watch,
            "since": count.hour,
            "until": count.hour + timedelta(hours=1),
            "platform": count.platform,
            "sentiment": count.sentiment,
            "copies": True,
        }
        assert search.results(cast["pr"], filters).count() == count.posts
