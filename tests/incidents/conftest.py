"""Every test here happens at noon of the same day, and no app above has a say unless a test gives it one."""

from collections.abc import Callable, Iterator
from datetime import datetime
from shutil import which
from typing import Any

import pytest
import time_machine
from django.conf import settings as django_settings

from accounts.models import User
from incidents.models import Incident
from tests.cast import PASSWORD
from tests.incidents.factories import standing_at

CHROMIUM = next((path for path in map(which, ("chromium", "chromium-browser", "google-chrome")) if path), None)
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
LOCALES = {"zh": "zh-CN", "en": "en-US"}


@pytest.fixture(autouse=True)
def _at_noon(noon: datetime) -> Iterator[None]:
    with time_machine.travel(noon, tick=False):
        yield


@pytest.fixture(autouse=True)
def _no_hooks(settings: object) -> None:
    hooks = ("INCIDENT_HOOKS", "LIMIT_HOOKS", "APPROVAL_HOOKS", "DELEGATE_HOOKS", "REGULATOR_HOOKS")
    for name in hooks:
        setattr(settings, name, [])


@pytest.fixture
def incident(cast: dict[str, User]) -> Incident:
    """An incident under 研判, its level not set, opened and led by the 工作组组长."""
    return standing_at("triaged", 0, opened_by=cast["pr"], lead=cast["pr"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One Chromium for the tests of a file.

    Playwright runs an event loop in this thread; Django must not take our look at the rows for a mistake.
    """
    from playwright.sync_api import sync_playwright

    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def follow(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """`follow(link, "gm", "phone", "zh")`: the page of somebody who opened a link and signed in with their password."""
    contexts = []

    def opened(link: str, who: str, size: str, language: str) -> Any:
        context = browser.new_context(
            base_url=live_server.url, viewport=SIZES[size], locale=LOCALES[language], has_touch=size == "phone"
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        code = {"zh": "zh-hans", "en": "en"}[language]
        context.add_cookies([{"name": django_settings.LANGUAGE_COOKIE_NAME, "value": code, "url": live_server.url}])
        page = context.new_page()
        page.goto(link)
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) [type=submit]")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield opened
    for context in contexts:
        context.close()
