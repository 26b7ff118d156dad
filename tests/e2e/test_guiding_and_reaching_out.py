"""6.4 and 6.6 in real browsers: the directory, a contact with its next step, an adviser, guidance, an event."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.conftest import Desk
from tests.e2e.test_the_whole_chain import attempt

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

SEED = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from incidents.models import Incident
head, pr = User.objects.get(username="head"), User.objects.get(username="pr")
now = timezone.now()
incident = Incident.everywhere.create(number="YQ-2026-811", title="北门店的情况", department=head.department, lead=pr,
    opened_by=pr, opened_at=now, first_known_at=now - timedelta(hours=1), activated_at=now)
Incident.everywhere.filter(pk=incident.pk).update(level=2, stage="responding")
print(json.dumps({"now": timezone.localtime(now).strftime("%Y-%m-%dT%H:%M")}))
"""
INCIDENT = "/incidents/YQ-2026-811/"


def save(page: Any, form: str, **values: str) -> None:
    """Fill the fields of the form with this action and send it."""
    here = page.locator(f"form[action$='{form}']") if form else page.locator("main form[data-guard]")
    for name, value in values.items():
        field = here.locator(f"[name={name}]")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    here.locator("[type=submit]").click()
    page.wait_for_load_state()


def test_from_the_directory_to_the_outcome_of_a_press_conference(desk: Desk, sit_down: Callable[..., Any]) -> None:
    answer = desk.manage("shell", "--no-imports", "-c", SEED)
    assert answer.returncode == 0, answer.stderr[-2000:]
    now = json.loads(answer.stdout.strip().splitlines()[-1])["now"]
    market, gm, dept = sit_down("market"), sit_down("gm", phone=True), sit_down("dept")
    assert dept.goto("/directory/").status == 403

    # C2: somebody to speak with, and what was said
    for kind, name in (("行业协会", "北城餐饮协会"), ("律师", "北城律所")):
        market.goto("/directory/add/")
        save(market, "", kind=kind, organisation=name)
    market.goto(f"{INCIDENT}outreach/")
    save(market, "outreach/log/", contact="北城餐饮协会", way="电话", at=now, said="说明停业安排", outcome="愿意转发",
         next_step="送检测报告", next_step_at="2099-01-01T09:00")  # fmt: skip
    taken = market.locator("form[action$='/done/']")
    assert attempt(dept, taken.get_attribute("action")) in (403, 404)
    taken.locator("button").click()
    market.locator(".tag.ok").first.wait_for()

    # C3: what the law forbids cannot be agreed to; the changed text can, by a leader on the phone, not by its drafter
    market.goto("/advisers/add/")
    save(market, "", contact="北城律所", scope="代理诉讼，并负责删帖。", fee="5000")
    page = market.url
    assert "法释" in market.locator("main").inner_text()
    market.goto(f"{page}edit/")
    save(market, "", scope="代理诉讼，不得删帖。")
    assert attempt(market, f"{page}agree/".replace(desk.url, ""), version="2") == 403
    gm.goto(page)
    gm.locator("form[action$='/agree/'] button").tap()
    gm.locator(".tag.ok").first.wait_for()

    # G1 to G3: what people are to understand, something to publish, a press conference and its outcome
    market.goto(f"{INCIDENT}guidance/")
    save(market, "guidance/plan/", aim="让顾客知道退款办法", messages="全额退款\n电话登记")
    assert attempt(gm, f"{INCIDENT}guidance/plan/", version="1", aim="别的", messages="别的") == 403
    save(
        market,
        "guidance/items/add/",
        title="一图看懂退款",
        message="三步退款",
        channel="公众号",
        due_at="2099-01-01T09:00",
    )
    market.locator("main details.across summary").click()
    save(market, "/out/", url="https://example.com/refund")
    market.locator("a[href='https://example.com/refund']").first.wait_for()
    market.goto(f"{INCIDENT}guidance/events/add/")
    save(
        market,
        "",
        kind="新闻发布会",
        title="北门店说明会",
        at=now,
        place="总部",
        run_sheet="14:00 开场",
        questions="谁负责？\n公司负责。",
    )
    market.locator("aside details summary").first.click()
    save(market, "/held/", held_at=now, outcome="八家媒体到场")
    assert "八家媒体到场" in market.locator("main").inner_text()
    market.goto(f"{INCIDENT}guidance/")
    effects = market.locator("main table").last.inner_text()
    assert "北门店说明会" in effects
    assert "不能归因" in effects  # nobody has said anything of it, and the day is not over
