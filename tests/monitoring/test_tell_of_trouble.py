"""A source that is not heard for too long is told of, once; so is that it is heard again; and 410 at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from monitoring.models import DutyRule
from monitoring.services import polling
from monitoring.services.trouble import NAMED, tell_of_trouble
from notices.models import Notice
from opinion.models import Source
from tests.factories import SourceFactory
from tests.monitoring.feedserver import FeedServer

pytestmark = pytest.mark.django_db
HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _english(settings: Any, cast: dict[str, User]) -> None:
    settings.LANGUAGE_CODE = "en"


def subjects(who: User) -> list[str]:
    return list(Notice.objects.filter(person=who).order_by("pk").values_list("subject", flat=True))


def test_monitors_and_the_working_group_are_told_once_of_all_of_them(cast: dict[str, User], noon: datetime) -> None:
    SourceFactory(name="微博", health="captcha", health_words="请登录", health_since=noon - HALF_AN_HOUR)
    SourceFactory(name="知乎", health="stale", health_since=noon - 3 * HALF_AN_HOUR)
    SourceFactory(name="头条", health="slow", health_since=noon - HALF_AN_HOUR + timedelta(seconds=1))
    SourceFactory(name="停用", health="off", is_enabled=False, health_since=noon - 3 * HALF_AN_HOUR)
    SourceFactory(name="良好", health="unchanged", health_since=noon - 3 * HALF_AN_HOUR)
    assert tell_of_trouble(noon) == (2, 0)
    assert tell_of_trouble(noon) == (0, 0)
    told = Notice.objects.all()
    assert {notice.person.username for notice in told} == {
        person.username for person in User.objects.holding("monitor", "team_head", "team_member")
    }
    assert subjects(cast["monitor"]) == ["2 sources are not heard"]
    body = told[0].body.splitlines()
    assert [line.partition(":")[0] for line in body] == ["微博", "知乎"]
    assert "请登录" in body[0]
    assert "since 11-18 11:30" in body[0]
    assert told[0].url == reverse("monitoring:sources")
    assert tell_of_trouble(noon + timedelta(seconds=1)) == (1, 0)


def test_another_trouble_is_not_told_again_and_its_end_is(cast: dict[str, User], noon: datetime) -> None:
    source = SourceFactory(name="微博", health="slow", health_since=noon - HALF_AN_HOUR)
    tell_of_trouble(noon)
    Source.objects.update(health="captcha")
    assert tell_of_trouble(noon + HALF_AN_HOUR) == (0, 0)
    Source.objects.update(health="ok", health_since=noon + HALF_AN_HOUR)
    assert tell_of_trouble(noon + HALF_AN_HOUR) == (0, 1)
    assert tell_of_trouble(noon + HALF_AN_HOUR) == (0, 0)
    assert subjects(cast["monitor"]) == ["1 source is not heard", "1 source is heard again"]
    source.refresh_from_db()
    assert source.trouble_told == ""


def test_a_short_trouble_is_told_neither_way(cast: dict[str, User], noon: datetime) -> None:
    SourceFactory(health="slow", health_since=noon)
    tell_of_trouble(noon + timedelta(minutes=29))
    Source.objects.update(health="ok")
    tell_of_trouble(noon + timedelta(minutes=31))
    assert subjects(cast["monitor"]) == []


def test_after_how_long_is_a_rule_of_the_desk(noon: datetime) -> None:
    SourceFactory(health="slow", health_since=noon)
    DutyRule.objects.create(pk=1, tell_after_minutes=5)
    assert tell_of_trouble(noon + timedelta(minutes=4)) == (0, 0)
    assert tell_of_trouble(noon + timedelta(minutes=5)) == (1, 0)


def test_many_make_one_notice_of_a_readable_length(
    cast: dict[str, User], noon: datetime, django_assert_max_num_queries: Any
) -> None:
    for _number in range(60):
        SourceFactory(health="unreachable", health_since=noon - HALF_AN_HOUR)
    with django_assert_max_num_queries(13):  # the routes of notices are one of them
        tell_of_trouble(noon)
    notice = Notice.objects.get(person=cast["monitor"])
    assert notice.subject == "60 sources are not heard"
    assert len(notice.body.splitlines()) == NAMED + 1


def test_what_is_gone_is_told_at_once_and_only_once(
    cast: dict[str, User], web: FeedServer, settings: Any, noon: datetime
) -> None:
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    SourceFactory(name="老论坛", url=web.put("/feed", "", 410))
    with translation.override("en"):
        polling.poll_all(polling.claim_due(now=noon), now=noon)
    assert subjects(cast["monitor"]) == ["老论坛 is gone for good and was switched off"]
    assert tell_of_trouble(noon + timedelta(hours=1)) == (0, 0)
    assert polling.claim_due(now=noon + timedelta(days=2)) == []
