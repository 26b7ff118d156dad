"""From the link in a chat to the decision, in a browser: signed in on the way, two taps, looking decides nothing."""

import re
from typing import Any

import pytest

from accounts.models import User
from incidents.levels import Level, Stage
from incidents.models import Incident, LevelRequest
from incidents.services import levels
from notices.models import Notice
from tests.cast import make_cast
from tests.incidents.conftest import CHROMIUM
from tests.incidents.factories import standing_at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]
State = LevelRequest.State
REASON = "央级媒体转载三家，微博热搜第九，需要统一口径。"
NOT_YOURS = {"zh": "转发", "en": "passed on"}


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return make_cast()


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    return standing_at(Stage.TRIAGED, Level.UNSET, opened_by=people["pr"], lead=people["pr"])


def link_of(person: User) -> str:
    """What the message in the chat leads this person to."""
    return f"/n/{Notice.objects.get(person=person, event='incidents.level_requested').uuid}/"


def tap_through(page: Any) -> None:
    """The link has led to the request itself; the two taps that decide it follow, in the same place."""
    page.wait_for_url("**/incidents/approvals/**")
    assert page.locator("#bar").evaluate("bar => bar.scrollWidth <= bar.clientWidth")  # no button is cut
    page.click("#bar a.primary")
    page.click("#bar form button")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(("size", "language"), [("desktop", "zh"), ("phone", "en")])
def test_two_taps_decide_and_looking_does_not(people, incident, noon, follow, size, language):
    asked = levels.request_level(incident, Level.TWO, actor=people["legal"], now=noon, reason=REASON)
    link = link_of(people["gm"])

    page = follow(link, "gm", size, language)
    page.goto(f"{asked.get_absolute_url()}?ask=approve")  # as far as a look can go
    asked.refresh_from_db()
    assert (asked.state, Notice.objects.filter(acknowledged_at__isnull=False).count()) == (State.REQUESTED, 0)

    page.goto(link)
    assert page.locator("form.note button").count() == 1  # 收到 by itself stands there, too
    tap_through(page)
    asked.refresh_from_db()
    incident.refresh_from_db()
    assert (asked.state, asked.decided_by, incident.level) == (State.APPROVED, people["gm"], Level.TWO)
    acknowledged = Notice.objects.filter(event="incidents.level_requested", acknowledged_at__isnull=False)
    assert [notice.person for notice in acknowledged] == [people["gm"]]  # to decide is to have got it, for oneself only


def test_a_link_sent_on_and_a_link_too_late_say_so(people, incident, noon, follow):
    asked = levels.request_level(incident, Level.TWO, actor=people["legal"], now=noon, reason=REASON)
    link = link_of(people["gm"])

    stranger = follow(link, "dept", "phone", "zh")
    assert NOT_YOURS["zh"] in stranger.inner_text("main")
    stranger.goto(asked.get_absolute_url())
    assert incident.title not in stranger.content()

    late = follow(link, "gm", "phone", "en")
    late.wait_for_url("**/incidents/approvals/**")
    late.click("form.note button")  # 收到 alone: it leads back here and decides nothing
    late.wait_for_selector("form.note", state="detached")
    late.click("#bar a.primary")
    levels.approve(asked, actor=people["deputy"], now=noon, fresh=True, seen_version=asked.version)
    late.click("#bar form button")
    late.get_by_text("Somebody was faster").wait_for()
    assert str(people["deputy"]) in late.inner_text("[role=alert]")
    asked.refresh_from_db()
    assert asked.decided_by == people["deputy"]


def test_what_was_started_provisionally_is_ratified_on_the_phone(people, incident, noon, follow):
    head = follow(f"/incidents/{incident.number}/level/start/2/", "pr", "phone", "zh")
    head.fill("[name=reason]", REASON)
    head.click("main form button.danger")
    head.wait_for_url(re.compile(rf"/incidents/{incident.number}/$|/incidents/approvals/"))
    asked = incident.level_requests.get()
    assert asked.state == State.PROVISIONAL

    tap_through(follow(link_of(people["gm"]), "gm", "phone", "zh"))
    asked.refresh_from_db()
    incident.refresh_from_db()
    assert (asked.state, incident.level, incident.stage) == (State.APPROVED, Level.TWO, Stage.RESPONDING)
