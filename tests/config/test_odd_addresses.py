"""What people or scripts write into an address: days at the end of the calendar, numbers without end, signs unseen."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from response.services.releases import publish
from tests.response.factories import incident_at, let_speak, releasable

FIRST, LAST, NINES = "0001-01-01", "9999-12-31", "9" * 5000
ADDRESSES = [
    *(f"/incidents/?{name}={day}" for name in ("since", "until") for day in (FIRST, LAST)),
    *(f"/incidents/timeliness/?{name}={day}" for name in ("since", "until") for day in (FIRST, LAST)),
    *(f"/incidents/YQ-2026-001/timeline/?since={day}T00:00" for day in (FIRST, LAST)),
    *(f"/incidents/YQ-2026-001/posts/?since={day}T00:00:00Z" for day in (FIRST, LAST)),
    *(f"/search/?q=店&since={day}T00:00" for day in (FIRST, LAST)),
    f"/duty/logs/?month={LAST[:7]}",
    "/inbox/?q=\u200b",
    "/inbox/?q=\u200b\u3000店",
    "/incidents/?q=" + "长" * 3000,
    "/people/?q=" + "长" * 30_000,
    f"/holding/new/?replaces={NINES}",
    "/holding/new/?replaces=x",
    f"/incidents/?page={NINES}",
    "/incidents/?page=٣&level=１&lead=\0",
]


@pytest.mark.one_database
@pytest.mark.parametrize("address", ADDRESSES)
def test_an_odd_address_shows_its_page(
    cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client], address: str
) -> None:
    incident_at(2, cast, noon)
    assert signed_in("pr").get(address).status_code in (200, 400, 422), address[:80]


@pytest.mark.parametrize("version", [NINES, "-1", "١", "x", "", "1e3"])
def test_a_version_that_is_none_is_stale_and_changes_nothing(
    cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client], version: str
) -> None:
    incident = incident_at(2, cast, noon)
    let_speak(cast["spokesperson"], cast)
    signed = releasable(incident, cast, noon)
    publish(signed, channels=["newsroom"], actor=cast["spokesperson"], now=noon)
    client = signed_in("spokesperson")
    answer = client.post(f"{signed.statement.get_absolute_url()}save/", {"version": version, "title": "a", "text": "b"})
    assert answer.status_code in (400, 409)
    signed.refresh_from_db()
    assert signed.title == "关于建国路店的说明"
