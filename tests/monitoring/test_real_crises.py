"""Real crises in the real background of their days: the crisis is signalled soon, a product launch stays for attention.

The files lie beside the project, never in it; what only the judge may read in them is not read by a replay.
"""

import gzip
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from monitoring.reading import replays as replay_file
from monitoring.selectors import replays
from monitoring.services.replaying import Asked, replay

REPLAYS = Path(settings.BASE_DIR).parent / "shared" / "data" / "replays"
DAY = timedelta(days=1)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.real_data,
    pytest.mark.skipif(not REPLAYS.is_dir(), reason="../shared/data/replays is not there"),
]

WATCHES = {
    "酸菜": "康师傅 OR 老坛酸菜 OR 插旗菜业 OR 统一致歉 OR 统一回应 OR 统一称 OR 统一邀请",
    "荣耀": "荣耀{-王者荣耀}",
    "华为": "华为",
    "国航": "国航{-中国航天}",
}
TESLA = {"特斯拉": "特斯拉"}


def lines_of(name, days, watches):
    """The lines of the first days of a replay: all that name what is watched, and one in three of the others.

    Whole replays are run by `python -m bench._replays`; here the background need not be complete to be real.
    """
    [path] = REPLAYS.glob(f"{name}_*.posts.jsonl.gz")
    with gzip.open(path, "rb") as packed:
        lines = list(packed)
    times = [datetime.fromisoformat(json.loads(line)["published_at"]) for line in lines]
    named = re.compile("|".join(re.split(r" OR |\{.*?\}", " OR ".join(watches.values()))).strip("|"))
    return [
        line
        for number, (line, time) in enumerate(zip(lines, times, strict=True))
        if time < min(times) + DAY * days and (number % 3 == 0 or named.search(line.decode()))
    ]


def found(lines, watches):
    """The signals by watch, and everything that was found."""
    ran = replay("test", replay_file.read(lines).posts, [Asked(*watch) for watch in watches.items()])
    told = replays.told(ran.exercise)
    signals = {name: [each for each in told["signals"] if each["watch"] == name] for name in watches}
    return signals, {"intake": ran.intake, **told}


def opened(signal):
    return datetime.fromisoformat(signal["opened_at"])


def levels(signals):
    return {signal["suggested_level"] for signal in signals}


def test_a_food_scandal_is_signalled_within_minutes_and_phone_launches_stay_for_attention():
    signals, _told = found(lines_of("dev1", 8, WATCHES), WATCHES)
    first_post = datetime.fromisoformat("2022-03-15T21:26:37+08:00")
    assert opened(signals["酸菜"][0]) - first_post <= timedelta(minutes=15)
    assert levels(signals["酸菜"]) & {3, 2, 1}
    for launch in ("荣耀", "华为"):
        assert len(signals[launch]) == 1
        assert levels(signals[launch]) == {"attention"}
    assert signals["国航"] == []


def test_a_protest_on_a_car_is_signalled_within_minutes_and_its_second_wave_links_to_the_first():
    signals, _told = found(lines_of("dev3", 17, TESLA), TESLA)
    first_post = datetime.fromisoformat("2021-04-19T13:16:04+08:00")
    first, *others = (each for each in signals["特斯拉"] if opened(each) >= first_post)
    assert opened(first) - first_post <= timedelta(minutes=15)
    assert first["suggested_level"] in (2, 1)
    wave = datetime.fromisoformat("2021-04-26T00:00:00+08:00")
    assert any(opened(each) >= wave and each["previous"] == first["id"] for each in others)


def test_lines_shuffled_within_ten_minutes_and_fed_twice_give_the_same_signals_and_counts():
    watches = {name: WATCHES[name] for name in ("酸菜", "荣耀")}
    lines, dice = lines_of("dev1", 7, watches), random.Random(1)
    shuffled = sorted(lines, key=lambda line: (json.loads(line)["published_at"][:15], dice.random()))
    assert shuffled != lines
    signals, once = found(lines, watches)
    assert any(signals.values())
    _signals, again = found([*shuffled, *shuffled], watches)
    assert again == once
