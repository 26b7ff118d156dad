from datetime import timedelta

import pytest

from opinion.models import HourCount
from tests.factories import SourceFactory, WatchFactory

pytestmark = pytest.mark.django_db


def test_the_first_page_asks_for_sign_in(client):
    response = client.get("/")
    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/")


def test_a_calm_desk_says_whether_it_is_listening(signed_in):
    SourceFactory(name="都市快讯", source_class="media")
    response = signed_in("pr").get("/")
    covered = {one.code: one.is_covered for one in response.context["coverage"]}
    assert covered == {"platform": False, "media": False, "own": False}
    assert response.context["rows"] == []


def test_numbers_are_shown_against_the_week_before(signed_in, noon, time_machine):
    time_machine.move_to(noon)
    watch = WatchFactory()
    for days_ago, posts, tone in [(0, 30, "neg"), (0, 10, "pos"), (1, 7, "pos"), (3, 7, "neg")]:
        HourCount.objects.create(
            watch=watch, hour=noon - timedelta(days=days_ago), platform="微博", sentiment=tone, posts=posts
        )

    context = signed_in("pr").get("/").context

    assert context["posts_today"] == 40
    assert context["times_usual"] == 20.0
    assert (context["negative_share"], context["negative_share_before"]) == (0.75, 0.5)


def test_department_staff_see_no_posts(signed_in):
    context = signed_in("dept").get("/").context
    assert "posts_today" not in context
    assert "signals" not in context
