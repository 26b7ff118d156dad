"""`manage.py score`: how the engines read a file of texts, and how right they are where it says so."""

import csv
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from opinion.sentiment import ENGINES, LABELS, Engine, Score, engine
from opinion.sentiment.metrics import Figures, lines, report
from opinion.sentiment.model_file import ModelUnreadable
from opinion.sentiment.rows import SPLIT, RowsUnreadable, Table, read_table
from opinion.services.sentiment import desk_engine

BATCH = 256
BAD_INPUT = 2


class Command(BaseCommand):
    help = "Score the rows of a CSV file; with --label tell how right the scores are, per `source` where there is one."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE.csv", help="UTF-8 or GB18030, with a header; .gz is unpacked"
        )
        parser.add_argument("--text", default="text", metavar="COLUMN", help="column of the texts (text)")
        parser.add_argument(
            "--label", nargs="?", const="label", metavar="COLUMN", help="column of neg, neu, pos (label)"
        )
        parser.add_argument(
            "--held-back", action="store_true", help="only the rows that training holds back, by a hash of their text"
        )
        parser.add_argument("--engine", choices=ENGINES, default=settings.SENTIMENT_ENGINE)
        parser.add_argument("--model", type=Path, help="a model file; without, the one the desk uses")
        parser.add_argument("--out", type=Path, metavar="FILE", help="each row again, with `score` and `predicted`")
        parser.add_argument("--json", action="store_true", help="figures as JSON on stdout, words on stderr")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            table = read_table(options["file"])
            if options["held_back"]:
                table = table.held_back(options["text"])
            texts = table.column(options["text"])
            labels = table.labels(options["label"]) if options["label"] else None
            began = time.perf_counter()
            scorer = self._engine(options["engine"], options["model"])
            loaded = time.perf_counter()
        except (RowsUnreadable, ModelUnreadable) as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        scorer.score(texts[:1])  # the first text pays for what loads at first use
        ready = time.perf_counter()
        scores = [score for at in range(0, len(texts), BATCH) for score in scorer.score(texts[at : at + BATCH])]
        seconds = time.perf_counter() - ready
        told = {
            "file": str(options["file"]),
            "engine": scorer.name,
            "model_version": scorer.model_version,
            "rows": len(texts),
            "rows_are": SPLIT if options["held_back"] else "all rows of the file",
            "load_seconds": round(loaded - began, 3),
            "seconds": round(seconds, 3),
            "texts_per_second": round(len(texts) / max(seconds, 1e-9), 1),
            "predicted": dict(Counter(score.label for score in scores)),
            "metrics": _metrics(table, labels, scores) if labels is not None else None,
        }
        if options["out"]:
            _write(options["out"], table, scores)
            self.stderr.write(f"{len(texts)} rows written to {options['out']}")
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            self._tell(told)

    def _engine(self, name: str, model: Path | None) -> Engine:
        if model:
            return engine(name, model)
        try:
            return desk_engine(name)
        except DatabaseError:
            self.stderr.write("There is no database yet: the shipped model scores.")
            return engine(name)

    def _tell(self, told: dict[str, Any]) -> None:
        shares = ", ".join(f"{told['predicted'].get(label, 0)} {label}" for label in LABELS)
        self.stdout.write(f"{told['engine']}, model {told['model_version']}: {told['rows']} rows, {shares}")
        self.stdout.write(f"rows: {told['rows_are']}")
        self.stdout.write(f"{told['texts_per_second']:,.0f} texts per second, loaded in {told['load_seconds']} s")
        if told["metrics"]:
            self.stdout.write("figures with 95 % intervals in brackets:")
            self.stdout.write("\n".join(lines(told["metrics"])))


def _metrics(table: Table, labels: Sequence[str], scores: Sequence[Score]) -> Figures:
    return report(labels, table.column("source") if "source" in table.columns else None, scores)


def _write(path: Path, table: Table, scores: Sequence[Score]) -> None:
    columns = [*(column for column in table.columns if column not in ("score", "predicted")), "score", "predicted"]
    try:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, columns, lineterminator="\n")
            writer.writeheader()
            for row, score in zip(table.rows, scores, strict=True):
                writer.writerow({**row, "score": f"{score.value:.6f}", "predicted": score.label})
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}", returncode=BAD_INPUT) from error
