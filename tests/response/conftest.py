"""What the tests of statements share: one instant, and a spokesperson and an alternate with letters of authority."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine

from accounts.models import User
from notices.channels.fakes.server import FakeServer, running
from response.channels import fakes
from response.channels.wechat import api as wechat_api
from response.models import ChannelAccount
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
