"""A page of a timeline of ten thousand entries against one of a hundred: whole, filtered, searched, printed."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from incidents.models import Incident, TimelineEntry

ROUNDS = 5
EVENTS = ("incidents.note_added", "incidents.level_requested", "response.task_finished", "response.released")


def run() -> dict[str, float]:
    call_command("collectstatic", interactive=False, verbosity=0)  # a page names its files by their hashes
    head = User.objects.create_user("bench-head", name="工作组组长")
    head.groups.add(*head.groups.model.objects.filter(name=Role.TEAM_HEAD))
    client = Client(headers={"host": "localhost"})
    client.force_login(head)
    small, large = (incident_with(count, head) for count in (100, 10_000))

    def page(incident: Incident, name: str = "timeline", **query: str) -> Callable[[], None]:
        def get() -> None:
            answer = client.get(reverse(f"incidents:{name}", args=[incident.number]), query)
            assert answer.status_code == 200, answer.status_code

        return get

    return {
        "100 entries, one page": per_second(page(small)),
        "10,000 entries, first page": per_second(page(large)),
        "10,000 entries, last page": per_second(page(large, page="100")),
        "10,000 entries, one kind": per_second(page(large, show="outward")),
        "10,000 entries, words": per_second(page(large, q="第九千")),
        "10,000 entries, the incident page": per_second(page(large, "detail")),
        "10,000 entries, chronicle": per_second(page(large, "chronicle")),
    }


def incident_with(count: int, head: User) -> Incident:
    now = timezone.now() - timedelta(days=1)
    incident = Incident.everywhere.create(
        number=f"YQ-2026-{count}", title="大事记", opened_by=head, lead=head, opened_at=now, first_known_at=now
    )
    TimelineEntry.objects.bulk_create(
        (
            TimelineEntry(
                incident=incident,
                at=now + timedelta(seconds=number),
                event=EVENTS[number % len(EVENTS)],
                actor=head,
                detail={"to_level": 2, "title": "说明", "channel": "官网"},
                note=f"第{number}条" if number != 9000 else "第九千条",
            )
            for number in range(count)
        ),
        batch_size=500,
    )
    return incident


def per_second(get: Callable[[], None]) -> float:
    get()
    began = time.perf_counter()
    for _round in range(ROUNDS):
        get()
    return ROUNDS / (time.perf_counter() - began)
