import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from response.services.evidence import verify


class Command(BaseCommand):
    help = (
        "Check preserved posts, their files and numbers, and signed fact sheets against their seals and the trail. "
        "Exit status 0 whole, 1 broken, 2 unreadable."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdict = verify()
        except (DatabaseError, OSError, ValueError) as error:  # ValueError: a row's JSON can be read no more
            self.stderr.write(f"The evidence cannot be read: {error}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps({"whole": verdict.whole, **asdict(verdict)}, ensure_ascii=False))
        elif verdict.whole:
            self.stdout.write(f"The evidence is whole: {verdict.rows} sealed rows, {verdict.files} files.")
        else:
            for fault in verdict.faults:
                self.stdout.write(f"{fault.thing}: {fault.reason}.")
        if not verdict.whole:
            sys.exit(1)
