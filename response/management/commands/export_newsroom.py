"""`manage.py export_newsroom --out DIR`: the newsroom as plain files, for a web server that needs no desk."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from response.exporting import export


class Command(BaseCommand):
    help = "Write every public page and feed of the newsroom, with its style sheets, into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        pages = export(options["out"])
        self.stderr.write(f"Wrote {pages} pages and feeds to {options['out']}.")
