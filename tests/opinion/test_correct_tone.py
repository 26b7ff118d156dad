"""A person says what a post sounds like: at once, for the whole group of reposts, with who and when, and back again."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Exercise
from accounts.versions import Stale
from audit.models import Entry
from opinion.models import Correction, HourCount, Post, TopicCount
from opinion.services import corrections
from opinion.services.pipeline import take_in
from tests.factories import NOON, PostFactory, SourceFactory, WatchFactory
from tests.opinion.factories import STORIES, minutes, raw

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true", "HX-Target": "reader"}


def posts_of(*texts, now=NOON):
    """Posts as the pipeline stores and counts them, in the order given."""
    source = SourceFactory()
    take_in(source, [raw(n, text, at=now + minutes(n)) for n, text in enumerate(texts)], now=now)
    return list(Post.objects.filter(source=source).order_by("published_at"))


@pytest.fixture
def group():
    """An original and two reposts of it, and a post that is none; the model said the same of all three."""
    WatchFactory(rule="晴野")
    first, copy, other, again = posts_of(STORIES[0], "//@甲:" + STORIES[0], STORIES[1], "转 " + STORIES[0])
    assert [post.original for post in (first, copy, other, again)] == [None, first, None, first]
    return first, copy, other, again


def another(label):
    return {"neg": "pos", "neu": "neg", "pos": "neg"}[label]


def labels():
    return list(Post.objects.order_by("published_at").values_list("sentiment", flat=True))


def counts(model):
    found: dict[str, int] = {}
    for sentiment, posts in model._base_manager.values_list("sentiment", "posts"):
        found[sentiment] = found.get(sentiment, 0) + posts
    return {sentiment: posts for sentiment, posts in found.items() if posts}


def test_a_correction_counts_for_the_group_and_keeps_what_the_model_said(group, cast, noon):
    first, _copy, other, _again = group
    label = another(first.sentiment)
    said = corrections.correct(first, label, actor=cast["monitor"], now=noon)
    assert labels() == [label, label, other.sentiment, label]
    for post, before in zip(Post.objects.order_by("published_at"), group, strict=True):
        assert (post.model_sentiment, post.score, post.score_model) == (
            before.model_sentiment,
            before.score,
            before.score_model,
        )
        assert post.version == before.version + (post.pk != other.pk)
    assert (said.post, said.label, said.model_label, said.model_version, said.by, said.at) == (
        first,
        label,
        first.model_sentiment,
        first.score_model,
        cast["monitor"],
        noon,
    )
    expected = {label: 3}
    expected[other.sentiment] = expected.get(other.sentiment, 0) + 1
    assert counts(HourCount) == counts(TopicCount) == expected


def test_the_trail_says_who_changed_what(group, cast, noon):
    first = group[0]
    label = another(first.sentiment)
    corrections.correct(first, label, actor=cast["monitor"], now=noon)
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.subject) == (
        "opinion.tone_corrected",
        cast["monitor"],
        f"post:{first.uuid}",
    )
    assert entry.detail == {"label": label, "was": first.sentiment, "model": first.sentiment, "copies": 2}


def test_a_correction_asked_on_a_copy_is_made_on_its_original(group, cast, noon):
    first, copy, _other, again = group
    label = another(first.sentiment)
    said = corrections.correct(again, label, actor=cast["monitor"], now=noon)
    assert said.post == first
    assert set(Post.objects.filter(pk__in=[first.pk, copy.pk, again.pk]).values_list("sentiment", flat=True)) == {label}


def test_the_models_own_label_confirms_it_and_moves_nothing(group, cast, noon):
    first = group[0]
    before = counts(HourCount), labels()
    said = corrections.correct(first, first.sentiment, actor=cast["pr"], now=noon)
    assert said.label == said.model_label
    assert (counts(HourCount), labels()) == before
    assert Entry.objects.get().event == "opinion.tone_confirmed"


def test_a_second_word_takes_the_first_back_with_who_and_when(group, cast, noon):
    first = group[0]
    one = corrections.correct(first, "neg", actor=cast["monitor"], now=noon)
    two = corrections.correct(Post.objects.get(pk=first.pk), "pos", actor=cast["pr"], now=noon + minutes(5))
    one.refresh_from_db()
    assert (one.taken_back_by, one.taken_back_at) == (cast["pr"], noon + minutes(5))
    assert list(Correction.objects.filter(taken_back_at=None)) == [two]
    assert labels().count("pos") >= 3


def test_the_same_word_again_is_written_once(group, cast, noon):
    first = group[0]
    one = corrections.correct(first, "neg", actor=cast["monitor"], now=noon)
    again = corrections.correct(first, "neg", actor=cast["pr"], now=noon + minutes(5))
    assert (again, Correction.objects.count(), Entry.objects.count()) == (one, 1, 1)


def test_taking_back_gives_the_post_and_the_counts_back_to_the_model(group, cast, noon):
    first = group[0]
    before = labels(), counts(HourCount), counts(TopicCount)
    said = corrections.correct(first, another(first.sentiment), actor=cast["monitor"], now=noon)
    assert labels() != before[0]
    corrections.take_back(said, actor=cast["pr"], now=noon + minutes(1))
    assert (labels(), counts(HourCount), counts(TopicCount)) == before
    said.refresh_from_db()
    assert (said.taken_back_by, said.taken_back_at) == (cast["pr"], noon + minutes(1))
    events = list(Entry.objects.order_by("seq").values_list("event", flat=True))
    assert events == ["opinion.tone_corrected", "opinion.tone_taken_back"]


def test_taking_back_what_replaced_another_word_lets_that_word_count_again(group, cast, noon):
    first = group[0]
    one = corrections.correct(first, "neg", actor=cast["monitor"], now=noon)
    two = corrections.correct(Post.objects.get(pk=first.pk), "pos", actor=cast["pr"], now=noon + minutes(5))
    corrections.take_back(two, actor=cast["pr"], now=noon + minutes(6))
    one.refresh_from_db()
    assert one.taken_back_at is None
    assert set(Post.objects.exclude(pk=group[2].pk).values_list("sentiment", flat=True)) == {"neg"}


def test_it_is_taken_back_once(group, cast, noon):
    said = corrections.correct(group[0], "neg", actor=cast["monitor"], now=noon)
    corrections.take_back(said, actor=cast["pr"], now=noon)
    with pytest.raises(Stale):
        corrections.take_back(said, actor=cast["monitor"], now=noon)
    said.refresh_from_db()
    assert said.taken_back_by == cast["pr"]


def test_a_stale_copy_changes_nothing(group, cast, noon):
    first = group[0]
    Post.objects.filter(pk=first.pk).update(version=7)
    before = labels(), counts(HourCount)
    with pytest.raises(Stale):
        corrections.correct(first, another(first.sentiment), actor=cast["monitor"], now=noon)
    assert (labels(), counts(HourCount), Correction.objects.count(), Entry.objects.count()) == (*before, 0, 0)


def test_later_reposts_of_a_corrected_original_inherit(group, cast, noon):
    first = group[0]
    label = another(first.sentiment)
    corrections.correct(first, label, actor=cast["monitor"], now=noon)
    [late] = posts_of("看看 " + STORIES[0], now=NOON + timedelta(hours=5))
    assert (late.original, late.sentiment, late.model_sentiment) == (first, label, first.model_sentiment)
    assert counts(HourCount)[label] >= 4


def test_a_correction_made_while_a_repost_is_on_its_way_counts_for_it(group, cast, noon, monkeypatch):
    """The plan was made before the correction, the repost is stored after it."""
    from opinion.services import pipeline

    first, label = group[0], another(group[0].sentiment)
    planned = pipeline.placing.plan

    def plan_and_wait(*args, **kwargs):
        plan = planned(*args, **kwargs)
        corrections.correct(first, label, actor=cast["monitor"], now=noon)
        return plan

    monkeypatch.setattr(pipeline.placing, "plan", plan_and_wait)
    [late] = posts_of("看看 " + STORIES[0], now=NOON + timedelta(hours=5))
    assert (late.original, late.sentiment) == (first, label)


def test_a_large_group_follows_200_at_a_time(cast, noon, monkeypatch):
    monkeypatch.setattr(corrections, "AT_ONCE", 3)
    lead = PostFactory(sentiment="neu", model_sentiment="neu")
    copies = [PostFactory(original=lead, sentiment="neu", model_sentiment="neu") for _ in range(7)]
    corrections.correct(copies[4], "neg", actor=cast["monitor"], now=noon)
    assert set(Post.objects.values_list("sentiment", flat=True)) == {"neg"}


def test_a_drill_stays_a_drill(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=NOON, clock_from=NOON)
    WatchFactory(rule="晴野")
    WatchFactory(rule="晴野", exercise=drill)
    source = SourceFactory()
    take_in(source, [raw(1, STORIES[0])], now=NOON)
    take_in(source, [raw(1, STORIES[0])], now=NOON, exercise=drill)
    live, drilled = Post.objects.get(), Post.everywhere.get(exercise=drill)
    corrections.correct(drilled, another(drilled.sentiment), actor=cast["monitor"], now=noon)
    assert Post.objects.get().sentiment == live.sentiment
    assert {row.sentiment for row in HourCount.objects.filter(posts__gt=0)} == {live.sentiment}


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "admin", "auditor", "outsider"])
def test_who_may_not_correct_changes_nothing(group, cast, noon, who):
    said = corrections.correct(group[0], "neg", actor=cast["monitor"], now=noon)
    with pytest.raises(PermissionDenied):
        corrections.correct(Post.objects.get(pk=group[2].pk), "neg", actor=cast[who], now=noon)
    with pytest.raises(PermissionDenied):
        corrections.take_back(said, actor=cast[who], now=noon)
    assert list(Correction.objects.values_list("pk", "taken_back_at")) == [(said.pk, None)]


# --- the reader ------------------------------------------------------------------------------------------------------
def press(client, post, label, *, headers=None, version=None, follow=False, **values):
    address = reverse("opinion:correct-tone", args=[post.uuid])
    here = reverse("monitoring:open-post", args=[post.uuid]) + "?sentiment=neu"
    values = {"version": version or post.version, "label": label, "next": here, **values}
    return client.post(address, values, headers=headers or {}, follow=follow)


@pytest.fixture
def post():
    return PostFactory(sentiment="neu", model_sentiment="neu")


def test_the_keys_are_there_for_who_may_correct(signed_in, post):
    address = reverse("monitoring:open-post", args=[post.uuid])
    page = signed_in("monitor").get(address).content.decode()
    assert [f'data-key="{key}"' in page for key in "-0="] == [True] * 3
    page = signed_in("gm").get(address).content.decode()
    assert [f'data-key="{key}"' in page for key in "-0="] == [False] * 3


def test_without_javascript_the_reader_is_there_again_and_says_who(signed_in, post, cast):
    answer = press(signed_in("monitor"), post, "neg", follow=True, headers={"Accept-Language": "en"})
    assert answer.redirect_chain == [(reverse("monitoring:open-post", args=[post.uuid]) + "?sentiment=neu", 302)]
    assert answer.context["correction"].label == "neg"
    page = answer.content.decode()
    assert "Corrected by hand: negative (model: neutral)" in page
    assert str(cast["monitor"]) in page
    assert "hx-swap-oob" not in page.partition('id="reader"')[2].partition("</article>")[0]


def test_everybody_who_reads_sees_it_and_the_models_own_label(signed_in, post):
    press(signed_in("monitor"), post, "neg")
    answer = signed_in("gm").get(reverse("monitoring:open-post", args=[post.uuid]), headers={"Accept-Language": "en"})
    page = answer.content.decode()
    assert "Corrected by hand: negative (model: neutral)" in page
    assert "/take-back/" not in page


def test_with_htmx_the_reader_is_swapped_and_the_glyph_of_the_row_follows(signed_in, post):
    page = press(signed_in("monitor"), post, "neg", headers=HTMX, follow=True).content.decode()
    assert f'<span class="senti neg only" hx-swap-oob="outerHTML:#row-{post.uuid} .senti">' in page
    assert "<html" not in page
    assert 'id="tone-neg"' in page
    assert f'value="{Post.objects.get().version}"' in page  # the next key has the version of now
    assert "take-back/?next=" in page  # the toast with its undo rides along


def undo_of(client, post):
    [message] = client.get(reverse("monitoring:open-post", args=[post.uuid])).context["messages"]
    return message.extra_tags.split()[0].removeprefix("undo:")


def test_undo_leads_back_to_the_reader(signed_in, post):
    client = signed_in("monitor")
    press(client, post, "neg")
    answer = client.post(undo_of(client, post))
    assert answer.url == reverse("monitoring:open-post", args=[post.uuid]) + "?sentiment=neu"
    assert Post.objects.get().sentiment == "neu"
    assert Correction.objects.get().taken_back_at is not None


def test_undo_twice_is_refused(signed_in, post):
    client = signed_in("monitor")
    press(client, post, "neg")
    undo = undo_of(client, post)
    assert [client.post(undo).status_code, client.post(undo).status_code] == [302, 409]


def test_a_stale_form_gets_409_and_changes_nothing(signed_in, post):
    client = signed_in("monitor")
    for headers in ({}, HTMX):
        assert press(client, post, "neg", version=9, headers=headers).status_code == 409
    assert (Post.objects.get().sentiment, Correction.objects.count()) == ("neu", 0)


@pytest.mark.parametrize("values", [{"label": "angry"}, {"version": "x"}])
def test_what_cannot_be_read_is_refused(signed_in, post, values):
    client = signed_in("monitor")
    address = reverse("opinion:correct-tone", args=[post.uuid])
    assert client.post(address, {"label": "neg", "version": 1, **values}).status_code == 400
    assert Correction.objects.count() == 0


def test_it_leads_to_no_other_desk(signed_in, post):
    answer = press(signed_in("monitor"), post, "neg", next="https://example.com/")
    assert answer.url == reverse("opinion:quality")


@pytest.mark.parametrize(("who", "status"), [("gm", 403), ("head", 403), ("dept", 404), ("auditor", 404)])
def test_who_may_not_is_refused_by_the_page(signed_in, post, who, status):
    assert press(signed_in(who), post, "neg").status_code == status
    assert Post.objects.get().sentiment == "neu"


def test_get_changes_nothing(signed_in, post):
    assert signed_in("monitor").get(reverse("opinion:correct-tone", args=[post.uuid])).status_code == 405


def test_reading_a_corrected_post_takes_as_many_queries_as_any_other(signed_in, cast, noon):
    one, other = PostFactory(model_sentiment="neu"), PostFactory(model_sentiment="neu")
    corrections.correct(one, "neg", actor=cast["monitor"], now=noon)
    client, numbers = signed_in("monitor"), []
    client.get(reverse("monitoring:inbox"))  # the first page of a session does more
    for post in (one, other):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("monitoring:open-post", args=[post.uuid]), headers=HTMX)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
