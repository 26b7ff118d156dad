"""Tables as the desk hands them out, CSV and XLSX: the trail line by line, and what every other export shares."""

import csv
import json
import re
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
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Cell = str | int | datetime | None


def safe_cell(text: str) -> str:
    """A cell no spreadsheet will run: one that could begin a formula gets an apostrophe in front (ASVS 1.2.10)."""
    text = text.replace("\0", "")
    return f"'{text}" if starts_formula(text) else text


def starts_formula(text: str) -> bool:
    return text.lstrip(" ").startswith(FORMULA) or text.lstrip().startswith(FORMULA)


def csv_file(name: str, at: datetime) -> HttpResponse:
    """A CSV download for `csv.writer` to write into, named with the company's time; its mark is written already."""
    response = download(f"{name}-{localtime(at):%Y%m%d-%H%M}.csv", "text/csv; charset=utf-8")
    response.write(BOM)
    return response


def download(name: str, content_type: str) -> HttpResponse:
    return HttpResponse(content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def table_file(
    suffix: str, name: str, at: datetime, head: Iterable[str], rows: Iterable[Iterable[Cell]]
) -> HttpResponse:
    """A table to download, `suffix` csv or xlsx, with the same columns in both.

    A moment is text in the company's zone, a number a number, nothing an empty cell; no text is run by a spreadsheet.
    """
    lines = [[as_text(cell) if isinstance(cell, datetime) else cell for cell in row] for row in [head, *rows]]
    if suffix == "xlsx":
        response = download(f"{name}-{localtime(at):%Y%m%d-%H%M}.xlsx", XLSX)
        write_sheet(response, lines)
        return response
    response = csv_file(name, at)
    writer = csv.writer(response)
    writer.writerows([safe_cell(cell) if isinstance(cell, str) else cell for cell in line] for line in lines)
    return response


def as_text(at: datetime) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}"


def write_sheet(response: HttpResponse, lines: Iterable[Iterable[str | int | None]]) -> None:
    """One sheet whose head stays in sight. Texts are typed as texts, for openpyxl makes a formula of what begins with
    `=`; the mark of a quoted cell keeps them so when somebody edits one."""
    from openpyxl import Workbook  # only the few who take an XLSX wait for it
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for line in lines:
        cells = []
        for value in line:
            cell = WriteOnlyCell(sheet, NOT_IN_XML.sub("", value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
                cell.quotePrefix = starts_formula(value)
            cells.append(cell)
        sheet.append(cells)
    book.save(response)


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
