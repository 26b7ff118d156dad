"""时效: how many clocks were kept, and which were not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, QuerySet

from accounts.models import User
from incidents.levels import LEVELS, ClockKind, Level
from incidents.models import Clock, Incident
from incidents.models.clocks import IN_TIME, late, under_way

STATES = ("kept", "late", "running")


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some clocks were kept, late and are still under way; `share` of those that are settled, 0 to 1."""

    kept: int = 0
    late: int = 0
    running: int = 0

    @property
    def share(self) -> float | None:
        return self.kept / (self.kept + self.late) if self.kept + self.late else None

    def __add__(self, other: "Rate") -> "Rate":
        return Rate(self.kept + other.kept, self.late + other.late, self.running + other.running)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of clock: at every level, and for each level by itself in the order of LEVELS."""

    kind: ClockKind
    whole: Rate
    cells: list[tuple[Level, Rate]]


def clocks_begun(person: User, since: datetime, until: datetime) -> QuerySet[Clock]:
    """Clocks of the live incidents this person may see that began from `since` to before `until`.

    One that was stopped in time, because nobody asked for it any more, counts neither way and is left out.
    """
    seen = Clock.objects.filter(incident__in=Incident.objects.visible_to(person))
    return seen.filter(started_at__gte=since, started_at__lt=until).exclude(stopped_at__lte=F("due_at"))


def narrowed(clocks: QuerySet[Clock], chosen: Mapping[str, Any], now: datetime) -> QuerySet[Clock]:
    """`kind`, `level` and `state` (one of STATES) narrow it; what is empty does not."""
    for name in ("kind", "level"):
        if chosen.get(name):
            clocks = clocks.filter(**{name: chosen[name]})
    states = {"kept": IN_TIME, "late": late(now), "running": under_way(now)}
    return clocks.filter(states[chosen["state"]]) if chosen.get("state") else clocks


def rates(clocks: QuerySet[Clock], now: datetime) -> list[Row]:
    """A row for each kind, in one query."""
    counted = clocks.order_by().values("kind", "level").annotate(
        kept=Count("pk", filter=IN_TIME), late=Count("pk", filter=late(now)), running=Count("pk", filter=under_way(now))
    )  # fmt: skip
    found = {(row["kind"], row["level"]): Rate(row["kept"], row["late"], row["running"]) for row in counted}
    rows = []
    for kind in ClockKind:
        cells = [(level, found.get((kind.value, level.value), Rate())) for level in LEVELS]
        rows.append(Row(kind, sum((rate for _level, rate in cells), Rate()), cells))
    return rows
