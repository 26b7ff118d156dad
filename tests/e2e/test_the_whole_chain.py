"""One post travels all the way, in real browsers on a real desk: worker, scheduler, doorbell, database and web run.

Each step is first tried by somebody whose step it is not.
"""

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Desk, Feed

pytestmark = pytest.mark.browser

TITLE = "晴野茶饮北苑店被曝使用过期芋泥，三名顾客腹泻就医"
TEXT = """我们于今日上午注意到关于北苑店原料效期的反映。我们首先关心身体不适的三位顾客，已派专人陪同就医并承担费用。

涉事门店已暂停营业，原料已封存 [F1]。具体原因正在核实，我们不作猜测。

我们将于今日 20 时前在官网更新。联系电话：400-000-0000。"""


def feed_of(*titles: str) -> bytes:
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><guid>e2e-{number}</guid><title>{title}</title><pubDate>{now}</pubDate>"
        f"<link>https://news.example.com/{number}</link><description>{title}。市场监管部门已介入。</description></item>"
        for number, title in enumerate(titles)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>北苑快报</title>{items}</channel></rss>'.encode()


def attempt(page: Any, path: str, **data: str) -> int:
    """Post like a form of this person's would; the status of the answer."""
    token = next((each["value"] for each in page.context.cookies() if each["name"] == "csrftoken"), "")
    form = {**data, "csrfmiddlewaretoken": token}
    answer = page.request.post(path, form=form, headers={"Referer": page.url}, max_redirects=0, max_retries=3)
    return int(answer.status)


