"""The models there are: the shipped one and those trained here, with the figures each file holds about itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.models import Entry
from opinion.agreement import Agreement
from opinion.models import SentimentModel, TrainingRun
from opinion.sentiment import SHIPPED, model_file

SWITCHED = "opinion.model_switched"
FIGURES: dict[str, str | Promise] = {
    "macro_f1": _("macro-F1 of the three sentiments"),
    "accuracy": _("accuracy"),
    "polar_f1": _("macro-F1, negative against positive"),
    "negative_rest": _("macro-F1, negative against the rest"),
    "negative_precision": _("negative, precision: of those called so, how many are"),
    "negative_recall": _("negative, recall: of those that are, how many are called so"),
    "neutral_called_negative": _("neutral called negative: how many of the neutral"),
}


@dataclass(frozen=True, slots=True)
class Version:
    """One trained file, with a version for each engine.

    row      one of its rows, None for the shipped model
    names    engine: version             figures  as they stand in the file
    since, by  the last time it was switched to, and by whom ("" for a command)
    run      the training on this desk it came out of, None where it was made by a command
    agreed   by people, of the scores it gave on this desk
    """

    row: SentimentModel | None
    names: Mapping[str, str]
    figures: Mapping[str, Any]
    is_used: bool
    since: datetime | None
    by: str
    run: TrainingRun | None
    agreed: Agreement

    @property
    def name(self) -> str:
        """Its version for the engine the desk scores with."""
        return self.names.get(settings.SENTIMENT_ENGINE, next(iter(self.names.values())))

    def held_back(self, engine: str) -> Mapping[str, Any] | None:
        """Its figures for one engine on the rows held back, None where the file has none."""
        told: Mapping[str, Any] | None = self.figures.get("held_back", {}).get(engine, {}).get("all")
        return told

    @property
    def headline(self) -> Mapping[str, Any] | None:
        return self.held_back(settings.SENTIMENT_ENGINE)


@lru_cache(maxsize=1)
def _shipped() -> tuple[dict[str, str], dict[str, Any]]:
    model = model_file.load(SHIPPED)
    return {"hybrid": model.hybrid_version, "snownlp": model.snownlp_version}, model.figures


def versions(by_version: Mapping[str, Agreement]) -> list[Version]:
    """The models made here, the newest first, and the shipped one last. Four queries at most."""
    files: dict[str, list[SentimentModel]] = {}
    for row in SentimentModel.objects.select_related("switched_by").order_by("-made_at", "engine"):
        files.setdefault(row.path, []).append(row)
    runs: dict[int, TrainingRun] = {}
    done = TrainingRun.objects.filter(state=TrainingRun.State.DONE).order_by("-asked_at")
    for run in done.select_related("asked_by").prefetch_related("models_made"):
        for model in run.models_made.all():
            runs.setdefault(model.pk, run)
    made = [_made_here(rows, runs, by_version) for rows in files.values()]
    return [*made, _as_shipped(not any(one.is_used for one in made), by_version)]


def _made_here(
    rows: list[SentimentModel], runs: Mapping[int, TrainingRun], by_version: Mapping[str, Agreement]
) -> Version:
    names = {row.engine: row.version for row in rows}
    row = next((row for row in rows if row.engine == settings.SENTIMENT_ENGINE), rows[0])
    return Version(
        row=row,
        names=names,
        figures=row.figures,
        is_used=row.is_used,
        since=row.switched_at,
        by=str(row.switched_by or ""),
        run=runs.get(row.pk),
        agreed=_agreed(names.values(), by_version),
    )


def _as_shipped(is_used: bool, by_version: Mapping[str, Agreement]) -> Version:
    names, figures = _shipped()
    switched = Entry.objects.filter(event=SWITCHED).select_related("actor").first()  # last on the trail
    return Version(
        row=None,
        names=names,
        figures=figures,
        is_used=is_used,
        since=switched.at if switched and is_used else None,
        by=str(switched.actor or "") if switched and is_used else "",
        run=None,
        agreed=_agreed(names.values(), by_version),
    )


def _agreed(names: Iterable[str], by_version: Mapping[str, Agreement]) -> Agreement:
    """A score's version is its model's with what the company's own terms add."""
    mine = [one for version, one in by_version.items() if version.startswith(tuple(names))]
    return Agreement(sum(one.n for one in mine), sum(one.agreed for one in mine))


# --- figures side by side --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Column:
    """The figures of one engine with one model on the rows that model's training held back."""

    title: str | Promise
    version: str
    n: int


@dataclass(frozen=True, slots=True)
class Figures:
    """columns, and for each figure its words and, by column, (value, low, high) or None where the file has none."""

    columns: list[Column]
    rows: list[tuple[str | Promise, list[tuple[float, float | None, float | None] | None]]]


def figures(found: list[Version]) -> Figures:
    """The model in use beside the shipped one, and beside SnowNLP where the shipped file says how that does."""
    used, shipped = next(one for one in found if one.is_used), found[-1]
    told = [(_("In use"), used, settings.SENTIMENT_ENGINE)]
    if shipped is not used:
        told.append((_("Shipped"), shipped, settings.SENTIMENT_ENGINE))
    told += [
        (words, shipped, name)
        for name, words in (("snownlp", _("SnowNLP, taught anew")), ("snownlp-original", _("SnowNLP as it comes")))
        if name != settings.SENTIMENT_ENGINE
    ]
    shown = [(title, one, name, held) for title, one, name in told if (held := one.held_back(name)) is not None]
    return Figures(
        columns=[Column(title, one.names.get(name, name), held["n"]) for title, one, name, held in shown],
        rows=[
            (words, cells)
            for figure, words in FIGURES.items()
            if any(cells := [_cell(held, figure) for _title, _one, _name, held in shown])
        ],
    )


def _cell(held: Mapping[str, Any], figure: str) -> tuple[float, float | None, float | None] | None:
    value = held.get(figure)
    if value is None:
        return None
    low, high = held.get(f"{figure}_interval") or (None, None)
    return value, low, high
