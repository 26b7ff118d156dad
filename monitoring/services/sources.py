"""Where we listen: sources added, changed, switched on and off by people. Each act is in the audit trail."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.fetching.fetch import fetch
from monitoring.health.words import FetchError
from monitoring.models import Poll
from monitoring.permissions import require
from monitoring.reading.apart import read_feed
from monitoring.reading.reader import Reading
from monitoring.services import mailboxes, polling
from monitoring.sources import rsshub
from opinion.models import POLLED, Source, SourceHealth, SourceKind
from opinion.raw import RawPost

EDITABLE = (
    *("name", "kind", "url", "source_class", "platform", "region", "tier", "is_key", "canary", "poll_every_seconds"),
)


class Refused(Exception):
    """The act cannot be done now; the words say why."""


@transaction.atomic
def add_source(source: Source, *, actor: User, now: datetime) -> Source:
    """Start listening to a new source; its first poll is due at once."""
    require(actor, "edit_sources")
    source.next_poll_at = now
    source.save(force_insert=True)
    audit.record("monitoring.source_added", actor=actor, subject=f"source:{source.pk}", detail=_described(source))
    return source


@transaction.atomic
def add_sources(sources: Iterable[Source], *, actor: User, now: datetime) -> list[Source]:
    """Start listening to many, from a list of another program: all or none."""
    return [add_source(source, actor=actor, now=now) for source in sources]


@transaction.atomic
def change_source(source: Source, *, seen_version: int, actor: User, now: datetime) -> Source:
    """Save what a person changed. A new address is a new acquaintance: what we knew about the old one is forgotten.

    Raises accounts.versions.Stale where somebody else was faster.
    """
    require(actor, "edit_sources")
    before = Source.objects.get(pk=source.pk)
    fields = [*EDITABLE, "access"]
    if before.url != source.url:
        fields += _forget(source, now)
    elif before.kind != source.kind:
        # The same document, but its rows are told apart in another way.
        source.etag = source.last_modified = source.body_hash = ""
        fields += ["etag", "last_modified", "body_hash"]
    if before.canary != source.canary:
        source.canary_at = None  # the new word is waited for from now on
        fields.append("canary_at")
    if source.kind in POLLED:
        source.next_poll_at = now if source.is_enabled else None
    save_if_current(source, seen_version, [*fields, "next_poll_at"])
    audit.record(
        "monitoring.source_changed",
        actor=actor,
        subject=f"source:{source.pk}",
        detail={"before": _described(before), "after": _described(source)},
    )
    return source


@transaction.atomic
def accept_move(source: Source, *, seen_version: int, actor: User, now: datetime) -> Source:
    """Take the address a source says it has moved to for good. Raises Stale, and Refused where we have it already."""
    require(actor, "edit_sources")
    if not source.permanent_url:
        raise Refused(_("It has not said that it has moved."))
    twin = Source.objects.filter(url=source.permanent_url).exclude(pk=source.pk).first()
    if twin:
        words = _("The new address is listened to already, as “%(name)s”. Switch this one off.")
        raise Refused(words % {"name": twin.name})
    before, source.url = source.url, source.permanent_url
    if not rsshub.same_host(before, source.url):
        source.access = None
    fields = _forget(source, now)
    source.next_poll_at = now if source.is_enabled else None
    save_if_current(source, seen_version, ["url", "access", *fields, "next_poll_at"])
    detail = {"name": source.name, "before": before, "after": source.url}
    audit.record("monitoring.source_moved", actor=actor, subject=f"source:{source.pk}", detail=detail)
    return source


@transaction.atomic
def switch_source(source: Source, *, on: bool, seen_version: int, actor: User, now: datetime) -> Source:
    """Switch a source on or off. Off, it says so; on, it is polled at once. Raises Stale."""
    require(actor, "edit_sources")
    source.is_enabled = on
    source.health = SourceHealth.NEVER if on else SourceHealth.OFF
    source.health_words, source.failures, source.health_since, source.trouble_told = "", 0, now, ""
    source.next_poll_at = now if on else None
    fields = ["is_enabled", "health", "health_words", "health_since", "trouble_told", "failures", "next_poll_at"]
    save_if_current(source, seen_version, fields)
    event = "monitoring.source_switched_on" if on else "monitoring.source_switched_off"
    audit.record(event, actor=actor, subject=f"source:{source.pk}", detail={"name": source.name})
    return source


def poll_now(source: Source, *, actor: User, now: datetime) -> Poll:
    """Visit a source at once; this touches the network. Raises Refused where it is off or being polled already."""
    require(actor, "edit_sources")
    if source.kind not in (*POLLED, SourceKind.MAILBOX):
        raise Refused(_("There is nothing to poll: its posts come in by themselves."))
    if not source.is_enabled:
        raise Refused(_("This source is switched off. Switch it on first."))
    if not polling.claim(source, now=now):
        raise Refused(_("This source is being polled right now."))
    if source.kind == SourceKind.MAILBOX:
        return mailboxes.read(source, now=now)
    return polling.poll(source, now=now)


@dataclass(frozen=True, slots=True)
class Tried:
    """What an address gives, as it would be stored. http_status is None where there was no answer."""

    health: str
    words: str
    http_status: int | None = None
    reading: Reading | None = None

    @property
    def posts(self) -> list[RawPost]:
        """The posts, with the personal data in them masked, and nothing beside them that tells it."""
        return [replace(post, kept=None) for post in (self.reading.posts if self.reading else [])]

    @property
    def encoding(self) -> str:
        return self.reading.encoding if self.reading else ""

    @property
    def title(self) -> str:
        return self.reading.title if self.reading else ""

    def as_json(self, url: str) -> dict[str, Any]:
        """{url, health, words, http_status, encoding, title, posts: [...]}, times in ISO 8601."""
        posts = [{**asdict(post), "published_at": post.published_at.isoformat()} for post in self.posts]
        posts = [{name: value for name, value in post.items() if name != "kept"} for post in posts]
        told = {"url": url, "health": str(self.health), "words": self.words, "http_status": self.http_status}
        return {**told, "encoding": self.encoding, "title": self.title, "posts": posts}


def try_out(source: Source, *, now: datetime, allow_private: bool = False) -> Tried:
    """Visit an address once and keep nothing of it: an unsaved source will do. This touches the network."""
    try:
        fetched = fetch(rsshub.fetch_address(source), now=now, allow_private=allow_private)
    except FetchError as problem:
        return Tried(problem.health, problem.words)
    fetched = rsshub.without_key(source, fetched)
    if fetched.health != SourceHealth.OK:
        return Tried(fetched.health, fetched.words, fetched.status)
    body, kind, is_hot_list = fetched.body, fetched.content_type, source.kind == SourceKind.HOT_LIST
    reading = read_feed(body, content_type=kind, url=fetched.url, now=now, is_hot_list=is_hot_list)
    return Tried(reading.health, reading.words, fetched.status, reading)


def _forget(source: Source, now: datetime) -> list[str]:
    """Forget what was learnt at another address; gives back the fields that changed."""
    source.etag = source.last_modified = source.body_hash = source.permanent_url = ""
    source.health_words = source.trouble_told = ""
    source.failures, source.health_since, source.canary_at = 0, now, None
    source.usual_gap_seconds = source.ttl_seconds = source.behind_least_seconds = source.behind_most_seconds = None
    source.behind_seen = 0
    source.health = SourceHealth.NEVER if source.is_enabled else SourceHealth.OFF
    return [
        *("etag", "last_modified", "body_hash", "permanent_url", "health", "health_words", "health_since", "failures"),
        *("trouble_told", "canary_at", "usual_gap_seconds", "ttl_seconds"),
        *("behind_least_seconds", "behind_most_seconds", "behind_seen"),
    ]


def _described(source: Source) -> dict[str, str | int | bool]:
    return {**{name: getattr(source, name) for name in EDITABLE}, "has_access_key": bool(source.access)}
