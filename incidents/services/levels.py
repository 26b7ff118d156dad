"""Asking for a level or the end of a response, and deciding it (A1): four eyes, one open request at a time."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.levels import LEVELS, Level
from incidents.models import Assessment, Incident, LevelRequest
from incidents.permissions import decides_as, require
from incidents.refusals import FreshCredentialNeeded, Refused, check_reason
from incidents.services.move import move
from incidents.services.requests import close, end, is_grave, lapse, locked, stage_steps, waiting
from incidents.services.telling import tell_deciders
from incidents.services.timeline import note_on

Kind, State = LevelRequest.Kind, LevelRequest.State
STEPS = {
    Level.UNSET: "unset_level",
    Level.THREE: "set_level_three",
    Level.TWO: "set_level_two",
    Level.ONE: "set_level_one",
}


# --- asking ----------------------------------------------------------------------------------------------------------
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

    Raises PermissionDenied, Refused for the level it has or while a provisional start waits, ReasonNeeded, ValueError
    for what is no level.
    """
    incident = locked(incident)
    require(actor, "request_level", incident)
    if to_level not in LEVELS:
        raise ValueError(f"{to_level} is not a level one can ask for")
    if to_level == incident.level:
        raise Refused(_("It stands at this level already."))
    return ask(incident, Kind.LEVEL, to_level, actor=actor, now=now, reason=reason, assessment=assessment)


@transaction.atomic
def request_end(
    incident: Incident, *, actor: User, now: datetime, reason: str, assessment: Assessment | None = None
) -> LevelRequest:
    """申请解除响应: ask the leadership to end a response of 一级 or 二级; lapses and refuses as for a level."""
    incident = locked(incident)
    require(actor, "request_end", incident)
    return ask(incident, Kind.END, incident.level, actor=actor, now=now, reason=reason, assessment=assessment)


def ask(
    incident: Incident,
    kind: str,
    to_level: int,
    *,
    actor: User,
    now: datetime,
    reason: str,
    assessment: Assessment | None,
) -> LevelRequest:
    reason = check_reason(reason)
    if incident.level_requests.filter(state=State.PROVISIONAL).exists():
        raise Refused(_("It was started provisionally: the leaders ratify or revoke that first."))
    overtaken = lapse(incident, by=actor, now=now)
    request = incident.level_requests.create(
        kind=kind,
        assessment=assessment or incident.assessments.first(),
        from_level=incident.level,
        to_level=to_level,
        reason=reason,
        requested_by=actor,
        requested_at=now,
    )
    tell_deciders(request)
    for each in overtaken:
        end(each, incident, "lapsed", actor=actor, now=now)
    note_on(
        incident,
        f"incidents.{kind}_requested",
        actor=actor,
        now=now,
        note=request.reason,
        detail={"from_level": request.from_level, "to_level": to_level},
        url=request.get_absolute_url(),
    )
    return request


# --- deciding --------------------------------------------------------------------------------------------------------
@transaction.atomic
def approve(
    request: LevelRequest, *, actor: User, now: datetime, fresh: bool, seen_version: int, note: str = ""
) -> LevelRequest:
    """同意: the level moves as asked, or the response ends, in the same transaction; a provisional start is ratified.

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
    if is_grave(request, level) and not fresh:
        raise FreshCredentialNeeded
    is_ratified = request.is_provisional and level == incident.level
    settle(request, incident, level)
    close(request, state, actor=actor, voice=voice, now=now, note=note)
    event = "level_decided_otherwise" if state == State.DECIDED_OTHERWISE else "level_confirmed"
    event = "calmed_down" if request.ends_response else "level_ratified" if is_ratified else event
    put_in_force(request, incident, f"incidents.{event}", actor=actor, now=now, is_ratified=is_ratified)
    return request


def settle(request: LevelRequest, incident: Incident, level: int) -> None:
    """Note what is decided and where it came from, for `close` to write; a provisional start has noted it already."""
    request.decided_level = level
    if not request.is_provisional:
        request.stage_before = incident.stage


def put_in_force(
    request: LevelRequest,
    incident: Incident,
    event: str,
    *,
    actor: User,
    now: datetime,
    is_ratified: bool = False,
    told: Iterable[User] = (),
    **detail: str,
) -> None:
    """Move level or stage as a request that was just decided says; what is ratified has moved already."""
    level = Level(request.decided_level or Level.UNSET)
    if request.ends_response:
        steps = ["calm_down"]
    elif is_ratified:
        steps = ["ratify"]
    else:
        steps = [STEPS[level], *stage_steps(incident, level)]
    move(
        incident,
        *steps,
        actor=actor,
        now=now,
        acting_for=request.acting_for if actor.pk == request.decided_by_id else None,
        note=request.decision_note or request.reason,
        detail={
            "from_level": request.from_level,
            "to_level": request.to_level,
            "asked_by": str(request.requested_by),
            **detail,
        },
        event=event,
        url=request.get_absolute_url(),
        also_tell=[request.requested_by],
        told=told,
        activated_at=incident.activated_at or now,
    )


@transaction.atomic
def return_request(request: LevelRequest, *, actor: User, now: datetime, seen_version: int, note: str) -> LevelRequest:
    """退回: not on these grounds. Nothing moves; who asked is told why. A provisional start is revoked instead."""
    note = check_reason(note)
    incident = locked(request.incident)
    request = waiting(request, seen_version)
    require(actor, "return_level", request)
    if request.is_provisional:
        raise Refused(_("It is in force already: ratify it, revoke it or set another level."))
    close(request, State.RETURNED, actor=actor, voice=decides_as(actor, request), now=now, note=note)
    end(request, incident, "returned", actor=actor, now=now)
    return request


@transaction.atomic
def withdraw(request: LevelRequest, *, actor: User, now: datetime, seen_version: int, note: str = "") -> LevelRequest:
    """撤回: who asked takes the request away before it is decided."""
    incident = locked(request.incident)
    request = waiting(request, seen_version)
    require(actor, "withdraw_level", request)
    close(request, State.WITHDRAWN, actor=actor, voice=actor, now=now, note=note)
    end(request, incident, "withdrawn", actor=actor, now=now)
    return request
