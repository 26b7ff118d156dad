"""Acts on the guidance of an incident: its plan, what is published for it, the events that are held."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale, save_if_current
from incidents.levels import OPEN_STAGES
from incidents.models import Incident
from incidents.services.timeline import note_on
from response import messages
from response.models import GuidanceItem, GuidancePlan, PressEvent
from response.notnow import NotNow
from response.permissions import require

ITEM_FIELDS = ("title", "message", "channel", "partner", "owner", "due_at")
EVENT_FIELDS = ("kind", "title", "at", "place", "host", "run_sheet", "questions")


def _may_now(incident: Incident, actor: User) -> None:
    require(actor, "guide", incident)
    if incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))


def _note(incident: Incident, event: str, actor: User, now: datetime, **detail: str) -> None:
    note_on(incident, event, actor=actor, now=now, detail=detail, url=messages.guidance_url(incident))


@transaction.atomic
def save_plan(
    incident: Incident, *, actor: User, now: datetime, seen_version: int, aim: str, lines: str
) -> GuidancePlan:
    """Say what the public is to understand. seen_version 0: there was no plan yet.

    Raises PermissionDenied, NotNow, Stale.
    """
    _may_now(incident, actor)
    fields = {"aim": aim, "messages": lines, "written_by": actor, "written_at": now}
    plan, is_new = GuidancePlan.objects.get_or_create(incident=incident, defaults=fields)
    if not is_new:
        for name, value in fields.items():
            setattr(plan, name, value)
        if not seen_version:
            raise Stale(plan)
        save_if_current(plan, seen_version, list(fields))
    _note(incident, "response.guidance_planned", actor, now, aim=aim)
    return plan


@transaction.atomic
def add_item(incident: Incident, *, actor: User, now: datetime, said: Mapping[str, Any]) -> GuidanceItem:
    """Plan something to publish. said: ITEM_FIELDS. Raises PermissionDenied, NotNow."""
    _may_now(incident, actor)
    item = GuidanceItem.objects.create(incident=incident, **{name: said[name] for name in ITEM_FIELDS})
    _note(incident, "response.guidance_item_planned", actor, now, title=item.title, channel=item.channel)
    return item


@transaction.atomic
def item_is_out(item: GuidanceItem, *, actor: User, now: datetime, seen_version: int, url: str) -> None:
    """It was published; its address proves it. Raises PermissionDenied, NotNow, Stale."""
    _may_now(item.incident, actor)
    if item.state != GuidanceItem.State.PLANNED:
        raise NotNow(_("Somebody was faster: this is published or dropped already."))
    item.state, item.url, item.out_at = GuidanceItem.State.OUT, url, now
    save_if_current(item, seen_version, ["state", "url", "out_at"])
    _note(item.incident, "response.guidance_item_out", actor, now, title=item.title, channel=item.channel)


@transaction.atomic
def drop_item(item: GuidanceItem, *, actor: User, now: datetime, seen_version: int, reason: str) -> None:
    """It will not be published. Raises PermissionDenied, NotNow, Stale."""
    _may_now(item.incident, actor)
    if item.state != GuidanceItem.State.PLANNED:
        raise NotNow(_("Somebody was faster: this is published or dropped already."))
    item.state, item.reason = GuidanceItem.State.DROPPED, reason
    save_if_current(item, seen_version, ["state", "reason"])
    _note(item.incident, "response.guidance_item_dropped", actor, now, title=item.title)


@transaction.atomic
def save_event(
    event: PressEvent | None,
    *,
    incident: Incident,
    actor: User,
    now: datetime,
    seen_version: int = 0,
    said: Mapping[str, Any],
) -> PressEvent:
    """Plan an event (None), or change one that was not held yet. said: EVENT_FIELDS and `partners`.

    Raises PermissionDenied, NotNow, Stale.
    """
    _may_now(incident, actor)
    fields = {name: said[name] for name in EVENT_FIELDS}
    if event is None:
        event = PressEvent.objects.create(incident=incident, **fields)
        _note(incident, "response.event_planned", actor, now, title=event.title)
    else:
        if event.state != PressEvent.State.PLANNED:
            raise NotNow(_("It was held or cancelled: what was planned stays as it was."))
        for name, value in fields.items():
            setattr(event, name, value)
        save_if_current(event, seen_version, list(fields))
    event.partners.set(said["partners"])
    return event


@transaction.atomic
def hold_event(
    event: PressEvent, *, actor: User, now: datetime, seen_version: int, held_at: datetime, outcome: str
) -> None:
    """It was held: when, and what came of it. Raises PermissionDenied, NotNow, Stale."""
    _may_now(event.incident, actor)
    if event.state != PressEvent.State.PLANNED:
        raise NotNow(_("Somebody was faster: this event was held or cancelled already."))
    if held_at > now:
        raise NotNow(_("This time is still to come."))
    event.state, event.held_at, event.outcome = PressEvent.State.HELD, held_at, outcome
    save_if_current(event, seen_version, ["state", "held_at", "outcome"])
    _note(event.incident, "response.event_held", actor, now, title=event.title)


@transaction.atomic
def cancel_event(event: PressEvent, *, actor: User, now: datetime, seen_version: int, reason: str) -> None:
    """Raises PermissionDenied, NotNow, Stale."""
    _may_now(event.incident, actor)
    if event.state != PressEvent.State.PLANNED:
        raise NotNow(_("Somebody was faster: this event was held or cancelled already."))
    event.state, event.outcome = PressEvent.State.CANCELLED, reason
    save_if_current(event, seen_version, ["state", "outcome"])
    _note(event.incident, "response.event_cancelled", actor, now, title=event.title)
