"""The spokesperson publishes on every channel at once, and everybody can open what stands there; others are refused.

The desk runs with the demo's stand-ins for WeChat and Weibo; the statement was signed before the test begins.
"""

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Desk
from tests.e2e.test_the_whole_chain import attempt, eventually, status_of

pytestmark = [pytest.mark.browser, pytest.mark.one_database]

SIGNED = """
from django.utils import timezone
from accounts.models import User
from response.services.images import image_of
from tests.response.factories import GOOD_TEXT, all_sign, in_review, incident_at
cast, now = {person.username: person for person in User.objects.all()}, timezone.now()
version = in_review(incident_at(2, cast, now), cast, now, text=GOOD_TEXT + "感谢监督𠮷。")
image_of(version, now)
all_sign(version, cast, now)
print(f"statement={version.statement.uuid} number={version.statement.number}")
"""


def test_one_press_publishes_everywhere_and_a_push_needs_two(sit_down: Callable[..., Any], desk: Desk) -> None:
    made = desk.manage("shell", "-c", SIGNED)
    found = re.search(r"statement=(\S+) number=(\S+)", made.stdout)
    assert found is not None, made.stderr
    page, number = f"/statements/{found[1]}/publish/", found[2]
    speaker, pr, admin, dept = sit_down("spokesperson"), sit_down("pr", phone=True), sit_down("admin"), sit_down("dept")

    # --- who may not
    everywhere = {"channels": "newsroom"}
    assert attempt(pr, f"{page}now/", **everywhere) == 403
    assert attempt(admin, f"{page}now/", **everywhere) in (403, 404)
    assert attempt(dept, f"{page}now/", **everywhere) in (403, 404)
    assert status_of(dept, "/publications/") == 403
    assert attempt(speaker, "/publications/accounts/weibo/switch/", on="no") == 403

    # --- one press; the push waits for somebody else
    speaker.goto(page)
    speaker.wait_for_selector("img.statement-picture")
    speaker.check("input[value=wechat_push]")
    speaker.click("main form button.danger")
    speaker.wait_for_selector("#releases section")
    second = speaker.locator("#releases section:has(.note.warn)").first.get_attribute("id")
    release = f"/releases/{(second or '').removeprefix('release-')}"
    assert attempt(speaker, f"{release}/agree/") == 403
    assert attempt(admin, f"{release}/agree/") in (403, 404)
    pr.goto(page)
    pr.click(f"form[action='{release}/agree/'] button")
    pr.wait_for_load_state()

    # --- everything is out: opened as a reader would
    def addresses() -> list[str]:
        speaker.goto(page)
        links = [each.get_attribute("href") for each in speaker.locator("#releases header a").all()]
        pushed = speaker.locator(f"#{second} .tag.ok").count()
        return links if len(links) == 4 and pushed else []

    reader = sit_down("spokesperson")
    for address in eventually(addresses, seconds=90):
        answer = reader.goto(address)
        assert answer.status == 200, address
        words = reader.locator("body").inner_text()
        assert "建国路店" in words, address
        assert "[F1]" not in words, address
        if "/status/" in address:
            assert reader.locator("img").evaluate("image => image.naturalWidth") > 0
            assert f"/newsroom/{number}/" in reader.locator("a").first.get_attribute("href")

    # --- the newsroom's own process shows nothing of the desk
    newsroom = next(each for each in addresses() if "/newsroom/" in each).split("/newsroom/")[0]
    assert newsroom != desk.url
    assert httpx.get(f"{newsroom}/accounts/login/").status_code == 404
    assert httpx.get(f"{newsroom}/newsroom/rss.xml").status_code == 200
    assert not httpx.get(f"{newsroom}/newsroom/").cookies

    # --- all say the same; one click begins a correction
    speaker.goto("/publications/")
    assert speaker.locator(f"tr:has-text('{number}') .tag.bad").count() == 0
    speaker.goto(page)
    speaker.click("form[action$='/revise/'] button")
    speaker.wait_for_selector("#draft [name=text]")
