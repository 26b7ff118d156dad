"""A table as columns and rows, whatever wrote it; a row as a post, or the reason why it is none."""

import io
import zipfile
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monitoring.reading.rows import PRESETS, Problem, Reader, guess
from monitoring.reading.table_apart import open_table, peek
from monitoring.reading.tables import Unreadable, format_of
from tests.factories import NOON
from tests.monitoring.tables import workbook

TEXT = '标题;内容\n“新品”;排队，很长\n\n第二;"两\n行"\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_every_encoding_and_with_every_separator(encoding, separator):
    body = TEXT.replace(";", separator).encode(encoding)
    columns, rows, total = peek(body, kind=format_of(body[:100]), most=20)
    assert columns == ["标题", "内容"]
    assert rows == [(2, ["“新品”", "排队，很长"]), (4, ["第二", "两\n行"])]  # numbered as the file's own lines
    assert total == 2


def test_a_workbook_gives_its_dates_and_numbers_as_text():
    naive = datetime(2026, 11, 17, 10, 30)  # noqa: DTZ001  # a workbook knows no zones
    body = workbook([["标题", "时间", "转发"], ["甲", naive, 12000.0], ["乙", 45000.5, 0.5]])
    assert format_of(body[:100]) == "xlsx"
    columns, rows, total = peek(body, kind="xlsx", most=20)
    assert (columns, total) == (["标题", "时间", "转发"], 2)
    assert rows == [(2, ["甲", "2026-11-17T10:30:00", "12000"]), (3, ["乙", "45000.5", "0.5"])]


def test_json_lines_give_the_keys_of_their_objects_as_columns():
    body = '{"text": "一", "likes": 3}\n[1]\n\n{"author": {"name": "甲"}, "text": null}\n'.encode()
    columns, rows, _total = peek(body, kind=format_of(body[:100]), most=20)
    assert columns == ["text", "likes", "author"]
    assert rows == [(1, ["一", "3", ""]), (2, None), (4, ["", "", '{"name": "甲"}'])]


def test_columns_without_a_name_or_with_one_twice_can_be_told_apart():
    assert peek("内容,内容,,时间".encode() + b"\na,b,c,d", kind="csv", most=1)[0] == ["内容", "内容 (2)", "#3", "时间"]


def test_rows_that_were_done_are_left_out():
    body = "内容\n".encode() + b"".join(f"{n}\n".encode() for n in range(500))
    with open_table(body, kind="csv", skip=497) as table:
        assert [cells for _number, cells in table.rows] == [["497"], ["498"], ["499"]]


# --- what must hurt nobody -------------------------------------------------------------------------------------------
def zipped(**parts):
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return kept.getvalue()


def hostile_sheet(declaration: str, cell: str) -> bytes:
    """A workbook of ours with its one sheet replaced."""
    kept = io.BytesIO()
    sheet = (
        f"<?xml version='1.0'?>{declaration}<worksheet xmlns='http://schemas.openxmlformats.org/spreadsheetml/2006/main'>"
        f"<sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>{cell}</t></is></c></row></sheetData></worksheet>"
    )
    with zipfile.ZipFile(io.BytesIO(workbook([["a"]]))) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.namelist():
            new.writestr(part, sheet if part.endswith("sheet1.xml") else old.read(part))
    return kept.getvalue()


LAUGHS = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        (zipped(**{"xl__workbook.xml": b"\0" * (401 * 1024 * 1024)}), {"too_large_inside"}),
        (hostile_sheet(f"<!DOCTYPE x [<!ENTITY l0 'ha'>{LAUGHS}]>", "&l9;"), {"no_workbook", "too_costly"}),
        (hostile_sheet("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", "&e;"), {"no_workbook", "empty"}),
        (zipped(a=b"b"), {"no_workbook"}),
        (b"PK\x03\x04 and nothing else", {"no_workbook"}),
    ],
    ids=["zip bomb", "billion laughs", "external entity", "another archive", "a torn one"],
)
def test_a_hostile_workbook_is_refused(body, reasons):
    with pytest.raises(Unreadable) as refused:
        peek(body, kind="xlsx", most=5, seconds=60)
    assert refused.value.reason in reasons


def test_a_reader_that_takes_too_long_is_ended():
    body = "内容\n".encode() + b"a\n" * 100_000
    with pytest.raises(Unreadable) as refused:
        peek(body, kind="csv", most=10, seconds=0.001)
    assert refused.value.reason == "too_costly"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        ("标题\n".encode() + b"\xff\xff\x81", "encoding"),
        (b"a\0b\n", "no_table"),
        (b'"' + b"a" * 1_100_000, "broken_csv"),
    ],
)
def test_what_is_no_table_says_so(body, reason):
    with pytest.raises(Unreadable) as refused:
        peek(body, kind=format_of(body[:100]), most=5)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("body", "reason"), [(b"\xd0\xcf\x11\xe0 old", "old_workbook"), (b"%PDF-1.7", "no_table"), (b"\x89PNG", "no_table")]
)
def test_another_kind_of_file_is_known_by_its_beginning(body, reason):
    with pytest.raises(Unreadable) as refused:
        format_of(body)
    assert refused.value.reason == reason


