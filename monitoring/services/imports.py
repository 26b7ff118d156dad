"""Files of posts: brought, named column by column, taken in in the background, taken back as a whole.

The file is kept encrypted until its import has ended, and no longer: its words are not masked yet. An import that runs
or is taken back is a row with a lease; a worker that died is followed by another at the row it had done. Imports into
one source run one after another, so that what the source first showed from the start of one to its end came with it.
"""

import logging
import secrets
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import get_default_timezone

from accounts.models import User
from accounts.secrets import decrypt, encrypt
from accounts.versions import save_if_current
from audit import services as audit
from monitoring.models import Import, RejectedRow
from monitoring.permissions import require
from monitoring.reading.rows import LARGEST, MOST_ROWS, PREVIEWED, Problem, Reader, guess
from monitoring.reading.table_apart import open_table, peek
from monitoring.reading.tables import Cells, Unreadable, format_of
from opinion import text
from opinion.models import Heard, Post, Source, SourceHealth, SourceKind, Watch
from opinion.services import undoing
from opinion.services.pipeline import BATCH, Intake, take_in

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
WORKS = timedelta(seconds=60)  # at one go: what is left the next ring takes up
WAITS = timedelta(days=1)  # for somebody to name the columns
State = Import.State
Tick = Callable[[], datetime]
Rows = Sequence[tuple[int, Cells]]


