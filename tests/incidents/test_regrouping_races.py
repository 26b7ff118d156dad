"""Two people merge, split or undo at once: exactly one effect."""

import pytest
from django.core.exceptions import PermissionDenied
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from audit.services import verify
from incidents.figures import posts_of
from incidents.levels import Stage
from incidents.models import Incident, IncidentChange
from incidents.refusals import Refused
from incidents.services import merging
from tests.cast import make_cast
from tests.factories import PostFactory
from tests.incidents.factories import standing_at
from tests.incidents.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)
NOTE = "与该事件为同一门店同一批次"


@pytest.fixture
def people():
    return make_cast()


@pytest.fixture
def three(people, noon):
    """Three incidents in triage, each with a post."""
    incidents = [standing_at("triaged", 0, opened_by=people["pr"], lead=people["pr"]) for _ in range(3)]
    for incident in incidents:
        incident.attachments.create(post=PostFactory(), attached_at=noon)
    return incidents


def trying(act, *args, **kwargs):
    """1 where the act was done, 0 where it was refused."""

    def run():
        try:
            act(*args, **kwargs)
        except (Refused, ConcurrentTransition, TransitionNotAllowed, PermissionDenied):
            return 0
        return 1

    return run


def test_each_into_the_other_ends_with_one(people, three, noon):
    one, other, _third = three
    done = at_once(
        trying(merging.merge, one, other, actor=people["pr"], now=noon, note=NOTE),
        trying(merging.merge, other, one, actor=people["legal"], now=noon, note=NOTE),
    )

    assert sorted(done) == [0, 1]
    assert sorted(Incident.objects.values_list("stage", flat=True)) == [Stage.MERGED, Stage.TRIAGED, Stage.TRIAGED]
    change = IncidentChange.objects.get()
    assert posts_of(change.incident).count() == 2
    assert verify().whole


def test_in_a_ring_no_ring_comes_about(people, three, noon):
    pairs = zip(three, [*three[1:], three[0]], strict=True)
    at_once(*(trying(merging.merge, one, into, actor=people["pr"], now=noon, note=NOTE) for one, into in pairs))

    heads = Incident.objects.exclude(stage=Stage.MERGED)
    assert heads.count() >= 1
    for incident in Incident.objects.all():
        met = set()
        while incident.merged_into is not None:
            assert incident.pk not in met
            met.add(incident.pk)
            incident = incident.merged_into


def test_into_two_at_once_goes_into_one(people, three, noon):
    one, second, third = three
    done = at_once(
        trying(merging.merge, one, second, actor=people["pr"], now=noon, note=NOTE),
        trying(merging.merge, one, third, actor=people["legal"], now=noon, note=NOTE),
    )
    assert sorted(done) == [0, 1]
    assert sorted(posts_of(incident).count() for incident in (second, third)) == [1, 2]


def test_five_undo_it_at_once_and_it_is_undone_once(people, three, noon):
    one, other, _third = three
    merging.merge(one, other, actor=people["pr"], now=noon, note=NOTE)
    change = IncidentChange.objects.get()
    who = [people[name] for name in ("pr", "legal", "market", "tech", "gm")]
    done = at_once(*(trying(merging.undo, change, actor=person, now=noon) for person in who))

    assert sum(done) == 1
    assert [one.timeline.filter(event="incidents.unmerged").count(), posts_of(other).count()] == [1, 1]
    assert Incident.objects.get(pk=one.pk).stage == Stage.TRIAGED


def test_two_split_the_same_post_off_and_one_does(people, three, noon):
    whole = three[0]
    post = PostFactory()
    whole.attachments.create(post=post, attached_at=noon)
    done = at_once(
        *(
            trying(merging.split, whole, title="另案", topics=[], posts=[post], actor=people[who], now=noon)
            for who in ("pr", "legal")
        )
    )
    assert sorted(done) == [0, 1]
    assert (Incident.objects.count(), posts_of(whole).count()) == (4, 1)
