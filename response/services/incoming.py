"""Acts on letters and calls: enter, correct, hand over, propose and approve the line, answer, close."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Exercise, User
from accounts.roles import Role
from accounts.selectors import people_with
from accounts.versions import Stale, save_if_current
from audit.services import record
from incidents.levels import LEVEL_STAGES, OPEN_STAGES
from incidents.models import Incident
from incidents.refusals import check_reason
from incidents.selectors.people import may_see
from incidents.selectors.reading import read
from incidents.services.level_proposals import propose
from incidents.services.numbering import next_number
from incidents.services.requests import locked
from incidents.services.timeline import note_on
from notices.services import notify
from opinion.services.evidence import Kept
from response import messages
from response.models import Incoming
from response.notnow import NotNow
from response.permissions import approves_line_as, require
from response.selectors.incoming import attention_of
from response.services import attachments, due_words
from response.services.opening import let_in

SERIES = "LH"
State = Incoming.State
ENTERED = (
    "kind", "means", "attention", "sender", "contact", "reference", "asks", "received_at", "due_at",
)  # fmt: skip


@transaction.atomic
def enter(
    values: Mapping[str, Any],
    *,
    incident: Incident | None,
    owner: User,
    actor: User,
    now: datetime,
    kept: Sequence[Kept] = (),
) -> Incoming:
    """Something came in. A regulator's letter weighs in the severity of its incident at once; people still decide.

    values  ENTERED. Raises PermissionDenied, NotNow.
    """
    require(actor, "enter_incoming", incident)
    check(values, now)
    if incident is not None and incident.stage not in OPEN_STAGES:
        raise NotNow(_("This incident is closed."))
    before = attention_of(incident, now) if incident else None
    exercise = incident.exercise if incident else None
    letter = Incoming(
        number=next_number(SERIES, now=now, exercise=exercise),
        incident=incident,
        owner=owner,
        entered_by=actor,
        entered_at=now,
        exercise=exercise,
        **{name: values[name] for name in ENTERED},
    )
    if letter.kind != Incoming.Kind.REGULATOR:
        letter.attention = Incoming.Attention.NONE
    files = attachments.attach(incident, kept, actor=actor, now=now)
    letter.original = next(iter(files), None)
    due_words.set_words(letter, due_words.LETTER_STEPS, letter.received_at)
    letter.save()
    if incident is not None:
        let_in(incident, [owner], actor, now)
    if owner != actor:
        notify([owner], **messages.incoming_given(letter, actor))
    weigh(letter, before.code if before else "", now)
    trace(letter, "entered", actor=actor, now=now, kind=letter.kind, attention=letter.attention,
          files=attachments.as_detail(files))  # fmt: skip
    return letter


def check(values: Mapping[str, Any], now: datetime) -> None:
    if values["received_at"] > now:
        raise NotNow(_("It cannot have come in the future."))
    if values["due_at"] <= values["received_at"]:
        raise NotNow(_("The answer is due before it came in."))


def weigh(letter: Incoming, before: str, now: datetime) -> None:
    """Let the desk look at the level anew when what regulators do has changed."""
    if letter.incident is None:
        return
    after = attention_of(letter.incident, now)
    if (after.code if after else "") != before and letter.incident.stage in LEVEL_STAGES:
        incident = locked(letter.incident)
        propose(incident, read(incident, now), now)


@transaction.atomic
def correct(letter: Incoming, values: Mapping[str, Any], *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """Put right what was entered; the trail names the fields. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "handle_incoming", letter)
    check(values, now)
    changed = [name for name in ENTERED if getattr(letter, name) != values[name]]
    before = attention_of(letter.incident, now) if letter.incident else None
    for name in changed:
        setattr(letter, name, values[name])
    if letter.kind != Incoming.Kind.REGULATOR and letter.attention:
        letter.attention = Incoming.Attention.NONE
        changed.append("attention")
    letter.told_percent = 0 if "due_at" in changed else letter.told_percent
    if letter.is_open:
        due_words.set_words(letter, due_words.LETTER_STEPS, letter.received_at)
    save_if_current(letter, seen_version, [*dict.fromkeys(changed), "told_percent", "next_word_at"])
    if changed:
        weigh(letter, before.code if before else "", now)
        trace(letter, "corrected", actor=actor, now=now, columns=changed)
    return letter


