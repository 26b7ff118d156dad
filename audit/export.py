"""CSV as the desk hands it out: the trail line by line, and what every other export shares."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.timezone import localtime

from audit.chain import moment
from audit.models import Entry

COLUMNS = ("seq", "at", "event", "actor_kind", "actor", "subject", "detail", "prev_hash", "hash")
# What a spreadsheet takes for the beginning of a formula, full-width forms included.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # without it Excel reads the Chinese as something else


def safe_cell(text: str) -> str:
    """A cell no spreadsheet will run: one that could begin a formula gets an apostrophe in front (ASVS 1.2.10)."""
    text = text.replace("\0", "")
    starts_formula = text.lstrip(" ").startswith(FORMULA) or text.lstrip().startswith(FORMULA)
    return f"'{text}" if starts_formula else text


def csv_file(name: str, at: datetime) -> HttpResponse:
    """A CSV download for `csv.writer` to write into, named with the company's time; its mark is written already."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{localtime(at):%Y%m%d-%H%M}.csv"'
    response.write(BOM)
    return response


class Line:
    """What csv.writer writes into: hands the line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """One line an entry, after a line of column names; ready to be streamed."""
    writer: Any = csv.writer(Line())
    yield BOM + writer.writerow(COLUMNS)
    for entry in entries:
        detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
        row = (
            str(entry.seq),
            moment(entry.at),
            entry.event,
            entry.actor_kind,
            entry.actor_name,
            entry.subject,
            detail,
            entry.prev_hash,
            entry.hash,
        )
        yield writer.writerow([safe_cell(cell) for cell in row])
