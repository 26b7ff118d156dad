"""Tables that people bring, as columns and rows of text: CSV, XLSX and JSON Lines. Pure; run only in a process apart.

CSV may be UTF-8 (with or without its mark), UTF-16 with a mark, or GB18030, with commas, semicolons or tabs.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import Any, NamedTuple

COLUMNS = 200
CELL = 100_001  # characters: one more than a text may have, so that a cut is noticed
UNPACKED = 400 * 1024 * 1024  # bytes of a workbook's parts; a whole novel of rows has less
PARTS = 1_000
LOOKED_AT = 100  # lines of JSON whose keys are the columns

Cells = list[str] | None  # None: the line is not a row at all


class Unreadable(Exception):
    """The file as a whole cannot be read; `reason` is a code of monitoring.reading.rows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Table(NamedTuple):
    """columns: their names, each once. rows: the number a person counts in the file, and the cells.

    total  rows as the file itself declares them; None where only counting tells
    """

    columns: list[str]
    rows: Iterator[tuple[int, Cells]]
    total: int | None


def format_of(beginning: bytes) -> str:
    """csv, xlsx or jsonl, by how a file begins. Raises Unreadable for what is plainly something else."""
    if beginning.startswith(b"PK\x03\x04"):
        return "xlsx"
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable("old_workbook")
    if beginning.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"\x1f\x8b", b"7z\xbc\xaf")):
        raise Unreadable("no_table")
    return "jsonl" if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"


def read_table(body: bytes, kind: str) -> Table:
    """The first sheet of a workbook, or the whole of another file. The first row that says something names the columns.

    Raises Unreadable, also while its rows are walked. Rows without any text are left out.
    """
    if kind == "jsonl":
        return _json_lines(_decoded(body))
    numbered, total = _sheet(body) if kind == "xlsx" else (_csv(_decoded(body)), None)
    filled = ((number, cells) for number, cells in numbered if any(cells))
    first = next(filled, None)
    if first is None:
        raise Unreadable("empty")
    header, names = first
    return Table(_named(names), filled, max(total - header, 0) if total else None)


def _named(names: list[str]) -> list[str]:
    """Column names, each once and none empty."""
    while names and not names[-1]:
        names.pop()
    named: list[str] = []
    for place, name in enumerate(names, start=1):
        plain = " ".join(name.split())[:80] or f"#{place}"
        named.append(plain if plain not in named else f"{plain} ({place})")
    return named


def _decoded(body: bytes) -> str:
    is_marked = body.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_marked else ["utf-8-sig", "gb18030"]:
        try:
            text = body.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text[:10_000]:
            raise Unreadable("no_table")
        return text
    raise Unreadable("encoding")


# --- CSV -------------------------------------------------------------------------------------------------------------
def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            yield before + 1, [cell.strip()[:CELL] for cell in cells[:COLUMNS]]
            before = reader.line_num
    except csv.Error:
        raise Unreadable("broken_csv") from None


def _delimiter(text: str) -> str:
    """The one that cuts the first line into most cells."""
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    return max(",;\t", key=lambda one: len(next(csv.reader([first], delimiter=one), [])))


# --- JSON Lines ------------------------------------------------------------------------------------------------------
def _json_lines(text: str) -> Table:
    lines = ((number, line) for number, line in enumerate(io.StringIO(text), start=1) if line.strip())
    looked_at = [(number, _object(line)) for number, line in islice(lines, LOOKED_AT)]
    columns = list(dict.fromkeys(key for _number, found in looked_at for key in found or ()))[:COLUMNS]
    if not columns:
        raise Unreadable("no_json_lines")

    def rows() -> Iterator[tuple[int, Cells]]:
        for number, found in looked_at:
            yield number, _cells(found, columns)
        for number, line in lines:
            yield number, _cells(_object(line), columns)

    return Table(columns, rows(), None)


def _object(line: str) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _cells(found: dict[str, Any] | None, columns: list[str]) -> Cells:
    return None if found is None else [_as_text(found.get(column)) for column in columns]


# --- XLSX ------------------------------------------------------------------------------------------------------------
def _sheet(body: bytes) -> tuple[Iterator[tuple[int, list[str]]], int | None]:
    from openpyxl import load_workbook  # half of a reader's start, and most files are CSV
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
                raise Unreadable("too_large_inside")
        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True, keep_links=False)
        sheet = next(iter(book.worksheets), None)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, TypeError, SyntaxError, OSError):
        raise Unreadable("no_workbook") from None  # SyntaxError: its XML is broken, or asks for more than it may
    if sheet is None:
        raise Unreadable("empty")
    total = sheet.max_row
    sheet.reset_dimensions()  # what a sheet says of its width is wrong often enough to lose columns
    return _sheet_rows(sheet), total


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield number, [_as_text(cell) for cell in cells[:COLUMNS]]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, IndexError, EOFError):
        raise Unreadable("no_workbook") from None


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value.strip()[:CELL]
        case datetime():
            return value.isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case bool() | int() | float():
            return json.dumps(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)[:CELL]
        case _:
            return str(value)[:CELL]
