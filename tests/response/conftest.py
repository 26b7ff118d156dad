"""What the tests of statements share: one instant, and a spokesperson and an alternate with letters of authority."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from accounts.models import User
from notices.channels.fakes.server import FakeServer, running
from response.channels import fakes
from response.channels.wechat import api as wechat_api
from response.models import ChannelAccount
from tests.cast import PASSWORD
from tests.incidents.conftest import browser  # noqa: F401 the one Chromium of a file
from tests.response.factories import let_speak


@pytest.fixture
def at_noon(noon: datetime):
    """The wall clock stands at noon."""
    with time_machine.travel(noon, tick=False):
        yield noon


@pytest.fixture
def speakers(cast: dict[str, User]) -> dict[str, User]:
    let_speak(cast["spokesperson"], cast)
    let_speak(cast["alternate"], cast, is_alternate=True)
    return cast


@pytest.fixture
def platforms(settings: Any, db: None) -> Iterator[FakeServer]:
    """Stand-ins for WeChat, Weibo and a website on a real socket, and the company's accounts there."""
    wechat_api._tokens.clear()
    with running(more=fakes.ROUTES) as server:
        settings.CHANNEL_BASE_URL = server.url
        settings.OUTGOING_ALLOWED_HOSTS = [server.url.removeprefix("http://")]
        for kind, values in fakes.configs(server.url).items():
            account = ChannelAccount(kind=kind)
            account.settings = values
            account.save()
        yield server


@pytest.fixture
def sit_down(browser: Any, live_server: Any) -> Iterator[Callable[..., Any]]:  # noqa: F811
    """`sit_down("gm", phone=True)`: a page of somebody signed in."""
    contexts = []

    def person(who: str, *, phone: bool = False) -> Any:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size, locale="zh-CN", has_touch=phone)
        context.set_default_timeout(45_000)  # a busy machine is slow to give the first page
        contexts.append(context)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=username]", who)
        page.fill("[name=password]", PASSWORD)
        page.click("form:has([name=password]) [type=submit]")
        page.wait_for_url(lambda url: "/accounts/login" not in url)
        return page

    yield person
    for context in contexts:
        context.close()
