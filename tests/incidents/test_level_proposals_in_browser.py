"""H3.2 in a browser: what the desk or a person proposes is taken up and decided on a phone; others are refused."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.models import User
from incidents.levels import Level
from incidents.models import LevelProposal, LevelRequest
from tests.cast import make_cast
from tests.incidents.conftest import CHROMIUM
from tests.incidents.test_level_proposals import HOUR, NO, looked, quiet, responding, said, watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]
APPROVALS = "/incidents/approvals/"


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    return make_cast()


def post(page: Any, path: str, **data: str) -> int:
    """Send what a form of this person's would, to an address typed by hand; the status of the answer."""
    token = next(each["value"] for each in page.context.cookies() if each["name"] == "csrftoken")
    form = {**data, "csrfmiddlewaretoken": token}
    return int(page.request.post(path, form=form, headers={"Referer": page.url}, max_redirects=0).status)


def decide(page: Any, asked: LevelRequest) -> None:
    """Two taps on the phone, from the list of what waits."""
    page.goto(APPROVALS)
    page.tap(f"a[href='{asked.get_absolute_url()}'] >> nth=0")
    page.wait_for_url(f"**{asked.get_absolute_url()}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.tap("#bar a.primary")
    page.tap("#bar form button")
    page.wait_for_load_state("networkidle")


def test_the_desk_proposes_a_graver_level_and_the_leadership_decides_it_on_the_phone(
    people: dict[str, User], noon: datetime, follow: Callable[..., Any]
) -> None:
    incident = responding(people, Level.THREE, noon)
    said(watched(incident), noon - HOUR, tier="central")
    [proposal] = looked(noon)
    take_up = f"/incidents/proposals/{proposal.uuid}/take-up/"

    for who, answer in (("dept", 404), ("monitor", 403), ("spokesperson", 403)):
        page = follow("/", who, "phone", "zh")
        page.goto(APPROVALS)
        assert page.locator("main").get_by_text(incident.title).count() == 0
        assert post(page, take_up) == answer
    proposal.refresh_from_db()
    assert (proposal.state, LevelRequest.objects.count()) == (LevelProposal.State.OPEN, 0)

    pr = follow(APPROVALS, "pr", "desktop", "zh")
    pr.locator("section", has_text="系统建议").get_by_role("link", name=incident.title).click()
    pr.wait_for_selector("#proposal")
    assert "央媒负面报道（1 条）" in pr.inner_text("#proposal")  # why, with its number
    pr.click(f"form[action='{take_up}'] button")
    pr.wait_for_load_state("networkidle")
    asked = incident.level_requests.get()
    assert (asked.to_level, asked.requested_by) == (Level.ONE, people["pr"])

    approve = f"{asked.get_absolute_url()}approve/"
    for who in ("pr", "member"):  # who asked, and a leader who does not decide 一级
        page = follow(asked.get_absolute_url(), who, "phone", "zh")
        assert page.locator("#bar a.primary").count() == 0
        assert post(page, approve, version="1") == 403
    decide(follow(APPROVALS, "gm", "phone", "zh"), asked)
    incident.refresh_from_db()
    assert incident.level == Level.ONE


def test_a_lower_level_is_proposed_after_calm_dismissed_with_a_reason_or_asked_for_by_a_person(
    people: dict[str, User], noon: datetime, follow: Callable[..., Any]
) -> None:
    incident = responding(people, Level.ONE, noon)
    quiet(incident, noon - HOUR, 24, severity=44.0)
    [proposal] = looked(noon)
    assert (proposal.kind, proposal.to_level) == ("level", Level.TWO)
    dismiss = f"/incidents/proposals/{proposal.uuid}/dismiss/"

    gm = follow("/", "gm", "phone", "zh")
    assert gm.goto(dismiss).status == 403  # a leader decides requests; the team says no to the desk
    legal = follow(APPROVALS, "legal", "desktop", "zh")
    legal.locator("section", has_text="系统建议").get_by_role("link", name=incident.title).click()
    legal.click(f"#proposal a[href='{dismiss}']")
    assert post(legal, dismiss, note="不") == 422  # no reason is no answer
    legal.fill("[name=note]", NO)
    legal.click("main form .danger, main form .primary")
    legal.wait_for_url(f"**/incidents/{incident.number}/")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.note) == (LevelProposal.State.DISMISSED, NO)

    legal.goto(f"/incidents/{incident.number}/level/")
    legal.check("[name=level][value='2']", force=True)
    legal.fill("[name=reason]", "检测报告已公布，一天内没有新增转载。")
    legal.click("main form button.primary")
    legal.wait_for_load_state("networkidle")
    asked = incident.level_requests.get()

    for who, answer in (("dept", 404), ("market", 403)):
        page = follow("/", who, "phone", "zh")
        assert post(page, f"{asked.get_absolute_url()}approve/", version="1") == answer
    incident.refresh_from_db()
    assert incident.level == Level.ONE
    decide(follow(APPROVALS, "deputy", "phone", "zh"), asked)
    incident.refresh_from_db()
    assert (incident.level, asked.from_level) == (Level.TWO, Level.ONE)
