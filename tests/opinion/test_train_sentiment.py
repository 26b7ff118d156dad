"""`manage.py train_sentiment`: trains aside, and switches the desk only when told."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import Entry
from opinion.models import SentimentModel
from opinion.sentiment import SHIPPED, engine, model_file, training
from opinion.services.sentiment import desk_engine

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

LOCAL = "text,label,source\n" + "".join(
    f"{subject}{said},{label},店里\n"
    for subject in ("前台", "餐厅", "泳池", "客房", "停车场", "早餐", "电梯", "接机")
    for said, label in (("拉胯到家了", "neg"), ("绝绝子好评", "pos"), ("八点以后开放", "neu"))
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(training, "PACKAGE_TEXTS", 0)  # seconds instead of a minute
    settings.VAR_DIR = tmp_path / "var"
    settings.SENTIMENT_ENGINE = "hybrid"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "ours.csv"
    path.write_text(LOCAL, encoding="utf-8")
    return path


def run(*args: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("train_sentiment", *map(str, args), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_it_trains_reports_and_changes_nothing_on_the_desk(rows: Path, tmp_path: Path):
    out, err = run("--data", rows, "--out", tmp_path / "local.npz", "--json")
    told = json.loads(out)
    model = model_file.load(tmp_path / "local.npz")
    assert told["versions"] == {"hybrid": model.hybrid_version, "snownlp": model.snownlp_version}
    assert told["bytes"] == (tmp_path / "local.npz").stat().st_size
    assert "店里" in told["held_back"]["hybrid"]["by_source"]
    assert told["rows"]["learned"] + told["rows"]["held_back"] > 1000
    assert "held back" in err
    assert desk_engine().model_version == engine("hybrid").model_version
    assert SentimentModel.objects.count() == 0
    assert engine("hybrid", tmp_path / "local.npz").score(["接机拉胯到家了"])[0].label == "neg"


def test_the_desk_is_switched_and_switched_back(tmp_path: Path):
    local = tmp_path / "local.npz"
    model = model_file.load(SHIPPED)
    model.rules[-1] += 1e-3
    model_file.save(model, local)
    assert model.hybrid_version != engine("hybrid").model_version

    _, err = run("--use", local)
    local.unlink()  # the desk keeps its own copy
    assert err == f"The desk scores with {model.hybrid_version} and {model.snownlp_version}.\n"
    assert desk_engine().model_version == model.hybrid_version
    assert desk_engine("snownlp").model_version == model.snownlp_version
    used = SentimentModel.objects.get(version=model.hybrid_version)
    assert (used.engine, used.is_used, used.figures) == ("hybrid", True, model.figures)
    assert Entry.objects.filter(event="opinion.model_switched").count() == 1

    run("--use", "shipped")
    assert desk_engine().model_version == engine("hybrid").model_version
    assert not SentimentModel.objects.filter(is_used=True).exists()

    made_at = used.made_at
    run("--use", tmp_path / "var" / used.path)  # and to the old one again
    assert desk_engine().model_version == model.hybrid_version
    assert SentimentModel.objects.get(pk=used.pk).made_at == made_at


def test_a_model_that_is_gone_does_not_stop_the_desk(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    run("--use", SHIPPED)
    used = SentimentModel.objects.get(engine="hybrid")
    (tmp_path / "var" / used.path).unlink()
    assert desk_engine().model_version == engine("hybrid").model_version
    assert "sentiment model unreadable" in caplog.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", " is empty"),
        ("text\n好\n", " line 1: there is no column label; it has text"),
        ("text,label\n好,pos\n差,坏\n", " line 3, column label: '坏' is not a label; use neg, neu, pos"),
    ],
)
def test_bad_rows_end_with_one_sentence_and_write_nothing(tmp_path: Path, content: str, reason: str):
    path = tmp_path / "rows.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError) as error:
        run("--data", path, "--out", tmp_path / "model.npz")
    assert (str(error.value), error.value.returncode) == (f"{path}{reason}", 2)
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "Say where the model goes (--out) or which one to use (--use)."),
        (["--data", "rows.csv", "--use", "shipped"], "Say where the model trained on --data goes (--out)."),
    ],
)
def test_what_was_not_said_is_asked_for(args: list[str], reason: str):
    with pytest.raises(CommandError) as error:
        run(*args)
    assert (str(error.value), error.value.returncode) == (reason, 2)


def test_only_a_model_can_be_used(rows: Path):
    with pytest.raises(CommandError) as error:
        run("--use", rows)
    assert (str(error.value), error.value.returncode) == (f"{rows} is not a sentiment model", 2)
    assert SentimentModel.objects.count() == 0
