"""Polling a thousand feeds of ours by one worker, against visiting them one after the other with feedparser."""

import os
import resource
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import feedparser
from django.conf import settings
from django.db.models import QuerySet

from accounts import clock
from bench import _feeds
from bench._stories import OWN
from monitoring.models import Poll
from monitoring.reading import apart
from monitoring.services import polling
from opinion.models import Heard, Post, Source, Watch
from opinion.raw import RawPost
from opinion.services.pipeline import take_in

FEEDS = 1000
SEED = 20260101
ROUNDS = 20
MEGABYTE = 1024 * 1024
NEAR, FAR = (0, 0), (20, 80)  # milliseconds a server takes to answer
QUIET, CALM, USUAL, ALL = 0.0, 0.1, 0.3, 1.0  # share of the feeds that say something new in a turn


def run() -> dict[str, float]:
    """Feeds a second of elapsed time: fetched, read, matched, what is wanted stored, and the outcome written down."""
    with town() as port:
        settings.FETCH_ALLOWED_HOSTS = sorted({_feeds.url(port, n).split("/")[2] for n in range(FEEDS)})
        Watch.objects.create(name="方案", rule=OWN)
        Source.objects.bulk_create(
            Source(name=f"信源 {n}", url=_feeds.url(port, n), platform="资讯") for n in range(FEEDS)
        )
        # A worker in service has read its dictionaries, as the other side has loaded feedparser.
        away = Source.objects.create(name="别处", platform="资讯", is_enabled=False)
        take_in(away, [RawPost("1", "", f"{OWN}的店员态度很差，我要投诉", "", "", clock.now())], now=clock.now())
        found = {}
        told(port, "delay", low=FAR[0], high=FAR[1])
        found["one after the other, feedparser, 20-80 ms away"] = one_after_the_other(port)
        before = spent()
        found["ours, first acquaintance"] = turn(port, ALL)
        worker, readers = (1000 * (now - then) / FEEDS for now, then in zip(spent(), before, strict=True))
        print(f"  a first acquaintance takes {worker:.1f} + {readers:.1f} ms of processor, worker + readers")
        found["ours, one in ten have something new"] = turn(port, CALM)
        found["ours, three in ten have something new"] = turn(port, USUAL)
        found["ours, nothing new"] = turn(port, QUIET)
        print(f"  {Post.objects.count():,} posts of {Heard.objects.count():,} heard stored")
        told(port, "delay", low=NEAR[0], high=NEAR[1])
        found["one after the other, feedparser, no delay"] = one_after_the_other(port)
        found["ours without delay, all have something new"] = turn(port, ALL)
        found["ours without delay, three in ten"] = turn(port, USUAL)
        found["ours without delay, nothing new"] = turn(port, QUIET)
        print(f"  an unchanged feed (304) costs {unchanged_costs():.2f} ms")
        print(memory(port))
    return found


def turn(port: int, changed: float) -> float:
    """One turn of all feeds, as the tick and its rings do it; feeds a second."""
    told(port, "turn", changed=changed)
    return FEEDS / _polled(Source.objects.filter(is_enabled=True))


_turns = 0


def _polled(sources: QuerySet[Source]) -> float:
    """Seconds it takes to poll these sources, all of them due at once. Every turn is ten minutes after the last."""
    global _turns
    _turns += 1
    now = clock.now() + timedelta(minutes=10 * _turns)
    Source.objects.update(next_poll_at=now + timedelta(days=1))
    sources.update(next_poll_at=now)
    began = time.perf_counter()
    for batch in polling.batches(polling.claim_due(now=now)):
        lease = batch[0].leased_until
        assert lease
        polling.poll_all(polling.take_up([source.pk for source in batch], lease, now=now), now=now)
    return time.perf_counter() - began


def unchanged_costs() -> float:
    """Milliseconds for a feed that answers 304, the best of three turns."""
    capable = Source.objects.exclude(etag="")
    return min(_polled(capable) / capable.count() * 1000 for _turn in range(3))


def one_after_the_other(port: int) -> float:
    """What a script does: each feed anew, on a connection of its own, for feedparser to read. Nothing is stored."""
    some = range(0, FEEDS, 5)
    began = time.perf_counter()
    for number in some:
        try:
            with urllib.request.urlopen(_feeds.url(port, number)) as answer:
                feedparser.parse(answer.read())
        except urllib.error.HTTPError:
            continue
    return len(some) / (time.perf_counter() - began)


def memory(port: int) -> str:
    """Resident memory of the worker and of its readers after each of twenty turns; every third one shown."""
    sizes = []
    for _round in range(ROUNDS):
        turn(port, CALM)
        sizes.append((resident(os.getpid()), sum(resident(reader.pid) for reader in apart._idle)))
    shown = "  ".join(f"{worker:.0f}+{readers:.0f}" for worker, readers in sizes[::3])
    return f"  MB resident, worker + readers, every third of {ROUNDS} turns: {shown}; {Poll.objects.count():,} polls"


def resident(pid: int) -> float:
    with open(f"/proc/{pid}/statm") as pages:
        return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def spent() -> tuple[float, float]:
    """Seconds of processor so far: this process, and its readers, none of which is at work."""
    gone = resource.getrusage(resource.RUSAGE_CHILDREN)
    waiting = [Path(f"/proc/{reader.pid}/stat").read_text().split() for reader in apart._idle]
    ticks = sum(int(stat[13]) + int(stat[14]) for stat in waiting)
    return time.process_time(), gone.ru_utime + gone.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def town() -> Iterator[int]:
    """The feeds, served by a process of their own; gives its port."""
    command = [sys.executable, "-m", "bench._feeds", str(FEEDS), str(SEED)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout
        yield int(server.stdout.readline())
    finally:
        server.terminate()
        server.wait()


def told(port: int, what: str, **query: float) -> None:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    urllib.request.urlopen(f"http://127.0.0.1:{port}/-/{what}?{asked}").close()
