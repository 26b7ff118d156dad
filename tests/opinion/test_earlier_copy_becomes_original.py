"""A repost that was published before the post we heard first is the original of its group, from then on."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.versions import Stale
from incidents.figures import posts_of
from incidents.models import IncidentPost
from incidents.services.opening import attach, detach
from monitoring.models import Signal
from monitoring.selectors.inbox import queue
from opinion.models import Correction, Fold, HourCount, Match, Post, Topic, TopicCount, Triage, WordCount
from opinion.selectors.topics import groups_of, originals_of
from opinion.services import corrections, folding, triage
from opinion.services.pipeline import Intake, take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.incidents.factories import IncidentFactory
from tests.opinion.factories import STORIES, minutes, raw
from tests.opinion.test_take_in_at_once import at_once

pytestmark = pytest.mark.django_db
STORY = STORIES[0]
EARLIER = minutes(30)
ELSEWHERE = "有人说晴野那家店把过期的东西重新贴了一张纸"


@pytest.fixture
def watch():
    return WatchFactory(rule="晴野")


@pytest.fixture
def source(watch):
    return SourceFactory(platform="微博")


@pytest.fixture
def heard_first(source):
    """A post with one repost, before the earlier one is known."""
    take_in(source, [raw(1, STORY), raw(2, "//@甲:" + STORY, at=NOON + minutes(5), author="乙")], now=NOON)
    return post(1)


def post(number):
    return Post.everywhere.get(key__external_id=f"p{number}")


def comes_late(number=9, *, text=STORY, before=EARLIER, **more):
    """The earlier post, brought by another source an hour after the others."""
    given = {"author": "爆料人", **more}
    return take_in(
        SourceFactory(platform="知乎"), [raw(number, text, at=NOON - before, **given)], now=NOON + minutes(60)
    )


def total(model):
    return sum(model.objects.values_list("posts", flat=True))


def test_the_earliest_is_the_original_of_all_and_nothing_is_counted_twice(watch, heard_first):
    assert comes_late() == Intake(heard=1, stored=1, folded=1)
    first = post(9)
    assert [post(n).original_id for n in (9, 1, 2)] == [None, first.pk, first.pk]
    assert [post(n).copy_count for n in (9, 1, 2)] == [2, 0, 0]
    assert Match.objects.values("topic").distinct().count() == 1
    topic = Topic.objects.get()
    assert (topic.size, topic.first_at) == (3, NOON - minutes(30))
    assert (total(HourCount), total(TopicCount)) == (3, 3)
    assert list(originals_of(topic)) == [first]
    [group] = groups_of([first])
    assert (group.copies, group.platforms, group.accounts, group.first_voice) == (2, ["知乎", "微博"], 3, None)


def test_it_is_scored_by_itself_and_found_by_its_words(heard_first):
    comes_late()
    first, before = post(9), post(1)
    assert first.reasons
    assert first.tokens
    assert (before.reasons, before.tokens) == ([], "")
    assert {p.score_model for p in Post.objects.all()} == {first.score_model}
    assert {p.score for p in Post.objects.all()} == {first.score}


def test_keywords_are_counted_once_on_the_day_of_the_original(watch, heard_first):
    comes_late(before=timedelta(hours=30))
    counted = WordCount.objects.filter(watch=watch, posts__gt=0)
    assert {row.posts for row in counted} == {1}
    assert {row.day.isoformat() for row in counted} == {"2026-11-17"}


def test_later_reposts_and_a_still_earlier_one_find_the_group(source, heard_first):
    comes_late()
    take_in(source, [raw(3, "转发微博//@乙:" + STORY, at=NOON + minutes(9))], now=NOON + minutes(70))
    assert (post(3).original, post(9).copy_count) == (post(9), 3)
    comes_late(10, before=minutes(50))
    assert {post(n).original for n in (1, 2, 3, 9)} == {post(10)}
    assert (post(10).original, post(10).copy_count, post(9).copy_count) == (None, 4, 0)


def test_of_several_earlier_ones_in_a_batch_the_earliest_leads(heard_first):
    batch = [raw(n, STORY + "！" * n, at=NOON - minutes(n)) for n in (3, 5, 4)]
    take_in(SourceFactory(), batch, now=NOON + minutes(60))
    assert {post(n).original for n in (1, 2, 3, 4)} == {post(5)}
    assert (post(5).original, post(5).copy_count) == (None, 4)


@pytest.mark.parametrize(
    ("before", "more"),
    [(minutes(0), {}), (-minutes(3), {}), (minutes(30), {"date_doubt": "missing"})],
    ids=["at the same time", "later", "by a time that is not its own"],
)
def test_it_stays_a_copy(heard_first, before, more):
    comes_late(before=before, **more)
    assert post(9).original == heard_first


def test_it_stays_a_copy_where_a_watch_would_lose_the_group(source, watch):
    only_long = WatchFactory(rule="晴野 热线")
    take_in(source, [raw(1, STORY)], now=NOON)
    comes_late(text=STORY.replace("，顾客已经拨打热线举报", ""))
    assert post(9).original == post(1)
    assert Match.objects.filter(watch=only_long).count() == 1


def test_taken_in_again_nothing_changes(heard_first):
    comes_late()
    before = list(Post.objects.order_by("pk").values())
    again = raw(9, STORY, at=NOON - minutes(30), author="爆料人")
    take_in(post(9).source, [again], now=NOON + minutes(80))
    take_in(heard_first.source, [raw(1, STORY)], now=NOON + minutes(80))
    assert list(Post.objects.order_by("pk").values()) == before


# --- what people said and decided ------------------------------------------------------------------------------------
def test_a_decision_goes_with_the_group(cast, heard_first):
    triage.ignore(heard_first, actor=cast["monitor"], now=NOON)
    comes_late()
    assert (post(9).triage, post(9).triaged_by, post(9).triaged_at) == (Triage.IGNORED, cast["monitor"], NOON)
    assert not queue(cast["monitor"], {"state": "waiting"}).exists()
    triage.restore(post(9), actor=cast["monitor"], now=NOON)
    assert list(queue(cast["monitor"], {"state": "waiting"})) == [post(9)]


def test_who_looked_at_it_before_has_a_stale_page(cast, heard_first):
    comes_late()
    for act in (triage.ignore, triage.snooze):
        with pytest.raises(Stale):
            act(heard_first, actor=cast["monitor"], now=NOON)
    with pytest.raises(Stale):
        corrections.correct(heard_first, "pos", actor=cast["monitor"], now=NOON)
    assert post(9).triage == Triage.WAITING


def test_a_correction_goes_with_the_group_and_can_be_taken_back(cast, heard_first):
    label = "pos" if heard_first.sentiment != "pos" else "neg"
    said = corrections.correct(heard_first, label, actor=cast["monitor"], now=NOON)
    comes_late()
    assert {p.sentiment for p in Post.objects.all()} == {label}
    assert Correction.objects.get().post == post(9)
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {label}
    corrections.take_back(Correction.objects.get(pk=said.pk), actor=cast["monitor"], now=NOON)
    assert {p.sentiment for p in Post.objects.all()} == {post(9).model_sentiment} != {label}
    assert total(HourCount) == total(TopicCount) == 3


def test_where_it_sounds_otherwise_the_group_is_counted_so(heard_first):
    Post.objects.update(sentiment="pos", model_sentiment="pos")
    HourCount.objects.update(sentiment="pos")
    TopicCount.objects.update(sentiment="pos")
    comes_late()
    label = post(9).model_sentiment
    assert label != "pos"
    assert {p.sentiment for p in Post.objects.all()} == {label}
    for model in (HourCount, TopicCount):
        assert {row.sentiment for row in model.objects.filter(posts__gt=0)} == {label}
        assert total(model) == 3


def test_a_fold_by_hand_goes_with_it_and_is_taken_apart_again(cast, source, heard_first):
    take_in(source, [raw(4, ELSEWHERE, at=NOON + minutes(8))], now=NOON + minutes(9))
    fold = folding.fold_by_hand(post(4), post(1), actor=cast["monitor"], now=NOON)
    comes_late()
    assert post(4).original == post(9)
    assert post(9).copy_count == 3
    folding.unfold(Fold.objects.get(pk=fold.pk), actor=cast["monitor"], now=NOON)
    assert (post(4).original, post(9).copy_count, post(9).original) == (None, 2, None)
    assert total(HourCount) == 4


def test_what_repeats_a_post_folded_by_hand_does_not_lead_the_other_group(cast, source, heard_first):
    take_in(source, [raw(4, ELSEWHERE, at=NOON + minutes(8))], now=NOON + minutes(9))
    fold = folding.fold_by_hand(post(4), post(1), actor=cast["monitor"], now=NOON)
    comes_late(text=ELSEWHERE)
    assert (post(9).original, post(1).original) == (post(1), None)
    folding.unfold(fold, actor=cast["monitor"], now=NOON)
    assert post(4).original is None


# --- what cites it ---------------------------------------------------------------------------------------------------
def test_an_incident_that_holds_the_one_holds_the_group(cast, heard_first):
    incident = IncidentFactory(opened_by=cast["pr"])
    attach(incident, heard_first, actor=cast["pr"], now=NOON)
    comes_late()
    assert list(posts_of(incident)) == [post(9)]
    assert IncidentPost.objects.get().post == post(9)
    assert (post(9).triage, post(9).is_held, post(1).is_held) == (Triage.ATTACHED, True, True)
    incident.refresh_from_db()
    assert incident.first_post_at == NOON - minutes(30)
    detach(incident, post(1), actor=cast["pr"], now=NOON)  # by the post that was seen
    assert not posts_of(incident).exists()
    assert post(9).triage == Triage.WAITING


def test_a_signal_goes_on_citing_what_raised_it_and_leads_to_the_group(signed_in, heard_first):
    topic = Topic.objects.get()
    signal = Signal.objects.create(
        watch=topic.watch, topic=topic, kind="burst", opened_at=NOON, grown_at=NOON, suggestion="attention"
    )
    signal.posts.add(heard_first)
    Post.objects.filter(pk=heard_first.pk).update(is_held=True)
    comes_late()
    client = signed_in("monitor")
    page = client.get(reverse("monitoring:signal", args=[signal.uuid])).content.decode()
    assert str(heard_first.uuid) in page
    answer = client.get(reverse("monitoring:open-post", args=[heard_first.uuid]))
    reading = answer.context["reading"]
    assert (reading.alike, set(reading.copies)) == (2, {post(9), post(2)})
    assert reverse("monitoring:open-post", args=[post(9).uuid]) in answer.content.decode()


# --- at scale --------------------------------------------------------------------------------------------------------
def test_ten_groups_take_as_many_writes_as_one(source):
    def story(n):
        return "晴野" + "".join(chr(0x4E00 + (n * 7919 + k * 104729) % 20000) for k in range(30))

    take_in(source, [raw(n, story(n)) for n in range(11)], now=NOON)
    assert not Post.objects.filter(original__isnull=False).exists()

    def writes(numbers):
        batch = [raw(f"{n}e", story(n), at=NOON - minutes(5)) for n in numbers]
        with CaptureQueriesContext(connection) as captured:
            take_in(SourceFactory(), batch, now=NOON + minutes(60))
        assert all(Post.objects.get(key__external_id=f"p{n}e").copy_count == 1 for n in numbers)
        # keywords are subtracted by amount: as many statements as there are amounts
        said = [query["sql"] for query in captured if "opinion_wordcount" not in query["sql"]]
        return len([sql for sql in said if sql.startswith(("INSERT", "UPDATE"))])

    assert writes([10]) == writes(range(10))


@pytest.mark.django_db(transaction=True)
def test_an_earlier_post_and_reposts_at_once_end_as_one_group():
    WatchFactory(rule="晴野")
    take_in(SourceFactory(), [raw(1, STORY)], now=NOON)
    sources = [SourceFactory() for _ in range(4)]
    batches = [[raw(9, STORY, at=NOON - minutes(30))], [raw(8, STORY, at=NOON - minutes(20))]]
    batches += [[raw(n, "//@甲:" + STORY, at=NOON + minutes(n))] for n in (2, 3)]
    jobs = [
        lambda where=where, batch=batch: take_in(where, batch, now=NOON + minutes(60))
        for where, batch in zip(sources, batches, strict=True)
    ]
    at_once(*jobs)
    assert {post(n).original for n in (1, 2, 3, 8)} == {post(9)}
    assert (post(9).original, post(9).copy_count) == (None, 4)
    assert sum(Post.objects.values_list("copy_count", flat=True)) == 4
    assert total(HourCount) == total(TopicCount) == 5
    assert {row.posts for row in WordCount.objects.filter(posts__gt=0)} == {1}
