"""My tasks narrowed by the address, and taken along as a table."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import User
from audit.models import Entry
from incidents.levels import Level
from incidents.models import Incident
from response.models import Task
from tests.response.factories import incident_at, with_tasks

Signed = Callable[[str], Client]


@pytest.fixture
def two(cast: dict[str, User], noon: datetime) -> list[Incident]:
    made = [with_tasks(incident_at(level, cast, noon), cast, noon) for level in (Level.TWO, Level.ONE)]
    Task.objects.filter(incident=made[1]).exclude(owner=cast["legal"]).update(deputy=cast["legal"])
    return made


def narrowed(client: Client, noon: datetime, query: str) -> set[tuple[int, bool, bool]]:
    """Level, whether late, whether one's own, of what is shown."""
    with time_machine.travel(noon + timedelta(minutes=150), tick=False):
        shown = client.get(f"/my-tasks/?{query}").context
    return {
        (row["task"].incident.level, row["is_late"], group != "as_deputy")
        for group in ("overdue", "coming", "as_deputy")
        for row in shown[group]
    }


def test_filters_live_in_the_address(two: list[Incident], noon: datetime, signed_in: Signed) -> None:
    client = signed_in("legal")
    everything = narrowed(client, noon, "")
    assert len(everything) > 4
    assert narrowed(client, noon, "level=2") == {row for row in everything if row[0] == 2}
    assert narrowed(client, noon, f"incident={two[1].uuid}") == {row for row in everything if row[0] == 1}
    assert narrowed(client, noon, "overdue=on") == {row for row in everything if row[1]}
    assert narrowed(client, noon, "deputy=on&level=1") == {row for row in everything if row[0] == 1 and not row[2]}
    assert narrowed(client, noon, "level=nonsense&incident=x") == everything


def test_the_export_is_what_the_page_shows(two: list[Incident], signed_in: Signed) -> None:
    two[0].title = "=1+1"
    two[0].save()
    answer = signed_in("legal").get("/my-tasks/export.csv", {"level": "2"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    own = Task.objects.unfinished().filter(owner__username="legal", incident=two[0])
    assert sorted(row[0] for row in rows[1:]) == sorted(task.shown_title for task in own)
    entry = Entry.objects.get(event="response.tasks_exported")
    assert entry.detail == {"rows": len(own), "filters": {"level": "2"}}
    assert signed_in("outsider").get("/my-tasks/export.xlsx").content.startswith(b"PK")
