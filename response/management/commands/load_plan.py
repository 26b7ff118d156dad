"""`manage.py load_plan`: the default plan as version 1, where there is no plan yet."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from response.models import PlanVersion
from response.services.plan import load_default_plan


class Command(BaseCommand):
    help = "Loads the default plan as version 1 if there is no plan yet; safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        plan = load_default_plan(timezone.now())
        if plan:
            self.stdout.write(f"Loaded {plan} with {plan.tasks.count()} tasks.")
        else:
            self.stdout.write(f"There is a plan already: {PlanVersion.objects.first()}. Nothing changed.")
