"""Training is deterministic, its file is plain and checked, and the shipped one is what the repository's rows make."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opinion.sentiment import SHIPPED, engine, model_file, training
from opinion.sentiment.features import read
from opinion.sentiment.metrics import report
from opinion.sentiment.model_file import Model, ModelUnreadable
from opinion.sentiment.rows import Row, at_most, our_rows, read_rows

ROWS = [
    Row(f"{subject}{words}", label, "test")
    for subject in ("面包", "航班", "手机", "客服", "房间", "课程", "快递", "股价", "影片", "药品")
    for words, label in (
        ("让人非常失望", "neg"),
        ("出了严重的质量事故", "neg"),
        ("令人满意", "pos"),
        ("值得推荐给朋友", "pos"),
        ("将于周三开会讨论", "neu"),
        ("编号已经更新", "neu"),
    )
]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Row]], Model]:
    """Training without the package's reviews: a second instead of a minute."""
    monkeypatch.setattr(training, "PACKAGE_TEXTS", 0)
    return training.train_model


def test_the_same_rows_make_the_same_file(small: Callable[[list[Row]], Model], tmp_path: Path):
    for name in ("one.npz", "two.npz"):
        model_file.save(small(ROWS), tmp_path / name)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    assert [path.name for path in tmp_path.iterdir() if path.suffix != ".npz"] == []


def test_a_model_comes_back_as_it_was_saved(small: Callable[[list[Row]], Model], tmp_path: Path):
    model = small(ROWS)
    model_file.save(model, tmp_path / "model.npz")
    back = model_file.load(tmp_path / "model.npz")
    assert (back.hybrid_version, back.snownlp_version) == (model.hybrid_version, model.snownlp_version)
    assert back.figures == model.figures
    texts = [row.text for row in ROWS]
    for name in ("hybrid", "snownlp"):
        labels = [score.label for score in engine(name, tmp_path / "model.npz").score(texts)]
        assert sum(label == row.label for label, row in zip(labels, ROWS, strict=True)) >= 0.9 * len(ROWS)


def test_no_row_held_back_is_learned_from(small: Callable[[list[Row]], Model]):
    held_back = [row for row in ROWS if row.is_held_back]
    assert 0 < len(held_back) < len(ROWS)
    turned = [
        Row(row.text, "pos" if row.label == "neg" else row.label, "x") if row.is_held_back else row for row in ROWS
    ]
    one, two = small(ROWS), small(turned)
    assert one.figures["rows"] == two.figures["rows"]
    assert one.figures["rows"]["learned"] == len(ROWS) - len(held_back)
    assert one.figures["rows"]["held_back"] == len(held_back)
    assert (one.hybrid_version, one.snownlp_version) == (two.hybrid_version, two.snownlp_version)
    assert one.figures["made_from"] != two.figures["made_from"]


def test_a_source_that_knows_no_neutral_teaches_nothing_about_neutral(small: Callable[[list[Row]], Model]):
    """What stands in all reviews, good and bad, is not therefore something no neutral text would say."""
    said = [("令人满意", "pos"), ("让人非常失望", "neg")]
    reviews = [
        Row(f"编号已经更新{number}次,{words}", label, "shop") for number in range(100, 220) for words, label in said
    ]
    plain = read(["编号已经更新"])
    taught = small([*ROWS, *reviews]).linear.logits(plain)
    with_a_neutral_one = small([*ROWS, *reviews, Row("三号馆开放", "neu", "shop")]).linear.logits(plain)
    assert (taught < with_a_neutral_one - 1).all()


def test_a_label_given_in_a_file_does_not_overrule_ours(small: Callable[..., Model]):
    turned = [Row(row.text, "neg", "file") for row in ROWS]
    assert small(ROWS, turned).figures["made_from"] == small(ROWS).figures["made_from"]


def test_a_label_nobody_gave_is_told(small: Callable[[list[Row]], Model]):
    terms_cover = [row for row in ROWS if row.label != "neu"]
    with pytest.raises(ValueError) as error:
        small(terms_cover)
    assert str(error.value) == "no row is labelled neu"


