"""Asking for a level and deciding it (A1): four eyes, one open request at a time, ten minutes to take it back."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import LEVEL_STAGES, LEVELS, TAKE_BACK_WITHIN, Level, Stage, is_rise
from incidents.models import Assessment, Incident, LevelRequest
from incidents.permissions import decides_as, last_decision, require
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, Refused, check_reason
from incidents.services.move import move
from incidents.services.telling import tell_deciders, tell_requester
from incidents.services.timeline import audit, note_on, write_entry

State = LevelRequest.State
STEPS = {
    Level.UNSET: "unset_level",
    Level.THREE: "set_level_three",
    Level.TWO: "set_level_two",
    Level.ONE: "set_level_one",
}


@transaction.atomic
def request_level(
    incident: Incident,
    to_level: int,
    *,
    actor: User,
    now: datetime,
    reason: str,
    assessment: Assessment | None = None,
) -> LevelRequest:
    """申请: ask the leadership for a level, up or down. A request still waiting lapses in favour of this one.

    Raises PermissionDenied, Refused for the level it has, ReasonNeeded, ValueError for what is no level.
    """
    incident = locked(incident)
    require(actor, "request_level", incident)
    if to_level not in LEVELS:
        raise ValueError(f"{to_level} is not a level one can ask for")
    if to_level == incident.level:
        raise Refused(_("It stands at this level already."))
    reason = check_reason(reason)
    overtaken = lapse(incident, now=now)
    request = incident.level_requests.create(
        assessment=assessment or incident.assessments.first(),
        from_level=incident.level,
        to_level=to_level,
        reason=reason,
        requested_by=actor,
        requested_at=now,
    )
    tell_deciders(request)
    for each in overtaken:
        end(each, incident, "incidents.level_lapsed", actor=actor, now=now)
    note_on(
        incident,
        "incidents.level_requested",
        actor=actor,
        now=now,
        note=request.reason,
        detail={"from_level": request.from_level, "to_level": to_level},
        url=request.get_absolute_url(),
    )
    return request


@transaction.atomic
def approve(
    request: LevelRequest, *, actor: User, now: datetime, fresh: bool, seen_version: int, note: str = ""
) -> LevelRequest:
    """同意: the level moves as asked, in the same transaction.

    fresh         whether `actor` proved who they are just now (accounts.fresh.is_fresh); 一级 needs it
    seen_version  the version of the request they looked at
    Raises PermissionDenied, FreshCredentialNeeded, AlreadyDecided, Stale, Vetoed, TransitionNotAllowed.
    """
    return decide(request, "approve_level", request.to_level, State.APPROVED, actor, now, fresh, seen_version, note)


@transaction.atomic
def decide_otherwise(
    request: LevelRequest, level: int, *, actor: User, now: datetime, fresh: bool, seen_version: int, note: str
) -> LevelRequest:
    """改级: another level than the one asked for, with a reason. The level it stands at is one of them: it stays there.

    Raises what `approve` raises, ReasonNeeded, and ValueError for the level asked for or no level.
    """
    if level not in LEVELS or level == request.to_level:
        raise ValueError(f"{level} is not another level")
    note = check_reason(note)
    return decide(
        request, "decide_level_otherwise", level, State.DECIDED_OTHERWISE, actor, now, fresh, seen_version, note
    )


def decide(
    request: LevelRequest,
    act: str,
    level: int,
    state: str,
    actor: User,
    now: datetime,
    fresh: bool,
    seen_version: int,
    note: str,
) -> LevelRequest:
    incident = locked(request.incident)
    request = waiting(request, seen_version)
    require(actor, act, request)
    voice = decides_as(actor, request, level)
    if voice is None:
        raise PermissionDenied(act)
    if Level.ONE in (request.from_level, request.to_level, level) and not fresh:
        raise FreshCredentialNeeded
    request.decided_level, request.stage_before = level, incident.stage
    close(request, state, actor=actor, voice=voice, now=now, note=note)
    more = ["respond"] if incident.stage == Stage.TRIAGED else []
    if incident.stage == Stage.OBSERVING and is_rise(incident.level, level):
        more = ["relapse"]
    move(
        incident,
        STEPS[Level(level)],
        *more,
        actor=actor,
        now=now,
        acting_for=request.acting_for,
        note=note or request.reason,
        detail={"from_level": request.from_level, "to_level": request.to_level, "asked_by": str(request.requested_by)},
        event="incidents.level_confirmed" if state == State.APPROVED else "incidents.level_decided_otherwise",
        url=request.get_absolute_url(),
        also_tell=[request.requested_by],
        activated_at=incident.activated_at or now,
    )
    return request


@transaction.atomic
def return_request(request: LevelRequest, *, actor: User, now: datetime, seen_version: int, note: str) -> LevelRequest:
    """退回: not on these grounds. Nothing moves; who asked is told why."""
    note = check_reason(note)
    incident = locked(request.incident)
    request = waiting(request, seen_version)
    require(actor, "return_level", request)
    close(request, State.RETURNED, actor=actor, voice=decides_as(actor, request), now=now, note=note)
    end(request, incident, "incidents.level_returned", actor=actor, now=now)
    return request


@transaction.atomic
def withdraw(request: LevelRequest, *, actor: User, now: datetime, seen_version: int, note: str = "") -> LevelRequest:
    """撤回: who asked takes the request away before it is decided."""
    incident = locked(request.incident)
    request = waiting(request, seen_version)
    require(actor, "withdraw_level", request)
    close(request, State.WITHDRAWN, actor=actor, voice=actor, now=now, note=note)
    end(request, incident, "incidents.level_withdrawn", actor=actor, now=now)
    return request


@transaction.atomic
def take_back(request: LevelRequest, *, actor: User, now: datetime, fresh: bool, note: str = "") -> LevelRequest:
    """收回: within ten minutes, by who decided or in whose name it was; level and stage return to where they were.

    Raises PermissionDenied, FreshCredentialNeeded, Refused (too late, or something was decided since), Vetoed (a
    report or release already left: then only 降级 remains).
    """
    incident = locked(request.incident)
    request = (
        LevelRequest.objects.select_for_update(no_key=True)
        .select_related("incident", "requested_by")
        .get(pk=request.pk)
    )
    require(actor, "take_back_level", request)
    if request.state not in (State.APPROVED, State.DECIDED_OTHERWISE) or request.decided_at is None:
        raise AlreadyDecided(request)
    if now > request.decided_at + TAKE_BACK_WITHIN:
        raise Refused(_("The ten minutes are over; the level can only be lowered by a new request."))
    if (
        incident.level != request.decided_level
        or incident.stage not in LEVEL_STAGES
        or last_decision(incident) != request
    ):
        raise Refused(_("Something else was decided since."))
    if Level.ONE in (request.from_level, request.decided_level) and not fresh:
        raise FreshCredentialNeeded
    still = LevelRequest.objects.filter(pk=request.pk, state=request.state)
    if still.update(state=State.TAKEN_BACK, version=request.version + 1) != 1:
        raise AlreadyDecided(LevelRequest.objects.get(pk=request.pk))
    overtaken = lapse(incident, now=now)
    more: list[str] = []
    changes: dict[str, Any] = {}
    if (request.stage_before, incident.stage) == (Stage.TRIAGED, Stage.RESPONDING):
        more, changes = ["stand_back"], {"activated_at": None}
    elif (request.stage_before, incident.stage) == (Stage.OBSERVING, Stage.RESPONDING):
        more = ["calm_down"]
    move(
        incident,
        STEPS[Level(request.from_level)],
        *more,
        actor=actor,
        now=now,
        acting_for=request.acting_for if actor.pk != request.acting_for_id else None,
        note=note,
        detail={"request": str(request.uuid)},
        event="incidents.level_taken_back",
        url=request.get_absolute_url(),
        also_tell=[request.requested_by],
        **changes,
    )
    for each in overtaken:
        end(each, incident, "incidents.level_lapsed", actor=actor, now=now)
    request.refresh_from_db()
    return request


def lapse(incident: Incident, *, now: datetime) -> list[LevelRequest]:
    """过期: whatever still waits has been overtaken. Returns what lapsed; the caller leaves the trace with `end`."""
    waiting = incident.level_requests.filter(state=State.REQUESTED).select_related("requested_by", "incident")
    lapsed = list(waiting)
    for request in lapsed:
        close(request, State.LAPSED, actor=None, voice=None, now=now, note="")
    return lapsed


# --- the row ---------------------------------------------------------------------------------------------------------
def locked(incident: Incident) -> Incident:
    """Every act on a level locks the incident first, so that no two of them lock the other way round."""
    return Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)


def waiting(request: LevelRequest, seen_version: int) -> LevelRequest:
    """The row as it stands, if it still waits and is the one that was looked at."""
    request = (
        LevelRequest.objects.select_for_update(no_key=True)
        .select_related("incident", "requested_by")
        .get(pk=request.pk)
    )
    if not request.is_waiting:
        raise AlreadyDecided(request)
    if request.version != seen_version:
        raise Stale(request)
    return request


def close(
    request: LevelRequest, state: str, *, actor: User | None, voice: User | None, now: datetime, note: str
) -> None:
    """Give a waiting request its outcome. One conditional update: of two deciders exactly one changes the row."""
    acting_for = voice if voice is not None and actor is not None and voice.pk != actor.pk else None
    changed = LevelRequest.objects.filter(pk=request.pk, state=State.REQUESTED, version=request.version).update(
        state=state,
        decided_by=actor,
        acting_for=acting_for,
        decided_at=now,
        decided_level=request.decided_level,
        decision_note=note.strip(),
        stage_before=request.stage_before,
        version=request.version + 1,
    )
    if changed != 1:
        raise AlreadyDecided(LevelRequest.objects.get(pk=request.pk))
    request.refresh_from_db()


def end(request: LevelRequest, incident: Incident, event: str, *, actor: User, now: datetime) -> None:
    """Trace and word of a request that ended without moving the level."""
    entry = write_entry(
        incident,
        event,
        actor=actor,
        now=now,
        before={},
        note=request.decision_note,
        detail={"to_level": request.to_level, "asked_by": str(request.requested_by)},
        url=request.get_absolute_url(),
        acting_for=request.acting_for,
    )
    tell_requester(request, entry)
    audit(entry)
