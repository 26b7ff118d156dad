"""What every test may ask for: the cast, a browser client signed in as one of them, a fixed time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from audit import triggers
from tests.cast import make_cast


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
def _audit_may_be_flushed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests with real transactions end in a flush, which the audit triggers rightly refuse: lift them for that moment.

    The flush itself emits post_migrate, which puts them back.
    """
    marker = request.node.get_closest_marker("django_db")
    real = (marker and marker.kwargs.get("transaction")) or {"transactional_db", "live_server"} & set(request.fixturenames)
    if not real:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    triggers.lift()
