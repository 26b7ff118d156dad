"""Tables that leave the desk: the same columns as CSV and XLSX, and nothing in either that a spreadsheet runs."""

import csv
import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from audit.export import table_file

AT = datetime(2026, 11, 18, 4, 0, tzinfo=UTC)  # noon in Shanghai
HOSTILE = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "  =1", "a\0=b", "#REF!", "一级\x0b\ufffe的事"]


def sheet(answer):
    return load_workbook(io.BytesIO(answer.content)).active


def test_no_cell_of_a_workbook_is_a_formula():
    rows = list(sheet(table_file("xlsx", "t", AT, ["=head"], [[text] for text in HOSTILE])).iter_rows())
    assert {cell.data_type for row in rows for cell in row} == {"s"}
    assert [row[0].value for row in rows] == [
        "=head", *HOSTILE[:5], "\t=1", "  =1", "a=b", "#REF!", "一级的事"
    ]  # fmt: skip
    assert [row[0].quotePrefix for row in rows] == [True] * 8 + [False] * 3


def test_no_cell_of_a_csv_is_a_formula():
    answer = table_file("csv", "t", AT, ["=head"], [[text] for text in HOSTILE])
    cells = [row[0] for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))]
    assert cells[:8] == [f"'{text}" for text in ["=head", *HOSTILE[:7]]]


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_moments_are_text_in_the_companys_zone_and_nothing_is_empty(suffix):
    answer = table_file(suffix, "t", AT, ["at", "n", "none"], [[AT, -3, None]])
    assert answer["Content-Disposition"] == f'attachment; filename="t-20261118-1200.{suffix}"'
    if suffix == "xlsx":
        assert list(sheet(answer).values) == [("at", "n", "none"), ("2026-11-18 12:00:00", -3, None)]
    else:
        assert answer.content.decode("utf-8-sig").splitlines() == ["at,n,none", "2026-11-18 12:00:00,-3,"]
