"""Eight hours of listening in small, with a worker killed, the broker restarted and sources down: nothing is lost.

The night is told by a server of our own: each source's document holds its newest entries as of the hour of the night.
A step stands for ten minutes; what must pass meanwhile (leases, the next turn) is made to have passed.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from kombu import Connection

from config import embedded, supervisor
from config.celery import app
from config.supervisor import Part
from monitoring.models import Poll, Signal
from monitoring.selectors import silent_sources
from opinion.models import Heard, HourCount, Post, Source, Watch
from tests.faults.conftest import StartWorker, kill, wait_until
from tests.monitoring.feedserver import FeedServer

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

STEPS, STEP = 48, timedelta(minutes=10)
WINDOW = 60  # entries a document holds: more than two hours bring
KILLED, RESTARTED = (7, 19, 33), (12, 27)
DOWN = {"论坛": range(15, 24), "晚报": range(30, 36)}  # these answer with errors meanwhile
SOURCES = {"论坛": "platform", "微博": "platform", "日报": "media", "晚报": "media", "客服": "own"}
WHAT = ("排队", "换杯", "退款", "芋泥", "小票", "外卖", "漏水", "停电", "会员", "积分", "冰量", "甜度")


class Night:
    """What each source says in the night: (step, id, text), the same at every run."""

    def __init__(self, web: FeedServer) -> None:
        dice = random.Random(20260315)
        self.begin = timezone.now() - STEPS * STEP
        self.web = web
        self.told: dict[str, list[tuple[int, str, str]]] = {}
        for name in SOURCES:
            says = []
            for step in range(STEPS):
                for _entry in range(dice.randrange(4)):
                    number = dice.randrange(10**9)
                    brand = "晴野" if dice.random() < 0.3 else "街角"
                    text = f"{brand}{dice.choice(WHAT)}的事，第{number}号，{dice.choice(WHAT)}也有人提到{number % 97}次"
                    says.append((step, f"{name}-{number}", text))
            self.told[name] = says

    def tell(self, step: int) -> None:
        """Put the documents of this step on the server."""
        for number, name in enumerate(SOURCES):
            if step in DOWN.get(name, ()):
                self.web.put(f"/{number}", b"", 502)
                continue
            newest = [entry for entry in self.told[name] if entry[0] <= step][-WINDOW:]
            items = "".join(
                f"<item><guid isPermaLink='false'>{key}</guid><title>{text}</title>"
                f"<pubDate>{self.begin + at * STEP:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"
                for at, key, text in reversed(newest)
            )
            self.web.put(f"/{number}", f"<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>")


@pytest.fixture
def valkey(tmp_path: Path, settings: Any) -> Iterator[Part]:
    """A broker of this test's own, because it is going to be restarted."""
    folder = settings.SOCKET_DIR.with_name(f"{settings.SOCKET_DIR.name}-night")
    supervisor.make_socket_folder(folder)
    address = folder / "valkey.sock"
    settings.REDIS_URL = f"unix://{address}"
    command = supervisor.valkey_command(supervisor.valkey_binary(), address, tmp_path / "valkey")
    part = Part("valkey", command, tmp_path / "valkey.log")
    supervisor.start(part)
    embedded.wait_for_broker(part)
    yield part
    supervisor.stop([part], seconds=2)


@pytest.fixture
def night(transactional_db: None, settings: Any) -> Iterator[Night]:
    web = FeedServer()
    settings.FETCH_ALLOWED_HOSTS = [web.host]
    Watch.objects.create(name="晴野", rule="晴野")
    for number, (name, source_class) in enumerate(SOURCES.items()):
        Source.objects.create(name=name, url=web.url(f"/{number}"), platform=name, source_class=source_class)
    yield Night(web)
    web.shutdown()
    web.server_close()


def ring(task: str, settings: Any) -> None:
    """As the scheduler rings, on the broker of this night."""
    options = {"global_keyprefix": settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]}
    address = settings.REDIS_URL.replace("unix://", "redis+socket://")
    with Connection(address, transport_options=options) as doorbell:
        app.send_task(task, connection=doorbell)


def ten_minutes_pass() -> None:
    """The next turn of every source has come, and the leases of the dead have run out."""
    past = timezone.now() - timedelta(seconds=1)
    Source.objects.update(next_poll_at=past)
    Source.objects.filter(leased_until__isnull=False).update(leased_until=past)


def visit_every_source(settings: Any) -> None:
    """Ring until each was visited; a ring that a kill or a restart swallowed is rung again, as every minute."""
    since = timezone.now()
    for second in range(60):
        if second % 5 == 0:
            ten_minutes_pass()
            ring("monitoring.tasks.poll_due_sources", settings)
        for _tenth in range(10):
            if not Source.objects.exclude(last_polled_at__gte=since).exists():
                return
            time.sleep(0.1)
    pytest.fail("no ring brought every source its visit")


def test_a_night_of_faults_loses_nothing_and_shows_its_gaps(
    valkey: Part, start_worker: StartWorker, night: Night, settings: Any, cast: dict[str, Any], client: Client
) -> None:
    worker = start_worker(FETCH_ALLOWED_HOSTS=night.web.host)
    silent_at: dict[int, set[str]] = {}
    for step in range(STEPS):
        night.tell(step)
        ten_minutes_pass()
        if step in KILLED:
            ring("monitoring.tasks.poll_due_sources", settings)
            kill(worker)
            worker = start_worker(FETCH_ALLOWED_HOSTS=night.web.host)
        if step in RESTARTED:
            ring("monitoring.tasks.poll_due_sources", settings)
            kill(valkey)
            supervisor.start(valkey)
            embedded.wait_for_broker(valkey)
        visit_every_source(settings)
        if step in (20, 34):
            silent_at[step] = {source.name for source in silent_sources()}
            client.force_login(cast["monitor"])
            assert all(name in client.get(reverse("monitoring:sources")).content.decode() for name in SOURCES)
    ring("monitoring.tasks.raise_signals", settings)
    wait_until(Signal.objects.exists)

    said = {(name, key) for name, entries in night.told.items() for _step, key, _text in entries}
    wanted = {(name, key) for name, entries in night.told.items() for _step, key, text in entries if "晴野" in text}
    heard = Counter(Heard.objects.values_list("source__name", "external_id"))
    assert set(heard) == said
    assert set(heard.values()) == {1}
    assert set(Post.objects.values_list("source__name", "key__external_id")) == wanted
    assert sum(HourCount.objects.values_list("posts", flat=True)) == len(wanted)

    assert silent_at == {20: {"论坛"}, 34: {"晚报"}}
    assert silent_sources() == []
    failed = Counter(Poll.objects.filter(http_status=502).values_list("source__name", flat=True))
    assert {name: failed[name] >= len(steps) for name, steps in DOWN.items()} == dict.fromkeys(DOWN, True)