class Refused(Exception):
    """The file or the act cannot be taken; `reason` is a code of importing.UNREADABLE, or no_words, or busy."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# --- bringing --------------------------------------------------------------------------------------------------------
def source_for(name: str, *, source_class: str, platform: str) -> Source:
    """The source of files of this name and class, made where there is none."""
    source, _made = Source.objects.get_or_create(
        kind=SourceKind.IMPORT,
        name=name,
        source_class=source_class,
        defaults={"platform": platform, "is_enabled": False, "health": SourceHealth.OFF},
    )
    return source


def bring(
    name: str, body: bytes, *, preset: str, source: Source, watch: Watch | None, actor: User, now: datetime
) -> Import:
    """Keep a file, with a guess of which column is what. Raises Refused where it is no table, or too large."""
    require(actor, "import_posts")
    if len(body) > LARGEST:
        raise Refused("too_large")
    try:
        kind = format_of(body[:100])
        columns, _rows, rows = peek(body, kind=kind, most=PREVIEWED)
    except Unreadable as unreadable:
        raise Refused(unreadable.reason) from None
    if rows > MOST_ROWS:
        raise Refused("too_many")
    before = Import.objects.filter(source=source).exclude(mapping={}).order_by("-pk").first()
    brought = Import(
        name=text.clean(PurePath(name.replace("\\", "/")).name, 200) or kind,
        format=kind,
        sha256=sha256(body).hexdigest(),
        source=source,
        watch=watch,
        mapping=guess(columns, preset, before.mapping if before else None),
        rows=rows,
        by=actor,
        at=now,
    )
    kept = encrypt(b64encode(zlib.compress(body, 1)).decode())
    default_storage.save(_path(brought), ContentFile(kept))
    brought.save(force_insert=True)
    return brought


def body_of(brought: Import) -> bytes:
    """The file as it was brought. Raises Unreadable where it is gone."""
    if not default_storage.exists(_path(brought)):
        raise Unreadable("gone")
    with default_storage.open(_path(brought)) as file:
        return zlib.decompress(b64decode(decrypt(file.read())))


def columns_of(brought: Import) -> list[str]:
    """What its columns are called. Raises Unreadable."""
    with open_table(body_of(brought), kind=brought.format) as table:
        return table.columns


def start(brought: Import, mapping: Mapping[str, str], *, seen_version: int, actor: User, now: datetime) -> None:
    """Have it taken in, with this column for each field. Raises Refused without any words in it, and Stale."""
    require(actor, "import_posts")
    if not {"title", "text"} & mapping.keys():
        raise Refused("no_words")
    with transaction.atomic():
        if brought.state != State.MAPPING:
            raise Refused("busy")
        brought.mapping, brought.state = dict(mapping), State.WAITING
        save_if_current(brought, seen_version, ["mapping", "state"])
        detail = {"file": brought.name, "sha256": brought.sha256, "rows": brought.rows, "source": brought.source.name}
        audit.record("monitoring.import_started", actor=actor, subject=f"import:{brought.uuid}", detail=detail)


def ask_to_take_back(done: Import, *, seen_version: int, actor: User, now: datetime) -> None:
    """Have all of it taken back, in the background. Raises Refused where it has not ended yet, and Stale."""
    require(actor, "import_posts")
    with transaction.atomic():
        if done.state not in (State.DONE, State.FAILED) or done.started_at is None:
            raise Refused("busy")
        done.state, done.undone_by, done.undone_at, done.leased_until = State.UNDOING, actor, now, None
        save_if_current(done, seen_version, ["state", "undone_by", "undone_at", "leased_until"])
        detail = {"file": done.name, "stored": done.stored}
        audit.record("monitoring.import_taken_back", actor=actor, subject=f"import:{done.uuid}", detail=detail)


# --- in the background -----------------------------------------------------------------------------------------------
def work(tick: Tick) -> None:
    """When somebody asks, and every ten seconds: what waits, and what a dead worker or a full minute left."""
    _forget_those_nobody_named(tick())
    for pk in _due(tick()).values_list("pk", flat=True)[:20]:
        ours = _claim(pk, tick())
        if ours is None:
            continue
        going_back = ours.state == State.UNDOING
        try:
            (_take_back if going_back else _take_in)(ours, tick)
        except Unreadable as unreadable:
            _end(ours, State.FAILED, tick(), unreadable.reason)


def _due(now: datetime) -> QuerySet[Import]:
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    return Import.objects.filter(free, state__in=(State.WAITING, State.RUNNING, State.UNDOING)).order_by("at", "pk")


@transaction.atomic
def _claim(pk: int, now: datetime) -> Import | None:
    """The import, if it is ours from now on; a waiting one starts, unless another runs into the same source."""
    one = Import.objects.get(pk=pk)
    Source.objects.select_for_update().get(pk=one.source_id)
    lease = now + LEASE + timedelta(microseconds=secrets.randbelow(1_000_000))
    changes: dict[str, Any] = {"leased_until": lease}
    if one.state == State.WAITING:
        if Import.objects.filter(source=one.source_id, state=State.RUNNING).exists():
            return None
        changes |= {"state": State.RUNNING, "started_at": now, "version": F("version") + 1}
    if _due(now).filter(pk=pk, state=one.state).update(**changes) != 1:
        return None
    one.refresh_from_db()
    return one


def _keep_on(ours: Import, now: datetime, **changes: Any) -> bool:
    """Write down how far it is and renew the lease. False: it ran out, and somebody else is at it."""
    lease = now + LEASE + timedelta(microseconds=secrets.randbelow(1_000_000))
    held = Import.objects.filter(pk=ours.pk, leased_until=ours.leased_until)
    if held.update(leased_until=lease, **changes) != 1:
        return False
    ours.leased_until = lease
    return True


def _take_in(ours: Import, tick: Tick) -> None:
    """Take its rows in, 200 at a time, from the first that is not done."""
    ends = tick() + WORKS
    with open_table(body_of(ours), kind=ours.format, skip=ours.done) as table:
        assert ours.started_at
        reader = reader_of(ours, table.columns, ours.started_at)
        rows = iter(table.rows)
        while batch := list(islice(rows, BATCH)):
            if ours.done + len(batch) > MOST_ROWS:
                raise Unreadable("too_many_rows")
            if not _take_rows(ours, reader, batch, tick):
                return
            if tick() > ends:
                Import.objects.filter(pk=ours.pk, leased_until=ours.leased_until).update(leased_until=None)
                return
    _end(ours, State.DONE, tick())


def reader_of(one: Import, columns: Sequence[str], now: datetime) -> Reader:
    places = {field: columns.index(column) for field, column in one.mapping.items() if column in columns}
    return Reader(places, len(columns), one.source.platform, now, get_default_timezone())


def _take_rows(ours: Import, reader: Reader, batch: Rows, tick: Tick) -> bool:
    """One batch: posts first, then how far it is. A worker that dies between them harms nothing."""
    posts, refused = [], []
    for number, cells in batch:
        read = reader.read(cells)
        if isinstance(read, Problem):
            column = ours.mapping.get(read.field, "")
            refused.append(RejectedRow(of=ours, number=number, column=column[:100], reason=read.reason))
        else:
            posts.append(read)
    intake = take_in(ours.source, posts, now=tick(), for_watch=ours.watch) if posts else Intake()
    with transaction.atomic():
        RejectedRow.objects.bulk_create(refused, ignore_conflicts=True)
        ours.done += len(batch)
        counted = {"stored": intake.stored, "heard": intake.heard - intake.stored, "duplicate": intake.known}
        progress = {name: F(name) + number for name, number in counted.items()}
        return _keep_on(
            ours,
            tick(),
            done=ours.done,
            rows=max(ours.rows, ours.done),
            rejected=F("rejected") + len(refused) + intake.rejected,
            **progress,
        )


def _end(ours: Import, state: str, now: datetime, reason: str = "") -> None:
    """The last word on an import that ran: what it brought, counted anew, since a dead worker may have lost count."""
    brought = Post.objects.filter(source=ours.source, first_seen_at__gte=ours.started_at)
    through = Import.posts.through
    keys = brought.order_by("pk").values_list("pk", flat=True)
    for some in _in_batches(keys.iterator(chunk_size=2000)):
        with transaction.atomic():
            links = [through(import_id=ours.pk, post_id=post) for post in some]
            through.objects.bulk_create(links, ignore_conflicts=True)
    stored = ours.posts.count()
    heard = max(Heard.objects.filter(source=ours.source, heard_at__gte=ours.started_at).count() - stored, 0)
    rejected = ours.rejected_rows.count()
    ended = _keep_on(
        ours,
        now,
        state=state,
        words=reason,
        stored=stored,
        heard=heard,
        rejected=rejected,
        duplicate=max(ours.done - stored - heard - rejected, 0),
        rows=ours.done,
        ended_at=now,
        version=F("version") + 1,
    )
    if ended:
        default_storage.delete(_path(ours))
        logger.info("import ended import=%s state=%s rows=%s stored=%s", ours.pk, state, ours.done, stored)


def _take_back(ours: Import, tick: Tick) -> None:
    """Take its posts back step by step, then forget what was only heard."""
    ends = tick() + WORKS
    assert ours.started_at
    assert ours.ended_at
    assert ours.undone_by
    posts = Post.objects.filter(pk__in=ours.posts.values("pk"))
    while undoing.step(posts, actor=ours.undone_by, now=tick()):
        if not _keep_on(ours, tick()):
            return
        if tick() > ends:
            Import.objects.filter(pk=ours.pk, leased_until=ours.leased_until).update(leased_until=None)
            return
    undoing.forget_heard(ours.source, ours.started_at, ours.ended_at)
    _keep_on(ours, tick(), state=State.UNDONE, version=F("version") + 1)


def _forget_those_nobody_named(now: datetime) -> None:
    forgotten = Import.objects.filter(state=State.MAPPING, at__lt=now - WAITS)
    for one in forgotten.order_by("pk")[:20]:
        changes = {"state": State.FAILED, "words": "waited", "ended_at": now, "version": F("version") + 1}
        if forgotten.filter(pk=one.pk).update(**changes):
            default_storage.delete(_path(one))


def _path(one: Import) -> str:
    return f"imports/{one.uuid}"


def _in_batches(keys: Iterator[int]) -> Iterator[list[int]]:
    while some := list(islice(keys, BATCH)):
        yield some
