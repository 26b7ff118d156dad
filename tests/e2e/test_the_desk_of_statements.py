"""Writing on a bad line and signing on the phone, in real browsers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from response.channels.words import length_on
from tests.e2e.conftest import Desk
from tests.e2e.test_the_whole_chain import attempt, eventually

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

SEED = """
import json
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from incidents.models import Incident
from response.services import signing, statements
who = {name: User.objects.get(username=name) for name in ("pr", "legal", "spokesperson", "gm", "head")}
now = timezone.now()
incident = Incident.everywhere.create(number="YQ-2026-%s", title="南门店的情况", department=who["head"].department,
    lead=who["pr"], opened_by=who["pr"], opened_at=now, first_known_at=now - timedelta(hours=1), activated_at=now)
Incident.everywhere.filter(pk=incident.pk).update(level=2, stage="responding")
incident = Incident.everywhere.get(pk=incident.pk)
version = statements.start_statement(incident, kind="T0", actor=who["spokesperson"], now=now)
text = "我们今早8点注意到南门店的情况，关心顾客的健康，已停业。\\n情况正在核实，今日18时前更新。联系：400-000-0000。"
version = statements.save_draft(version, actor=who["spokesperson"], now=now, seen_version=version.version,
    title="关于南门店的说明", text=text)
if %s:
    for number in (1, 2):
        statements.submit(version, actor=who["spokesperson"], now=now, seen_version=version.version)
        if number == 2:
            break
        place = version.signoffs.get(place="leader")
        signing.approve(place, actor=who["gm"], now=now, seen_hash=version.text_hash)
        version = statements.revise(version, actor=who["spokesperson"], now=now)
        version = statements.save_draft(version, actor=who["spokesperson"], now=now, seen_version=version.version,
            title=version.title, text=version.text.replace("已停业", "已停业并封存原料"))
print(json.dumps({"statement": str(version.statement.uuid), "version": str(version.uuid), "hash": version.text_hash}))
"""


def seed(desk: Desk, number: int, is_signed: bool) -> dict[str, str]:
    answer = desk.manage("shell", "--no-imports", "-c", SEED % (number, is_signed))
    assert answer.returncode == 0, answer.stderr[-2000:]
    return json.loads(answer.stdout.strip().splitlines()[-1])


def test_no_word_is_lost_on_a_dropped_connection(desk: Desk, sit_down: Callable[..., Any]) -> None:
    address = f"/statements/{seed(desk, 801, False)['statement']}/"
    page = sit_down("spokesperson")
    context = page.context
    page.goto(address)
    box = page.locator("#id_text")
    # the counter under the channel's text counts like the server
    own = "南门店已停业 👍🏽𠮷 abc https://a.example/x "
    page.locator("details.channel-words summary").click()
    page.locator("#id_words_weibo").fill(own)
    assert page.locator("#count-weibo").inner_text() == f"{length_on('weibo', own.strip())} / 140"
    page.locator("#id_words_weibo").fill("")

    context.set_offline(True)
    box.fill(box.input_value() + "断线时写的一句。")
    page.locator("#saved-at.error").wait_for()
    page.close()  # the tab is gone, and nothing was saved
    context.set_offline(False)
    page = context.new_page()
    with page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        page.goto(address)
    assert "断线时写的一句。" in page.locator("#id_text").input_value()
    eventually(lambda: page.evaluate("!Object.keys(localStorage).some((key) => key.startsWith('draft:'))"))
    page.reload()
    assert "断线时写的一句。" in page.locator("#id_text").input_value()

    # somebody else saves while this one is off: both texts are shown, and the writer chooses
    context.set_offline(True)
    page.locator("#id_text").fill("我的整段话。今日18时前更新。")
    page.locator("#saved-at.error").wait_for()
    page.close()
    other = sit_down("pr")
    other.goto(address)
    with other.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        other.locator("#id_text").fill("同事的整段话。今日18时前更新。")
    context.set_offline(False)
    page = context.new_page()
    page.goto(address)
    page.locator("#kept").wait_for()
    assert "我的整段话" in page.locator("#kept-mine").input_value()
    assert "同事的整段话" in page.locator("#kept-theirs").input_value()
    assert "同事的整段话" in page.locator("#id_text").input_value()
    with page.expect_response(lambda answer: answer.url.endswith("/save/") and answer.ok):
        page.locator("#kept-take").click()
    other.reload()
    assert "我的整段话" in other.locator("#id_text").input_value()


def test_who_signed_before_reconfirms_from_the_diff_in_one_tap_on_the_phone(
    desk: Desk, sit_down: Callable[..., Any]
) -> None:
    made = seed(desk, 802, True)
    address = f"/signoffs/{made['version']}/"
    stranger = sit_down("market")
    decision = {"text_hash": made["hash"], "decision": "approve"}
    assert attempt(stranger, f"{address}decide/", **decision) == 403
    page = sit_down("gm", phone=True)
    page.goto(address)
    assert page.locator(".card ins").all_inner_texts() == ["并封存原料"]
    assert "已停业并封存原料" in page.locator(".card .prose").last.inner_text()  # and the full text
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(".decide button[value=approve]").tap()
    page.wait_for_url("**/approvals/**")
    page.goto(address)
    assert page.locator(".ladder li.on").count() == 1
    assert attempt(page, f"{address}decide/", **decision) in (403, 409)  # once is enough
