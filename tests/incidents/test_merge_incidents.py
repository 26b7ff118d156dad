"""已并入 and its undo."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from incidents.figures import posts_of
from incidents.levels import Level, Stage
from incidents.models import Incident, IncidentChange, Membership
from incidents.refusals import ReasonNeeded, Refused
from incidents.selectors.regrouping import why_not_undone
from incidents.selectors.search import outcomes_of_posts
from incidents.services import levels, merging, opening, people
from monitoring.models import Signal
from notices.models import Notice
from opinion.models import Triage
from response.models import Task
from tests.factories import MatchFactory, PostFactory, TopicFactory
from tests.incidents.factories import asked, standing_at

pytestmark = pytest.mark.django_db
NOTE = "与该事件为同一门店同一批次"
HOUR = timedelta(hours=1)


def reload(incident):
    return Incident.everywhere.get(pk=incident.pk)


def told_topic(post):
    topic = TopicFactory()
    MatchFactory(topic=topic, watch=topic.watch, post=post)
    return topic


@pytest.fixture
def into(cast, noon):
    return standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["legal"], lead=cast["legal"])


@pytest.fixture
def filled(cast, incident, into, noon):
    """Both hold posts: one shared, one that a person took out of the first, one the second has by topic alone."""
    shared, own, taken_out, by_topic = (PostFactory(published_at=noon - n * HOUR) for n in (1, 2, 3, 4))
    topic = told_topic(taken_out)
    signal = Signal.objects.create(watch=topic.watch, topic=topic, kind="burst", opened_at=noon, grown_at=noon)
    incident.topics.add(topic)
    incident.signals.add(signal)
    for post in (shared, own, by_topic):
        opening.attach(incident, post, actor=cast["pr"], now=noon)
    opening.detach(incident, taken_out, actor=cast["pr"], now=noon)
    into.topics.add(told_topic(by_topic))
    shared.refresh_from_db()
    opening.attach(into, shared, actor=cast["legal"], now=noon)
    Membership.objects.create(incident=incident, person=cast["dept"], added_at=noon)
    return {"shared": shared, "own": own, "taken_out": taken_out, "by_topic": by_topic, "topic": topic}


def belongings(incident):
    """Everything that moves with a merge or split, as a person could notice it."""
    incident = reload(incident)
    return {
        "posts": set(posts_of(incident).values_list("pk", flat=True)),
        "attached": set(incident.attachments.filter(detached_at=None).values_list("post", flat=True)),
        "topics": set(incident.topics.values_list("pk", flat=True)),
        "signals": set(incident.signals.values_list("pk", flat=True)),
        "members": set(incident.memberships.current().values_list("person", flat=True)),
        "known": incident.first_known_at,
        "position": incident.position,
        "closed": (incident.closed_at, incident.merged_into_id),
    }


def merged(incident, into, cast, noon):
    merging.merge(incident, into, actor=cast["legal"], now=noon, note=NOTE)
    return IncidentChange.objects.get(undone_at=None)


def test_topics_posts_signals_and_members_go_on_there(cast, incident, into, filled, noon):
    merged(incident, into, cast, noon)

    assert (reload(incident).stage, reload(incident).merged_into, reload(incident).closed_at) == (
        Stage.MERGED,
        into,
        noon,
    )
    assert set(posts_of(into)) == {filled["shared"], filled["own"], filled["by_topic"]}
    assert filled["topic"] in into.topics.all()
    assert into.signals.count() == 1
    assert cast["dept"] in [member.person for member in into.memberships.current()]
    assert into.timeline.first().event == "incidents.absorbed"
    assert incident.timeline.first().event == "incidents.merged"


def test_the_people_of_both_hear_of_it(cast, incident, into, filled, noon):
    merged(incident, into, cast, noon)
    told = {notice.person.username for notice in Notice.objects.filter(event="incidents.merged")}
    assert told == {"pr", "gm", "deputy", "member", "dept"}  # legal, who leads the other one, did it
    merging.undo(IncidentChange.objects.get(), actor=cast["pr"], now=noon)
    assert Notice.objects.filter(event="incidents.unmerged", person=cast["legal"]).exists()


def test_what_somebody_took_out_stays_out(cast, incident, into, filled, noon):
    merged(incident, into, cast, noon)
    assert filled["taken_out"] not in posts_of(into)


def test_known_since_the_first_part_was(cast, incident, into, noon):
    Incident.objects.filter(pk=incident.pk).update(first_known_at=noon - 9 * HOUR)
    change = merged(incident, into, cast, noon)
    assert reload(into).first_known_at == noon - 9 * HOUR
    merging.undo(change, actor=cast["legal"], now=noon)
    assert reload(into).first_known_at == into.first_known_at


def test_taken_out_of_the_one_that_goes_on_a_post_is_back_in_the_inbox(cast, incident, into, noon):
    post = PostFactory()
    opening.attach(incident, post, actor=cast["pr"], now=noon)
    merged(incident, into, cast, noon)
    post.refresh_from_db()
    opening.detach(into, post, actor=cast["pr"], now=noon)
    post.refresh_from_db()
    assert post.triage == Triage.WAITING


def test_undone_everything_is_as_it_was(cast, incident, into, filled, noon):
    before = belongings(incident), belongings(into)
    change = merged(incident, into, cast, noon)
    merging.undo(change, actor=cast["pr"], now=noon + HOUR)

    assert (belongings(incident), belongings(into)) == before
    assert [side.timeline.first().event for side in (incident, into)] == ["incidents.unmerged"] * 2
    change.refresh_from_db()
    assert (change.undone_by, change.undone_at) == (cast["pr"], noon + HOUR)


def test_what_came_in_since_stays_where_it_came_in(cast, incident, into, filled, noon):
    change = merged(incident, into, cast, noon)
    since = PostFactory()
    opening.attach(into, since, actor=cast["pr"], now=noon)
    merging.undo(change, actor=cast["pr"], now=noon)
    assert since in posts_of(into)
    assert since not in posts_of(incident)


def test_a_response_goes_on_where_it_stood(cast, noon):
    incident = standing_at(Stage.OBSERVING, Level.THREE, opened_by=cast["pr"])
    into = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    merging.merge(incident, into, actor=cast["gm"], now=noon, note=NOTE)
    merging.undo(IncidentChange.objects.get(), actor=cast["gm"], now=noon)
    assert reload(incident).position == {"stage": "observing", "level": 3}


def test_who_triages_does_not_undo_a_leaders_merge(cast, noon):
    incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    into = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    merging.merge(incident, into, actor=cast["gm"], now=noon, note=NOTE)
    with pytest.raises(PermissionDenied):
        merging.undo(IncidentChange.objects.get(), actor=cast["legal"], now=noon)
    assert reload(incident).stage == Stage.MERGED


@pytest.mark.parametrize("reason", ["too late", "decided since", "undone before", "merged again", "closed"])
def test_not_undone_any_more(cast, incident, into, noon, reason):
    change, now = merged(incident, into, cast, noon), noon
    if reason == "too late":
        now = noon + IncidentChange.UNDO_WITHIN + timedelta(seconds=1)
    elif reason == "decided since":
        request = asked(into, Level.THREE, by=cast["legal"])
        levels.approve(request, actor=cast["gm"], now=noon, seen_version=1, fresh=False)
    elif reason == "undone before":
        merging.undo(change, actor=cast["pr"], now=noon)
    elif reason == "merged again":
        third = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
        merging.merge(into, third, actor=cast["pr"], now=noon, note=NOTE)
    elif reason == "closed":
        Incident.objects.filter(pk=into.pk).update(stage=Stage.ARCHIVED)
    before = belongings(incident), belongings(into)
    with pytest.raises(Refused):
        merging.undo(change, actor=cast["pr"], now=now)
    assert (belongings(incident), belongings(into)) == before


def test_two_merges_are_undone_the_last_one_first(cast, incident, into, filled, noon):
    before = belongings(incident), belongings(into)
    third = standing_at(Stage.TRIAGED, Level.UNSET, opened_by=cast["pr"])
    first = merged(incident, into, cast, noon)
    merging.merge(into, third, actor=cast["pr"], now=noon, note=NOTE)
    second = IncidentChange.objects.get(other=into)
    merging.undo(second, actor=cast["pr"], now=noon)
    merging.undo(first, actor=cast["pr"], now=noon)
    assert (belongings(incident), belongings(into)) == before
    assert not posts_of(third).exists()


@pytest.mark.parametrize("reason", ["itself", "closed", "less grave", "unseen", "what went into it", "open to more"])
def test_not_into_just_anything(cast, incident, into, noon, reason):
    actor = cast["gm"]
    if reason == "itself":
        into = incident
    elif reason == "closed":
        into = standing_at(Stage.ARCHIVED, Level.ONE, opened_by=cast["pr"], closed_at=noon)
    elif reason == "less grave":
        incident = standing_at(Stage.RESPONDING, Level.TWO, opened_by=cast["pr"])
    elif reason == "unseen":
        into, actor = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True), cast["legal"]
    elif reason == "what went into it":
        merging.merge(into, incident, actor=actor, now=noon, note=NOTE)
    else:
        incident = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True)
    before = reload(incident).position
    with pytest.raises(Refused):
        merging.merge(incident, into, actor=actor, now=noon, note=NOTE)
    assert (reload(incident).position, reload(incident).merged_into) == (before, None)


def test_it_takes_a_reason(cast, incident, into, filled, noon):
    before = belongings(into)
    with pytest.raises(ReasonNeeded):
        merging.merge(incident, into, actor=cast["pr"], now=noon, note="一样")
    assert belongings(into) == before


def test_nobody_comes_along_into_a_confidential_one(signed_in, cast, incident, filled, noon):
    secret = standing_at("triaged", 0, opened_by=cast["pr"], is_confidential=True, title="董事被约谈")
    people.add_member(secret, cast["pr"], actor=cast["gm"], now=noon)
    merging.merge(incident, secret, actor=cast["pr"], now=noon, note=NOTE)

    assert [member.person for member in secret.memberships.current()] == [cast["pr"]]
    page = signed_in("tech").get(reverse("incidents:detail", args=[incident.number])).content.decode()
    assert secret.number in page
    assert "董事被约谈" not in page


def test_open_tasks_are_cancelled_and_undone_they_are_to_do_again(cast, incident, into, noon, settings):
    settings.INCIDENT_HOOKS = ["response.services.tasks.after_step"]
    given = {"incident": incident, "level": 3, "opened_at": noon, "due_at": noon + HOUR, "first_due_at": noon + HOUR}
    task = Task.objects.create(title="核实批次", owner=cast["tech"], **given)
    done = Task.objects.create(title="通知门店", owner=cast["tech"], state="done", **given)
    before = Task.objects.create(title="暂停投放", owner=cast["tech"], state="cancelled", finished_at=noon, **given)

    change = merged(incident, into, cast, noon + HOUR)
    assert list(Task.objects.order_by("pk").values_list("state", flat=True)) == ["cancelled", "done", "cancelled"]
    merging.undo(change, actor=cast["pr"], now=noon + 2 * HOUR)
    states = dict(Task.objects.values_list("pk", "state"))
    assert states == {task.pk: "open", done.pk: "done", before.pk: "cancelled"}


def test_a_vendor_reads_the_outcome_of_the_one_that_goes_on(cast, incident, into, filled, noon):
    merged(incident, into, cast, noon)
    posts = [filled["own"].pk]
    assert outcomes_of_posts(posts) == {filled["own"].pk: "open"}
    Incident.objects.filter(pk=into.pk).update(is_confidential=True)
    assert outcomes_of_posts(posts) == {}


# --- the page --------------------------------------------------------------------------------------------------------
def test_the_page_merges_and_offers_the_undo_on_both_sides(signed_in, cast, incident, into):
    client = signed_in("pr")
    step = reverse("incidents:step", args=[incident.number, "merge"])
    assert client.post(step, {"into": into.number, "note": NOTE}).status_code == 302
    change = IncidentChange.objects.get()
    undo = reverse("incidents:undo-change", args=[change.uuid])
    for side in (incident, into):
        assert undo in client.get(reverse("incidents:detail", args=[side.number])).content.decode()

    answer = client.post(undo)

    assert (answer.status_code, answer.url) == (302, incident.get_absolute_url())
    assert reload(incident).stage == Stage.TRIAGED
    change.refresh_from_db()
    again = client.post(undo, follow=True)
    assert [str(message) for message in again.context["messages"]][-1:] == [why_not_undone(change, change.at)]


def test_who_may_see_neither_finds_no_undo(signed_in, cast, incident, into, noon):
    change = merged(incident, into, cast, noon)
    assert signed_in("dept").post(reverse("incidents:undo-change", args=[change.uuid])).status_code == 404
    assert signed_in("monitor").post(reverse("incidents:undo-change", args=[change.uuid])).status_code == 403
    assert reload(incident).stage == Stage.MERGED
