"""What vendors push: taken in once, answered the same way however often it is asked; and 隔离区, what was refused.

A push is a row first; then its posts go through the pipeline with the time of that row; then its answer is worked out
from what is stored: a post first seen at exactly that time came with it. So whoever repeats the work, another request
at the same moment or the vendor's next try after our process died, finds the same answer, and nothing is lost or twice.
"""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.secrets import encrypt
from audit import services as audit
from monitoring.api.items import Reading, Rejected, read_item
from monitoring.health.standing import arrived
from monitoring.models import Push, PushedItem, Vendor, VendorKey
from monitoring.permissions import require
from monitoring.selectors.vendors import in_quarantine, payload_of
from opinion.models import Heard, Post, Source
from opinion.raw import RawPost
from opinion.services import pipeline
from opinion.services.analysis import kept_id

logger = logging.getLogger(__name__)

MOST_ITEMS = 500
Outcome = PushedItem.Outcome


class Conflict(Exception):
    """The same id or idempotency key came with another body; the words say which."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one item. post: the key and public id of the stored post; reason and field where rejected."""

    external_id: str
    outcome: str
    post: int | None = None
    post_uuid: UUID | None = None
    reason: str = ""
    field: str = ""
    delay_seconds: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As the stored answer has it: without the vendor's id, which stays in its own request."""
        post = str(self.post_uuid) if self.post_uuid else None
        return {"outcome": self.outcome, "post": post, "reason": self.reason, "field": self.field}


# --- a push ----------------------------------------------------------------------------------------------------------
def receive(
    key: VendorKey, *, message_id: str, idempotency_key: str, body: bytes, items: Sequence[Any], now: datetime
) -> Push:
    """Take one batch in; the push that comes back has its answer: one entry for each item, in order.

    The same request again gets the answer it got. Raises Conflict.
    """
    push = _claim(key, message_id, idempotency_key, sha256(body).hexdigest(), len(items), now)
    if push.answer is None:
        results = _take_in(key.vendor, items, now=push.received_at)
        _answer(push, items, results)
    return push


def _claim(key: VendorKey, message_id: str, idempotency_key: str, body_hash: str, items: int, now: datetime) -> Push:
    """The row of this request, made now or, by whoever was faster, before."""
    row = Push(
        vendor=key.vendor,
        key=key,
        message_id=message_id,
        idempotency_key=idempotency_key,
        body_hash=body_hash,
        received_at=now,
        items=items,
    )
    Push.objects.bulk_create([row], ignore_conflicts=True)
    same = Q(message_id=message_id) | (Q(idempotency_key=idempotency_key) & ~Q(idempotency_key=""))
    found = list(Push.objects.filter(same, vendor=key.vendor).order_by("pk"))
    for push in found:
        if push.body_hash != body_hash:
            if push.message_id == message_id:
                raise Conflict(_("This webhook-id was used before, with another body."))
            raise Conflict(_("This Idempotency-Key was used before, with another body."))
    return found[0]


def _take_in(vendor: Vendor, items: Sequence[Any], *, now: datetime) -> list[Result]:
    """Read the items, have their posts taken in, and say what became of each."""
    channels = {channel.code: channel.source for channel in vendor.channels.select_related("source")}
    read: dict[int, Reading] = {}
    results: dict[int, Result] = {}
    for position, item in enumerate(items):
        try:
            read[position] = read_item(item, mapping=vendor.mapping, channels=channels, now=now)
        except Rejected as rejected:
            kept = kept_id(rejected.external_id)
            results[position] = Result(kept, Outcome.REJECTED, reason=rejected.reason, field=rejected.field)
    by_channel: dict[str, dict[int, RawPost]] = defaultdict(dict)
    for position, reading in read.items():
        by_channel[reading.channel][position] = reading.post
    for code, posts in by_channel.items():
        pipeline.take_in(channels[code], list(posts.values()), now=now)
        results |= _outcomes(channels[code], posts, now)
        is_new = any(results[position].outcome != Outcome.DUPLICATE for position in posts)
        changes = arrived(channels[code], now) if is_new else {"last_good_at": now}
        Source.objects.filter(pk=channels[code].pk).update(**changes)
    return [results[position] for position in range(len(items))]


