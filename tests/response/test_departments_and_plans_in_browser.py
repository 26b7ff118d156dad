"""The light flow and the editor of the plan in a real browser: by the right people, on a phone where they have one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.models import PlanVersion
from response.services.plan import load_default_plan
from tests.cast import PASSWORD, make_cast
from tests.incidents.conftest import CHROMIUM, SIZES
from tests.response.factories import incident_at, with_tasks

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    load_default_plan(timezone.now())
    return make_cast()


@pytest.fixture
def sign_in(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    contexts = []

    def signed_in(who: str, size: str, path: str) -> Any:
        context = browser.new_context(base_url=live_server.url, viewport=SIZES[size], locale="zh-CN")
        context.set_default_timeout(15_000)
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}])
        contexts.append(context)
        page = context.new_page()
        page.goto(path)
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) [type=submit]")
        page.wait_for_url(f"**{path}")
        return page

    yield signed_in
    for context in contexts:
        context.close()


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_department_handles_level_three_from_the_phone(people: dict[str, User], sign_in: Any) -> None:
    now = timezone.now()
    incident = with_tasks(incident_at(Level.THREE, people, now), people, now)
    path = f"/incidents/{incident.number}/department/"
    head = sign_in("head", "phone", path)
    assert fits(head)
    head.fill("#report textarea", "已联系三位当事人，均同意退款。")
    picture = {"name": "现场.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n..."}
    head.set_input_files("#report input[type=file]", [picture])
    head.click("#report button[type=submit]")
    head.wait_for_selector("#report-1")
    head.check("#handling input[value=private]")
    head.fill("#handling textarea", "当事人愿意私下解决")
    head.click("#handling button[type=submit]")
    head.wait_for_selector("#handling .tag.ok")
    leader = sign_in("member", "phone", path)
    leader.click("#report-1 button.primary")
    leader.wait_for_selector("#report-1 .note")
    leader.fill("#report-1 [name=words]", "回访后再报一次")
    leader.click("#report-1 form:has([name=words]) button")
    leader.wait_for_selector("#report-1 .note >> nth=1")
    assert fits(leader)
    assert leader.locator("#report, #closing form").count() == 0  # a leader reads and answers, no more
    head.reload()
    assert "回访后再报一次" in head.inner_text("#report-1")
    head.click("#closing summary")
    for name, words in (("cause", "封口贴脱落"), ("done", "退款三单"), ("outcome", "三位当事人均表示接受，无新增投诉")):
        head.fill(f"#closing [name={name}]", words)
    head.click("#closing button[type=submit]")
    head.wait_for_selector("#closing .tag.info")
    team = sign_in("pr", "desktop", path)
    team.click("#closing [name=accept]")
    team.wait_for_selector("#closing .tag.ok")
    assert Incident.everywhere.get(pk=incident.pk).stage == "observing"


def test_a_plan_is_written_read_and_adopted(people: dict[str, User], sign_in: Any) -> None:
    pr = sign_in("pr", "desktop", "/plan/versions/")
    pr.click("td a.btn")
    pr.fill("[name=reason]", "首次发声太慢")
    pr.click("form.card button.primary")
    pr.wait_for_url("**/plan/versions/2/")
    pr.click("#level-3 header a.btn")
    pr.fill("[name=title]", "通知门店")
    pr.select_option("[name=roles_0]", "MKT")
    pr.fill("[name=within_minutes]", "45")
    pr.fill("[name=evidence]", "门店回执")
    pr.check("[name=waits_for][value=name-handler]")
    pr.click("form.card button.primary")
    pr.wait_for_url("**/plan/versions/2/#level-3")
    row = pr.locator("#level-3 tr:has-text('通知门店')")
    row.locator("button[value=up]").click()
    pr.wait_for_load_state("networkidle")
    assert row.locator("td.num").first.inner_text() == "9"
    pr.click("a:has-text('1 change')")
    assert pr.locator(".tag.ok").inner_text() == "added"
    pr.go_back()
    pr.click("form[action$='/propose/'] button")
    pr.wait_for_selector("header.bar .tag.warn")
    gm = sign_in("gm", "phone", "/plan/versions/2/")
    assert fits(gm)
    gm.click("form[action$='/adopt/'] button")
    gm.wait_for_selector("header.bar .tag.ok")
    adopted = PlanVersion.objects.get(state=PlanVersion.State.ADOPTED)
    assert (adopted.number, adopted.adopted_by, adopted.tasks.count()) == (2, people["gm"], 48)
    assert isinstance(adopted.adopted_at, datetime)
