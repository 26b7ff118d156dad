"""Visits of many sources at once: fetched by threads, read in processes apart. No database is touched here.

The network is mostly waiting, so threads share one core well; reading is not, so there are as many readers as cores.
"""

import hashlib
import logging
import time
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from monitoring.fetching.fetch import Fetched, Lines, fetch
from monitoring.health.words import FetchError
from monitoring.reading.apart import read_feed
from monitoring.reading.reader import Reading
from monitoring.sources import rsshub
from opinion.models import Source, SourceHealth, SourceKind

logger = logging.getLogger(__name__)

TOGETHER = 50  # looks handed over at once, at most
GATHERED_FOR = 0.25  # seconds: storing ten sources costs little more than storing one
SECONDS = 60.0  # after that no visit is begun; what is left over is given back
OF_OURS_AT_ONCE = 8  # requests to one host of ours; a stranger gets one after the other


@dataclass(frozen=True, slots=True)
class Look:
    """What a visit found. `fetched` is None where there was no answer.

    health   how it went, a code of SourceHealth
    reading  what was read; an empty one where nothing was
    """

    health: str
    words: str = ""
    fetched: Fetched | None = None
    reading: Reading = field(default_factory=lambda: Reading(""))
    body_hash: str = ""
    seconds: float = 0.0


Seen = tuple[Source, Look | None]  # None: there was no time for it


def looks(
    sources: Sequence[Source], *, believed: Collection[int], now: datetime, seconds: float = SECONDS
) -> Iterator[list[Seen]]:
    """Visit sources, many at once. Hands over those that have come in while the last were stored, and a moment longer.

    believed  keys of the sources that are asked only for what has changed
    """
    ends = time.monotonic() + seconds
    waiting, running, seen = deque(_rounds(sources)), set[Future[list[Seen]]](), list[Seen]()
    with ThreadPoolExecutor(max(1, min(settings.POLL_THREADS, len(waiting)))) as threads:
        while waiting or running or seen:
            # Not all at once: what was read and not yet stored has to be kept in memory.
            while waiting and len(running) + len(seen) < 3 * settings.POLL_THREADS:
                running.add(threads.submit(_round, waiting.popleft(), believed, now, ends))
            done, running = wait(running, timeout=0 if seen else GATHERED_FOR)
            for each in done:
                seen += each.result()
            together, seen = seen[:TOGETHER], seen[TOGETHER:]
            if together:
                yield together


def our_fault(seconds: float = 0.0) -> Look:
    """A visit that failed over an error of our own, which must not look like calm either."""
    return Look(SourceHealth.UNREADABLE, _("Our own desk failed over it; the log says how."), seconds=seconds)


def host_of(source: Source) -> str:
    return urlsplit(source.url).netloc.lower()


def _rounds(sources: Sequence[Source]) -> list[list[Source]]:
    """The sources of one host are one round, visited one after the other; a host of ours gets several."""
    rounds: dict[tuple[str, int], list[Source]] = defaultdict(list)
    for number, source in enumerate(sources):
        host = host_of(source)
        rounds[host, number % OF_OURS_AT_ONCE if host in settings.FETCH_ALLOWED_HOSTS else 0].append(source)
    return list(rounds.values())


def _round(sources: list[Source], believed: Collection[int], now: datetime, ends: float) -> list[Seen]:
    found: list[Seen] = []
    with Lines() as lines:
        for source in sources:
            in_time = time.monotonic() < ends
            found.append((source, _look(source, source.pk in believed, now, lines) if in_time else None))
    return found


def _look(source: Source, believes: bool, now: datetime, lines: Lines) -> Look:
    started = time.monotonic()
    try:
        look = _seen(source, believes, now, lines)
    except FetchError as problem:
        look = Look(problem.health, problem.words)
    except Exception:
        logger.exception("visit failed source=%s", source.pk)
        look = our_fault()
    return replace(look, seconds=time.monotonic() - started)


def _seen(source: Source, believes: bool, now: datetime, lines: Lines) -> Look:
    etag, last_modified = (source.etag, source.last_modified) if believes else ("", "")
    fetched = fetch(rsshub.fetch_address(source), etag=etag, last_modified=last_modified, now=now, lines=lines)
    fetched = rsshub.without_key(source, fetched)
    if fetched.health != SourceHealth.OK:
        return Look(fetched.health, fetched.words, fetched)
    body, fetched = fetched.body, replace(fetched, body=b"")  # looks wait to be stored, and need not wait with it
    body_hash = hashlib.blake2b(body, digest_size=16).hexdigest()
    if believes and body_hash == source.body_hash:
        return Look(SourceHealth.UNCHANGED, "", fetched, body_hash=body_hash)
    is_hot_list = source.kind == SourceKind.HOT_LIST
    reading = read_feed(body, content_type=fetched.content_type, url=fetched.url, now=now, is_hot_list=is_hot_list)
    return Look(reading.health, reading.words, fetched, reading, body_hash)
