"""The plan as data: version 1 comes with the product."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from response.models import PlanTask, PlanVersion

DEFAULT_PLAN = Path(__file__).resolve().parent.parent / "plans" / "default.yaml"


@transaction.atomic
def load_default_plan(now: datetime) -> PlanVersion | None:
    """Load the default plan as version 1, adopted by the system, if there is no plan yet; None if there was one.

    It is adopted by nobody: `adopted_by` stays empty until the leadership adopts a version of its own.
    """
    if PlanVersion.objects.exists():
        return None
    data = yaml.safe_load(DEFAULT_PLAN.read_text(encoding="utf-8"))
    plan = PlanVersion.objects.create(number=1, name=data["name"], state=PlanVersion.State.ADOPTED, adopted_at=now)
    PlanTask.objects.bulk_create(
        line(plan, level, order, entry)
        for level, entries in data["levels"].items()
        for order, entry in enumerate(entries, start=1)
    )
    return plan


def line(plan: PlanVersion, level: int, order: int, entry: dict[str, Any]) -> PlanTask:
    """One entry of the plan file as a row. Raises KeyError for a field that is missing."""
    return PlanTask(
        plan=plan,
        level=level,
        order=order,
        key=entry["key"],
        title=entry["title"],
        title_en=entry["title_en"],
        roles=entry["roles"],
        within_minutes=entry["within"],
        is_on_trigger=entry.get("trigger", False),
        every_minutes=entry.get("every"),
        later_every_minutes=entry.get("later_every"),
        evidence=entry["evidence"],
        evidence_en=entry["evidence_en"],
        is_starred=entry.get("star", False),
        article=entry.get("article", ""),
    )
