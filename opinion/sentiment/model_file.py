"""A trained model on disk: one .npz for both trained engines, no pickle, the same bytes for the same rows."""

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import BUCKETS
from .linear import Linear
from .signs import SIGNS
from .terms import lists_digest

FORMAT = 3  # raise it when the hash, the classes, the signs or the arrays change
LARGEST_FILE = 32 * 1024 * 1024


class ModelUnreadable(ValueError):
    """The file is not a model of this format; the words say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class WordCounts:
    """What the Bayes classifier has counted. counts: int64 (words, 3), how often each was seen per class."""

    words: list[str]
    counts: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Model:
    """rules: float (2 + signs + 1, 3): from the linear logits and the signs to the final logits, the bias last."""

    linear: Linear
    rules: NDArray[np.float64]
    bayes: WordCounts
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def hybrid_version(self) -> str:
        lists = np.frombuffer(lists_digest(), dtype=np.uint8)
        return "hybrid-" + _digest(self.linear.weights, self.linear.scale, self.linear.bias, self.rules, lists)

    @property
    def snownlp_version(self) -> str:
        return "snownlp-" + _digest(_as_bytes("\n".join(self.bayes.words)), self.bayes.counts)


def save(model: Model, path: Path) -> None:
    """Write the model, whole or not at all. Raises OSError."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as out:
        np.savez_compressed(
            out,
            allow_pickle=False,
            format=np.int64(FORMAT),
            signs=_as_bytes("\n".join(SIGNS)),
            weights=model.linear.weights,
            scale=model.linear.scale,
            bias=model.linear.bias,
            rules=model.rules,
            words=_as_bytes("\n".join(model.bayes.words)),
            counts=model.bayes.counts.astype(np.int32),
            figures=_as_bytes(json.dumps(model.figures, ensure_ascii=False, sort_keys=True)),
        )
    part.replace(path)


def load(path: Path) -> Model:
    """Read a model. Raises ModelUnreadable, in words for a person."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ModelUnreadable(f"{path} is larger than a model can be")
        with np.load(path, allow_pickle=False) as arrays:
            return _checked({name: arrays[name] for name in arrays.files}, path)
    except FileNotFoundError as error:
        raise ModelUnreadable(f"there is no model file {path}") from error
    except (OSError, EOFError, ValueError, KeyError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        if isinstance(error, ModelUnreadable):
            raise
        raise ModelUnreadable(f"{path} is not a sentiment model") from error


def _checked(arrays: dict[str, NDArray[Any]], path: Path) -> Model:
    if int(arrays["format"]) != FORMAT or _as_text(arrays["signs"]).split("\n") != list(SIGNS):
        raise ModelUnreadable(f"{path} was made by another version: train it again")
    words = _as_text(arrays["words"]).split("\n")
    shapes = {
        "weights": (BUCKETS, 2),
        "scale": (2,),
        "bias": (2,),
        "rules": (2 + len(SIGNS) + 1, 3),
        "counts": (len(words), 3),
    }
    kinds = {"weights": "i", "scale": "f", "bias": "f", "rules": "f", "counts": "i"}
    for name, shape in shapes.items():
        if arrays[name].shape != shape or arrays[name].dtype.kind != kinds[name]:
            raise ModelUnreadable(f"{path}: {name} does not have the shape of a model")
    return Model(
        linear=Linear(arrays["weights"], arrays["scale"], arrays["bias"]),
        rules=arrays["rules"],
        bayes=WordCounts(words, arrays["counts"].astype(np.int64)),
        figures=json.loads(_as_text(arrays["figures"])),
    )


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


def _as_text(array: NDArray[Any]) -> str:
    return array.astype(np.uint8).tobytes().decode("utf-8", "surrogatepass")


def _digest(*arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:10]
