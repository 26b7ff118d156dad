"""Keeping what was proposed beside what people did, so that the rules can be judged. Proposals never act."""

from datetime import datetime

from accounts.models import User
from incidents.models import Incident, Proposal
from incidents.proposals import IGNORE, propose
from incidents.selectors.origins import Origin
from incidents.selectors.proposing import found_of
from monitoring.models import Signal
from opinion.models import Post


def keep(origin: Origin, done: str, *, actor: User, now: datetime, incident: Incident | None = None) -> Proposal:
    """Call before the act, in its transaction: the proposal is worked out from how things stand.

    done  what the person does (incidents.proposals); `incident`: into which, where it is putting in
    """
    proposed = propose(found_of(origin, actor, now))
    return Proposal.objects.create(
        **named(origin.row),
        proposed=proposed.kind,
        incident_id=proposed.incident,
        suggestion=proposed.suggestion,
        done=done,
        done_incident=incident,
        by=actor,
        at=now,
    )


def take_back(row: Post | Signal, done: str, *, now: datetime) -> None:
    """The act is undone; what it said of the proposal no longer counts."""
    Proposal.objects.filter(**named(row), done=done, undone_at=None).update(undone_at=now)


def after_triage(row: Post | Signal, *, is_ignored: bool, actor: User, now: datetime) -> None:
    """settings.TRIAGE_HOOKS: a person ignores a post, or judges that a signal wants no incident; or takes it back."""
    if is_ignored:
        keep(origin_of(row), IGNORE, actor=actor, now=now)
    else:
        take_back(row, IGNORE, now=now)


def origin_of(row: Post | Signal) -> Origin:
    return Origin(post=row) if isinstance(row, Post) else Origin(signal=row)


def named(row: object) -> dict[str, object]:
    return {"post" if isinstance(row, Post) else "signal" if isinstance(row, Signal) else "topic": row}
