"""When the leaders cannot be waited for: 先行启动, and 三级 under the standing authority (常设授权)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from incidents.levels import STARTED_LEVELS, Level, is_rise
from incidents.models import Incident, LevelRequest
from incidents.permissions import require
from incidents.refusals import FreshCredentialNeeded, Refused, check_reason
from incidents.services.levels import STEPS
from incidents.services.move import move
from incidents.services.requests import end, lapse, locked, principal_of, stage_steps
from incidents.services.telling import tell_deciders

State, Way = LevelRequest.State, LevelRequest.Way


@transaction.atomic
def start(incident: Incident, level: int, *, actor: User, now: datetime, reason: str, fresh: bool) -> LevelRequest:
    """先行启动: the 工作组组长 starts 一级 or 二级 while the leaders are being reached; it is in force at once.

    组长 and 副组长 are called together; the first to decide ratifies, revokes or sets another level. A start that waits
    already gives way to a graver one, and what would be returned to stays what it was before the first of them.
    Raises PermissionDenied, Refused for what is no rise, ReasonNeeded, FreshCredentialNeeded for 一级, Vetoed,
    ValueError for a level that cannot be started.
    """
    incident = locked(incident)
    require(actor, "start_level", incident)
    if level not in STARTED_LEVELS:
        raise ValueError(f"{level} cannot be started provisionally")
    if not is_rise(incident.level, level):
        raise Refused(_("Only a graver level than the one it has can be started provisionally."))
    reason = check_reason(reason)
    if level == Level.ONE and not fresh:
        raise FreshCredentialNeeded
    before = incident.level_requests.filter(state=State.PROVISIONAL).first()
    overtaken = lapse(incident, by=actor, now=now)
    request = incident.level_requests.create(
        way=Way.PROVISIONAL,
        state=State.PROVISIONAL,
        assessment=incident.assessments.first(),
        from_level=before.from_level if before else incident.level,
        stage_before=before.stage_before if before else incident.stage,
        to_level=level,
        decided_level=level,
        reason=reason,
        requested_by=actor,
        requested_for=principal_of(actor, Role.TEAM_HEAD),
        requested_at=now,
    )
    told = tell_deciders(request)
    take_effect(request, incident, "incidents.level_started", actor=actor, now=now, told=told)
    for each in overtaken:
        end(each, incident, "lapsed", actor=actor, now=now)
    return request


@transaction.atomic
def decide_alone(incident: Incident, *, actor: User, now: datetime, reason: str) -> LevelRequest:
    """常设授权: the 工作组组长 sets 三级 alone where the adopted plan allows it; leaders may overturn it.

    A request for 三级 that waits gives way. Raises PermissionDenied, ReasonNeeded, Refused when a graver level was
    asked for, Vetoed.
    """
    incident = locked(incident)
    require(actor, "decide_level_alone", incident)
    reason = check_reason(reason)
    if incident.level_requests.filter(state__in=LevelRequest.OPEN).exclude(to_level=Level.THREE).exists():
        raise Refused(_("A graver level waits for the leaders; they decide."))
    overtaken = lapse(incident, by=actor, now=now)
    request = incident.level_requests.create(
        way=Way.STANDING,
        state=State.APPROVED,
        assessment=incident.assessments.first(),
        from_level=incident.level,
        stage_before=incident.stage,
        to_level=Level.THREE,
        decided_level=Level.THREE,
        reason=reason,
        requested_by=actor,
        requested_at=now,
        decided_by=actor,
        decided_at=now,
    )
    take_effect(request, incident, "incidents.level_decided_alone", actor=actor, now=now)
    for each in overtaken:
        end(each, incident, "lapsed", actor=actor, now=now)
    return request


def take_effect(
    request: LevelRequest,
    incident: Incident,
    event: str,
    *,
    actor: User,
    now: datetime,
    told: Iterable[User] = (),
) -> None:
    move(
        incident,
        STEPS[Level(request.to_level)],
        *stage_steps(incident, request.to_level),
        actor=actor,
        now=now,
        acting_for=request.requested_for,
        note=request.reason,
        detail={"from_level": request.from_level, "to_level": request.to_level},
        event=event,
        url=request.get_absolute_url(),
        told=told,
        activated_at=incident.activated_at or now,
    )
