import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.demo.founding import NotADemo, found


class Command(BaseCommand):
    help = "Found the demo company in an empty demo database: people, sources, watches. Does nothing the second time."

    def add_arguments(self, parser: CommandParser) -> None:
        known = os.environ.get("DEMO_PASSWORD")
        parser.add_argument("--password", default=known, required=not known, help="of all of them; or DEMO_PASSWORD")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            founded = found(options["password"])
        except NotADemo as error:
            raise CommandError(str(error)) from error
        self.stderr.write("The demo company is founded." if founded else "The demo company is there already.")
