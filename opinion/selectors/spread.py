"""How a story travelled, as its panel shows it: figures worked out ahead, names and words read from the posts.

Only keys and numbers are kept with the figures, so a name that was hashed or words that were erased are gone here too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opinion.models import Post, Topic, TopicSpread


@dataclass(frozen=True, slots=True)
class RelayRow:
    """post is None where it is kept no longer."""

    post: Post | None
    rise: int
    copies: int
    interactions: int | None
    followers: int | None


@dataclass(frozen=True, slots=True)
class PlatformRow:
    name: str
    post: Post | None
    first_at: datetime
    posts: int
    share: float
    delay: timedelta


@dataclass(frozen=True, slots=True)
class BurstRow:
    since: datetime
    until: datetime
    accounts: int
    known: int
    young_share: float | None
    low_share: float | None
    posts: int
    examples: list[Post]


@dataclass(frozen=True, slots=True)
class Made:
    """By whom the posts were made, as numbers and shares of 0 to 1 that add up to 1."""

    organic: int
    coordinated: int
    unknown: int
    unclear: int
    bursts: list[BurstRow]

    @property
    def shares(self) -> dict[str, float]:
        posts = self.organic + self.coordinated + self.unknown
        return {name: getattr(self, name) / posts for name in ("organic", "coordinated", "unknown")}


@dataclass(frozen=True, slots=True)
class TopicSpreadPage:
    """Everything the panel shows. is_cut: the story is longer than what was counted."""

    as_of: datetime
    is_cut: bool
    first: Post | None
    first_at: datetime
    posts: int
    accounts: int | None
    nameless: int
    peak_at: datetime
    peak_posts: int
    grows: bool
    half_life: timedelta | None
    relays: list[RelayRow]
    platforms: list[PlatformRow]
    starts: list[datetime]
    totals: list[int]
    step_hours: int
    made: Made


def spread_of(topic: Topic) -> TopicSpreadPage | None:
    """The panel of a story in two queries; None until it was worked out for the first time."""
    kept = TopicSpread.objects.filter(topic=topic).first()
    if kept is None or kept.figures["spread"] is None:
        return None
    spread, arranged = kept.figures["spread"], kept.figures["coordination"]
    posts = _posts_named(spread, arranged)
    return TopicSpreadPage(
        as_of=kept.as_of,
        is_cut=kept.figures["is_cut"],
        first=posts.get(spread["first"]),
        first_at=_time(spread["first_at"]),
        posts=spread["posts"],
        accounts=spread["accounts"],
        nameless=spread["nameless"],
        peak_at=_time(spread["peak_at"]),
        peak_posts=spread["peak_posts"],
        grows=spread["grows"],
        half_life=None if spread["half_life_hours"] is None else timedelta(hours=spread["half_life_hours"]),
        relays=[_relay(row, posts) for row in spread["relays"]],
        platforms=[_platform(row, posts) for row in spread["platforms"]],
        starts=[_time(start) for start in spread["curve"]["starts"]],
        totals=spread["curve"]["totals"],
        step_hours=spread["curve"]["step_hours"],
        made=_made(arranged, posts),
    )


def _posts_named(spread: Mapping[str, Any], arranged: Mapping[str, Any]) -> dict[int, Post]:
    keys = {spread["first"], *(row["key"] for row in spread["relays"]), *(row["first"] for row in spread["platforms"])}
    keys |= {key for burst in arranged["bursts"] for key in burst["examples"]}
    return Post.everywhere.select_related("source").in_bulk(keys)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _relay(row: Mapping[str, Any], posts: Mapping[int, Post]) -> RelayRow:
    return RelayRow(posts.get(row["key"]), row["rise"], row["copies"], row["interactions"], row["followers"])


def _platform(row: Mapping[str, Any], posts: Mapping[int, Post]) -> PlatformRow:
    return PlatformRow(
        name=row["name"],
        post=posts.get(row["first"]),
        first_at=_time(row["first_at"]),
        posts=row["posts"],
        share=row["share"],
        delay=timedelta(seconds=row["delay_seconds"]),
    )


def _made(arranged: Mapping[str, Any], posts: Mapping[int, Post]) -> Made:
    bursts = [
        BurstRow(
            since=_time(burst["since"]),
            until=_time(burst["until"]),
            accounts=burst["accounts"],
            known=burst["known"],
            young_share=burst["young_share"],
            low_share=burst["low_share"],
            posts=len(burst["posts"]),
            examples=[posts[key] for key in burst["examples"] if key in posts],
        )
        for burst in arranged["bursts"]
    ]
    numbers = {name: arranged[name] for name in ("organic", "coordinated", "unknown", "unclear")}
    return Made(**numbers, bursts=bursts)
