"""What app.js does, in a real browser under the strict policy: keys, lists, undo, polling, guards, theme, charts."""

from collections.abc import Callable, Iterator
from shutil import which
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.config import browser_urls
from tests.factories import WatchFactory

CHROMIUM = next((path for path in map(which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("tests.config.browser_urls"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: the browser tests did not run"),
]


@pytest.fixture
def page(live_server: Any, signed_in: Callable[[str], Client]) -> Iterator[Any]:
    """A page of a browser signed in as the working group's head; a word of complaint in its console fails the test."""
    from playwright.sync_api import sync_playwright

    cookie = signed_in("pr").cookies[settings.SESSION_COOKIE_NAME].value
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=live_server.url, locale="en-US", viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None
        )
        page.goto("/keys/")
        yield page
        browser.close()
    assert complaints == []


def current(page: Any) -> str:
    return page.locator("[data-list] [aria-current]").inner_text()


def answered(page: Any, how: str) -> list[str]:
    """The kinds of question the browser asks from now on; each is answered "accept" or "dismiss"."""
    kinds: list[str] = []

    def answer(dialog: Any) -> None:
        kinds.append(dialog.type)
        getattr(dialog, how)()

    page.on("dialog", answer)
    return kinds


def test_j_and_k_walk_the_list_and_the_reader_follows(page):
    page.keyboard.press("j")
    assert current(page) == "Row 1"
    page.keyboard.press("j")
    page.get_by_text("Reading 2").wait_for()
    page.keyboard.press("k")
    page.get_by_text("Reading 1").wait_for()
    assert page.evaluate("document.activeElement.textContent.trim()") == "Row 1"


def test_after_one_is_handled_the_next_is_taken_up_and_undo_is_at_hand(page):
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.get_by_text("Reading 2").wait_for()
    page.wait_for_timeout(150)  # htmx takes up the new form a moment after it is seen
    page.keyboard.press("e")
    page.get_by_text("Ignored 2").wait_for()
    page.get_by_text("Reading 3").wait_for()
    assert page.locator("#rows").inner_text().split("\n") == ["Row 1", "Row 3"]
    assert current(page) == "Row 3"
    page.keyboard.press("z")
    page.wait_for_url("**/keys/restore/2/")


def test_keys_do_nothing_while_somebody_writes(page):
    page.keyboard.press("/")
    page.keyboard.type("jje?")
    assert page.locator("[aria-label=Search]").input_value() == "jje?"
    assert page.locator("[data-list] [aria-current]").count() == 0
    assert page.locator("dialog[open]").count() == 0


def test_keys_do_nothing_with_a_modifier_or_while_composing(page):
    page.keyboard.press("Control+j")
    page.evaluate("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j', isComposing: true, bubbles: true}))")
    assert page.locator("[data-list] [aria-current]").count() == 0


def test_a_chinese_input_method_does_not_hide_the_key(page):
    pressed = "{key: 'Process', code: 'KeyJ', keyCode: 229, bubbles: true}"
    page.evaluate(f"document.body.dispatchEvent(new KeyboardEvent('keydown', {pressed}))")
    assert current(page) == "Row 1"


def test_g_and_a_letter_go_to_a_page(page):
    page.keyboard.press("g")
    with page.expect_navigation(wait_until="commit"):
        page.keyboard.press("h")
    assert page.url.rstrip("/").count("/") == 2


def test_the_question_mark_lists_the_keys_and_escape_closes(page):
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    assert page.locator("[data-keys-here] li").count() == 2  # the page's own, and the search box
    page.keyboard.press("j")
    assert page.locator("[data-list] [aria-current]").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0


def test_single_keys_can_be_turned_off(page):
    page.keyboard.press("?")
    page.get_by_role("button", name="Turn single keys off").click()
    page.wait_for_selector("body[data-shortcuts=off]")
    page.keyboard.press("j")
    assert page.locator("[data-list] [aria-current]").count() == 0


def test_a_form_is_sent_once_however_often_it_is_pressed(page):
    browser_urls.asked["slow"] = 0
    page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('#slow button').click()")
    page.locator("#answer", has_text="sent").wait_for()
    assert browser_urls.asked["slow"] == 1
    page.locator("#slow button").click()
    page.wait_for_timeout(900)
    assert browser_urls.asked["slow"] == 2


def test_a_refused_form_shows_why_and_a_broken_one_says_so(page):
    page.locator("#bad button").click()
    page.locator("#answer", has_text="please check").wait_for()
    page.locator("#broken button").click()
    page.locator(".toast.error", has_text="That did not work").wait_for()
    assert page.locator("#answer").inner_text() == "please check"


def test_a_panel_keeps_itself_fresh_and_says_that_it_polls(page):
    browser_urls.asked["fresh"] = 0
    page.mouse.click(600, 400)
    page.locator("#fresh", has_text="new 1").wait_for(timeout=8000)
    assert browser_urls.asked["fresh"] >= 1


def test_a_panel_says_when_it_is_not_up_to_date(page):
    page.route("**/keys/fresh/", lambda route: route.abort())
    page.mouse.click(600, 400)
    page.wait_for_selector("#fresh[data-stale^='Not up to date']", timeout=8000)


def test_what_was_typed_is_not_lost_by_leaving(page):
    asked = answered(page, "dismiss")
    page.locator("[aria-label=Text]").fill("half a sentence")
    page.evaluate("location.href = '/keys/read/1/'")
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.locator("[aria-label=Text]").input_value() == "half a sentence"


def test_the_theme_changes_at_once_and_stays(page):
    page.locator(".rail .theme-switch").click()
    page.wait_for_selector("html[data-theme=dark]")
    page.wait_for_timeout(300)
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_chart_is_drawn_or_its_table_stands_open(page):
    page.goto("/styleguide/")
    page.wait_for_timeout(1500)
    drawn = page.locator("[data-chart][data-drawn] svg").count()
    assert drawn == 2 or page.locator(".plot details[open]").count() == 2


def test_the_reader_shows_what_the_list_marks_however_slow_an_answer_is(page):
    slow_first = []

    def late(route):
        slow_first.append(route)  # held back until the second one is there

    page.route("**/keys/read/1/", late)
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.get_by_text("Reading 2").wait_for()
    for route in slow_first:
        route.continue_()
    page.wait_for_timeout(500)
    assert page.locator("#reader p").inner_text() == "Reading 2"


def test_a_form_that_saves_itself_can_be_handed_in_meanwhile(page):
    page.locator("[aria-label=Draft]").fill("half a sentence")
    page.wait_for_timeout(250)  # the draft is on its way
    page.get_by_role("button", name="Hand in").click()
    page.wait_for_url("**/keys/restore/9/")


def test_a_saved_draft_lets_one_leave(page):
    asked = answered(page, "accept")
    page.locator("[aria-label=Draft]").fill("a whole sentence")
    page.locator("#answer", has_text="saved").wait_for()
    page.goto("/keys/read/1/")
    assert asked == []


COPY = """(async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 20 });
  canvas.getContext("2d").fillRect(5, 5, 10, 10);
  const picture = await new Promise((done) => canvas.toBlob(done, "image/png"));
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
})()"""


@pytest.fixture
def somewhere_to_keep(settings, tmp_path, transactional_db):
    settings.MEDIA_ROOT = tmp_path
    WatchFactory(rule="晴野")


def test_a_copied_picture_is_pasted_as_evidence_of_a_lead(somewhere_to_keep, page):
    """With the browser's own clipboard: first where the words are typed, then with no field in hand."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/inbox/enter/")
    page.evaluate(COPY)
    page.locator("#id_text").fill("晴野门店的饮料里有异物")
    page.keyboard.press("Control+V")
    page.wait_for_function("document.querySelector('#id_screenshots').files.length === 1")
    page.locator("h1").click()
    page.keyboard.press("Control+V")
    page.wait_for_function("document.querySelector('#id_screenshots').files.length === 2")
    page.locator("#id_platform").fill("微信群")
    page.locator("form[data-guard] button[type=submit]").click()
    page.wait_for_url(lambda url: "/enter/" not in url)
    page.locator("img.evidence").wait_for()  # one: the same picture twice is kept once
    answer = page.request.get(page.locator("img.evidence").get_attribute("src"))
    assert (answer.status, answer.headers["content-type"], answer.body()[:4]) == (200, "image/png", b"\x89PNG")
