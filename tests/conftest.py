"""What every test may ask for: the cast, a browser client signed in as one of them, a fixed time."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as property_tests
from xdist.scheduler import LoadFileScheduling

from accounts.models import User
from audit import triggers
from config import embedded, supervisor
from config.supervisor import Part
from tests.cast import make_cast

# How long one example takes says how busy the machine is, nothing about the code.
property_tests.register_profile("desk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
property_tests.load_profile("desk")


class WalksTogether(LoadFileScheduling):
    """A file to a worker, and all walks of tests/e2e to one: they share a desk, and wait more than they work."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "tests/e2e" if file.startswith("tests/e2e/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return WalksTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what asks for a database: the rest has said on SQLite all that it can say."""
    if settings.EMBEDDED:
        return
    asks = {"db", "transactional_db", "live_server"}
    stored = [
        item for item in items if item.get_closest_marker("django_db") or asks & set(getattr(item, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=sorted(set(items) - set(stored), key=lambda item: item.nodeid))
    items[:] = stored


@pytest.fixture(scope="session", autouse=True)
def _doorbell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A real Valkey for this run alone, unless REDIS_URL names a server."""
    if "REDIS_URL" in os.environ:
        yield
        return
    supervisor.make_socket_folder(settings.SOCKET_DIR)
    folder = tmp_path_factory.mktemp("valkey")
    command = supervisor.valkey_command(supervisor.valkey_binary(), settings.SOCKET_DIR / "valkey.sock", folder)
    valkey = Part("valkey", command, folder / "valkey.log")
    supervisor.start(valkey)
    embedded.wait_for_broker(valkey)
    yield
    supervisor.stop([valkey], seconds=2)
    settings.SOCKET_DIR.rmdir()


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    """The fixed cast by user name."""
    return make_cast()


@pytest.fixture
def signed_in(cast: dict[str, User]) -> Callable[[str], Client]:
    """A client signed in as somebody of the cast: `signed_in("pr").get(...)`."""

    def client_of(username: str) -> Client:
        client = Client()
        client.force_login(cast[username])
        return client

    return client_of


@pytest.fixture
def noon() -> datetime:
    """A fixed time: Wednesday 2026-11-18, 12:00 in Shanghai."""
    return datetime(2026, 11, 18, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _begins_in_the_companys_language() -> Iterator[None]:
    """A page that was asked for in English leaves English active in the thread; the next test is not to meet it."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _audit_may_be_flushed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with real transactions end in a flush, which the audit triggers rightly refuse: lift them for that moment.

    The flush itself emits post_migrate, which puts them back.
    """
    marker = request.node.get_closest_marker("django_db")
    asks = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not asks and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    triggers.lift()