@transaction.atomic
def hand_over(letter: Incoming, owner: User, *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """Somebody else answers it. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "hand_over_incoming", letter)
    still_open(letter, seen_version)
    if not owner.is_active or owner.pk == letter.owner_id:
        raise NotNow(_("Choose somebody else who is at the desk."))
    letter.owner = owner
    save_if_current(letter, seen_version, ["owner"])
    if letter.incident is not None:
        let_in(letter.incident, [owner], actor, now)
    notify([owner], **messages.incoming_given(letter, actor))
    trace(letter, "handed_over", actor=actor, now=now, owner=str(owner))
    return letter


@transaction.atomic
def propose_line(letter: Incoming, line: str, *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """What we would answer; the 工作组组长 is asked. An approved line that is changed waits again.

    Raises PermissionDenied, NotNow, Stale.
    """
    require(actor, "handle_incoming", letter)
    still_open(letter, seen_version)
    if not line.strip():
        raise NotNow(_("Write the line first."))
    letter.line, letter.line_by, letter.line_returned, letter.state = line.strip(), actor, "", State.WAITING
    letter.approved_by = letter.acting_for = letter.approved_at = None
    save_if_current(
        letter,
        seen_version,
        ["line", "line_by", "line_returned", "state", "approved_by", "acting_for", "approved_at"],
    )
    notify(approvers(letter), **messages.line_waits(letter))
    trace(letter, "line_proposed", actor=actor, now=now)
    return letter


@transaction.atomic
def approve_line(letter: Incoming, *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """This is what is answered. Raises PermissionDenied, NotNow, Stale (other words, or somebody was faster)."""
    line_waits(letter, seen_version)
    require(actor, "approve_incoming", letter)
    principal = approves_line_as(actor, letter)
    letter.state, letter.approved_by, letter.approved_at = State.APPROVED, actor, now
    letter.acting_for = principal if principal != actor else None
    save_if_current(letter, seen_version, ["state", "approved_by", "approved_at", "acting_for"])
    notify([person for person in {letter.owner, letter.line_by} if person and person != actor],
           **messages.line_decided(letter))  # fmt: skip
    trace(letter, "line_approved", actor=actor, now=now, acting_for=letter.acting_for)
    return letter


@transaction.atomic
def return_line(letter: Incoming, note: str, *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """Not in these words, because. Raises PermissionDenied, NotNow, Stale."""
    line_waits(letter, seen_version)
    require(actor, "approve_incoming", letter)
    if not note.strip():
        raise NotNow(_("Say what should change."))
    letter.state, letter.line_returned = State.OPEN, note.strip()
    save_if_current(letter, seen_version, ["state", "line_returned"])
    notify([person for person in {letter.owner, letter.line_by} if person and person != actor],
           **messages.line_decided(letter))  # fmt: skip
    trace(letter, "line_returned", actor=actor, now=now, note=letter.line_returned)
    return letter


@transaction.atomic
def reply(
    letter: Incoming,
    *,
    actor: User,
    now: datetime,
    seen_version: int,
    note: str,
    link: str = "",
    kept: Sequence[Kept] = (),
) -> Incoming:
    """It was answered in the approved words, and this shows it. Raises PermissionDenied, NotNow, Stale."""
    require(actor, "handle_incoming", letter)
    still_open(letter, seen_version)
    if letter.state != State.APPROVED:
        raise NotNow(_("The line is not approved yet: nobody answers before it is."))
    if not (note.strip() or link or kept):
        raise NotNow(_("Say what shows it: a note, a link or a file."))
    letter.proof_link = link
    files = attachments.attach(letter.incident, kept, actor=actor, now=now)
    letter.proof = next(iter(files), None)
    close_as(letter, State.REPLIED, note, actor=actor, now=now, seen_version=seen_version)
    late = max(int((now - letter.due_at).total_seconds() // 60), 0)
    trace(letter, "answered", actor=actor, now=now, note=letter.end_note, late_minutes=late,
          files=attachments.as_detail(files))  # fmt: skip
    return letter


@transaction.atomic
def close(letter: Incoming, reason: str, *, actor: User, now: datetime, seen_version: int) -> Incoming:
    """It needs no answer, because. Raises PermissionDenied, ReasonNeeded, NotNow, Stale."""
    require(actor, "close_incoming", letter)
    still_open(letter, seen_version)
    close_as(letter, State.CLOSED, check_reason(reason), actor=actor, now=now, seen_version=seen_version)
    trace(letter, "closed", actor=actor, now=now, note=letter.end_note)
    return letter


def close_as(letter: Incoming, state: str, note: str, *, actor: User, now: datetime, seen_version: int) -> None:
    letter.state, letter.ended_by, letter.ended_at, letter.end_note = state, actor, now, note.strip()
    letter.next_word_at = None
    save_if_current(
        letter,
        seen_version,
        ["state", "ended_by", "ended_at", "end_note", "proof_link", "proof", "next_word_at"],
    )


# --- time runs out ---------------------------------------------------------------------------------------------------
def tell_incoming(exercise: Exercise | None, now: datetime) -> int:
    """Letters of which a share of the time is used up: told once to the owner, at the limit to the 工作组组长 too."""
    waiting = Incoming.everywhere.open().filter(next_word_at__lte=now, exercise=exercise)
    return sum(tell_letter(letter, now) for letter in waiting.select_related("incident__exercise", "owner"))


@transaction.atomic
def tell_letter(letter: Incoming, now: datetime) -> bool:
    if not due_words.claim(Incoming.everywhere.open(), letter, due_words.LETTER_STEPS, letter.received_at, now):
        return False
    people = {letter.owner.pk: letter.owner}
    if letter.told_percent >= 100:
        people |= {person.pk: person for person in heads(letter)}
    notify(list(people.values()), **messages.incoming_due(letter, now))
    return True


# --- shared ----------------------------------------------------------------------------------------------------------
def heads(letter: Incoming) -> list[User]:
    people = list(people_with(Role.TEAM_HEAD))
    return may_see(letter.incident, people) if letter.incident else people


def approvers(letter: Incoming) -> list[User]:
    """Who approves a line: the 工作组组长, and a leader when the line is the head's own."""
    people = list(people_with(Role.TEAM_HEAD, Role.LEADER_HEAD, Role.LEADER_DEPUTY).prefetch_related("groups"))
    may = [person for person in people if approves_line_as(person, letter) == person]
    return may_see(letter.incident, may) if letter.incident else may


def still_open(letter: Incoming, seen_version: int) -> None:
    if letter.version != seen_version:
        raise Stale(letter)
    if not letter.is_open:
        raise NotNow(_("This was ended already: %(state)s.") % {"state": letter.get_state_display()})


def line_waits(letter: Incoming, seen_version: int) -> None:
    still_open(letter, seen_version)
    if letter.state != State.WAITING:
        raise NotNow(_("No line waits for approval."))


def trace(
    letter: Incoming,
    what: str,
    *,
    actor: User,
    now: datetime,
    note: str = "",
    acting_for: User | None = None,
    **detail: Any,
) -> None:
    """On the incident's timeline where there is one, and always in the trail; last in the act's transaction."""
    event = f"response.incoming_{what}"
    detail = {"number": letter.number, "sender": letter.sender, **detail}
    if letter.incident is not None:
        note_on(
            letter.incident,
            event,
            actor=actor,
            now=now,
            note=note,
            detail=detail,
            url=letter.get_absolute_url(),
            acting_for=acting_for,
        )
    else:
        record(event, actor=actor, subject=letter.number, detail=detail)
