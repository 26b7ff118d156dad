"""Real crises in the real background of their days: the crisis is signalled soon, a product launch stays for attention.

The files lie beside the project, never in it; what only the judge may read in them is left out here.
"""

import gzip
import json
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from django.conf import settings

from accounts.models import Exercise
from monitoring.models import Signal
from monitoring.services.signals import raise_signals
from opinion.raw import RawPost
from opinion.services.pipeline import take_in
from tests.factories import SourceFactory, WatchFactory

REPLAYS = Path(settings.BASE_DIR).parent / "shared" / "data" / "replays"
STEP = timedelta(hours=1)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
    pytest.mark.skipif(not REPLAYS.is_dir(), reason="../shared/data/replays is not there"),
]


def replay(name, watches, days):
    """The first days of a replay through the real pipeline, an hour at a time; returns its signals by watch."""
    [path] = REPLAYS.glob(f"{name}_*.posts.jsonl.gz")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows = [(datetime.fromisoformat(row["published_at"]), row) for row in rows]
    rows.sort(key=lambda pair: pair[0])
    begin = rows[0][0]
    exercise = Exercise.objects.create(name=name, kind="replay", started_at=begin, clock_from=begin, speed=0)
    for watch, rule in watches.items():
        WatchFactory(name=watch, rule=rule)
    sources: dict[str, object] = {}
    rows = [pair for pair in rows if pair[0] < begin + timedelta(days=days)]
    for hour, group in groupby(rows, key=lambda pair: int((pair[0] - begin) / STEP)):
        now = begin + STEP * (hour + 1)
        by_source: dict[str, list[RawPost]] = {}
        for at, row in group:
            post = RawPost(row["id"], row["title"] or "", row["text"] or "", "", "", at, rank=row["rank"])
            by_source.setdefault(row["source"], []).append(post)
        for source, posts in by_source.items():
            sources.setdefault(source, SourceFactory(platform=source[:40]))
            take_in(sources[source], posts, now=now, exercise=exercise)
        raise_signals(now, exercise=exercise)
    found: dict[str, list[Signal]] = {watch: [] for watch in watches}
    for signal in Signal.everywhere.filter(exercise=exercise).select_related("watch").order_by("opened_at"):
        found[signal.watch.name].append(signal)
    return found


def test_a_food_scandal_is_signalled_within_hours_and_a_phone_launch_stays_for_attention(cast):
    watches = {
        "酸菜": "康师傅 OR 老坛酸菜 OR 插旗菜业 OR 统一 NEAR/6 (致歉 OR 回应 OR 方便面 OR 老坛)",
        "荣耀": "荣耀{-王者荣耀}",
        "国航": "国航{-中国航天}",
    }
    found = replay("dev1", watches, days=8)
    first_post = datetime.fromisoformat("2022-03-15T21:26:37+08:00")
    assert found["酸菜"][0].opened_at - first_post <= timedelta(hours=2)
    assert {signal.suggestion for signal in found["酸菜"]} & {"3", "2", "1"}
    assert {signal.suggestion for signal in found["荣耀"]} <= {"attention"}
    assert found["国航"] == []


def test_a_protest_on_a_car_is_signalled_within_hours(cast):
    found = replay("dev3", {"特斯拉": "特斯拉"}, days=10)
    first_post = datetime.fromisoformat("2021-04-19T13:16:04+08:00")
    signals = [signal for signal in found["特斯拉"] if signal.opened_at >= first_post]
    assert signals[0].opened_at - first_post <= timedelta(hours=6)
    assert {signal.suggestion for signal in signals} & {"2", "1"}
