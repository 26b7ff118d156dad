"""The plan as data: version 1 comes with the product."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import LEADERS, Role
from accounts.selectors import people_with
from audit.services import record
from incidents.models import Incident
from notices.services import notify
from response import messages
from response.models import PlanClock, PlanTask, PlanVersion, wave_of
from response.notnow import NotNow
from response.permissions import require
from response.selectors.plan import plan_of

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
    PlanClock.objects.bulk_create(
        PlanClock(plan=plan, level=level, kind=kind, within_minutes=minutes)
        for level, limits in data["clocks"].items()
        for kind, minutes in limits.items()
    )
    return plan


@transaction.atomic
def set_standing_authority(plan: PlanVersion, gives: bool, *, actor: User) -> PlanVersion:
    """常设授权: from now on the 工作组组长 may, or may no longer, decide 三级 alone.

    Raises PermissionDenied, NotNow.
    """
    require(actor, "set_standing_authority", plan)
    row = PlanVersion.objects.filter(pk=plan.pk, state=PlanVersion.State.ADOPTED, gives_standing_authority=not gives)
    if row.update(gives_standing_authority=gives) != 1:
        raise NotNow(_("Somebody was faster, or another version of the plan is in force."))
    plan.gives_standing_authority = gives
    notify(
        [each for each in people_with(Role.TEAM_HEAD, *LEADERS) if each != actor],
        **messages.standing_authority(plan, actor),
    )
    event = "response.standing_authority_given" if gives else "response.standing_authority_ended"
    record(event, actor=actor, subject=f"plan:{plan.number}", detail={"plan": plan.name})
    return plan


def limits_of(incident: Incident) -> dict[str, dict[int, int]] | None:
    """Minutes by kind of clock and level, of the plan the incident began with; None where the plan sets none.

    settings.LIMIT_HOOKS: incidents asks when it starts a clock or a level changes one.
    """
    limits: dict[str, dict[int, int]] = defaultdict(dict)
    plan = plan_of(incident)
    for clock in plan.clocks.all() if plan else ():
        limits[clock.kind][clock.level] = clock.within_minutes
    return limits or None


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
        wave=wave_of(entry["within"]),
        waits_for=entry.get("waits_for", []),
        checklist=entry.get("checklist", []),
    )
