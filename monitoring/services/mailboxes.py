"""自有渠道: complaint mailboxes added, changed and read. What is in them stays there, as unread as it was."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import User
from accounts.secrets import decrypt, encrypt
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.duty.days import today
from monitoring.fetching import imap
from monitoring.fetching.imap import Login
from monitoring.fetching.pace import pause_after_failure
from monitoring.health.standing import TROUBLES, arrived, quiet_words
from monitoring.health.words import LONGEST, FetchError
from monitoring.models import Mailbox, Poll
from monitoring.permissions import require
from monitoring.reading.mail import read_message
from monitoring.services import polling
from opinion.models import Source, SourceClass, SourceHealth, SourceKind
from opinion.services.pipeline import Intake, take_in

logger = logging.getLogger(__name__)

FIELDS = ("host", "port", "user", "folder", "watch")
PLATFORM = "投诉邮箱"
NOTHING = Intake()


@dataclass(frozen=True, slots=True)
class Read:
    """How a visit went: what it brought, and how far it came."""

    health: str
    words: str = ""
    intake: Intake = NOTHING
    letters: int = 0
    visit: imap.Visit | None = None


def login_of(mailbox: Mailbox, password: str = "") -> Login:
    """With the password typed just now, or the one that is kept."""
    password = password or decrypt(bytes(mailbox.password))
    return Login(mailbox.host, mailbox.port, mailbox.user, password, mailbox.folder)


@transaction.atomic
def add_mailbox(mailbox: Mailbox, *, name: str, password: str, actor: User, now: datetime) -> Mailbox:
    """Read a mailbox from now on; its messages of the last week come first."""
    require(actor, "edit_channels")
    mailbox.source = Source.objects.create(
        name=name,
        kind=SourceKind.MAILBOX,
        source_class=SourceClass.OWN,
        platform=PLATFORM,
        next_poll_at=now,
    )
    mailbox.password = encrypt(password)
    mailbox.save(force_insert=True)
    audit.record(
        "monitoring.mailbox_added",
        actor=actor,
        subject=f"source:{mailbox.source_id}",
        detail=_described(mailbox),
    )
    return mailbox


@transaction.atomic
def change_mailbox(
    mailbox: Mailbox, *, name: str, password: str, seen_version: int, actor: User, now: datetime
) -> Mailbox:
    """Save what a person changed; an empty password keeps the old one. Another folder or server begins anew.

    Raises Stale.
    """
    require(actor, "edit_channels")
    before = Mailbox.objects.get(pk=mailbox.pk)
    fields = [*FIELDS]
    if password:
        mailbox.password = encrypt(password)
        fields.append("password")
    if any(getattr(before, field) != getattr(mailbox, field) for field in ("host", "port", "user", "folder")):
        mailbox.uid_validity, mailbox.last_uid = None, 0
        fields += ["uid_validity", "last_uid"]
    save_if_current(mailbox, seen_version, fields)
    changes: dict[str, Any] = {"name": name}
    if mailbox.source.is_enabled:
        changes |= {"next_poll_at": now, "leased_until": None, "health": SourceHealth.NEVER, "health_words": ""}
    Source.objects.filter(pk=mailbox.source_id).update(**changes)
    detail = {"before": _described(before), "after": _described(mailbox), "password": bool(password)}
    audit.record("monitoring.mailbox_changed", actor=actor, subject=f"source:{mailbox.source_id}", detail=detail)
    return mailbox


# --- whose turn it is ------------------------------------------------------------------------------------------------
def claim_due(*, now: datetime) -> list[Source]:
    """Claim the mailboxes that are due."""
    turn = Q(next_poll_at__isnull=True) | Q(next_poll_at__lte=now)
    waiting = Source.objects.filter(turn, kind=SourceKind.MAILBOX, is_enabled=True).order_by("next_poll_at", "pk")
    return [source for source in waiting if polling.claim(source, now=now)]


def take_up(pk: int, lease: datetime, *, now: datetime) -> Source | None:
    """The mailbox a doorbell rang for, its lease made new; None where the ring is stale."""
    return next(iter(polling.take_up([pk], lease, now=now)), None)


# --- one visit -------------------------------------------------------------------------------------------------------
def read(source: Source, *, now: datetime) -> Poll:
    """Read a mailbox that was claimed: fetch, hand the messages over, write down how it went.

    No transaction is open while the network is touched. Messages are known by their own names, so a visit that died
    before it was written down is simply made again.
    """
    started = time.monotonic()
    mailbox = Mailbox.objects.select_related("watch").get(source=source)
    try:
        outcome = _visit(source, mailbox, now)
    except FetchError as problem:
        outcome = Read(problem.health, problem.words)
    logger.info("mailbox read source=%s health=%s letters=%s", source.pk, outcome.health, outcome.letters)
    return _write_down(source, mailbox, outcome, now, started)


def _visit(source: Source, mailbox: Mailbox, now: datetime) -> Read:
    visit = imap.letters_after(
        login_of(mailbox),
        uid_validity=mailbox.uid_validity,
        last_uid=mailbox.last_uid,
        since=today(now) - timedelta(days=settings.HEARD_DAYS),
    )
    posts = [read_message(letter.body, received_at=letter.received_at or now) for letter in visit.letters]
    intake = take_in(source, posts, now=now, for_watch=mailbox.watch)
    health = SourceHealth.OK if intake.heard else SourceHealth.UNCHANGED
    return Read(health, "", intake, len(posts), visit)


@transaction.atomic
def _write_down(source: Source, mailbox: Mailbox, outcome: Read, now: datetime, started: float) -> Poll:
    """The outcome, in the log of polls and, while the lease is still ours, on the source; and how far we have read."""
    mine = Source.objects.filter(pk=source.pk, leased_until=source.leased_until, is_enabled=True)
    if mine.update(**_changes(source, outcome, now), leased_until=None) and outcome.visit:
        # A mailbox that a person changed meanwhile begins anew, as they wanted.
        Mailbox.objects.filter(pk=mailbox.pk, version=mailbox.version).update(
            uid_validity=outcome.visit.uid_validity, last_uid=outcome.visit.reached
        )
    return Poll.objects.create(
        source=source,
        started_at=now,
        ended_at=now + timedelta(seconds=time.monotonic() - started),
        health=outcome.health,
        words=outcome.words[:LONGEST],
        entries=outcome.letters,
        stored=outcome.intake.stored,
        known=outcome.intake.known,
    )


def _changes(source: Source, outcome: Read, now: datetime) -> dict[str, Any]:
    every = timedelta(seconds=source.poll_every_seconds)
    health, words = outcome.health, outcome.words
    if outcome.visit and not outcome.intake.heard and (quiet := quiet_words(source, now)):
        health, words = SourceHealth.QUIET, quiet
    changes: dict[str, Any] = {"health": health, "health_words": words[:LONGEST], "last_polled_at": now}
    if source.health_since is None or (health in TROUBLES) != (source.health in TROUBLES):
        changes["health_since"] = now
    if outcome.visit is None:
        pause = pause_after_failure(every, failures=source.failures + 1, asked_for=None)
        return {**changes, "failures": source.failures + 1, "next_poll_at": now + pause}
    if outcome.intake.heard:
        changes |= arrived(source, now)
    pause = timedelta(0) if outcome.visit.has_more else every
    return {**changes, "failures": 0, "last_good_at": now, "next_poll_at": now + pause}


def _described(mailbox: Mailbox) -> dict[str, Any]:
    fields: Sequence[str] = ("host", "port", "user", "folder")
    return {**{field: getattr(mailbox, field) for field in fields}, "watch": mailbox.watch.name}
