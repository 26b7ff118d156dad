"""A post that says the same as another: folded by a person, counted with it, and taken apart again."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.versions import Stale
from audit.models import Entry
from monitoring.selectors.inbox import queue
from opinion.models import HourCount, Match, Post, Topic, TopicCount, Triage
from opinion.selectors.topics import folds_of, groups_of
from opinion.services import folding, triage
from opinion.services.pipeline import take_in
from tests.factories import NOON, PostFactory, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db
ELSEWHERE = "有人说晴野那家店把过期的东西重新贴了一张纸"


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


@pytest.fixture
def posts(source):
    """An original, another with a copy; both of one watch."""
    WatchFactory(rule="晴野")
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    take_in(source, [raw(2, ELSEWHERE, at=NOON + minutes(1), author="乙")], now=NOON + minutes(1))
    take_in(source, [raw(3, "//@乙:" + ELSEWHERE, at=NOON + minutes(2), author="丙")], now=NOON + minutes(2))
    assert post(3).original == post(2)
    Post.objects.filter(key__external_id="p1").update(sentiment="neg")
    return post(1), post(2)


def post(number):
    return Post.objects.get(key__external_id=f"p{number}")


def waiting(cast):
    return sorted(queue(cast["monitor"], {"state": "waiting"}).values_list("key__external_id", flat=True))


def test_the_group_goes_to_the_other_original_and_leaves_the_queue(cast, posts):
    into, other = posts
    folding.fold_by_hand(other, into, actor=cast["monitor"], now=NOON)
    assert waiting(cast) == ["p1"]
    assert [post(n).original_id for n in (2, 3)] == [into.pk, into.pk]
    assert (post(1).copy_count, post(2).copy_count) == (2, 0)
    assert Entry.objects.get().event == "opinion.post_folded"


def test_its_tone_and_its_topic_follow_and_the_counts_with_them(cast, posts):
    into, other = posts
    folding.fold_by_hand(other, into, actor=cast["monitor"], now=NOON)
    assert [post(n).sentiment for n in (1, 2, 3)] == ["neg", "neg", "neg"]
    topic = Match.objects.get(post=into).topic
    assert {match.topic for match in Match.objects.all()} == {topic}
    topic.refresh_from_db()
    assert topic.size == 3
    assert sum(TopicCount.objects.filter(topic=topic).values_list("posts", flat=True)) == 3
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 3


def test_taken_apart_everything_stands_where_it_stood(cast, posts):
    into, other = posts
    topics = dict(Match.objects.values_list("post", "topic"))
    tones = dict(Post.objects.values_list("pk", "sentiment"))
    fold = folding.fold_by_hand(other, into, actor=cast["monitor"], now=NOON)
    folding.unfold(fold, actor=cast["pr"], now=NOON)
    assert dict(Match.objects.values_list("post", "topic")) == topics
    assert dict(Post.objects.values_list("pk", "sentiment")) == tones
    assert (post(2).original, post(3).original) == (None, post(2))
    assert (post(1).copy_count, post(2).copy_count) == (0, 1)
    assert waiting(cast) == ["p1", "p2"]
    assert set(Topic.objects.filter(size__gt=0, merged_into__isnull=True)) == set(
        Topic.objects.filter(pk__in=topics.values())
    )
    with pytest.raises(Stale):
        folding.unfold(fold, actor=cast["pr"], now=NOON)


def test_a_later_repost_of_the_folded_one_goes_to_the_original(cast, source, posts):
    into, other = posts
    folding.fold_by_hand(other, into, actor=cast["monitor"], now=NOON)
    take_in(source, [raw(4, "//@丙:" + ELSEWHERE, at=NOON + minutes(5))], now=NOON + minutes(6))
    assert (post(4).original, post(4).sentiment, post(1).copy_count) == (into, "neg", 3)


def test_a_stale_copy_itself_and_posts_of_incidents_are_not_folded(cast, posts):
    into, other = posts
    stale = Post.objects.get(pk=other.pk)
    triage.snooze(other, actor=cast["monitor"], now=NOON)
    with pytest.raises(Stale):
        folding.fold_by_hand(stale, into, actor=cast["monitor"], now=NOON)
    triage.triage(other, Triage.ATTACHED, actor=cast["pr"], now=NOON)
    for what, where in ((other, into), (into, into), (into, post(3)), (post(3), into)):
        with pytest.raises(folding.CannotFold):
            folding.fold_by_hand(what, where, actor=cast["monitor"], now=NOON)
    assert post(2).original is None


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "auditor", "outsider"])
def test_who_may_not_fold_changes_nothing(cast, posts, who):
    with pytest.raises(PermissionDenied):
        folding.fold_by_hand(posts[1], posts[0], actor=cast[who], now=NOON)
    assert post(2).original is None


def test_the_likeliest_original_is_offered_first(cast, source, posts):
    take_in(source, [raw(5, "晴野建国路店更换芋泥的效期标签这件事店员出来说话了", at=NOON + minutes(3))], now=NOON)
    offered = [found.key.external_id for found, _alike in folding.likely_originals(post(5), now=NOON + minutes(4))]
    assert offered[0] == "p1"
    assert set(offered) == {"p1", "p2"}


def test_a_group_tells_its_platforms_accounts_heat_and_first_voice(cast, posts):
    into, other = posts
    Post.objects.filter(pk=other.pk).update(likes=5, published_at=NOON - minutes(9), platform="知乎")
    folding.fold_by_hand(post(2), into, actor=cast["monitor"], now=NOON)
    [group] = groups_of([post(1)])
    assert (group.copies, group.platforms, group.accounts, group.heat) == (2, ["微博", "知乎"], 3, 5)
    assert group.first_voice == post(2)


def test_a_group_without_numbers_has_no_heat_and_one_of_copies_has_theirs(posts):
    Post.objects.filter(key__external_id="p3").update(reposts=2, comments=3, author="乙", platform="知乎")
    alone, group = groups_of([post(1), post(2)])
    assert (alone.copies, alone.platforms, alone.accounts, alone.heat, alone.first_voice) == (
        0,
        ["微博"],
        1,
        None,
        None,
    )
    assert (group.copies, group.platforms, group.accounts, group.heat) == (1, ["微博", "知乎"], 2, 5)


def test_a_large_group_is_added_up_by_the_database(posts, django_assert_num_queries):
    for n in range(40):
        PostFactory(original=posts[1], author=f"账号{n}", likes=1, source=posts[1].source, platform="微博")
    shown = list(Post.objects.leads().select_related("source").order_by("pk")[:2])
    with django_assert_num_queries(4):
        _alone, group = groups_of(shown)
    assert (group.copies, group.accounts, group.heat) == (41, 42, 40)


# --- a decision on the original is the group's -----------------------------------------------------------------------
def test_a_late_copy_of_what_was_ignored_stays_out_of_the_queue(cast, source, posts):
    triage.ignore(posts[1], actor=cast["monitor"], now=NOON)
    take_in(source, [raw(4, "//@丙:" + ELSEWHERE, at=NOON + minutes(5))], now=NOON + minutes(6))
    assert post(4).original == posts[1]
    assert waiting(cast) == ["p1"]


def test_a_late_copy_of_what_was_put_aside_does_not_wake_it_by_itself(cast, source, posts):
    triage.snooze(posts[1], actor=cast["monitor"], now=NOON)
    take_in(source, [raw(4, "//@丙:" + ELSEWHERE, at=NOON + minutes(5))], now=NOON + minutes(6))
    assert post(2).triage == Triage.SNOOZED
    assert waiting(cast) == ["p1"]


# --- the pages -------------------------------------------------------------------------------------------------------
def test_the_page_folds_and_the_toast_takes_it_apart(signed_in, posts):
    into, other = posts
    client = signed_in("monitor")
    url = reverse("opinion:fold", args=[other.uuid])
    assert "更换芋泥" in client.get(url).content.decode()
    answer = client.post(url, {"into": str(into.uuid), "version": other.version, "next": "/inbox/?state=waiting"})
    assert (answer.status_code, answer.url) == (302, "/inbox/?state=waiting")
    [fold] = folds_of(post(2))
    assert client.post(reverse("opinion:unfold", args=[fold.uuid])).status_code == 302
    assert post(2).original is None


def test_a_stale_page_is_told_and_a_foreign_way_back_is_not_taken(signed_in, posts):
    into, other = posts
    client = signed_in("monitor")
    url = reverse("opinion:fold", args=[other.uuid])
    assert client.post(url, {"into": str(into.uuid), "version": 99}).status_code == 409
    answer = client.post(url, {"into": str(into.uuid), "version": other.version, "next": "https://evil.example/"})
    assert answer.url == reverse("monitoring:inbox")


def test_the_reader_offers_it_by_key(signed_in, posts):
    page = signed_in("monitor").get(reverse("monitoring:open-post", args=[posts[1].uuid])).content.decode()
    assert reverse("opinion:fold", args=[posts[1].uuid]) in page
