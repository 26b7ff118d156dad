"""口头批准补签: an approval given by phone or chat, put down by somebody else, countersigned within 24 hours."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from incidents.models import LevelRequest, OralApproval
from incidents.permissions import decides_as, require
from incidents.refusals import FreshCredentialNeeded, Refused, check_reason
from incidents.services.levels import put_in_force, settle
from incidents.services.requests import close, is_grave, locked, standing_in, waiting
from incidents.services.telling import tell_of_request
from incidents.services.timeline import note_on
from incidents.services.undoing import mark
from opinion.services.evidence import Upload, lay_down

State = LevelRequest.State
SAID_WITHIN = timedelta(hours=24)  # what was said longer ago is asked for anew


def record(
    request: LevelRequest,
    *,
    given_by: User,
    given_at: datetime,
    means: str,
    words: str,
    upload: Upload | None = None,
    actor: User,
    now: datetime,
    fresh: bool,
    seen_version: int,
) -> LevelRequest:
    """Put down what a leader said by phone or chat about a waiting request: it is approved at once, in their name.

    words   what was said and what shows it     upload  a picture of the chat, kept by its hash
    Raises PermissionDenied (the proposer), ReasonNeeded, Refused (they may not decide it, or the time cannot be),
    FreshCredentialNeeded of whoever records 一级, NotKept, AlreadyDecided, Stale, Vetoed.
    """
    require(actor, "record_approval", request)
    kept = lay_down(upload) if upload else None  # before the row: a row without its file would be a lie
    with transaction.atomic():
        incident = locked(request.incident)
        request = waiting(request, seen_version)
        require(actor, "record_approval", request)
        words = check_reason(words)
        voice = decides_as(given_by, request)
        if given_by.pk == actor.pk:
            raise Refused(_("What you approve yourself needs no record: decide the request."))
        if voice is None:
            raise Refused(_("%(who)s may not decide this request, so cannot have approved it.") % {"who": given_by})
        if not now - SAID_WITHIN <= given_at <= now:
            raise Refused(_("It must have been said within the last 24 hours, and not in the future."))
        if is_grave(request) and not fresh:
            raise FreshCredentialNeeded
        is_ratified = request.is_provisional
        settle(request, incident, request.to_level)
        close(request, State.ORAL, actor=given_by, voice=voice, now=now, note=words)
        approval = OralApproval.objects.create(
            request=request,
            given_by=given_by,
            given_at=given_at,
            means=means,
            words=words,
            file_sha256=kept.sha256 if kept else "",
            file_name=kept.name if kept else "",
            file_type=kept.content_type if kept else "",
            recorded_by=actor,
            recorded_at=now,
        )
        tell_of_request(request, [given_by], "incidents.approval_recorded")
        put_in_force(
            request,
            incident,
            "incidents.end_approval_recorded" if request.is_end else "incidents.approval_recorded",
            actor=actor,
            now=now,
            is_ratified=is_ratified,
            told=[given_by],
            given_by=str(given_by),
            means=approval.means,
        )
    return request


@transaction.atomic
def countersign(request: LevelRequest, *, actor: User, now: datetime, fresh: bool, seen_version: int) -> LevelRequest:
    """补签: the one who is said to have approved says so. Raises PermissionDenied, FreshCredentialNeeded,
    AlreadyDecided, Stale."""
    incident = locked(request.incident)
    request = standing_in(request, (State.ORAL,), seen_version)
    require(actor, "countersign_level", request)
    if is_grave(request) and not fresh:
        raise FreshCredentialNeeded
    mark(request, State.APPROVED, by=actor, now=now)
    OralApproval.objects.filter(request=request).update(answered_at=now)
    note_on(
        incident,
        "incidents.approval_countersigned",
        actor=actor,
        now=now,
        detail={"to_level": request.to_level, "kind": request.kind},
        url=request.get_absolute_url(),
    )
    return request


def approvals_overdue(now: datetime, exercise: Exercise | None = None) -> list[OralApproval]:
    """Approvals by word of mouth that should have been countersigned by now and are not flagged yet."""
    waiting = OralApproval.objects.filter(
        request__state=State.ORAL, flagged_at__isnull=True, request__incident__exercise=exercise
    ).select_related("request__incident", "request__requested_by", "given_by")
    return [approval for approval in waiting if approval.due_at <= now]


@transaction.atomic
def flag(approval: OralApproval, *, now: datetime) -> bool:
    """Nobody countersigned it: say so to who should, to the 组长 and the auditor. False when it was done meanwhile."""
    still = OralApproval.objects.filter(pk=approval.pk, flagged_at__isnull=True, request__state=State.ORAL)
    if still.update(flagged_at=now) != 1:
        return False
    request = approval.request
    people = [approval.given_by, *people_with(Role.LEADER_HEAD, Role.AUDITOR)]
    tell_of_request(request, people, "incidents.countersignature_missed")
    note_on(
        request.incident,
        "incidents.countersignature_missed",
        actor=None,
        now=now,
        detail={"to_level": request.to_level, "given_by": str(approval.given_by)},
        url=request.get_absolute_url(),
    )
    return True
