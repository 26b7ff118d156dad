from collections.abc import Iterator

import pytest

from tests.monitoring.feedserver import FeedServer


@pytest.fixture
def web() -> Iterator[FeedServer]:
    """A web server on this machine's own address."""
    server = FeedServer()
    yield server
    server.shutdown()
    server.server_close()
