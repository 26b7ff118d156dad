from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Exercise
from accounts.versions import Stale
from audit.models import Entry
from incidents.levels import Stage
from incidents.models import AffectedKind, Incident, Membership
from incidents.selectors.search import outcomes_of_posts
from incidents.services.opening import open_incident
from monitoring.models import Signal
from notices.models import Notice
from opinion.models import Post, Triage
from tests.factories import MatchFactory, PostFactory, SourceFactory, TopicFactory

pytestmark = pytest.mark.django_db
TITLE = "建国路店疑似更换原料效期标签"


@pytest.fixture
def topic(noon):
    topic = TopicFactory()
    for minutes in (10, 50, 90):
        at = noon - timedelta(minutes=minutes)
        post = PostFactory(published_at=at, first_seen_at=at + timedelta(minutes=3), sentiment="neg")
        MatchFactory(topic=topic, watch=topic.watch, post=post)
    return topic


@pytest.fixture
def signal(topic, noon):
    signal = Signal.objects.create(
        watch=topic.watch,
        topic=topic,
        kind="burst",
        opened_at=noon - timedelta(minutes=20),
        grown_at=noon,
        suggestion="2",
    )
    signal.posts.add(Post.objects.order_by("published_at").first())
    return signal


def test_by_hand(cast, noon):
    incident = open_incident(actor=cast["legal"], title=TITLE, now=noon)

    assert (incident.number, incident.stage, incident.level) == ("YQ-2026-001", Stage.TRIAGED, 0)
    assert (incident.opened_by, incident.lead, incident.first_known_at) == (cast["legal"], cast["legal"], noon)
    assert [member.person for member in Membership.objects.all()] == [cast["legal"]]
    assert [entry.event for entry in incident.timeline.all()] == ["incidents.opened"]
    assert Entry.objects.get().event == "incidents.opened"
    assert Notice.objects.get().person == cast["pr"]  # the team head hears of it
    assert incident.assessments.get().made_by is None


def test_the_monitor_opens_and_the_team_head_leads(cast, noon):
    incident = open_incident(actor=cast["monitor"], title=TITLE, now=noon)
    assert incident.lead == cast["pr"]
    assert {member.person for member in Membership.objects.all()} == {cast["monitor"], cast["pr"]}


@pytest.mark.parametrize("who", ["gm", "spokesperson", "head", "dept", "auditor", "admin", "outsider"])
def test_nobody_else_opens(cast, noon, who):
    with pytest.raises(PermissionDenied):
        open_incident(actor=cast[who], title=TITLE, now=noon)
    assert not Incident.objects.exists()


def test_from_a_signal_with_its_posts_known_since_the_desk_first_saw_one(cast, topic, signal, noon):
    incident = open_incident(actor=cast["pr"], title=TITLE, now=noon, signal=signal)

    assert incident.first_known_at == noon - timedelta(minutes=87)
    assert incident.first_post_at == noon - timedelta(minutes=90)
    assert (list(incident.topics.all()), list(incident.signals.all())) == ([topic], [signal])
    assert incident.attachments.count() == 3
    assert set(Post.objects.values_list("triage", "is_held", "triaged_by")) == {(Triage.ATTACHED, True, cast["pr"].pk)}
    signal.refresh_from_db()
    assert (signal.is_useful, signal.verdict, signal.closed_by) == (True, "2", cast["pr"])
    assert incident.timeline.get().detail["from"] == "signal"


def test_a_signal_judged_meanwhile_opens_nothing(cast, topic, signal, noon):
    Signal.objects.update(closed_at=noon, version=2)
    with pytest.raises(Stale):
        open_incident(actor=cast["pr"], title=TITLE, now=noon, signal=signal)
    assert (Incident.objects.count(), Post.objects.filter(triage=Triage.ATTACHED).count()) == (0, 0)


def test_from_a_post_with_its_story(cast, topic, noon):
    post = Post.objects.order_by("published_at").last()
    incident = open_incident(actor=cast["pr"], title=TITLE, now=noon, post=post)
    assert (list(incident.topics.all()), incident.attachments.count()) == ([topic], 3)


def test_what_somebody_ignored_is_not_put_in_unless_it_is_what_it_began_with(cast, topic, noon):
    ignored, other, post = Post.objects.order_by("published_at")
    Post.objects.filter(pk__in=[ignored.pk, post.pk]).update(triage=Triage.IGNORED)
    post.refresh_from_db()
    incident = open_incident(actor=cast["pr"], title=TITLE, now=noon, post=post)
    assert {each.post for each in incident.attachments.all()} == {other, post}


def test_reposts_go_in_through_their_original(cast, topic, noon):
    original = Post.objects.order_by("published_at").first()
    copy = PostFactory(original=original)
    MatchFactory(topic=topic, watch=topic.watch, post=copy)
    incident = open_incident(actor=cast["pr"], title=TITLE, now=noon, post=copy)
    assert (copy.pk in {each.post_id for each in incident.attachments.all()}, incident.attachments.count()) == (
        False,
        3,
    )


