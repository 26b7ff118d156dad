"""收回 and 撤销: a decision taken back within ten minutes, a provisional start, a standing decision or an approval by
word of mouth revoked. Level and stage return to where they were; the same people are told."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.levels import LEVEL_STAGES, OVERTURN_WITHIN, TAKE_BACK_WITHIN, Level, Stage
from incidents.models import Incident, LevelRequest, OralApproval
from incidents.permissions import decides_as, last_decision, require
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, Refused, check_reason
from incidents.services.levels import STEPS
from incidents.services.move import move
from incidents.services.requests import close, end, is_grave, lapse, locked, row_of, standing_in
from notices.services import stand_down

State, Way = LevelRequest.State, LevelRequest.Way
REVOCABLE = (State.PROVISIONAL, State.APPROVED, State.ORAL)


@transaction.atomic
def take_back(request: LevelRequest, *, actor: User, now: datetime, fresh: bool, note: str = "") -> LevelRequest:
    """收回: within ten minutes, by who decided or in whose name it was; level and stage return to where they were.

    Raises PermissionDenied, FreshCredentialNeeded, Refused (too late, or something was decided since), Vetoed (a
    report or release already left: then only 降级 remains).
    """
    incident = locked(request.incident)
    request = row_of(request)
    require(actor, "take_back_level", request)
    if request.state not in (State.APPROVED, State.DECIDED_OTHERWISE) or request.decided_at is None:
        raise AlreadyDecided(request)
    if now > request.decided_at + TAKE_BACK_WITHIN:
        raise Refused(_("The ten minutes are over; the level can only be lowered by a new request."))
    if not still_stands(request, incident):
        raise Refused(_("Something else was decided since."))
    if is_grave(request) and not fresh:
        raise FreshCredentialNeeded
    mark(request, State.TAKEN_BACK, by=actor, now=now)
    acting_for = request.acting_for if actor.pk != request.acting_for_id else None
    event = "incidents.end_taken_back" if request.ends_response else "incidents.level_taken_back"
    undo(request, incident, event, actor=actor, now=now, acting_for=acting_for, note=note)
    return request


@transaction.atomic
def revoke(
    request: LevelRequest, *, actor: User, now: datetime, fresh: bool, seen_version: int, note: str
) -> LevelRequest:
    """撤销: a leader revokes a provisional start or overturns what was decided under the standing authority; the one
    who is said to have approved by word of mouth denies it.

    Level and stage return; only where something else was decided since is a denial noted and nothing moved.
    Raises PermissionDenied, ReasonNeeded, FreshCredentialNeeded, AlreadyDecided, Stale, Refused, Vetoed.
    """
    note = check_reason(note)
    incident = locked(request.incident)
    request = standing_in(request, REVOCABLE, seen_version)
    require(actor, "revoke_level", request)
    if is_grave(request) and not fresh:
        raise FreshCredentialNeeded
    stands = still_stands(request, incident)
    if request.state == State.ORAL:
        mark(request, State.REVOKED, by=actor, now=now)
        OralApproval.objects.filter(request=request).update(answered_at=now)
        if not stands:
            end(request, incident, "denied", actor=actor, now=now, note=note)
            return request
        event, acting_for = "incidents.approval_denied", None
    else:
        if request.way == Way.STANDING and now > (request.decided_at or now) + OVERTURN_WITHIN:
            raise Refused(_("The time to overturn it is over; ask for another level."))
        if not stands:
            raise Refused(_("Something else was decided since."))
        is_start = request.is_provisional
        close(request, State.REVOKED, actor=actor, voice=decides_as(actor, request), now=now, note=note)
        event = "incidents.level_start_revoked" if is_start else "incidents.level_overturned"
        acting_for = request.acting_for
    undo(request, incident, event, actor=actor, now=now, acting_for=acting_for, note=note)
    return request


def still_stands(request: LevelRequest, incident: Incident) -> bool:
    """Whether level and stage are still those this row brought about."""
    if incident.stage not in LEVEL_STAGES or incident.level != request.decided_level:
        return False
    if request.ends_response:
        stays = incident.stage == Stage.OBSERVING
    else:
        stays = incident.stage == Stage.RESPONDING or incident.stage == request.stage_before
    return stays and last_decision(incident) == request


def mark(request: LevelRequest, state: str, *, by: User, now: datetime) -> None:
    """Only the state changes: who decided it, and when, stays on the row. One conditional update.

    by  who answered; if they were called for it, that is their 收到
    """
    still = LevelRequest.objects.filter(pk=request.pk, state=request.state)
    if still.update(state=state, version=request.version + 1) != 1:
        raise AlreadyDecided(LevelRequest.objects.get(pk=request.pk))
    request.refresh_from_db()
    stand_down(request.get_absolute_url(), now, by=by)


def undo(
    request: LevelRequest,
    incident: Incident,
    event: str,
    *,
    actor: User,
    now: datetime,
    acting_for: User | None,
    note: str,
) -> None:
    """Bring level and stage back; what waits meanwhile has been overtaken."""
    overtaken = lapse(incident, by=actor, now=now)
    steps, changes = steps_back(request, incident)
    move(
        incident,
        *steps,
        actor=actor,
        now=now,
        acting_for=acting_for,
        note=note,
        detail={"request": str(request.uuid), "asked_by": str(request.requested_by)},
        event=event,
        url=request.get_absolute_url(),
        also_tell=[request.requested_by],
        **changes,
    )
    for each in overtaken:
        end(each, incident, "lapsed", actor=actor, now=now)


def steps_back(request: LevelRequest, incident: Incident) -> tuple[list[str], dict[str, Any]]:
    """The steps that return an incident to where it was before, and what else changes with them."""
    if request.ends_response:
        return ["relapse"], {}
    step = STEPS[Level(request.from_level)]
    if (request.stage_before, incident.stage) == (Stage.TRIAGED, Stage.RESPONDING):
        return [step, "stand_back"], {"activated_at": None}
    if (request.stage_before, incident.stage) == (Stage.OBSERVING, Stage.RESPONDING):
        return [step, "calm_down"], {}
    return [step], {}