# --- which column is what --------------------------------------------------------------------------------------------
def test_columns_are_known_by_their_chinese_names():
    columns = ["标题", "正文", "原文链接", "发布时间", "作者", "平台", "转发数", "评论量", "点赞", "粉丝数", "IP属地"]
    fields = (
        "title text url published_at author platform reposts comments likes followers region".split()  # noqa: SIM905
    )
    assert guess(columns, "posts") == dict(zip(fields, columns, strict=True))


def test_columns_are_known_by_their_english_names():
    columns = ["ID", "Title", "Content", "Link", "Published At", "Author", "Likes Count"]
    fields = "external_id title text url published_at author likes".split()  # noqa: SIM905
    assert guess(columns, "posts") == dict(zip(fields, columns, strict=True))


def test_every_column_of_a_template_is_known():
    for code, preset in PRESETS.items():
        assert sorted(guess(preset.columns, code).values()) == sorted(preset.columns), code


def test_a_column_means_what_it_meant_for_this_source_before():
    assert guess(["摘要", "全文"], "posts", {"text": "全文", "title": "没有了"}) == {"text": "全文"}


# --- one row ---------------------------------------------------------------------------------------------------------
def reader(*fields: str, zone: str = "Asia/Shanghai") -> Reader:
    return Reader({field: place for place, field in enumerate(fields)}, len(fields), "客服", NOON, ZoneInfo(zone))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-17 10:00:00", datetime(2026, 11, 17, 2, 0, tzinfo=UTC)),
        ("2026/11/17", datetime(2026, 11, 16, 16, 0, tzinfo=UTC)),
        ("2026-11-17T10:00:00", datetime(2026, 11, 17, 2, 0, tzinfo=UTC)),
        ("46343.4166666667", datetime(2026, 11, 17, 2, 0, tzinfo=UTC)),  # as a spreadsheet counts days
        ("1794880800", datetime.fromtimestamp(1794880800, UTC)),
        ("2026年11月17日 10:00", datetime(2026, 11, 17, 2, 0, tzinfo=UTC)),
        ("Tue, 17 Nov 2026 10:00:00 +0000", datetime(2026, 11, 17, 10, 0, tzinfo=UTC)),
    ],
)
def test_times_are_read(written, read):
    assert reader("text", "published_at").read(["晴野", written]).published_at == read


def test_a_time_without_a_zone_is_the_companys():
    post = reader("text", "published_at", zone="Europe/Berlin").read(["晴野", "2026-11-17 10:00"])
    assert post.published_at == datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def test_a_row_without_a_time_counts_from_the_import_and_says_so():
    post = reader("text", "published_at").read(["晴野", ""])
    assert (post.published_at, post.date_doubt) == (NOON, "missing")


@pytest.mark.parametrize(("written", "read"), [("12,345", 12345), ("1.2万", 12000), ("3亿", 3 * 10**8), ("-", None)])
def test_numbers_are_read_as_people_write_them(written, read):
    assert reader("text", "likes").read(["晴野", written]).likes == read


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (None, Problem("no_row")),
        (["", "", "", ""], Problem("no_words", "text")),
        (["\u200b", "", "", ""], Problem("no_words", "text")),
        (["晴野", "昨天", "", ""], Problem("date_relative", "published_at")),
        (["晴野", "不详", "", ""], Problem("date_unreadable", "published_at")),
        (["晴野", "2031-01-01", "", ""], Problem("date_out_of_range", "published_at")),
        (["晴野", "", "很多", ""], Problem("number_unreadable", "likes")),
        (["晴野", "", "-3", ""], Problem("number_unreadable", "likes")),
        (["晴野", "", "", "javascript:alert(1)"], Problem("address_unreadable", "url")),
        (["晴野", "", "", "", "多出来的"], Problem("too_many_cells")),
    ],
)
def test_a_row_that_cannot_be_taken_names_its_column_and_why(cells, problem):
    assert reader("text", "published_at", "likes", "url").read(cells) == problem


def test_the_same_address_or_the_same_words_make_the_same_post():
    read = reader("text", "url").read
    assert read(["一", "example.com/1"]).external_id == read(["二", "https://example.com/1"]).external_id
    assert read(["一", ""]).external_id == read(["一", ""]).external_id != read(["二", ""]).external_id
    assert reader("text", "external_id").read(["一", "T-1"]).external_id == "T-1"


def test_a_complaint_says_on_which_channel_it_came_and_a_comment_where_it_stands():
    assert reader("text", "channel").read(["漏水", "电话"]).platform == "客服 电话"
    comment = reader("text", "parent_url").read(["差评", "https://example.com/video"])
    assert comment.url == "https://example.com/video"
    assert comment.external_id != reader("text", "parent_url").read(["好评", "https://example.com/video"]).external_id
