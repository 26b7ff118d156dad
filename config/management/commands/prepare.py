from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "What `up` does before the desk opens: tables, with roles and plan, static files, the demo company."
    requires_system_checks: list[str] = []  # migrate runs them

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", skip_checks=False)
        call_command("collectstatic", interactive=False)
        if settings.DEMO:
            call_command("found_demo")
