"""A 一级 incident in a browser: its report drafted, signed by the 组长 on a phone, filed with proof, in time."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.models import Paper
from response.services.reporting import load_default_rules
from tests.cast import PASSWORD, make_cast
from tests.incidents.conftest import CHROMIUM, browser
from tests.response.test_reports import PNG, levelled

__all__ = ["browser"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    load_default_rules()
    return make_cast()


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    now = timezone.now()
    return levelled(Level.ONE, people, now, first_known_at=now - timedelta(minutes=5))


@pytest.fixture
def sit_down(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`sit_down("gm", phone=True)`: a page of somebody signed in."""
    contexts = []

    def person(who: str, *, phone: bool = False) -> Any:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size, locale="zh-CN", has_touch=phone)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) [type=submit]")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield person
    for context in contexts:
        context.close()


def test_a_report_is_drafted_signed_and_filed_in_time(sit_down: Callable[..., Any], incident: Incident) -> None:
    legal = sit_down("legal")
    legal.goto(f"/incidents/{incident.number}/reports/")
    legal.click("form[action$='/write/first/'] button")
    assert incident.title in legal.input_value("[name=course]")
    legal.fill("[name=place]", "北京市朝阳区建国路店")
    legal.fill("[name=losses]", "目前没有人员伤亡")
    for code in ("measures", "next_steps"):
        legal.fill(f"[name={code}]", "停业自查，两小时后续报")
    legal.click("[name=then_submit]")
    legal.wait_for_selector("form[action$='/revise/']")
    version = Paper.objects.get().newest

    deputy = sit_down("deputy", phone=True)  # at 一级 the 组长 signs, nobody else
    deputy.goto(version.sign_url)
    assert deputy.locator(".decide").count() == 0

    head = sit_down("gm", phone=True)
    head.goto("/incidents/approvals/")
    head.click(f"a[href='{version.sign_url}']")
    assert "目前没有人员伤亡" in head.inner_text("main")
    head.click("a[href='?ask=sign']")
    head.click("button[name=decision][value=sign]")
    head.wait_for_url("**/approvals/")

    legal.goto(version.paper.get_absolute_url())
    legal.fill("[name=receiver]", "值班员 王某")
    legal.fill("[name=receipt_number]", "朝应急收〔2026〕118号")
    legal.set_input_files("[name=brought]", {"name": "回执.png", "mimeType": "image/png", "buffer": PNG})
    legal.click("#file button[type=submit]")
    legal.wait_for_url("**/reports/")
    clock = incident.clocks.get(kind="report")
    paper = Paper.objects.get()
    assert clock.met_at == paper.filed_at
    assert clock.met_at <= clock.due_at
    assert (paper.filed_by.username, paper.proof.name) == ("legal", "回执.png")
