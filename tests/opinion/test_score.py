"""`manage.py score`: scores a file, tells how right it is, and says in one sentence what is wrong with the file."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from opinion.sentiment import ENGINES, engine

ROWS = [
    ("服务态度恶劣，再也不来", "neg", "评论"),
    ("股东大会定于周五召开", "neu", "公告"),
    ("味道很好，强烈推荐", "pos", "评论"),
    ("电池起火，三人受伤", "neg", "新闻"),
]


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "label", "source"), *ROWS])
    return path


def run(*args: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("score", *map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ENGINES)
def test_each_engine_scores_a_file(rows: Path, tmp_path: Path, name: str):
    told = json.loads(run(rows, "--engine", name, "--json", "--out", tmp_path / "out.csv")[0])
    assert told["engine"] == name
    assert told["model_version"] == engine(name).model_version
    assert told["rows"] == 4
    assert told["metrics"] is None
    assert sum(told["predicted"].values()) == 4
    assert told["texts_per_second"] > 0
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as lines:
        scored = list(csv.DictReader(lines))
    assert [(row["text"], row["label"], row["source"]) for row in scored] == ROWS
    expected = engine(name).score([text for text, _, _ in ROWS])
    assert [(row["score"], row["predicted"]) for row in scored] == [(f"{one.value:.6f}", one.label) for one in expected]


@pytest.mark.django_db
def test_with_labels_it_tells_how_right_it_is(rows: Path):
    out, err = run(rows, "--label", "label", "--json")
    metrics = json.loads(out)["metrics"]
    assert metrics["all"]["n"] == 4
    assert metrics["all"]["accuracy"] == 1.0
    assert metrics["all"]["negative_precision"] == metrics["all"]["negative_recall"] == 1.0
    assert list(metrics["by_source"]) == ["公告", "新闻", "评论"]
    assert err == ""


@pytest.mark.django_db
def test_for_a_person_it_prints_a_table(rows: Path):
    out, _ = run(rows, "--label")
    assert "4 rows, 2 neg, 1 neu, 1 pos" in out
    assert "texts per second" in out
    assert [line.split()[0] for line in out.splitlines()[4:]] == ["n", "all", "公告", "新闻", "评论", "mean"]


@pytest.mark.django_db
def test_columns_may_have_other_names(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_bytes("正文,倾向\n太差了,neg\n".encode("gb18030"))
    out, _ = run(path, "--text", "正文", "--label", "倾向", "--json")
    assert json.loads(out)["metrics"]["all"]["accuracy"] == 1.0


@pytest.mark.django_db
def test_scoring_a_scored_file_replaces_its_scores(rows: Path, tmp_path: Path):
    run(rows, "--out", tmp_path / "one.csv")
    run(tmp_path / "one.csv", "--out", tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_text() == (tmp_path / "two.csv").read_text()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "args", "reason"),
    [
        (b"", [], " is empty"),
        ("body\n好\n".encode(), [], " line 1: there is no column text; it has body"),
        ("text\n好\n".encode(), ["--label", "label"], " line 1: there is no column label; it has text"),
        ("text,label\n好,好\n".encode(), ["--label"], " line 2, column label: '好' is not a label; use neg, neu, pos"),
        (b"text\n\xff\xfe\xfd\n", [], " line 2, column 1: the bytes are neither UTF-8 nor GB18030 text"),
    ],
)  # fmt: skip
def test_bad_input_ends_with_one_sentence_and_code_2(tmp_path: Path, content: bytes, args: list[str], reason: str):
    path = tmp_path / "rows.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as error:
        run(path, *args)
    assert str(error.value) == f"{path}{reason}"
    assert error.value.returncode == 2


@pytest.mark.django_db
def test_a_model_that_is_none_and_a_folder_that_is_not_there_are_told(rows: Path, tmp_path: Path):
    with pytest.raises(CommandError) as error:
        run(rows, "--model", rows)
    assert (str(error.value), error.value.returncode) == (f"{rows} is not a sentiment model", 2)
    with pytest.raises(CommandError) as error:
        run(rows, "--out", tmp_path / "none" / "out.csv")
    assert str(error.value) == f"{tmp_path / 'none' / 'out.csv'} cannot be written: No such file or directory"
    assert error.value.returncode == 2
