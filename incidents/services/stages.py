"""The stages an incident goes through once its level is decided, and 误报, which ends it early."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from incidents.levels import Level
from incidents.models import Incident
from incidents.permissions import deciding_roles, in_name_of, require
from incidents.refusals import FreshCredentialNeeded, check_reason
from incidents.services.move import move
from incidents.services.requests import end, lapse, locked


@transaction.atomic
def calm_down(incident: Incident, *, actor: User, now: datetime, note: str) -> Incident:
    """解除响应 at 三级: the response ends, observation begins. 一级 and 二级 take a decision (`levels.request_end`)."""
    incident = locked(incident)
    require(actor, "calm_down", incident)
    return leave(incident, "calm_down", actor=actor, now=now, note=check_reason(note), roles=(Role.TEAM_HEAD,))


@transaction.atomic
def relapse(incident: Incident, *, actor: User, now: datetime, note: str) -> Incident:
    """It came back while we watched: the response goes on at the level it had."""
    return move(incident, "relapse", actor=actor, now=now, note=check_reason(note))


@transaction.atomic
def begin_review(incident: Incident, *, actor: User, now: datetime, note: str = "") -> Incident:
    """It stayed calm: what waits for a decision lapses, learning begins."""
    incident = locked(incident)
    require(actor, "begin_review", incident)
    return leave(incident, "begin_review", actor=actor, now=now, note=note)


@transaction.atomic
def archive(incident: Incident, *, actor: User, now: datetime, note: str = "") -> Incident:
    """归档: the review is done."""
    return move(incident, "archive", actor=actor, now=now, note=note, closed_at=now)


@transaction.atomic
def reopen(incident: Incident, *, actor: User, now: datetime, note: str, fresh: bool) -> Incident:
    """It came back after the archive: the response starts again at the level it had."""
    incident = locked(incident)
    require(actor, "reopen", incident)
    if incident.level == Level.ONE and not fresh:
        raise FreshCredentialNeeded
    roles = deciding_roles(incident.level)
    return leave(incident, "reopen", actor=actor, now=now, note=check_reason(note), roles=roles, closed_at=None)


@transaction.atomic
def dismiss(incident: Incident, *, actor: User, now: datetime, note: str) -> Incident:
    """误报: nothing was there. While a response runs only who could decide its level may say so."""
    incident = locked(incident)
    require(actor, "dismiss", incident)
    roles = deciding_roles(incident.level) if incident.level else ()
    return leave(incident, "dismiss", actor=actor, now=now, note=check_reason(note), roles=roles, closed_at=now)


def leave(
    incident: Incident,
    step: str,
    *,
    actor: User,
    now: datetime,
    note: str,
    roles: tuple[Role, ...] = (),
    **changes: Any,
) -> Incident:
    """Move on; a request still waiting lapses with it. `roles` are those in whose name the step is taken, if any."""
    overtaken = lapse(incident, by=actor, now=now)
    voice = in_name_of(actor, roles) if roles else actor
    incident = move(
        incident,
        step,
        actor=actor,
        now=now,
        note=note,
        acting_for=voice if voice is not None and voice.pk != actor.pk else None,
        **changes,
    )
    for request in overtaken:
        end(request, incident, "lapsed", actor=actor, now=now)
    return incident
