"""How well the last days were heard: a gap of last night stays to be seen when everything is fine again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.timezone import localtime
from django.utils.translation import ngettext

from monitoring.duty.days import at, today
from monitoring.models import CoverageDay
from opinion.models import SourceClass

DAYS = 14
EVENING = 18  # last night begins at this hour


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source was not heard."""

    source: str  # its uuid
    name: str
    since: datetime
    until: datetime

    @property
    def length(self) -> timedelta:
        return self.until - self.since


@dataclass(frozen=True, slots=True)
class Cell:
    """One class on one day. row None: nothing was counted, the desk did not run."""

    code: str
    row: CoverageDay | None
    gaps: list[Gap]

    @property
    def tone(self) -> str:
        """ok: heard throughout · warn: with gaps · bad: not at all · "": nobody listens, or nothing is known"""
        if self.row is None or not self.row.sources:
            return ""
        if not self.row.polls_ok:
            return "bad"
        return "warn" if self.gaps else "ok"

    @property
    def longest(self) -> timedelta | None:
        return max((gap.length for gap in self.gaps), default=None)

    @property
    def more(self) -> str:
        """How many gaps there are beyond the first three, in words."""
        rest = len(self.gaps) - 3
        return ngettext("%(n)s more", "%(n)s more", rest) % {"n": rest} if rest > 0 else ""


def coverage_days(now: datetime) -> list[tuple[date, list[Cell]]]:
    """The last fourteen days since counting began, newest first, each with the three classes. One query."""
    last = today(now)
    rows = {
        (row.day, row.source_class): row
        for row in CoverageDay.objects.filter(day__gt=last - timedelta(days=DAYS), day__lte=last)
    }
    first = min((day for day, _code in rows), default=last)
    days = [last - timedelta(days=n) for n in range((last - first).days + 1)]
    return [(day, [cell(code, rows.get((day, code))) for code in SourceClass.values]) for day in days]


def coverage_of(day: date) -> list[Cell]:
    """The three classes on one day. One query."""
    rows = {row.source_class: row for row in CoverageDay.objects.filter(day=day)}
    return [cell(code, rows.get(code)) for code in SourceClass.values]


def cell(code: str, row: CoverageDay | None) -> Cell:
    return Cell(code, row, [as_gap(gap) for gap in row.gaps] if row else [])


def as_gap(kept: dict[str, Any]) -> Gap:
    since, until = (localtime(datetime.fromisoformat(kept[name])) for name in ("since", "until"))
    return Gap(kept["source"], kept["name"], since, until)


def gaps_of_last_night(now: datetime) -> list[Gap]:
    """What was not heard between yesterday evening and now, the longest first. One query.

    A gap that goes through midnight stands in two rows and is shown as one.
    """
    since = at(today(now) - timedelta(days=1)).replace(hour=EVENING)
    rows = CoverageDay.objects.filter(day__gte=since.date(), day__lte=today(now)).order_by("day")
    found: list[Gap] = []
    for gap in sorted((as_gap(kept) for row in rows for kept in row.gaps), key=lambda gap: (gap.source, gap.since)):
        if gap.until <= since:
            continue
        if found and found[-1].source == gap.source and found[-1].until >= gap.since:
            found[-1] = Gap(gap.source, gap.name, found[-1].since, gap.until)
        else:
            found.append(gap)
    return sorted(found, key=lambda gap: gap.length, reverse=True)
