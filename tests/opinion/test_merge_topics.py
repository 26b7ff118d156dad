"""Stories put together by people: posts move, nothing is lost, an undo gives everything back."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Exercise
from accounts.versions import Stale
from audit.models import Entry
from incidents.services.opening import open_incident
from monitoring.models import Signal
from monitoring.services.signals import raise_signals, take_back
from opinion.models import Match, Post, Topic, TopicChange
from opinion.services import regrouping
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, TopicFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return SourceFactory(platform="微博")


@pytest.fixture
def watch():
    return WatchFactory(rule="晴野")


@pytest.fixture
def stories(source, watch):
    """Two stories: one post with a repost, and one post."""
    take_in(source, [raw(1, STORIES[0]), raw(2, "//@甲:" + STORIES[0], at=NOON + minutes(1))], now=NOON + minutes(2))
    take_in(source, [raw(3, STORIES[2], at=NOON + minutes(3))], now=NOON + minutes(4))
    return list(Topic.objects.order_by("pk"))


def sizes():
    return dict(Topic.everywhere.values_list("pk", "size"))


def signal_on(topic, suggestion, **more):
    return Signal.objects.create(
        watch=topic.watch,
        topic=topic,
        kind="risk_word",
        opened_at=NOON,
        grown_at=NOON,
        suggestion=suggestion,
        reasons=[{"kind": "risk_word", "words": "举报", "numbers": {"posts": 1, "terms": ["举报"]}}],
        **more,
    )


def test_posts_sizes_and_counts_move_and_the_trail_says_so(cast, stories):
    one, other = stories
    change = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    one.refresh_from_db()
    other.refresh_from_db()
    assert sizes() == {one.pk: 3, other.pk: 0}
    assert (other.merged_into, one.last_at) == (one, NOON + minutes(3))
    assert sum(one.counts.values_list("posts", flat=True)) == 3
    assert not other.counts.exists()
    assert (change.kind, change.matches.count()) == ("merge", 1)
    entry = Entry.objects.get()
    assert (entry.event, entry.subject) == ("opinion.topics_merged", f"topic:{one.uuid}")


def test_undo_gives_the_posts_back_and_keeps_what_came_in_meanwhile(cast, source, stories):
    one, other = stories
    change = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    take_in(source, [raw(4, STORIES[0] + "，后续", at=NOON + minutes(5))], now=NOON + minutes(6))
    regrouping.undo(change, actor=cast["pr"], now=NOON + minutes(7))
    assert sizes() == {one.pk: 3, other.pk: 1}
    other.refresh_from_db()
    assert other.merged_into is None
    assert [match.post.key.external_id for match in other.matches.all()] == ["p3"]
    with pytest.raises(Stale):
        regrouping.undo(change, actor=cast["pr"], now=NOON)
    assert [e.event for e in Entry.objects.order_by("seq")] == ["opinion.topics_merged", "opinion.topic_change_undone"]


def test_a_merged_story_takes_no_new_posts_and_a_repost_goes_where_its_original_went(cast, source, stories):
    one, other = stories
    regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    take_in(source, [raw(5, "//@乙:" + STORIES[2], at=NOON + minutes(8))], now=NOON + minutes(9))
    take_in(source, [raw(6, "晴野门店店长招聘，待遇从优有意者面谈", at=NOON + minutes(9))], now=NOON + minutes(9))
    assert Match.objects.get(post__key__external_id="p5").topic == one
    assert sizes()[other.pk] == 0
    assert sizes()[one.pk] == 4 + Match.objects.filter(topic=one, post__key__external_id="p6").count()


def test_a_plan_made_before_the_merge_writes_into_the_story_it_went_into(cast, source, stories, monkeypatch):
    from opinion.services import placing, storing

    one, other = stories
    merge_now: list[object] = []

    def late(heard, plan, edits, grown, **how):
        if not merge_now:
            merge_now.append(regrouping.merge(one, other, actor=cast["monitor"], now=NOON))
        return store(heard, plan, edits, grown, **how)

    store = storing.store
    monkeypatch.setattr(storing, "store", late)
    take_in(source, [raw(5, "//@乙:" + STORIES[2], at=NOON + minutes(8))], now=NOON + minutes(9))
    assert placing.Plan is not None
    assert Match.objects.get(post__key__external_id="p5").topic == one
    assert sizes() == {one.pk: 4, other.pk: 0}


def test_the_open_signal_moves_along_and_comes_back(cast, stories):
    one, other = stories
    signal = signal_on(other, "3")
    change = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    signal.refresh_from_db()
    assert (signal.topic, signal.closed_at) == (one, None)
    regrouping.undo(change, actor=cast["monitor"], now=NOON)
    signal.refresh_from_db()
    assert signal.topic == other


def test_of_two_open_signals_one_takes_the_other_in(cast, stories):
    one, other = stories
    kept, gone = signal_on(one, "attention"), signal_on(other, "2")
    gone.posts.add(Post.objects.get(key__external_id="p3"))
    change = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.suggestion, kept.closed_at, kept.posts.count()) == ("2", None, 1)
    assert (gone.closed_at, gone.closed_by, gone.is_useful) == (NOON, cast["monitor"], None)
    with pytest.raises(Stale):
        take_back(gone, actor=cast["monitor"], now=NOON)
    regrouping.undo(change, actor=cast["monitor"], now=NOON)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.suggestion, kept.posts.count(), gone.closed_at, gone.topic) == ("attention", 0, None, other)


def test_a_merged_story_raises_no_signal(cast, stories):
    one, other = stories
    raise_signals(NOON + minutes(5))
    regrouping.merge(one, other, actor=cast["monitor"], now=NOON + minutes(6))
    raise_signals(NOON + minutes(7))
    assert not Signal.objects.filter(topic=other, closed_at__isnull=True).exists()


def test_an_incident_of_the_story_holds_what_it_went_into(cast, stories, settings):
    settings.INCIDENT_HOOKS = []
    one, other = stories
    incident = open_incident(actor=cast["pr"], title="标签", now=NOON, topic=other)
    change = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    assert set(incident.topics.all()) == {one, other}
    regrouping.undo(change, actor=cast["monitor"], now=NOON)
    assert set(incident.topics.all()) == {other}


def test_only_stories_of_one_watch_and_one_desk(cast, stories, watch):
    one, _other = stories
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    for stranger in (TopicFactory(), TopicFactory(watch=watch, exercise=drill), one):
        with pytest.raises(regrouping.CannotRegroup):
            regrouping.merge(one, stranger, actor=cast["monitor"], now=NOON)
    assert not TopicChange.objects.exists()


def test_a_story_that_is_gone_is_not_merged_again(cast, stories, watch):
    one, other = stories
    regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    with pytest.raises(Stale):
        regrouping.merge(TopicFactory(watch=watch), other, actor=cast["monitor"], now=NOON)


def test_after_a_second_merge_the_first_cannot_be_undone_before_it(cast, stories, watch):
    one, other = stories
    third = TopicFactory(watch=watch)
    first = regrouping.merge(one, other, actor=cast["monitor"], now=NOON)
    second = regrouping.merge(third, one, actor=cast["monitor"], now=NOON)
    with pytest.raises(Stale):
        regrouping.undo(first, actor=cast["monitor"], now=NOON)
    regrouping.undo(second, actor=cast["monitor"], now=NOON)
    regrouping.undo(first, actor=cast["monitor"], now=NOON)
    assert sizes() == {one.pk: 2, other.pk: 1, third.pk: 0}


def test_a_person_names_a_story_and_it_stays_named(cast, source, stories):
    one, _other = stories
    regrouping.rename(one, "建国路店标签", actor=cast["pr"], seen_title=one.title)
    for number in range(10, 14):
        again = f"晴野茶饮建国路店更换芋泥效期标签第{number}次，店员称总部要求，顾客举报"
        take_in(source, [raw(number, again, at=NOON + minutes(number))], now=NOON + minutes(number))
    one.refresh_from_db()
    assert (one.title, one.titled_by) == ("建国路店标签", cast["pr"])
    assert one.size > 3
    with pytest.raises(Stale):
        regrouping.rename(one, "另一个", actor=cast["pr"], seen_title="不是这个")


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "outsider"])
def test_who_may_not_regroup_changes_nothing(cast, stories, who):
    one, other = stories
    with pytest.raises(PermissionDenied):
        regrouping.merge(one, other, actor=cast[who], now=NOON)
    with pytest.raises(PermissionDenied):
        regrouping.split(one, Post.objects.filter(matches__topic=one), actor=cast[who], now=NOON)
    with pytest.raises(PermissionDenied):
        regrouping.rename(one, "x", actor=cast[who], seen_title=one.title)
    assert sizes() == {one.pk: 2, other.pk: 1}
