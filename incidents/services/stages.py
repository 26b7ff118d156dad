"""The stages an incident goes through once its level is decided, and the two ways it ends early."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Role
from incidents.levels import Level
from incidents.models import Incident, IncidentPost
from incidents.permissions import ENDERS, deciding_roles, in_name_of, require, sees
from incidents.refusals import FreshCredentialNeeded, Refused, check_reason
from incidents.services.levels import end, lapse, locked
from incidents.services.move import move
from incidents.services.timeline import note_on


@transaction.atomic
def calm_down(incident: Incident, *, actor: User, now: datetime, note: str, fresh: bool) -> Incident:
    """解除响应: the response ends, observation begins. 一级 and 二级 take the leadership (一级 a fresh credential)."""
    incident = locked(incident)
    require(actor, "calm_down", incident)
    if incident.level == Level.ONE and not fresh:
        raise FreshCredentialNeeded
    return leave(incident, "calm_down", actor=actor, now=now, note=check_reason(note), roles=ENDERS[incident.level])


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


@transaction.atomic
def merge(incident: Incident, into: Incident, *, actor: User, now: datetime, note: str) -> Incident:
    """已并入: what belongs to `incident` goes on in `into`: its topics and posts; its own record stays where it is.

    Raises PermissionDenied, Refused when `into` is the same, closed, or less grave than what would vanish into it.
    """
    first, second = sorted(
        [incident.pk, into.pk]
    )  # always in the same order, so that two merges cannot lock each other out
    both = {pk: Incident.everywhere.select_for_update(no_key=True).get(pk=pk) for pk in dict.fromkeys([first, second])}
    incident, into = both[incident.pk], both[into.pk]
    require(actor, "merge", incident)
    if incident == into or not sees(actor, into) or into.exercise_id != incident.exercise_id:
        raise Refused(_("It can only be merged into another incident that you may see."))
    if into.closed_at is not None or into.merged_into_id is not None:
        raise Refused(_("%(number)s is closed.") % {"number": into.number})
    if incident.level and (not into.level or into.level > incident.level):
        raise Refused(_("%(number)s stands at a lower level; raise it first.") % {"number": into.number})
    into.topics.add(*incident.topics.all())
    into.signals.add(*incident.signals.all())
    known = into.attachments.filter(detached_at__isnull=True).values("post")
    moved = incident.attachments.filter(detached_at__isnull=True).exclude(post__in=known)
    IncidentPost.objects.bulk_create(
        IncidentPost(incident=into, post_id=each.post_id, attached_by=actor, attached_at=now) for each in moved
    )
    note_on(
        into,
        "incidents.absorbed",
        actor=actor,
        now=now,
        detail={"from": incident.number},
        url=incident.get_absolute_url(),
    )
    return leave(
        incident,
        "merge",
        actor=actor,
        now=now,
        note=check_reason(note),
        roles=deciding_roles(incident.level) if incident.level else (),
        detail={"into": into.number},
        url=into.get_absolute_url(),
        merged_into=into,
        closed_at=now,
    )


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
    overtaken = lapse(incident, now=now)
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
        end(request, incident, "incidents.level_lapsed", actor=actor, now=now)
    return incident
