"""What the tests of statements share: one instant, and a spokesperson and an alternate with letters of authority."""

from datetime import datetime

import pytest
import time_machine

from accounts.models import User
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
