"""Rows of 6.3 to 6.6 that no other browser test walks: by the right people, refused to the wrong ones by hand too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from response.models import Incoming, LegalAction, ProgressReport, Statement
from tests.cast import make_cast
from tests.incidents.conftest import CHROMIUM
from tests.incidents.test_level_proposals_in_browser import post
from tests.response.factories import incident_at
from tests.response.test_files import PDF
from tests.response.test_holding_texts import FILLED, approved

pytestmark = [
    pytest.mark.browser,
    pytest.mark.one_database,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]
LETTER = {"name": "问询函.pdf", "mimeType": "application/pdf", "buffer": PDF}
REPLY = {"name": "回函.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def people(transactional_db: None, settings: Any, tmp_path: Path) -> dict[str, User]:
    settings.MEDIA_ROOT = tmp_path
    return make_cast()


@pytest.fixture
def incident(people: dict[str, User]) -> Incident:
    return incident_at(Level.TWO, people, timezone.now())


def fits(page: Any) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_the_command_centre_is_run_from_the_phone(sit_down: Callable[..., Any], incident: Incident) -> None:
    """H1.2: who is on, notes for everybody."""
    centre = f"/incidents/{incident.number}/command/"
    outside = sit_down("dept", phone=True)
    assert outside.goto(centre).status == 404
    assert post(outside, f"{centre}on/") == 404
    admin = sit_down("admin")
    assert post(admin, f"{centre}on/") in (403, 404)
    assert not incident.memberships.filter(on_since__isnull=False).exists()

    legal = sit_down("legal", phone=True)
    legal.goto(centre)
    legal.tap(f"form[action='{centre}on/'] button")
    legal.wait_for_selector(f"form[action='{centre}off/']")
    assert fits(legal)
    legal.fill("main [name=words]", "14:00 与市监局通话，三点前补材料")
    legal.tap("main form[data-guard] [type=submit]")
    legal.wait_for_load_state("networkidle")
    assert incident.memberships.get(person__username="legal").on_since is not None
    leader = sit_down("gm", phone=True)
    leader.goto(centre)
    assert "14:00 与市监局通话" in leader.inner_text("#live")
    assert leader.locator("#live .tag.ok", has_text="到岗").count() == 1


def test_a_legal_step_is_planned_and_filed_by_those_in_law(
    sit_down: Callable[..., Any], people: dict[str, User], incident: Incident
) -> None:
    """H1.4: the register, its owner and its states."""
    register = f"/incidents/{incident.number}/legal/"
    market = sit_down("market")
    assert market.goto(f"{register}open/").status == 403
    legal = sit_down("legal")
    legal.goto(f"{register}open/")
    legal.select_option("[name=kind]", "letter")
    legal.fill("[name=title]", "致“晴江快报”律师函")
    legal.fill("[name=counterpart]", "晴江快报")
    legal.select_option("[name=owner]", str(people["legal"].pk))
    legal.fill("[name=due_at]", "2099-01-01T09:00")
    legal.click("main form[data-guard] [type=submit]")
    legal.wait_for_url("**/legal/**")
    action = LegalAction.objects.get()
    page = f"/legal/{action.uuid}/"
    typed = {"version": "1", "state": "filed", "owner": str(people["legal"].pk)}
    assert post(market, page, **typed) == 403
    legal.goto(page)
    legal.check("[name=state][value=filed]", force=True)
    legal.fill("[name=reference]", "SF1203")
    legal.click("main form[data-guard] [type=submit]")
    legal.wait_for_load_state("networkidle")
    action.refresh_from_db()
    assert (action.state, action.reference) == ("filed", "SF1203")


def test_a_letter_without_an_incident_is_answered_in_approved_words_and_proved(
    sit_down: Callable[..., Any], people: dict[str, User]
) -> None:
    """C1: 来函来电台账."""
    monitor = sit_down("monitor")
    monitor.goto("/incoming/enter/")
    monitor.select_option("[name=kind]", "regulator")
    monitor.select_option("[name=means]", "letter")
    monitor.fill("[name=sender]", "市场监管局")
    monitor.fill("[name=asks]", "请说明抽检情况")
    monitor.fill("[name=due_at]", "2099-01-01T09:00")
    monitor.select_option("[name=owner]", str(people["market"].pk))
    monitor.set_input_files("[name=brought]", LETTER)
    monitor.click("main form[data-guard] [type=submit]")
    monitor.wait_for_url("**/incoming/*-*-*-*-*/")
    letter = Incoming.objects.get()
    page = letter.get_absolute_url()
    outsider = sit_down("dept")
    assert outsider.goto(page).status == 404
    assert outsider.goto(letter.original.get_absolute_url()).status == 404

    market = sit_down("market")
    market.goto(page)
    assert market.get_by_role("link", name="问询函.pdf").count() == 1
    market.fill("[name=line]", "已停业自查，检测结果今日18时前书面答复。")
    market.click(f"form[action='{page}line/'] [type=submit]")
    market.wait_for_load_state("networkidle")
    assert post(market, f"{page}line/decide/", version="2", decision="approve") == 403  # nobody their own
    pr = sit_down("pr", phone=True)
    pr.goto(page)
    assert fits(pr)
    pr.tap("button[name=decision][value=approve]")
    pr.wait_for_load_state("networkidle")
    market.goto(page)
    market.set_input_files("[name=brought]", REPLY)
    market.click(f"form[action='{page}reply/'] [type=submit]")
    market.wait_for_load_state("networkidle")
    assert market.get_by_role("link", name="回函.pdf").count() == 1
    letter.refresh_from_db()
    assert (letter.state, letter.approved_by, letter.proof.name) == ("replied", people["pr"], "回函.pdf")


def test_a_text_signed_in_peacetime_takes_one_signature(
    sit_down: Callable[..., Any], people: dict[str, User], incident: Incident
) -> None:
    """R2, H2.2: the first word within minutes."""
    text = approved(people, timezone.now())
    use = f"/incidents/{incident.number}/statements/new/holding/{text.uuid}/"
    gm = sit_down("gm")
    assert gm.goto(use).status == 403
    speaker = sit_down("spokesperson")
    speaker.goto(f"/incidents/{incident.number}/statements/new/")
    speaker.click(f"a[href='{use}']")
    for slot, words in FILLED.items():
        speaker.get_by_label(slot).fill(words)
    speaker.click("main form[method=post] button.primary")
    speaker.wait_for_url("**/statements/*-*-*-*-*/")
    version = Statement.objects.get().newest
    address = f"/signoffs/{version.uuid}/"
    assert [place.place for place in version.signoffs.all()] == ["team_head"]
    assert post(gm, f"{address}decide/", text_hash=version.text_hash, decision="approve") == 403
    pr = sit_down("pr", phone=True)
    pr.goto("/incidents/approvals/")
    pr.tap(f"a[href='{address}'] >> nth=0")
    pr.tap(".decide a.primary")
    pr.tap(".decide button.primary")
    pr.wait_for_url("**/approvals/**")
    version.refresh_from_db()
    assert version.is_releasable


def test_only_the_head_of_the_department_reports_at_level_three(
    sit_down: Callable[..., Any], people: dict[str, User]
) -> None:
    """H3.1: tests/response/test_departments_and_plans_in_browser.py walks the flow; here the wrong ones are refused."""
    incident = incident_at(Level.THREE, people, timezone.now(), lead=people["head"])
    base = f"/incidents/{incident.number}/department/"
    for who in ("member", "market"):
        page = sit_down(who, phone=True)
        page.goto(base)
        assert page.locator(f"form[action='{base}report/']").count() == 0
        assert post(page, f"{base}report/", text="已处理") == 403
        assert post(page, f"{base}choose/", way="private", reason="当事人愿意私下解决") == 403
        assert post(page, f"{base}close/", cause="x", done="x", outcome="当事人已接受退款方案") == 403
    outsider = sit_down("dept", phone=True)
    assert post(outsider, f"{base}report/", text="已处理") in (403, 404)
    assert not ProgressReport.objects.exists()
