"""The demo's story: what its sources publish, and when. Pure; the text stands in story.csv, all of it written by us."""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

HERE = Path(__file__).parent
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Line:
    """One post of the story. `when`: "-3d 08:41" (days before the start, local time) or "+12" (minutes after it)."""

    number: int
    when: str
    source: str
    author: str
    title: str
    text: str
    reposts: str
    comments: str
    likes: str

    def published_at(self, began_at: datetime) -> datetime:
        """When it is published, given when the demo began."""
        if self.when.startswith("+"):
            return began_at + timedelta(minutes=float(self.when))
        days, _, clock = self.when.partition("d ")
        hour, minute = map(int, clock.split(":"))
        day = began_at.astimezone(SHANGHAI) + timedelta(days=int(days))
        return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


@cache
def lines() -> tuple[Line, ...]:
    """The whole story, in the order it was written."""
    with (HERE / "story.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Line(number=number, **row) for number, row in enumerate(csv.DictReader(file), start=1))


@cache
def sources() -> dict[str, Any]:
    """The demo's feeds, the real public feeds and the watches, as sources.yaml has them."""
    return yaml.safe_load((HERE / "sources.yaml").read_text(encoding="utf-8"))


@cache
def holding_texts() -> list[dict[str, str]]:
    """The statements signed in peacetime, as holding.yaml has them."""
    return yaml.safe_load((HERE / "holding.yaml").read_text(encoding="utf-8"))


def published(slug: str, began_at: datetime, now: datetime) -> list[tuple[Line, datetime]]:
    """What one source has published by now, newest first, with its times."""
    out = [(line, line.published_at(began_at)) for line in lines() if line.source == slug]
    return sorted(((line, at) for line, at in out if at <= now), key=lambda pair: pair[1], reverse=True)
