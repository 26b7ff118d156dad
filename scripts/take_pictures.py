"""Take the pictures the README shows from a running demo desk.

    .venv/bin/python scripts/take_pictures.py http://127.0.0.1:8000 PASSWORD

Needs Chromium. Opens the desk as the demo people and writes docs/images/*.png.
"""

import sys
from pathlib import Path
from shutil import which
from typing import Any

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


def signed_in(browser: Any, base: str, username: str, password: str, size: dict[str, Any]) -> Any:
    context = browser.new_context(base_url=base, locale="zh-CN", timezone_id="Asia/Shanghai", **size)
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    page.click("form:has([name=password]) [type=submit]")
    page.wait_for_load_state("networkidle")
    return page


def main() -> None:
    base, password = sys.argv[1:3]
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        page = signed_in(browser, base, "pr", password, DESKTOP)
        page.goto("/inbox/", wait_until="networkidle")
        page.screenshot(path=IMAGES / "inbox.png")
        page.goto("/incidents/", wait_until="networkidle")
        page.click("table a[href*='/incidents/']")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "incident.png")
        browser.close()


if __name__ == "__main__":
    main()
