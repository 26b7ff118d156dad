"""The first rows of a file as they would be stored, before anything of it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitoring.models import Import
from monitoring.reading.rows import FIELDS, NUMBERS, PREVIEWED, Problem
from monitoring.reading.table_apart import peek
from monitoring.services.imports import body_of, reader_of
from opinion.models import Heard, PostKey
from opinion.services import analysis


@dataclass(frozen=True)
class Previewed:
    """A row as it would be stored: its number in the file, and either the post or the problem.

    is_known   this source has brought it before, or an earlier row of these has
    is_wanted  a watch wants it, or all of them are kept for one
    """

    number: int
    item: analysis.Item | None
    problem: Problem | None
    column: str
    is_known: bool = False
    is_wanted: bool = False

    @property
    def numbers(self) -> list[tuple[str, int]]:
        """What its source counts, in words, as far as it says."""
        said = self.item.metrics if self.item else {}
        return [(str(FIELDS[name][0]), number) for name in NUMBERS if (number := said.get(name)) is not None]


def preview(one: Import, now: datetime) -> tuple[list[str], list[Previewed]]:
    """The columns of a file, and its first rows under its mapping. Raises tables.Unreadable. A few queries."""
    columns, rows, _total = peek(body_of(one), kind=one.format, most=PREVIEWED)
    reader = reader_of(one, columns, now)
    shown: list[Previewed] = []
    seen: set[str] = set()
    for number, cells in rows:
        read = reader.read(cells)
        if isinstance(read, Problem):
            shown.append(Previewed(number, None, read, one.mapping.get(read.field, "")))
            continue
        for item in analysis.prepared(one.source, [read])[0].values():
            shown.append(Previewed(number, item, None, "", item.external_id in seen))
            seen.add(item.external_id)
    items = [row.item for row in shown if row.item]
    analysis.find_wanted(items, None)
    known = _known(one, seen)
    return columns, [
        Previewed(
            row.number,
            row.item,
            row.problem,
            row.column,
            row.is_known or (row.item is not None and row.item.external_id in known),
            row.item is not None and bool(row.item.wanted or one.watch_id),
        )
        for row in shown
    ]


def _known(one: Import, ids: Iterable[str]) -> set[str]:
    keys = PostKey.objects.filter(source=one.source, external_id__in=ids, post__isnull=False)
    heard = Heard.objects.filter(source=one.source, external_id__in=ids)
    return {*keys.values_list("external_id", flat=True), *heard.values_list("external_id", flat=True)}
