"""What is not to be kept is forgotten; what is held stays."""

from datetime import timedelta

import pytest

from accounts.models import Exercise
from accounts.secrets import encrypt
from opinion.models import Heard, Post, PostBand, PostOriginal
from opinion.services.retention import prune
from tests.factories import NOON, PostFactory, SourceFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def heard(number, at, **more):
    return Heard.everywhere.create(
        source=SourceFactory(), external_id=f"p{number}", text="晴野", published_at=at, heard_at=at, **more
    )


def test_the_heard_buffer_keeps_a_week():
    heard(1, NOON - 8 * DAY)
    heard(2, NOON - 6 * DAY)
    assert prune(NOON)["heard"] == 1
    assert Heard.objects.get().external_id == "p2"


def test_an_exercise_keeps_its_buffer_until_a_week_after_its_end():
    running = Exercise.objects.create(name="进行中", kind="drill", started_at=NOON, clock_from=NOON - 900 * DAY)
    over = Exercise.objects.create(
        name="已结束", kind="replay", started_at=NOON - 20 * DAY, clock_from=NOON, ended_at=NOON - 8 * DAY
    )
    heard(1, NOON - 900 * DAY, exercise=running)
    heard(2, NOON - 900 * DAY, exercise=over)
    assert prune(NOON)["heard"] == 1
    assert Heard.everywhere.get().exercise == running


def test_unmasked_originals_go_when_their_time_is_over_unless_their_post_is_held():
    for is_held, purge_after in ((False, NOON - DAY), (True, NOON - DAY), (False, NOON + DAY)):
        PostOriginal.objects.create(post=PostFactory(is_held=is_held), cipher=encrypt("x"), purge_after=purge_after)
    assert prune(NOON)["originals"] == 1
    left = PostOriginal.objects.values_list("post__is_held", "purge_after").order_by("purge_after")
    assert list(left) == [(True, NOON - DAY), (False, NOON + DAY)]
    assert Post.objects.count() == 3


def test_bands_go_once_no_repost_can_need_them():
    old, new = PostFactory(), PostFactory()
    PostBand.objects.create(post=old, band=1, published_at=NOON - 5 * DAY)
    PostBand.objects.create(post=new, band=1, published_at=NOON - 3 * DAY)
    assert prune(NOON)["bands"] == 1
    assert PostBand.objects.get().post == new


def test_more_than_one_step_is_pruned_in_one_go():
    Heard.objects.bulk_create(
        Heard(source=source, external_id=f"p{n}", text="晴野", published_at=NOON, heard_at=NOON - 9 * DAY)
        for source in [SourceFactory()]
        for n in range(450)
    )
    assert prune(NOON)["heard"] == 450
