"""An import is taken back as a whole: its posts count nowhere, and what holds one of them keeps it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from incidents.services.opening import attach, open_incident
from monitoring.selectors import imports as selectors
from monitoring.selectors.inbox import counts_by_state, done_today, queue
from monitoring.services import imports as services
from opinion.models import Correction, Heard, HourCount, Match, Post, PostBand, Source, Topic, TopicCount, WordCount
from opinion.selectors import search
from opinion.services import corrections, evidence, triage
from opinion.services.pipeline import take_in
from tests.factories import NOON, SourceFactory, WatchFactory
from tests.monitoring.tables import csv_of, row, taken_in
from tests.opinion.factories import STORIES, raw

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)
STORY = "晴野茶饮建国路店被拍到更换芋泥的效期标签，店员称总部要求不浪费，顾客已经拨打热线举报"


@pytest.fixture(autouse=True)
def _storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def watch():
    return WatchFactory(name="晴野品牌", rule="晴野")


def take_back(one, actor, now=LATER):
    services.ask_to_take_back(one, seen_version=one.version, actor=actor, now=now)
    services.work(lambda: now)
    one.refresh_from_db()
    assert one.state == "undone"


def everything():
    """All that is counted anywhere, as plain values."""
    return {
        "hours": sorted(HourCount.objects.filter(posts__gt=0).values_list("hour", "platform", "sentiment", "posts")),
        "topics": sorted(TopicCount.objects.values_list("topic", "hour", "platform", "sentiment", "posts")),
        "sizes": sorted(Topic.objects.filter(size__gt=0).values_list("title", "size")),
        "words": sorted(WordCount.objects.filter(posts__gt=0).values_list("day", "word", "posts", "negative")),
        "matches": Match.objects.count(),
        "bands": PostBand.objects.count(),
        "heard": sorted(Heard.objects.values_list("source", "external_id")),
        "leads": sorted(Post.objects.standing().leads().values_list("url", "copy_count", "sentiment")),
    }


def test_everything_is_as_it_was_before(cast):
    other = SourceFactory()
    take_in(other, [raw(n, text) for n, text in enumerate(STORIES)], now=NOON)
    before = everything()
    one = taken_in(
        csv_of(row(1, STORY), row(2, "晴野茶饮排队两小时没喝到，服务态度差"), row(3, "别家")), cast["monitor"]
    )
    assert (one.stored, one.heard) == (2, 1)
    assert everything() != before
    take_back(one, cast["pr"])
    assert everything() == before
    assert set(one.posts.values_list("triage", flat=True)) == {"undone"}


def test_nobody_sees_them_any_more(cast, signed_in):
    one = taken_in(csv_of(row(1), row(2, "晴野新开的店味道一般")), cast["monitor"])
    triage.ignore(one.posts.first(), actor=cast["monitor"], now=NOON)
    take_back(one, cast["pr"])
    person = cast["pr"]
    assert not Post.objects.visible_to(person).exists()
    assert not any(queue(person, {"state": state}).exists() for state in ("waiting", "ignored", "undone"))
    assert not any(counts_by_state(person).values())
    assert done_today(LATER)["all"] == 0
    asked = search.query("晴野")
    assert search.page_of(search.candidates(search.results(person, {"copies": True}), asked), asked).posts == []
    assert signed_in("pr").get(reverse("monitoring:open-post", args=[one.posts.first().uuid])).status_code == 404


def test_the_same_file_is_stored_again_afterwards(cast):
    body = csv_of(*(row(n) for n in range(3)), row(9, "别家的事"))
    take_back(taken_in(body, cast["monitor"]), cast["pr"])
    again = taken_in(body, cast["monitor"], now=LATER + timedelta(hours=1))
    assert (again.stored, again.heard, again.duplicate) == (3, 1, 0)
    assert Post.objects.standing().count() == 3


def test_what_is_held_stays_and_is_named_with_the_reason(cast, noon):
    body = csv_of(*(row(n, f"晴野第{n}件完全不同的事情{'甲乙丙丁'[n] * 9}") for n in range(4)))
    one = taken_in(body, cast["monitor"])
    shown, attached, cited, gone = one.posts.order_by("pk")
    png = evidence.Upload("a.png", b"\x89PNG\r\n\x1a\n0")
    evidence.add(shown, [png], actor=cast["monitor"], now=NOON)
    attach(open_incident(actor=cast["pr"], now=NOON, title="排队"), attached, actor=cast["pr"], now=NOON)
    cited.is_held = True
    cited.save()
    take_back(one, cast["pr"])
    kept = {post.pk: (post.triage, post.has_evidence, post.is_cited) for post in selectors.kept_posts(one, cast["pr"])}
    assert kept == {
        shown.pk: ("waiting", True, False),
        attached.pk: ("attached", False, False),
        cited.pk: ("waiting", False, False),
    }
    assert sum(HourCount.objects.values_list("posts", flat=True)) == 3
    assert set(Heard.objects.values_list("external_id", flat=True)) == {
        post.key.external_id for post in Post.objects.standing().select_related("key")
    }
    assert selectors.went_back(one) == 1
    gone.refresh_from_db()
    assert gone.triage == "undone"


def reposted(cast, others: int):
    """An import whose post others repeat, from a source of their own."""
    one = taken_in(csv_of(row(1, STORY)), cast["monitor"])
    other = SourceFactory(name="别的信源")
    copies = [raw(n, f"{STORY} 转发 {n}", at=NOON + timedelta(minutes=n), author=f"转发者{n}") for n in range(others)]
    take_in(other, copies, now=NOON)
    lead = one.posts.get()
    lead.refresh_from_db()
    assert lead.copy_count == others
    return one, lead


def test_copies_get_a_new_original_the_first_we_heard(cast):
    one, _lead = reposted(cast, 3)
    take_back(one, cast["pr"])
    heir = Post.objects.standing().leads().get()
    assert (heir.author, heir.copy_count, heir.triage) == ("转发者0", 2, "waiting")
    assert heir.tokens
    assert heir.score_model
    assert heir.bands.exists()
    assert [row.key.external_id for row in queue(cast["pr"], {"state": "waiting"})] == ["p0"]
    assert sum(HourCount.objects.values_list("posts", flat=True)) == Topic.objects.get().size == 3


def test_the_counts_are_those_of_a_desk_that_never_saw_the_import(cast):
    one, _lead = reposted(cast, 3)
    take_back(one, cast["pr"])
    after = everything()
    for model in (TopicCount, HourCount, WordCount, PostBand, Heard, Match):
        model._base_manager.all().delete()
    Topic.objects.all().delete()
    other = SourceFactory(name="同样的又一个")
    copies = [raw(n, f"{STORY} 转发 {n}", at=NOON + timedelta(minutes=n), author=f"转发者{n}") for n in range(3)]
    take_in(other, copies, now=NOON)
    never = everything()
    for name in ("hours", "words", "matches", "bands"):
        assert after[name] == never[name], name


def test_a_persons_word_about_the_tone_goes_along(cast):
    one, lead = reposted(cast, 2)
    label = "pos" if lead.sentiment != "pos" else "neu"
    corrections.correct(lead, label, actor=cast["monitor"], now=NOON)
    take_back(one, cast["pr"])
    heir = Post.objects.standing().leads().get()
    assert heir.sentiment == label
    assert Correction.objects.get(taken_back_at__isnull=True).post == heir
    assert set(HourCount.objects.filter(posts__gt=0).values_list("sentiment", flat=True)) == {label}


def test_a_copy_that_goes_is_counted_no_more_on_its_original(cast):
    other = SourceFactory()
    take_in(other, [raw(0, STORY)], now=NOON)
    rows = [row(n, STORY, at="2026-11-18 12:05") for n in (1, 2)]
    one = taken_in(csv_of(*rows), cast["monitor"])
    lead = Post.objects.get(source=other)
    assert lead.copy_count == 2
    take_back(one, cast["pr"])
    lead.refresh_from_db()
    assert (lead.copy_count, lead.triage) == (0, "waiting")


def test_a_story_keeps_going_under_the_name_of_what_is_left(cast):
    one = taken_in(csv_of(row(1, STORY)), cast["monitor"])
    assert STORY in Topic.objects.get().title
    take_in(SourceFactory(), [raw(5, STORY.replace("建国路店", "青年路门店") + "，监管部门介入")], now=NOON)
    take_back(one, cast["pr"])
    topic = Topic.objects.get(size__gt=0)
    left = Post.objects.standing().get()
    assert topic.title.rstrip("…") in left.words
    assert topic.size == 1


def test_asking_twice_or_while_it_runs_is_refused(cast):
    one = taken_in(csv_of(row(1)), cast["monitor"])
    take_back(one, cast["pr"])
    with pytest.raises(services.Refused):
        services.ask_to_take_back(one, seen_version=one.version, actor=cast["pr"], now=LATER)
    assert Source.objects.get(kind="import").posts.count() == 1