def status_of(page: Any, path: str) -> int:
    return int(page.request.get(path, max_redirects=0, max_retries=3).status)


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """What the workers bring about in their own time."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "the workers did not bring it about"
        time.sleep(1)
    return found


def reload_until(page: Any, path: str, selector: str) -> Any:
    """Open a page again and again until it shows something."""

    def look() -> bool:
        page.goto(path)
        return page.locator(selector).count() > 0

    eventually(look)
    return page.locator(selector).first


def test_a_post_becomes_a_published_statement(sit_down: Callable[..., Any], desk: Desk, feed: Feed) -> None:
    feed.body = feed_of(TITLE, "晴野茶饮回应称正在核实北苑店情况", "北苑店顾客：喝完晴野当晚腹泻")
    monitor, pr, gm, dept = sit_down("monitor"), sit_down("pr"), sit_down("gm", phone=True), sit_down("dept")
    market, legal, spokesperson = sit_down("market"), sit_down("legal", phone=True), sit_down("spokesperson")
    member = sit_down("member", phone=True)

    # --- a source is listened to
    assert status_of(dept, "/sources/add/") == 403
    monitor.goto("/sources/add/")
    monitor.fill("[name=name]", "北苑快报")
    monitor.fill("[name=url]", feed.url)
    monitor.select_option("[name=source_class]", "media")
    monitor.fill("[name=platform]", "新闻客户端")
    monitor.check("[name=is_key]")
    monitor.click("main form button.primary")
    monitor.wait_for_url(re.compile(r"/sources/[0-9a-f-]{36}/"))
    monitor.click("form[action$='/poll/'] button")
    monitor.wait_for_selector("#polls")

    # --- it becomes a post in triage, and a signal
    assert status_of(dept, "/inbox/") in (403, 404)
    row = reload_until(monitor, "/inbox/?q=北苑", f"a.post:has-text('{TITLE[:12]}')")
    post = re.search(r"/inbox/([0-9a-f-]{36})/", row.get_attribute("href") or "")
    assert post is not None
    reload_until(monitor, f"/inbox/{post[1]}/", "a[href^='/signals/']")

    # --- somebody opens an incident from it
    assert attempt(spokesperson, "/incidents/open/", title="x") == 403
    pr.goto(f"/inbox/{post[1]}/")
    pr.keyboard.press("2")
    pr.wait_for_url(re.compile(r"/incidents/open/"))
    pr.fill("[name=title]", "北苑店过期芋泥")
    pr.locator("[name=affects]").first.check()
    pr.select_option("[name=department]", label="运营部")
    pr.click("main form button.primary")
    pr.wait_for_url(re.compile(r"/incidents/YQ-\d{4}-\d{3}/"))
    found = re.search(r"YQ-\d{4}-\d{3}", pr.url)
    assert found is not None
    incident = f"/incidents/{found[0]}/"
    assert status_of(dept, incident) == 404

    # --- assesses it and asks for 一级
    pr.goto(f"{incident}assess/")
    pr.click("main form button.primary")
    pr.wait_for_load_state()
    pr.goto(f"{incident}level/")
    pr.check("[name=level][value='1']", force=True)
    pr.fill("[name=reason]", "三名顾客就医，市场监管部门已介入，需要统一停售。")
    pr.click("main form button.primary")
    pr.wait_for_load_state()
    assert status_of(dept, f"{incident}level/") == 404

    # --- the leadership decides on a phone, in two taps; who asked may not, nor may a mere member
    link = reload_until(
        gm, "/incidents/approvals/", "main section:has-text('北苑') a[href^='/incidents/approvals/']"
    ).get_attribute("href")
    assert attempt(pr, f"{link}approve/", version="1") == 403
    assert attempt(member, f"{link}approve/", version="1") == 403
    gm.goto(link)
    gm.click("#bar a.primary")
    gm.click("#bar form button.danger")
    gm.wait_for_load_state()
    pr.goto(incident)
    assert pr.locator(".lv.l1").count() > 0

    # --- tasks are open, with owners and deadlines; one is finished by its owner
    assert status_of(dept, f"{incident}tasks/") == 404
    market.goto("/my-tasks/")
    task = market.locator("main a[href^='/tasks/']").first.get_attribute("href")
    assert attempt(spokesperson, f"{task}finish/", **{"finish-version": "1", "finish-evidence": "x"}) == 403
    market.goto(task)
    market.fill("form[action$='/finish/'] textarea", "已暂停 12 条排期内容，清单见运营后台。")
    market.click("form[action$='/finish/'] button")
    market.wait_for_load_state()

    # --- a fact is verified
    assert attempt(spokesperson, f"{incident}facts/add/", claim="x") == 403
    market.goto(f"{incident}facts/")
    market.fill("form[action$='/facts/add/'] textarea", "涉事门店已暂停营业，原料已封存")
    market.click("form[action$='/facts/add/'] button")
    market.wait_for_load_state()
    market.click("#F1 footer a")
    market.check("form[action$='/sign/'] input[value=verified]", force=True)
    market.fill("form[action$='/sign/'] [name=evidence]", "封存清单与现场照片")
    market.click("form[action$='/sign/'] button")
    market.wait_for_load_state()

    # --- a statement is drafted and submitted
    assert attempt(dept, f"{incident}statements/new/", kind="T0") == 404
    market.goto(f"{incident}statements/new/")
    market.check("[name=kind][value=T0]", force=True)
    market.click("main form button.primary")
    market.wait_for_url(re.compile(r"/statements/[0-9a-f-]{36}/"))
    statement = httpx.URL(market.url).path
    market.fill("#draft [name=title]", "关于北苑店情况的说明")
    market.fill("#draft [name=text]", TEXT)
    attempt(spokesperson, f"{statement}publish/now/", channels="newsroom")  # sent back: nobody has signed it
    market.click("button[formaction$='/submit/'], form[action$='/submit/'] button")
    market.wait_for_load_state()
    assert market.locator("#draft").count() == 0, market.locator("main").inner_text()

    # --- it is signed by those who must, on their phones; not by who wrote it
    signing = reload_until(
        legal, "/incidents/approvals/", "main section:has-text('北苑店') a[href^='/signoffs/']"
    ).get_attribute("href")
    assert attempt(market, f"{signing}decide/", decision="approve", text_hash="0" * 64) == 403
    for person in (legal, pr, gm):
        person.goto(signing)
        person.click(".decide a.primary")
        person.click(".decide button.primary")
        person.wait_for_load_state()

    # --- only the spokesperson publishes
    assert attempt(pr, f"{statement}publish/now/", channels="newsroom") == 403
    newsroom = httpx.get(f"{desk.url}/newsroom/")
    assert "北苑店" not in newsroom.text
    spokesperson.goto(f"{statement}publish/")
    spokesperson.click("main form button.danger")
    spokesperson.wait_for_load_state()

    # --- the newsroom shows it to everybody
    eventually(lambda: "关于北苑店情况的说明" in httpx.get(f"{desk.url}/newsroom/").text, seconds=30)
    assert "关于北苑店情况的说明" in httpx.get(f"{desk.url}/newsroom/feed.xml").text
    items = httpx.get(f"{desk.url}/newsroom/feed.json").json()["items"]
    assert [item["title"] for item in items if "北苑" in item["title"]] == ["关于北苑店情况的说明"]

    # --- and the trail proves it
    verdict = desk.manage("verify_audit", "--json")
    assert (verdict.returncode, json.loads(verdict.stdout)["whole"]) == (0, True), verdict.stderr
