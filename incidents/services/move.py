"""The one door through which an incident moves."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User
from incidents.models import Incident
from incidents.permissions import require
from incidents.refusals import Vetoed
from incidents.services.telling import tell
from incidents.services.timeline import audit, write_entry

__all__ = ["EVENTS", "Vetoed", "move"]

EVENTS = {
    "set_level_three": "incidents.level_confirmed",
    "set_level_two": "incidents.level_confirmed",
    "set_level_one": "incidents.level_confirmed",
    "unset_level": "incidents.level_taken_back",
    "ratify": "incidents.level_ratified",
    "respond": "incidents.response_begun",
    "stand_back": "incidents.response_taken_back",
    "calm_down": "incidents.calmed_down",
    "relapse": "incidents.relapsed",
    "begin_review": "incidents.review_begun",
    "archive": "incidents.archived",
    "reopen": "incidents.reopened",
    "dismiss": "incidents.dismissed",
    "merge": "incidents.merged",
    "unmerge": "incidents.unmerged",
}


@transaction.atomic
def move(
    incident: Incident,
    step: str,
    *more: str,
    actor: User | None,
    now: datetime,
    acting_for: User | None = None,
    note: str = "",
    detail: Mapping[str, Any] | None = None,
    event: str = "",
    url: str = "",
    also_tell: Iterable[User] = (),
    told: Iterable[User] = (),
    **changes: Any,
) -> Incident:
    """Take one step and leave its trace. The only writer of `stage` and `level`. Returns the incident as it now stands.

    step, more  names of transitions in incidents.lifecycle; `more` are taken in the same breath and share one entry
                (a level is confirmed and the response begins)
    event       what the entry is called when the first step's own name in EVENTS does not tell the story
    told        who has been told already, in words of their own
    changes     other fields of the incident that change with it
    actor       None is the system, which may move nothing: it suggests, people move

    Lock, may this person, may this state, save, timeline row, hooks, notices, audit row: in that order, all or none.
    Hooks come after the row so that what they write stands behind it. Sends nothing: see notices.tasks.
    Raises PermissionDenied, TransitionNotAllowed, ConcurrentTransition, Vetoed.
    """
    incident = Incident.everywhere.select_for_update(no_key=True).get(pk=incident.pk)
    steps = (step, *more)
    if actor is None:
        raise PermissionDenied(step)
    for name in steps:
        require(actor, name, incident)
    before = incident.position
    for name in steps:
        getattr(incident, name)()
    for field, value in changes.items():
        setattr(incident, field, value)
    incident.version += 1
    incident.save(update_fields=["stage", "level", "version", *changes])
    entry = write_entry(
        incident,
        event or EVENTS[step],
        actor=actor,
        now=now,
        before=before,
        note=note,
        detail=detail,
        url=url,
        acting_for=acting_for,
    )
    for name in steps:
        for hook in hooks():
            hook(name, incident, actor=actor, now=now)
    tell(incident, entry, also_tell, told)
    audit(entry)
    return incident


def hooks() -> list[Callable[..., None]]:
    """`after_step(step, incident, *, actor, now)` of the apps above; each may raise Vetoed."""
    return [import_string(name) for name in settings.INCIDENT_HOOKS]
