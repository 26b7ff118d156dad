"""The panels of an incident: whole beside it on a desktop; folded on a phone, each header saying how it stands."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from tests.response import test_departments_and_plans_in_browser as others
from tests.response.factories import incident_at, with_tasks

pytestmark = others.pytestmark
people, sign_in = others.people, others.sign_in


def test_on_a_phone_a_header_tells_and_unfolds_and_paper_shows_all(people: dict[str, User], sign_in: Any) -> None:
    now = timezone.now()
    incident = with_tasks(incident_at(Level.ONE, people, now - timedelta(days=9)), people, now - timedelta(days=9))
    page = sign_in("gm", "phone", incident.get_absolute_url())
    fold = page.locator("#tasks-panel .fold")
    row = page.locator("#tasks-panel [data-item]").first
    fold.wait_for()
    assert (fold.get_attribute("aria-expanded"), row.is_visible()) == ("false", False)
    assert "overdue" in page.locator("#tasks-panel header .tag.bad").inner_text()
    link = page.locator("#tasks-panel header > a")
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert (fold.get_attribute("aria-expanded"), row.is_visible()) == ("true", True)
    fold.click()
    assert not row.is_visible()
    page.emulate_media(media="print")
    assert row.is_visible()
    page.emulate_media(media="screen")
    link.click()  # the link in the header stays a link
    page.wait_for_url(f"**/incidents/{incident.number}/tasks/")


def test_on_a_desktop_nothing_is_folded(people: dict[str, User], sign_in: Any) -> None:
    now = timezone.now()
    incident = with_tasks(incident_at(Level.ONE, people, now), people, now)
    page = sign_in("gm", "desktop", incident.get_absolute_url())
    page.locator("#tasks-panel [data-item]").first.wait_for()
    assert page.locator(".fold").count() == 0
