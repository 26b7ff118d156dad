"""Every page of the incidents opens for who may see it, and for nobody else."""

import pytest
from django.urls import reverse

from incidents.levels import Level, Stage
from incidents.models import Membership
from incidents.services import assessing
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(cast, noon):
    """An incident being handled, with posts, an assessment, a member and a request that waits."""
    incident = standing_at(Stage.RESPONDING, Level.THREE, opened_by=cast["pr"], lead=cast["pr"])
    topic = TopicFactory()
    for sentiment in ("neg", "neg", "neu"):
        MatchFactory(topic=topic, watch=topic.watch, post=PostFactory(sentiment=sentiment, published_at=noon))
    incident.topics.add(topic)
    Membership.objects.create(incident=incident, person=cast["pr"], added_at=noon)
    assessing.measure(incident, noon)
    asked(incident, Level.TWO, by=cast["legal"])
    return incident


def pages_of(incident):
    request = incident.level_requests.get()
    names = ["detail", "timeline", "chronicle", "clocks", "posts", "members"]
    return [
        *(reverse(f"incidents:{name}", args=[incident.number]) for name in names),
        reverse("incidents:decide", args=[request.uuid]),
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_team_opens_every_page(signed_in, running, client, language):
    client = signed_in("pr")
    client.cookies["django_language"] = language
    acting = [
        reverse(f"incidents:{name}", args=[running.number]) for name in ("note", "edit", "assess", "request-level")
    ]
    steps = [reverse("incidents:step", args=[running.number, step]) for step in ("calm-down",)]
    lists = [reverse(f"incidents:{name}") for name in ("list", "open", "approvals")]
    for url in [*pages_of(running), *acting, *steps, *lists]:
        assert client.get(url).status_code == 200, url


@pytest.mark.parametrize("who", ["gm", "deputy", "member", "spokesperson", "monitor", "auditor"])
def test_who_sees_it_reads_it(signed_in, running, who):
    client = signed_in(who)
    assert {url: client.get(url).status_code for url in pages_of(running)} == dict.fromkeys(pages_of(running), 200)


@pytest.mark.parametrize("who", ["head", "dept", "admin", "security", "outsider"])
def test_who_does_not_finds_nothing(signed_in, running, who):
    client = signed_in(who)
    assert {url: client.get(url).status_code for url in pages_of(running)} == dict.fromkeys(pages_of(running), 404)
    assert running.title not in client.get(reverse("incidents:list")).content.decode()


def test_nobody_reads_without_signing_in(client, cast, running):
    for url in pages_of(running):
        assert client.get(url).status_code == 302


def test_an_auditor_reads_acts_but_no_posts(signed_in, running):
    page = signed_in("auditor").get(reverse("incidents:posts", args=[running.number]))
    assert page.context["page_obj"].paginator.count == 0


@pytest.mark.parametrize("act", ["note", "edit", "assess", "request-level"])
def test_who_may_not_act_is_refused(signed_in, running, act):
    from audit.models import Entry

    answer = signed_in("auditor").post(reverse(f"incidents:{act}", args=[running.number]), {"words": "看看"})

    assert answer.status_code == 403
    assert running.timeline.count() == 0
    refusal = Entry.objects.get()
    assert (refusal.actor.username, refusal.event) == ("auditor", "accounts.act_refused")


def test_the_timeline_is_filtered_in_place(signed_in, running, cast, noon):
    from incidents.services.people import add_note

    add_note(running, "记者来电两次", actor=cast["pr"], now=noon)
    url = reverse("incidents:detail", args=[running.number])
    whole = signed_in("pr").get(url).content.decode()
    part = signed_in("pr").get(f"{url}?show=decision", headers={"HX-Request": "true"}).content.decode()

    assert "记者来电两次" in whole
    assert ("记者来电两次" in part, "<html" in part, 'id="timeline"' in part) == (False, False, True)