def test_the_shipped_model_is_small_and_made_from_the_rows_in_the_repository():
    assert SHIPPED.stat().st_size <= 1_000_000
    model = model_file.load(SHIPPED)
    assert model.figures["made_from"] == training.made_from(our_rows()), (
        "rows or lists changed: train the shipped model"
    )
    assert model.figures["rows"]["package"] == training.PACKAGE_TEXTS


@pytest.mark.parametrize(("name", "macro_f1", "polar"), [("hybrid", 0.70, 0.79), ("snownlp", 0.65, 0.72)])
def test_the_shipped_model_holds_its_floor_on_rows_held_back(name: str, macro_f1: float, polar: float):
    rows = [row for row in our_rows() if row.is_held_back]
    scores = engine(name).score([row.text for row in rows])
    told = report([row.label for row in rows], [row.source for row in rows], scores)
    assert told == model_file.load(SHIPPED).figures["held_back"][name]
    assert told["all"]["macro_f1"] >= macro_f1
    assert told["all"]["polar_f1"] >= polar


@pytest.mark.parametrize(("labels", "floor"), [("three", 0.90), ("not negative", 0.90)])
def test_probes_of_negation_and_denial_hold_their_floor(labels: str, floor: float):
    """Kept out of training."""
    probes = read_rows(Path(__file__).with_name("probes.csv"))
    told = [score.label for score in engine("hybrid").score([probe.text for probe in probes])]
    if labels == "three":
        right = [label == probe.label for label, probe in zip(told, probes, strict=True)]
    else:  # what was denied or negated raises no alarm
        right = [label != "neg" for label, probe in zip(told, probes, strict=True) if probe.label == "neu"]
    assert sum(right) / len(right) >= floor


def test_capped_rows_keep_those_held_back():
    rows = at_most(ROWS * 1, 2)
    assert [row for row in ROWS if row.is_held_back] == [row for row in ROWS if row in rows and row.is_held_back]
    learned = Counter((row.source, row.label) for row in rows if not row.is_held_back)
    assert set(learned.values()) == {2}


def test_a_file_that_needs_pickle_is_refused(tmp_path: Path):
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path(tmp_path / "sprung").touch, ())

    path = tmp_path / "model.npz"
    np.savez(path, format=np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(ModelUnreadable) as error:
        model_file.load(path)
    assert str(error.value) == f"{path} is not a sentiment model"
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [b"", b"not a model", b"PK\x03\x04 broken"])
def test_garbage_is_refused(tmp_path: Path, content: bytes):
    path = tmp_path / "model.npz"
    path.write_bytes(content)
    with pytest.raises(ModelUnreadable) as error:
        model_file.load(path)
    assert str(error.value) == f"{path} is not a sentiment model"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": np.int64(99)}, " was made by another version: train it again"),
        ({"weights": np.zeros((4, 2), dtype=np.int8)}, ": weights does not have the shape of a model"),
        ({"rules": np.zeros((16, 3), dtype="U4")}, ": rules does not have the shape of a model"),
        ({"counts": np.zeros((1, 3), dtype=np.int32)}, ": counts does not have the shape of a model"),
    ],
)
def test_a_model_of_another_shape_is_refused(tmp_path: Path, change: dict[str, Any], reason: str):
    with np.load(SHIPPED, allow_pickle=False) as arrays:
        given = {name: arrays[name] for name in arrays.files}
    path = tmp_path / "model.npz"
    np.savez_compressed(path, **{**given, **change})
    with pytest.raises(ModelUnreadable) as error:
        model_file.load(path)
    assert str(error.value) == f"{path}{reason}"


def test_a_missing_file_is_told(tmp_path: Path):
    with pytest.raises(ModelUnreadable) as error:
        engine("hybrid", tmp_path / "none.npz")
    assert str(error.value) == f"there is no model file {tmp_path / 'none.npz'}"
