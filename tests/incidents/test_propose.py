"""A proposal beside a post, topic or signal, taken up with one click; and what it came to is kept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from incidents.figures import posts_of
from incidents.models import Incident, Proposal
from incidents.selectors.origins import Origin
from incidents.selectors.proposing import precision_of_proposals, proposal_for
from incidents.services import opening
from monitoring.models import Signal
from monitoring.services.signals import judge, take_back
from opinion.models import Post, Topic, Triage
from opinion.services import triage
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import standing_at

pytestmark = pytest.mark.django_db
FOOD = [{"term": "过期", "category": "food_drug", "severity": 2}]


@pytest.fixture
def topic(noon):
    """Four negative posts of the last hours, two of them on food safety."""
    topic = TopicFactory(title="建国路店效期标签")
    for minutes in (10, 50, 90, 130):
        at = noon - timedelta(minutes=minutes)
        post = PostFactory(published_at=at, first_seen_at=at, sentiment="neg", risks=FOOD if minutes < 60 else [])
        MatchFactory(topic=topic, watch=topic.watch, post=post, published_at=at)
    return topic


@pytest.fixture
def signal(topic, noon):
    return Signal.objects.create(
        watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon, suggestion="2"
    )


@pytest.fixture
def holding(cast, topic, noon):
    incident = standing_at("triaged", 0, opened_by=cast["pr"], lead=cast["pr"])
    incident.topics.add(topic)
    return incident


def fresh(post):
    return Post.objects.get(pk=post.pk)


def outcomes():
    return list(Proposal.objects.order_by("pk").values_list("proposed", "done", "undone_at"))


# --- what is proposed ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("what", ["post", "topic", "signal"])
def test_grave_enough_for_one(cast, topic, signal, noon, what):
    origin = {
        "post": Origin(post=topic.matches.first().post),
        "topic": Origin(topic=topic),
        "signal": Origin(signal=signal),
    }
    shown = proposal_for(origin[what], cast["monitor"], noon)
    assert (shown.kind, shown.suggestion, [kind.code for kind in shown.harms]) == ("open", "2", ["quality"])
    assert shown.reasons[:2] == ["其预警信号建议二级。", "24 小时内 4 条帖文，其中 4 条负面。"]


def test_an_incident_holds_its_topic(cast, topic, holding, noon):
    shown = proposal_for(Origin(topic=topic), cast["monitor"], noon)
    assert (shown.kind, shown.incident) == ("put_in", holding)


def test_one_that_may_not_be_known_is_not_proposed(cast, topic, holding, noon):
    Incident.objects.update(is_confidential=True)
    shown = proposal_for(Origin(topic=topic), cast["monitor"], noon)
    assert (shown.kind, shown.incident) == ("open", None)


def test_a_lone_calm_post_is_to_be_ignored(cast, noon):
    shown = proposal_for(Origin(post=PostFactory(published_at=noon)), cast["pr"], noon)
    assert (shown.kind, shown.incident) == ("ignore", None)


def test_a_topic_that_was_merged_stands_for_the_one_it_went_into(cast, topic, noon):
    gone = TopicFactory(watch=topic.watch, merged_into=topic)
    origin = Origin(topic=gone)
    assert (origin.title, origin.posts.count()) == (topic.title, 4)
    incident = opening.open_incident(actor=cast["pr"], title="x", now=noon, topic=gone)
    assert list(incident.topics.all()) == [topic]


def test_a_proposal_acts_on_nothing(signed_in, topic, signal, noon):
    client = signed_in("pr")
    for query in (f"signal={signal.uuid}", f"topic={topic.uuid}", f"post={topic.matches.first().post.uuid}"):
        assert client.get(f"{reverse('incidents:proposal')}?{query}").status_code == 200
    assert (Incident.objects.count(), Proposal.objects.count()) == (0, 0)
    assert set(Post.objects.values_list("triage", flat=True)) == {Triage.WAITING}


# --- one click -------------------------------------------------------------------------------------------------------
def test_opened_as_proposed(signed_in, cast, topic, signal, noon):
    answer = signed_in("monitor").post(reverse("incidents:open-proposed"), {"signal": signal.uuid})
    incident = Incident.objects.get()
    assert (answer.status_code, answer.url) == (302, incident.get_absolute_url())
    assert (incident.title, [kind.code for kind in incident.affects.all()]) == (topic.title, ["quality"])
    signal.refresh_from_db()
    assert (signal.verdict, incident.attachments.count()) == ("2", 4)
    assert outcomes() == [("open", "open", None)]


def test_a_signal_judged_meanwhile_opens_nothing(signed_in, signal, noon):
    Signal.objects.update(closed_at=noon)
    answer = signed_in("pr").post(reverse("incidents:open-proposed"), {"signal": signal.uuid})
    assert (answer.status_code, Incident.objects.count(), Proposal.objects.count()) == (409, 0, 0)


def test_what_is_proposed_no_more_is_not_done(signed_in, topic, holding):
    """Somebody opened one of the same topic between the page and the click."""
    assert signed_in("pr").post(reverse("incidents:open-proposed"), {"topic": topic.uuid}).status_code == 302
    assert (Incident.objects.count(), Proposal.objects.count()) == (1, 0)


def test_a_signal_goes_into_an_incident_with_its_topic_and_comes_out_again(signed_in, topic, signal, incident):
    client = signed_in("pr")
    url = reverse("incidents:attach-topic", args=[incident.number, topic.uuid])
    assert client.post(url, {"signal": signal.uuid}).status_code == 302
    signal.refresh_from_db()
    assert (signal.is_useful, list(incident.signals.all()), list(incident.topics.all())) == (True, [signal], [topic])
    assert set(Post.objects.values_list("triage", flat=True)) == {Triage.ATTACHED}
    incident.refresh_from_db()
    assert incident.first_post_at == Post.objects.earliest("published_at").published_at

    assert client.post(reverse("incidents:detach-topic", args=[incident.number, topic.uuid])).status_code == 302
    assert not posts_of(incident).exists()
    assert set(Post.objects.values_list("triage", flat=True)) == {Triage.WAITING}


def test_nobody_else_takes_it_up(signed_in, topic, signal, holding):
    for who in ("gm", "spokesperson", "auditor", "head"):
        client = signed_in(who)
        assert client.post(reverse("incidents:open-proposed"), {"topic": topic.uuid}).status_code == 403
        put_in = reverse("incidents:attach-topic", args=[holding.number, topic.uuid])
        assert client.post(put_in).status_code in (403, 404)
    assert (Incident.objects.count(), holding.attachments.count()) == (1, 0)


def test_opening_from_a_topic_offers_the_incident_that_has_it(signed_in, topic, holding):
    page = signed_in("pr").get(f"{reverse('incidents:open')}?topic={topic.uuid}")
    assert page.context["duplicates"] == [holding]
    assert reverse("incidents:attach-topic", args=[holding.number, topic.uuid]) in page.content.decode()


# --- what people did -------------------------------------------------------------------------------------------------
def test_ignored_as_proposed_and_taken_back(cast, noon):
    post = PostFactory(published_at=noon)
    triage.ignore(post, actor=cast["monitor"], now=noon)
    assert outcomes() == [("ignore", "ignore", None)]
    triage.restore(fresh(post), actor=cast["monitor"], now=noon)
    assert outcomes() == [("ignore", "ignore", noon)]


def test_put_in_elsewhere_than_proposed(cast, topic, holding, incident, noon):
    post = topic.matches.first().post
    opening.attach(incident, post, actor=cast["pr"], now=noon)
    kept = Proposal.objects.get()
    assert (kept.proposed, kept.incident, kept.done_incident, kept.was_followed) == ("put_in", holding, incident, False)
    opening.detach(incident, fresh(post), actor=cast["pr"], now=noon)
    assert Proposal.objects.get().undone_at == noon


@pytest.mark.parametrize(("verdict", "counts"), [("attention", True), ("", True), ("2", False)])
def test_a_signal_judged_as_nothing_for_an_incident(cast, signal, noon, verdict, counts):
    judge(signal, actor=cast["pr"], now=noon, is_useful=bool(verdict), verdict=verdict)
    assert outcomes() == ([("open", "ignore", None)] if counts else [])
    take_back(signal, actor=cast["pr"], now=noon)
    assert outcomes() == ([("open", "ignore", noon)] if counts else [])


def test_the_figure(signed_in, cast, topic, holding, noon):
    one, two, three, _four = [match.post for match in topic.matches.order_by("pk")]
    opening.attach(holding, one, actor=cast["pr"], now=noon)
    opening.attach(holding, two, actor=cast["pr"], now=noon - timedelta(days=31))
    triage.ignore(fresh(three), actor=cast["pr"], now=noon)
    triage.ignore(PostFactory(published_at=noon), actor=cast["pr"], now=noon)

    found = {record.kind: (record.made, record.followed, record.precision) for record in precision_of_proposals(noon)}
    assert found == {"open": (0, 0, None), "put_in": (2, 1, 0.5), "ignore": (1, 1, 1.0)}
    assert signed_in("pr").get(reverse("incidents:proposals-panel")).status_code == 200
    assert reverse("incidents:proposals-panel") in signed_in("pr").get(reverse("monitoring:rules")).content.decode()


def test_of_a_person_without_the_right_nothing_is_told(signed_in, topic):
    assert signed_in("admin").get(f"{reverse('incidents:proposal')}?topic={topic.uuid}").status_code == 403


def test_in_as_many_queries_however_many_posts_and_incidents(cast, topic, noon):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            proposal_for(Origin(topic=Topic.objects.get(pk=topic.pk)), cast["pr"], noon)
        return len(captured)

    few = queries()
    for _ in range(5):
        MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(published_at=noon), published_at=noon)
        standing_at("triaged", 0, opened_by=cast["pr"])
    assert queries() == few <= 30
