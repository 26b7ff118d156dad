"""Acts on the register of legal steps: opening one, moving it, giving it to somebody, saying that its time is over."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from incidents.models import Incident
from incidents.selectors.people import may_see
from incidents.services.numbering import next_number
from incidents.services.timeline import note_on
from notices.services import notify
from opinion.services.evidence import Kept
from response import messages
from response.models import LegalAction, LegalStep, Preservation
from response.notnow import NotNow
from response.permissions import may, require
from response.services.attachments import attach

State = LegalAction.State
SERIES = "FL"
NEXT: dict[str, tuple[str, ...]] = {
    State.PLANNED: (State.PLANNED, State.FILED, State.DROPPED),
    State.FILED: (State.FILED, State.ACCEPTED, State.CLOSED, State.DROPPED),
    State.ACCEPTED: (State.ACCEPTED, State.CLOSED, State.DROPPED),
    State.CLOSED: (),
    State.DROPPED: (),
}
EVENTS = {
    State.FILED: "response.legal_filed",
    State.ACCEPTED: "response.legal_accepted",
    State.CLOSED: "response.legal_closed",
    State.DROPPED: "response.legal_dropped",
}


@transaction.atomic
def open_action(
    incident: Incident,
    *,
    actor: User,
    now: datetime,
    kind: str,
    title: str,
    counterpart: str,
    owner: User,
    due_at: datetime,
    preservations: Iterable[Preservation] = (),
    documents: Sequence[Kept] = (),
) -> LegalAction:
    """Put a legal step on the register, as planned, with the deadline of what comes first.

    documents  that were laid down (`attachments.lay_down`)
    Raises PermissionDenied, NotNow (the deadline lies in the past, the owner may not know of the incident, evidence of
    another incident).
    """
    require(actor, "open_legal_action", incident)
    check(incident, owner, due_at, now)
    rests_on = list(preservations)
    if any(one.incident_id != incident.pk for one in rests_on):
        raise NotNow(_("This evidence belongs to another incident."))
    action = LegalAction.objects.create(
        incident=incident,
        number=next_number(SERIES, now=now, exercise=incident.exercise),
        kind=kind,
        title=title.strip(),
        counterpart=counterpart.strip(),
        owner=owner,
        due_at=due_at,
        added_by=actor,
        added_at=now,
    )
    action.preservations.set(rests_on)
    put_down(action, "", actor, now, documents)
    if owner != actor:
        notify([owner], **messages.legal_action_given(action, actor))
    tell(action, "response.legal_opened", actor, now, note="")
    return action


@transaction.atomic
def move_action(
    action: LegalAction,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    state: str,
    due_at: datetime | None = None,
    owner: User | None = None,
    reference: str = "",
    outcome: str = "",
    note: str = "",
    documents: Sequence[Kept] = (),
) -> LegalAction:
    """Say what happened: the state it is in now (it may stay), the next deadline, who goes on, papers.

    due_at, owner, reference  None or empty leaves them
    outcome                   needed for the end: how it was decided, or why it was dropped
    Raises PermissionDenied, Stale, NotNow.
    """
    if action.version != seen_version:
        raise Stale(action)
    require(actor, "move_legal_action", action)
    if state not in NEXT[action.state]:
        words = {"state": action.get_state_display(), "next": State(state).label}
        raise NotNow(_("It is %(state)s: it cannot be %(next)s next.") % words)
    if state in (State.CLOSED, State.DROPPED) and not outcome.strip():
        raise NotNow(_("Say how it ended."))
    before, owner_before, due_before = action.state, action.owner, action.due_at
    action.state, action.owner, action.due_at = state, owner or action.owner, due_at or action.due_at
    action.reference, action.outcome = reference.strip() or action.reference, outcome.strip() or action.outcome
    if action.is_open and (action.owner, action.due_at) != (owner_before, due_before):
        check(action.incident, action.owner, action.due_at, now)
    if action.due_at != due_before:
        action.told_at = None
    save_if_current(action, seen_version, ["state", "owner", "due_at", "reference", "outcome", "told_at"])
    put_down(action, "\n".join(part for part in (outcome.strip(), note.strip()) if part), actor, now, documents)
    if action.owner not in (owner_before, actor):
        notify([action.owner], **messages.legal_action_given(action, actor))
    event = EVENTS[State(state)] if state != before else "response.legal_changed"
    tell(action, event, actor, now, note=outcome.strip() or note.strip())
    return action


def check(incident: Incident, owner: User, due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        raise NotNow(_("The deadline lies in the past."))
    if not may(owner, "see_legal") or not may_see(incident, [owner]):
        raise NotNow(_("%(person)s may not see this incident's legal steps.") % {"person": owner})


def put_down(action: LegalAction, note: str, actor: User, now: datetime, documents: Sequence[Kept]) -> None:
    LegalStep.objects.create(
        action=action, state=action.state, note=note[:1000], due_at=action.due_at, by=actor, at=now
    )
    action.documents.add(*attach(action.incident, documents, actor=actor, now=now))


def tell(action: LegalAction, event: str, actor: User | None, now: datetime, *, note: str) -> None:
    note_on(
        action.incident,
        event,
        actor=actor,
        now=now,
        note=note,
        detail={"number": action.number, "title": action.title, "counterpart": action.counterpart},
        url=action.get_absolute_url(),
    )


# --- overdue ---------------------------------------------------------------------------------------------------------
def overdue_actions(exercise: Exercise | None, now: datetime) -> QuerySet[LegalAction]:
    """Open ones whose deadline passed and nobody was told."""
    late = LegalAction.objects.filter(state__in=LegalAction.OPEN, due_at__lte=now, told_at__isnull=True)
    return late.filter(incident__exercise=exercise).select_related("incident__exercise", "owner")


@transaction.atomic
def tell_overdue(action: LegalAction, now: datetime) -> bool:
    """Tell the owner and the 工作组组长, once; False when another worker did, or it moved meanwhile."""
    unchanged = LegalAction.objects.filter(pk=action.pk, told_at__isnull=True, due_at=action.due_at, state=action.state)
    if unchanged.update(told_at=now) != 1:
        return False
    people = {person.pk: person for person in [action.owner, *may_see(action.incident, people_with(Role.TEAM_HEAD))]}
    notify(list(people.values()), **messages.legal_overdue(action))
    tell(action, "response.legal_overdue", None, now, note="")
    return True
