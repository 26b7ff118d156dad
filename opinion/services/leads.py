"""线索 by hand: what a person saw and no source brought goes through the same pipeline, under a source of its own."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from accounts.models import User
from audit import services as audit
from opinion.models import Post, Source, SourceClass, SourceHealth, SourceKind, Watch
from opinion.permissions import require
from opinion.raw import RawPost
from opinion.services import evidence
from opinion.services.evidence import Upload
from opinion.services.pipeline import take_in


class NoWatchWantsIt(Exception):
    """The words of no watch occur in it, and none was chosen."""


def by_hand() -> Source:
    """The built-in source of what people enter: an own channel that is never polled."""
    source, _made = Source.objects.get_or_create(
        kind=SourceKind.HAND,
        defaults={
            "name": "录入",
            "platform": "录入",
            "source_class": SourceClass.OWN,
            "is_enabled": False,
            "health": SourceHealth.OFF,
        },
    )
    return source


def enter(
    *,
    actor: User,
    now: datetime,
    text: str,
    url: str = "",
    platform: str = "",
    author: str = "",
    said_at: datetime | None = None,
    watch: Watch | None = None,
    screenshots: Sequence[Upload] = (),
) -> tuple[Post, bool]:
    """Take in something a person saw; returns its post, and whether it is new. The same words or address are one post.

    text     what was said; "" where only its address is known, which then stands for it
    said_at  when it was said; None: now
    screenshots  evidence, added also where the post was there before
    Raises NoWatchWantsIt, and evidence.NotKept before anything is taken in.
    """
    require(actor, "enter_lead")
    evidence.check(screenshots)
    source = by_hand()
    said = text.strip() or url
    title, _newline, rest = said.partition("\n")
    raw = RawPost(
        external_id=sha256((url or said).encode()).hexdigest(),
        title=title[:500] if rest else "",
        text=rest.strip() if rest else said,
        url=url,
        author=author,
        published_at=said_at or now,
        platform=platform,
    )
    intake = take_in(source, [raw], now=now, for_watch=watch)
    post = Post.objects.filter(key__source=source, key__external_id=raw.external_id).first()
    if post is None:
        raise NoWatchWantsIt
    if intake.stored:
        with transaction.atomic():
            audit.record("opinion.lead_entered", actor=actor, subject=f"post:{post.uuid}")
    if screenshots:
        evidence.add(post, screenshots, actor=actor, now=now)
    return post, bool(intake.stored)
