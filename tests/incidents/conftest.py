"""Every test here happens at noon of the same day, and no app above has a say unless a test gives it one."""

from collections.abc import Iterator
from datetime import datetime

import pytest
import time_machine

from accounts.models import User
from incidents.models import Incident
from tests.incidents.factories import standing_at


@pytest.fixture(autouse=True)
def _at_noon(noon: datetime) -> Iterator[None]:
    with time_machine.travel(noon, tick=False):
        yield


@pytest.fixture(autouse=True)
def _no_hooks(settings: object) -> None:
    settings.INCIDENT_HOOKS = settings.LIMIT_HOOKS = []  # type: ignore[attr-defined]


@pytest.fixture
def incident(cast: dict[str, User]) -> Incident:
    """An incident under 研判, its level not set, opened and led by the 工作组组长."""
    return standing_at("triaged", 0, opened_by=cast["pr"], lead=cast["pr"])
