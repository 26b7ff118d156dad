import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from audit.services import verify


class Command(BaseCommand):
    help = "Check the audit chain; name the first bad row. Exit status 0 whole, 1 broken, 2 unreadable."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verdict = verify()
        except DatabaseError as error:
            self.stderr.write(f"The audit trail cannot be read: {error}")
            sys.exit(2)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(verdict), ensure_ascii=False))
        elif verdict.whole:
            self.stdout.write(f"The chain is whole: {verdict.entries} entries.")
        else:
            self.stdout.write(f"The chain is broken at entry {verdict.bad_seq}: {verdict.reason}.")
        if not verdict.whole:
            sys.exit(1)