def _outcomes(source: Source, posts: dict[int, RawPost], now: datetime) -> dict[int, Result]:
    """What became of posts that were taken in with the time `now`, worked out from what is stored."""
    kept = {position: kept_id(post.external_id) for position, post in posts.items()}
    stored = {
        external_id: (pk, uuid, first_seen_at)
        for external_id, pk, uuid, first_seen_at in Post.objects.filter(
            key__source=source, key__external_id__in=set(kept.values())
        ).values_list("key__external_id", "pk", "uuid", "first_seen_at")
    }
    heard_at = dict(
        Heard.objects.filter(source=source, external_id__in=set(kept.values())).values_list("external_id", "heard_at")
    )
    results: dict[int, Result] = {}
    seen: set[str] = set()
    for position, external_id in kept.items():
        pk, uuid, first_at = stored.get(external_id, (None, None, heard_at.get(external_id)))
        if first_at != now or external_id in seen:
            outcome = Outcome.DUPLICATE
        else:
            outcome = Outcome.STORED if pk else Outcome.HEARD
        seen.add(external_id)
        delay = max(int((now - posts[position].published_at).total_seconds()), 0)
        results[position] = Result(external_id, outcome, pk, uuid, delay_seconds=delay)
    return results


@transaction.atomic
def _answer(push: Push, items: Sequence[Any], results: Sequence[Result]) -> None:
    """Write the answer and what became of each item, unless another request has written it meanwhile."""
    counts = {outcome: sum(result.outcome == outcome for result in results) for outcome in Outcome.values}
    answer = [result.as_json() for result in results]
    if not Push.objects.filter(pk=push.pk, answer__isnull=True).update(answer=answer, **counts):
        push.refresh_from_db()
        return
    PushedItem.objects.bulk_create(
        PushedItem(
            push=push,
            position=position,
            external_id=result.external_id,
            outcome=result.outcome,
            reason=result.reason,
            field=result.field,
            post_id=result.post,
            delay_seconds=result.delay_seconds,
            payload=encrypt(json.dumps(items[position])) if result.outcome == Outcome.REJECTED else None,
        )
        for position, result in enumerate(results)
    )
    push.refresh_from_db()  # PostgreSQL keeps JSON in an order of its own: everybody is answered from what is stored
    logger.info("push vendor=%s push=%s %s", push.vendor_id, push.pk, " ".join(f"{k}={v}" for k, v in counts.items()))


# --- quarantine ------------------------------------------------------------------------------------------------------
def try_again(vendor: Vendor, items: Iterable[PushedItem], *, actor: User, now: datetime) -> tuple[int, int]:
    """Read rejected items again with the mapping of today; returns (taken, still refused).

    Those that can be read are taken in now and settled; the others stay, with the reason they have now.
    """
    require(actor, "settle_quarantine")
    rows = [row for row in items if row.payload and row.settled_at is None][:MOST_ITEMS]
    results = _take_in(vendor, [payload_of(row) for row in rows], now=now)
    taken = 0
    with transaction.atomic():
        for row, result in zip(rows, results, strict=True):
            unsettled = PushedItem.objects.filter(pk=row.pk, outcome=Outcome.REJECTED, settled_at=None)
            if result.outcome == Outcome.REJECTED:
                unsettled.update(reason=result.reason, field=result.field)
                continue
            taken += unsettled.update(
                outcome=result.outcome,
                external_id=result.external_id,
                post=result.post,
                delay_seconds=result.delay_seconds,
                reason="",
                field="",
                settled_at=now,
                settled_by=actor,
            )
        if taken:
            detail = {"taken": taken, "refused": len(rows) - taken}
            audit.record("monitoring.quarantine_tried_again", actor=actor, subject=f"vendor:{vendor.pk}", detail=detail)
    return taken, len(rows) - taken


@transaction.atomic
def set_aside(vendor: Vendor, items: Iterable[PushedItem], *, actor: User, now: datetime) -> int:
    """Say that nothing is to be done about rejected items; returns how many. `now` is what they are put back by."""
    require(actor, "settle_quarantine")
    wanted = in_quarantine(vendor).filter(pk__in=[item.pk for item in items])
    count: int = wanted.update(settled_at=now, settled_by=actor)
    if count:
        subject, detail = f"vendor:{vendor.pk}", {"items": count}
        audit.record("monitoring.quarantine_set_aside", actor=actor, subject=subject, detail=detail)
    return count


@transaction.atomic
def put_back(vendor: Vendor, *, at: datetime, actor: User) -> int:
    """Undo what this person set aside at that moment; returns how many items."""
    require(actor, "settle_quarantine")
    aside = PushedItem.objects.filter(push__vendor=vendor, outcome=Outcome.REJECTED, settled_at=at, settled_by=actor)
    count = aside.update(settled_at=None, settled_by=None)
    if count:
        subject, detail = f"vendor:{vendor.pk}", {"items": count}
        audit.record("monitoring.quarantine_put_back", actor=actor, subject=subject, detail=detail)
    return count


def prune_payloads(now: datetime) -> int:
    """Forget what rejected items said when the originals of posts are forgotten; returns how many."""
    due = PushedItem.objects.filter(
        payload__isnull=False, push__received_at__lt=now - timedelta(days=settings.ORIGINAL_DAYS)
    )
    return due.update(payload=None)
