"""The process apart in which a table is read: `python -m monitoring.reading.table_child`, started by `table_apart`.

It takes one file on stdin (a line of JSON, then the bytes) and answers with lines of JSON: the columns, then the rows,
then how it ended.
"""

import json
import sys
from itertools import islice
from typing import Any

from monitoring.reading.bounds import confine
from monitoring.reading.tables import Unreadable, read_table

MEMORY = 1024 * 1024 * 1024  # bytes of address space: 50 MB of rows as text, and the table of a workbook's strings
CPU_SECONDS = 90


def main() -> None:
    request = json.loads(sys.stdin.buffer.readline())
    if request["kind"] == "xlsx":  # it looks around while it is loaded, which a file must not make it do
        sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it, to no use here
        import openpyxl  # noqa: F401
    confine(memory=MEMORY, cpu_seconds=CPU_SECONDS)
    try:
        _answer(sys.stdin.buffer.read(request["size"]), request)
    except Unreadable as unreadable:
        _say({"unreadable": unreadable.reason})
    except (MemoryError, RecursionError):
        _say({"unreadable": "too_costly"})


def _answer(body: bytes, request: dict[str, Any]) -> None:
    table = read_table(body, request["kind"])
    _say({"columns": table.columns, "total": table.total})
    for row in islice(table.rows, request["skip"], request["skip"] + request["most"]):
        _say(row)
    rest = sum(1 for _row in table.rows) if request["count"] and table.total is None else None
    _say({"rest": rest})


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
