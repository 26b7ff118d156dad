"""Sources no visit can judge: vendors, mailboxes and forms that fall quiet, and sources whose turn does not come."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.models import User
from monitoring.health.advice import next_step
from monitoring.health.standing import arrived, is_silent
from monitoring.models import PublicForm, Vendor
from monitoring.services import public_forms, trouble, vendors
from notices.models import Notice
from opinion.models import Source
from tests.factories import SourceFactory, WatchFactory
from tests.monitoring.vendor_tools import an_item, push, vendor_with_key

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def pushed(key: Any, time_machine: Any, at: datetime, number: int) -> None:
    time_machine.move_to(at, tick=False)
    item = an_item(number, published_at=at.isoformat())
    assert push(key, [item], message_id=f"m-{number}").status_code == 202


@pytest.fixture
def source(cast: dict[str, User], noon: datetime, time_machine: Any) -> Source:
    """Of a vendor that pushed every five minutes for four hours, until noon."""
    time_machine.move_to(noon, tick=False)
    _vendor, key = vendor_with_key(cast["pr"], now=noon)
    pushed(key, time_machine, noon - 4 * HOUR, 0)
    source = Source.objects.get()
    for number in range(1, 48):  # what a push leaves on its source; the push itself is shown elsewhere
        for name, value in arrived(source, noon - 4 * HOUR + timedelta(minutes=5) * number).items():
            setattr(source, name, value)
    source.save()
    pushed(key, time_machine, noon, 48)
    source.refresh_from_db()
    return source


def test_a_vendor_that_stops_pushing_is_quiet_and_people_are_told(source: Source, noon: datetime) -> None:
    assert (source.health, source.usual_gap_seconds < 2 * 3600) == ("ok", True)
    assert trouble.mark_quiet(noon + DAY - HOUR) == 0
    at = noon + 2 * DAY
    with translation.override("en"):
        assert (trouble.mark_quiet(at), trouble.mark_quiet(at)) == (1, 0)
    source.refresh_from_db()
    assert (source.health, source.health_since, is_silent(source)) == ("quiet", at, True)
    assert "Nothing new since 2026-11-18 12:00" in source.health_words
    with translation.override("en"):
        assert "vendor" in next_step(source)
    assert trouble.tell_of_trouble(at + HOUR) == (1, 0)
    assert Notice.objects.filter(event="monitoring.sources_in_trouble").exists()


def test_its_next_push_ends_it(source: Source, noon: datetime, cast: dict[str, User], time_machine: Any) -> None:
    trouble.mark_quiet(noon + 2 * DAY)
    trouble.tell_of_trouble(noon + 2 * DAY + HOUR)
    vendor = Vendor.objects.get()
    key = vendors.make_key(vendor, ["push"], seen_version=vendor.version, actor=cast["pr"], now=noon)
    pushed(key, time_machine, noon + 3 * DAY, 99)
    source.refresh_from_db()
    assert (source.health, source.health_words, source.health_since) == ("ok", "", noon + 3 * DAY)
    assert trouble.tell_of_trouble(noon + 3 * DAY) == (0, 1)


def test_nobody_waits_for_a_vendor_that_was_switched_off(source: Source, noon: datetime, cast: dict[str, User]) -> None:
    for is_enabled, health in ((False, "off"), (True, "never")):
        vendor = Vendor.objects.get()
        vendor.is_enabled = is_enabled
        vendors.change_vendor(vendor, seen_version=vendor.version, actor=cast["pr"], now=noon + 9 * DAY)
        assert trouble.mark_quiet(noon + 9 * DAY) == 0
        source.refresh_from_db()
        assert (source.health, source.is_enabled) == (health, is_enabled)
    assert trouble.mark_quiet(noon + 11 * DAY) == 1  # on again, and still nothing


def test_a_push_of_known_posts_is_no_news(source: Source, noon: datetime, cast: dict[str, User]) -> None:
    vendor = Vendor.objects.get()
    key = vendors.make_key(vendor, ["push"], seen_version=vendor.version, actor=cast["pr"], now=noon)
    push(key, [an_item(48, published_at=noon.isoformat())], message_id="again")
    trouble.mark_quiet(noon + 2 * DAY)
    source.refresh_from_db()
    assert source.health == "quiet"


def test_a_form_is_given_time_until_its_habits_are_known(cast: dict[str, User], noon: datetime) -> None:
    form = PublicForm(title="顾客留言", slug="guke", welcome="", watch=WatchFactory())
    form = public_forms.add_form(form, actor=cast["pr"], now=noon)
    for n in range(2):
        said = public_forms.Said(uuid4(), "在门店喝到的饮料有异物")
        public_forms.say(form, said, address=f"203.0.113.{n}", now=noon + n * HOUR)
        form.source.refresh_from_db()
    assert trouble.mark_quiet(noon + 6 * DAY) == 0
    assert trouble.mark_quiet(noon + 40 * DAY) == 1
    with translation.override("en"):
        form.source.refresh_from_db()
        assert "form" in next_step(form.source)


# --- overdue ---------------------------------------------------------------------------------------------------------
def test_a_source_whose_turn_does_not_come_is_overdue(noon: datetime, signed_in: Any) -> None:
    waiting = SourceFactory(health="ok", next_poll_at=noon - HOUR, usual_gap_seconds=None)
    visited = SourceFactory(health="ok", next_poll_at=noon - HOUR, leased_until=noon + HOUR)
    soon = SourceFactory(health="ok", next_poll_at=noon - HOUR / 4)
    failing = SourceFactory(health="unreachable", next_poll_at=noon - HOUR)
    off = SourceFactory(health="off", next_poll_at=noon - HOUR, is_enabled=False)
    assert (trouble.mark_overdue(noon), trouble.mark_overdue(noon)) == (1, 0)
    states = {source.pk: source.health for source in Source.objects.all()}
    assert [states[one.pk] for one in (waiting, visited, soon, failing, off)] == [
        "overdue",
        "ok",
        "ok",
        "unreachable",
        "off",
    ]
    waiting.refresh_from_db()
    assert (is_silent(waiting), waiting.health_since) == (True, noon)
    assert trouble.tell_of_trouble(noon + HOUR)[0] == 1
    page = signed_in("monitor").get(
        reverse("monitoring:source", args=[waiting.uuid]), headers={"Accept-Language": "en"}
    )
    assert "our own workers do not keep up" in page.content.decode()
