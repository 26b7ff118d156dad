"""Writing the timeline: what happened, said once, with its audit entry in the same transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from audit.services import record
from incidents.models import Incident, TimelineEntry
from incidents.services.clocks import hear


def note_on(
    incident: Incident,
    event: str,
    *,
    actor: User | None,
    now: datetime,
    note: str = "",
    detail: Mapping[str, Any] | None = None,
    url: str = "",
    acting_for: User | None = None,
    corrects: TimelineEntry | None = None,
) -> TimelineEntry:
    """Put an act that moved neither stage nor level on the timeline and in the audit trail.

    event     `app.verb_past`; its sentence stands in incidents.timeline_words
    note      the person's own words, shown as they are; they stay out of the trail
    detail    plain values that fill the sentence
    corrects  the entry this one puts right
    Call it last in the act's transaction: the audit entry takes the chain lock. Raises TransactionManagementError
    outside one.
    """
    entry = write_entry(
        incident,
        event,
        actor=actor,
        now=now,
        before={},
        note=note,
        detail=detail,
        url=url,
        acting_for=acting_for,
        corrects=corrects,
    )
    audit(entry)
    return entry


def write_entry(
    incident: Incident,
    event: str,
    *,
    actor: User | None,
    now: datetime,
    before: Mapping[str, Any],
    note: str = "",
    detail: Mapping[str, Any] | None = None,
    url: str = "",
    acting_for: User | None = None,
    corrects: TimelineEntry | None = None,
) -> TimelineEntry:
    """The row alone, for an act whose audit entry comes later; `before` is the position it left, empty if it stayed.

    The clocks hear of it at once.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError(f"{event!r} must be written in the act's own transaction")
    entry = incident.timeline.create(
        at=now,
        event=event,
        actor=actor,
        acting_for=acting_for,
        before=dict(before),
        after=incident.position if before else {},
        detail=dict(detail or {}),
        note=note,
        url=url,
        corrects=corrects,
    )
    hear(entry)
    return entry


def audit(entry: TimelineEntry) -> None:
    """The audit entry of a timeline row. Last in the transaction."""
    detail = {**entry.detail}
    if entry.before:
        detail |= {"before": entry.before, "after": entry.after}
    if entry.acting_for_id:
        detail["acting_for"] = str(entry.acting_for)
    record(entry.event, actor=entry.actor, subject=entry.incident.number, detail=detail)
