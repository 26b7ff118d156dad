"""Papers in a browser: a report of a 一级 incident to its proof, a group and the response plan of a 二级 one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.models import Paper
from response.services.papers import begin_plan
from response.services.reporting import load_default_rules
from tests.cast import make_cast
from tests.incidents.conftest import CHROMIUM
from tests.response.test_papers import WORDS
from tests.response.test_reports import PNG, levelled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
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


def test_a_group_is_formed_and_its_plan_signed_on_the_phone_and_made_tasks(
    sit_down: Callable[..., Any], people: dict[str, User]
) -> None:
    incident = levelled(Level.TWO, people, timezone.now())
    pr, market = sit_down("pr"), sit_down("market")
    group = f"/incidents/{incident.number}/group/"
    assert market.goto(group).status == 403
    pr.goto(group)
    pr.click("main form[data-guard] [type=submit]")
    pr.wait_for_url(f"**/incidents/{incident.number}/")
    members = set(incident.memberships.values_list("person__username", flat=True))
    assert {"pr", "legal", "tech", "spokesperson"} <= members
    assert incident.timeline.filter(event="incidents.group_formed").count() == 1

    pr.click("form[action$='/response-plan/'] button")
    for code, words in WORDS.items():
        pr.fill(f"[name={code}]", words)
    pr.fill("[name=work-0-what]", "联系当事人")
    pr.select_option("[name=work-0-who]", value=str(people["head"].pk))
    pr.fill("[name=work-0-due_at]", "2099-01-01T09:00")
    pr.click("[name=then_submit]")
    pr.wait_for_selector("form[action$='/revise/']")
    version = Paper.objects.get().newest
    market.goto(version.sign_url)
    assert market.locator(".decide").count() == 0
    deputy = sit_down("deputy", phone=True)
    deputy.goto("/incidents/approvals/")
    deputy.click(f"a[href='{version.sign_url}']")
    assert all(words in deputy.inner_text("main") for words in WORDS.values())
    deputy.click("a[href='?ask=sign']")
    deputy.click("button[name=decision][value=sign]")
    deputy.wait_for_url("**/approvals/")

    pr.goto(version.paper.get_absolute_url())
    pr.click("form[action$='/tasks/'] button")
    pr.wait_for_load_state()
    assert incident.tasks.get(title="联系当事人").owner == people["head"]
    deputy.goto(f"/incidents/{incident.number}/command/")  # H1.2, on the phone
    deputy.wait_for_selector("text=联系当事人")
    assert deputy.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_word_of_a_paper_is_lost_on_a_dropped_connection(
    sit_down: Callable[..., Any], people: dict[str, User]
) -> None:
    incident = levelled(Level.TWO, people, timezone.now())
    address = begin_plan(incident, actor=people["pr"], now=timezone.now()).paper.get_absolute_url()
    page = sit_down("pr")
    context = page.context
    page.goto(address)
    with page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        page.fill("[name=stance]", "我们担责")
    context.set_offline(True)
    page.fill("[name=line]", "断线时写的一句")
    page.fill("[name=work-0-what]", "联系当事人")
    page.select_option("[name=work-0-who]", value=str(people["head"].pk))
    page.fill("[name=work-0-due_at]", "2099-01-01T09:00")
    page.locator("#saved-at.error").wait_for()
    page.close()  # the tab is gone, and nothing of it was saved
    assert Paper.objects.get().newest.content["line"] == ""
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        page.goto(address)
    assert page.input_value("[name=line]") == "断线时写的一句"
    version = Paper.objects.get().newest
    assert version.content == {"stance": "我们担责", "line": "断线时写的一句", "channels": "", "timing": ""}
    assert (version.rows.get().what, version.rows.get().who) == ("联系当事人", people["head"])
    page.wait_for_function("!Object.keys(localStorage).some((key) => key.startsWith('draft:'))")

    # a colleague saves other words while this one is off: both stand there, and the writer chooses
    context.set_offline(True)
    page.fill("[name=line]", "我的口径")
    page.locator("#saved-at.error").wait_for()
    page.close()
    other = sit_down("legal")
    other.goto(address)
    with other.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        other.fill("[name=line]", "同事的口径")
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    page.locator("#kept").wait_for()
    assert "我的口径" in page.input_value("#kept-mine")
    assert "同事的口径" in page.input_value("#kept-theirs")
    with page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        page.click("#kept-take")
    assert Paper.objects.get().newest.content["line"] == "我的口径"
    assert Paper.objects.get().newest.rows.count() == 1

    deputy = sit_down("deputy")  # who signs does not write
    deputy.goto(address)
    assert deputy.locator("form[data-autosave], #kept").count() == 0
