"""The row of a request: found as it stands, given its outcome once, traced on the timeline."""

from datetime import datetime

from accounts.models import User
from accounts.versions import Stale
from incidents.levels import Level, Stage, is_rise
from incidents.models import Incident, LevelRequest
from incidents.permissions import in_name_of
from incidents.refusals import AlreadyDecided
from incidents.services.telling import tell_requester
from incidents.services.timeline import audit, write_entry
from notices.services import stand_down

State = LevelRequest.State


def locked(incident: Incident) -> Incident:
    """Every act on a level locks the incident first, so that no two of them lock the other way round."""
    return Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)


def waiting(request: LevelRequest, seen_version: int) -> LevelRequest:
    """The row as it stands, if it still waits and is the one that was looked at."""
    return standing_in(request, LevelRequest.OPEN, seen_version)


def standing_in(request: LevelRequest, states: tuple[str, ...], seen_version: int) -> LevelRequest:
    """The row, if it is in one of these states and is the one that was looked at. Raises AlreadyDecided, Stale."""
    request = row_of(request)
    if request.state not in states:
        raise AlreadyDecided(request)
    if request.version != seen_version:
        raise Stale(request)
    return request


def row_of(request: LevelRequest) -> LevelRequest:
    rows = LevelRequest.objects.select_for_update(of=("self",), no_key=True).select_related("incident", "requested_by")
    return rows.get(pk=request.pk)


def is_grave(request: LevelRequest, *levels: int) -> bool:
    """Whether 一级 is at stake, which takes a fresh credential."""
    return Level.ONE in (request.from_level, request.to_level, request.decided_level, *levels)


def close(
    request: LevelRequest, state: str, *, actor: User | None, voice: User | None, now: datetime, note: str
) -> None:
    """Give a request its outcome. One conditional update: of two deciders exactly one changes the row."""
    acting_for = voice if voice is not None and actor is not None and voice.pk != actor.pk else None
    changed = LevelRequest.objects.filter(pk=request.pk, state=request.state, version=request.version).update(
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
    # nobody is chased for it any more, and who decides has it; who gave their word by phone did not open the call
    stand_down(request.get_absolute_url(), now, by=actor if state != State.ORAL else None)


def lapse(incident: Incident, *, by: User, now: datetime) -> list[LevelRequest]:
    """过期: what still waits has been overtaken by this person's act. The caller leaves the trace with `end`."""
    waiting = incident.level_requests.filter(state__in=LevelRequest.OPEN).select_related("requested_by", "incident")
    lapsed = list(waiting)
    for request in lapsed:
        close(request, State.LAPSED, actor=by, voice=by, now=now, note="")
    return lapsed


def end(request: LevelRequest, incident: Incident, verb: str, *, actor: User, now: datetime, note: str = "") -> None:
    """Trace and word of a request that ended without moving anything: lapsed, returned, withdrawn, denied."""
    entry = write_entry(
        incident,
        f"incidents.{request.kind}_{verb}",
        actor=actor,
        now=now,
        before={},
        note=note or request.decision_note,
        detail={"to_level": request.to_level, "asked_by": str(request.requested_by)},
        url=request.get_absolute_url(),
        acting_for=request.acting_for if actor.pk == request.decided_by_id else None,
    )
    tell_requester(request, entry)
    audit(entry)


def stage_steps(incident: Incident, level: int) -> list[str]:
    """What the stage does when a level is set: the response begins, or is taken up again when it rises."""
    if incident.stage == Stage.TRIAGED:
        return ["respond"]
    return ["relapse"] if incident.stage == Stage.OBSERVING and is_rise(incident.level, level) else []


def principal_of(actor: User, *roles: str) -> User | None:
    """Whom this person acts for in one of these roles; None when they hold it themselves."""
    voice = in_name_of(actor, roles)  # type: ignore[arg-type]
    return voice if voice is not None and voice.pk != actor.pk else None
