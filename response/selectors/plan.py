"""Reads of the plan: the one in force, the one an incident began with, what each level would ask."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, QuerySet

from incidents.levels import Level
from incidents.models import Incident
from response.deadlines import due
from response.models import PlanVersion, SignOff
from response.owners import Owners
from response.signoff_rules import places_needed


def adopted_plan() -> PlanVersion | None:
    return PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED).prefetch_related("tasks", "clocks").first()


def plan_versions() -> QuerySet[PlanVersion]:
    """Every version, newest first, with how many tasks it has and who wrote it."""
    counted = PlanVersion.objects.annotate(task_count=Count("tasks"))
    counted = counted.order_by("-number")  # counting forgets the order of the model
    return counted.select_related("adopted_by", "based_on", "proposed_by").prefetch_related("writers")


def drafts_before_the_leadership() -> QuerySet[PlanVersion]:
    return PlanVersion.objects.filter(state=PlanVersion.State.DRAFT, proposed_at__isnull=False)


def gives_standing_authority() -> bool:
    """Whether the plan in force lets the 工作组组长 decide 三级 alone (settings.STANDING_AUTHORITY)."""
    return PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED, gives_standing_authority=True).exists()


def level_by_level(incident: Incident, levels: Iterable[Level], now: datetime) -> list[dict[str, Any]]:
    """What each level would ask of an incident if it were confirmed now: lines with owner and deadline, signatures."""
    plan = plan_of(incident)
    lines = list(plan.tasks.filter(is_on_trigger=False)) if plan else []
    owners = Owners(incident)
    return [
        {
            "level": level,
            "is_current": level == incident.level,
            "signs": [SignOff.Place(place).label for place in places_needed(level, is_flagged=False)],
            "lines": [
                {
                    "line": line,
                    "owner": owners.for_letters(line.roles)[0],
                    "due": due(level, now, line.within_minutes),
                }
                for line in lines
                if line.level == level
            ],
        }
        for level in levels
    ]


def plan_of(incident: Incident) -> PlanVersion | None:
    """The version of the plan the incident began with, or the adopted one if it begins now."""
    begun = PlanVersion.objects.filter(tasks__in=incident.tasks.values("plan_task")).order_by("number").first()
    return begun or PlanVersion.objects.filter(state=PlanVersion.State.ADOPTED).first()