def test_in_a_drill_it_has_a_number_of_the_drill_and_stays_there(cast, noon):
    drill = Exercise.objects.create(name="演练", kind="drill", started_at=noon, clock_from=noon)
    incident = open_incident(actor=cast["pr"], title=TITLE, now=noon, exercise=drill)
    assert incident.number == f"YL-{drill.pk}-YQ-001"
    assert (Incident.objects.count(), Incident.everywhere.count()) == (0, 1)
    assert open_incident(actor=cast["pr"], title=TITLE, now=noon).number == "YQ-2026-001"


def test_the_plans_four_kinds_are_there():
    assert list(AffectedKind.objects.values_list("name", flat=True)) == ["企业声誉", "品牌形象", "产品质量", "经营活动"]


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_opens_it_from_a_signal(signed_in, topic, signal):
    client, kind = signed_in("pr"), AffectedKind.objects.get(code="quality")
    url = f"{reverse('incidents:open')}?signal={signal.uuid}"
    form = client.get(url).context["form"]
    assert form.initial["title"] == topic.title

    answer = client.post(url, {"title": TITLE, "affects": [kind.pk]})

    incident = Incident.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/incidents/{incident.number}/")
    assert (list(incident.affects.all()), incident.attachments.count()) == ([kind], 3)


@pytest.mark.parametrize(("missing", "field"), [({"title": ""}, "title"), ({"affects": []}, "affects")])
def test_the_page_names_what_is_missing(signed_in, missing, field):
    kind = AffectedKind.objects.get(code="brand")
    answer = signed_in("pr").post(reverse("incidents:open"), {"title": TITLE, "affects": [kind.pk], **missing})
    assert (answer.status_code, list(answer.context["form"].errors), Incident.objects.count()) == (422, [field], 0)


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u202e", "字" * 201, "\x00\x01"])
def test_a_title_that_is_none(signed_in, title):
    kind = AffectedKind.objects.get(code="brand")
    answer = signed_in("pr").post(reverse("incidents:open"), {"title": title, "affects": [kind.pk]})
    assert (answer.status_code, list(answer.context["form"].errors), Incident.objects.count()) == (422, ["title"], 0)


def test_a_hostile_title_is_text(signed_in):
    kind = AffectedKind.objects.get(code="brand")
    hostile = "<script>alert(1)</script>\u202e 效期\r\n标签"
    client = signed_in("pr")
    client.post(reverse("incidents:open"), {"title": hostile, "affects": [kind.pk]})
    incident = Incident.objects.get()
    assert incident.title == "<script>alert(1)</script> 效期 标签"
    for page in (reverse("incidents:list"), incident.get_absolute_url()):
        assert "<script>alert" not in client.get(page).content.decode()


def test_what_a_post_said_was_erased(signed_in, cast, topic, noon):
    post = topic.matches.first().post
    Post.objects.filter(pk=post.pk).update(erased_at=noon, title="", text="")
    client, kind = signed_in("pr"), AffectedKind.objects.get(code="brand")
    url = f"{reverse('incidents:open')}?post={post.uuid}"
    assert client.post(reverse("incidents:open-proposed"), {"post": post.uuid}).url == url
    assert client.get(url).context["form"].initial["title"] == ""
    assert client.post(url, {"title": "效期标签", "affects": [kind.pk]}).status_code == 302


def test_what_is_chosen_has_to_be_there(signed_in):
    kind = AffectedKind.objects.get(code="brand")
    data = {"title": TITLE, "affects": [kind.pk], "department": 987654, "lead": 987654}
    answer = signed_in("pr").post(reverse("incidents:open"), data)
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["department", "lead"])


def test_a_pushed_post_opens_like_any_other(signed_in, cast, noon):
    """What the vendor reads back of it: tests/monitoring/test_vendor_reads_back.py."""
    post = PostFactory(source=SourceFactory(kind="vendor"), published_at=noon, sentiment="neg")
    data = {"title": TITLE, "affects": [AffectedKind.objects.get(code="quality").pk]}
    answer = signed_in("monitor").post(f"{reverse('incidents:open')}?post={post.uuid}", data)
    assert answer.url == Incident.objects.get().get_absolute_url()
    assert outcomes_of_posts([post.pk]) == {post.pk: "open"}


def test_the_page_proposes_what_it_may_already_be(signed_in, cast, topic, noon):
    there = open_incident(actor=cast["pr"], title=TITLE, now=noon, topic=topic)
    post = PostFactory()
    MatchFactory(topic=topic, watch=topic.watch, post=post)
    page = signed_in("pr").get(f"{reverse('incidents:open')}?post={post.uuid}")
    assert page.context["duplicates"] == [there]


def test_a_judged_signal_is_answered_with_409(signed_in, signal, noon):
    url = f"{reverse('incidents:open')}?signal={signal.uuid}"
    client, kind = signed_in("pr"), AffectedKind.objects.get(code="brand")
    Signal.objects.update(closed_at=noon)
    answer = client.post(url, {"title": TITLE, "affects": [kind.pk]})
    assert (answer.status_code, Incident.objects.count()) == (409, 0)


@pytest.mark.parametrize("query", ["?post=nonsense", "?signal=1", "?post=0b6e2d5e-0000-4000-8000-000000000000"])
def test_an_origin_that_is_none(signed_in, query):
    assert signed_in("pr").get(reverse("incidents:open") + query).status_code in (200, 404)
