"""What the lists of incidents show."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from incidents.models import Incident, LevelRequest
from incidents.selectors.clocks import ticking
from incidents.selectors.level_proposals import open_proposals


def open_count(user: User) -> int:
    """Incidents this person may see that are not over."""
    return Incident.objects.visible_to(user).open().count()


def incidents_for_list(user: User) -> QuerySet[Incident]:
    """What the list shows of each incident, in as many queries however many there are."""
    return (
        Incident.objects.visible_to(user)
        .select_related("lead", "department")
        .prefetch_related(
            "affects",
            Prefetch("level_requests", waiting_requests(), to_attr="waiting_requests"),
            Prefetch("proposals", open_proposals(), to_attr="waiting_proposals"),
            Prefetch("clocks", ticking(), to_attr="running_clocks"),
        )
    )


def waiting_requests() -> QuerySet[LevelRequest]:
    """At most one an incident; a provisional start waits to be ratified."""
    waiting = LevelRequest.objects.filter(state__in=LevelRequest.OPEN)
    return waiting.select_related("requested_by", "requested_for", "clock")


def row_of(incident: Incident, line: list[int], now: datetime) -> dict[str, Any]:
    """What a list shows of an incident of `incidents_for_list`; `line` is its sparkline."""
    running = next(iter(incident.running_clocks), None)  # type: ignore[attr-defined]
    return {
        "incident": incident,
        "line": line,
        "clock": running,
        "left": running.due_at - now if running else None,
        "is_late": running is not None and running.due_at < now,
        "proposal": next(iter(incident.waiting_proposals), None),  # type: ignore[attr-defined]
        "waiting": next(iter(incident.waiting_requests), None),  # type: ignore[attr-defined]
    }
