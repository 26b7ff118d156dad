"""`manage.py fake_channels`: stand-ins for the platforms, to try channels, publishing and sign-in without them."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from notices.channels.fakes import configs
from notices.channels.fakes.server import FakeServer
from response.channels import fakes as publishing

PEOPLE = ("wang=王立群", "shen=沈知远", "zhou=周妍")  # of the demo company


class Command(BaseCommand):
    help = "Run stand-ins for the chat platforms, WeChat and Weibo here, until Ctrl-C. For demos and tests only."
    requires_system_checks: list[str] = []  # it has no page of the desk to check

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--people", nargs="*", default=PEOPLE, help="who has an account there: id=name ...")

        parser.add_argument("--callback", default="", help="where WeChat's verdicts are sent: the desk's address")

    def handle(self, *args: Any, **options: Any) -> None:
        with FakeServer(options["port"], publishing.ROUTES) as server:
            if options["callback"]:
                server.world.switches["wechat_callback"] = options["callback"]
            server.world.people = dict(pair.split("=", 1) for pair in options["people"])
            host = server.url.removeprefix("http://")
            self.stdout.write(f"What arrives is shown on {server.url}/__admin")
            self.stdout.write(f"What is published: {server.url}/s/ and /u/, with CHANNEL_BASE_URL={server.url}")
            if host not in settings.OUTGOING_ALLOWED_HOSTS:
                self.stdout.write(f"The desk calls it only with OUTGOING_ALLOWED_HOSTS={host}")
            for kind, config in (configs(server.url) | publishing.configs(server.url)).items():
                self.stdout.write(f"{kind}: {' '.join(f'{name}={value}' for name, value in config.items())}")
            self.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                self.stdout.write("Ended.")
