"""Writing the trail and checking it."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from audit import chain
from audit.models import ActorKind, Entry, Head


def record(
    event: str, *, actor: Any = None, vendor: str = "", subject: str = "", detail: Mapping[str, Any] | None = None
) -> Entry:
    """Append one act to the chain, inside the transaction of the act itself.

    event    `app.verb_past`, as on the timeline
    actor    the person who acted; None with `vendor` empty means the system did it
    vendor   name of the vendor account that acted
    subject  what it was done to, readable: an incident's number, `person:pr`, `source:12`
    detail   plain values only; no post text, no secrets
    Takes the chain lock, so call it last. Raises TransactionManagementError outside a transaction.
    """
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"audit.record({event!r}) must be in the act's own transaction")
    Head.objects.get_or_create(
        pk=1, defaults={"hash": chain.START, "seal": chain.seal(settings.AUDIT_KEY, 0, chain.START)}
    )
    head = Head.objects.select_for_update().get(pk=1)
    person = actor if actor is not None and actor.pk else None
    kind = ActorKind.PERSON if person else ActorKind.VENDOR if vendor else ActorKind.SYSTEM
    entry = Entry(
        seq=head.seq + 1,
        at=timezone.now(),
        event=event,
        actor=person,
        actor_kind=kind,
        actor_name=str(person) if person else vendor or "system",
        subject=subject[:200],
        detail=json.loads(json.dumps(dict(detail or {}), cls=DjangoJSONEncoder)),
        prev_hash=head.hash,
    )
    entry.hash = chain.link(head.hash, as_hashed(entry))
    entry.save(force_insert=True)
    Head.objects.filter(pk=1).update(
        seq=entry.seq, hash=entry.hash, seal=chain.seal(settings.AUDIT_KEY, entry.seq, entry.hash)
    )
    return entry


def as_hashed(entry: Entry) -> dict[str, Any]:
    """The part of an entry that its hash covers: all of it but the hashes."""
    return {
        "seq": entry.seq,
        "at": chain.moment(entry.at),
        "event": entry.event,
        "actor": entry.actor_id,
        "actor_kind": str(entry.actor_kind),
        "actor_name": entry.actor_name,
        "subject": entry.subject,
        "detail": entry.detail,
    }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What checking the chain found. `bad_seq` is the first row that does not fit, None when whole."""

    whole: bool
    entries: int
    bad_seq: int | None = None
    reason: str = ""


def verify() -> Verdict:
    """Walk the whole chain and compare it with the sealed head, in batches: memory stays the same at any length."""
    previous, count = chain.START, 0
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        count += 1
        if entry.seq != count:
            return Verdict(False, count - 1, count, f"entry {count} is missing: the next one is {entry.seq}")
        if entry.prev_hash != previous:
            return Verdict(False, count, entry.seq, f"entry {entry.seq} does not follow the one before it")
        if entry.hash != chain.link(previous, as_hashed(entry)):
            return Verdict(False, count, entry.seq, f"entry {entry.seq} was changed after it was written")
        previous = entry.hash
    head = Head.objects.filter(pk=1).first()
    if head is None:
        return Verdict(count == 0, count, None if count == 0 else 1, "" if count == 0 else "the chain has no head")
    if not hmac.compare_digest(head.seal, chain.seal(settings.AUDIT_KEY, head.seq, head.hash)):
        return Verdict(False, count, head.seq, "the head's seal is not ours: the head was changed, or AUDIT_KEY was")
    if (head.seq, head.hash) != (count, previous):
        return Verdict(False, count, count + 1, f"the chain should have {head.seq} entries but has {count}")
    return Verdict(True, count)
