"""The measured side of an assessment: what the posts of the last day say, each number with the query of its posts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from incidents import severity
from incidents.figures import HOT_RANK, WINDOW, Measured, measured, posts_of
from incidents.models import Incident
from opinion.models import MediaTier

# Which class of crisis terms tells which nature of the matter (practice.md C4). A class counts when at least a tenth
# of the negative posts carry it; without any, negative posts are plain complaints.
NATURE_OF_CATEGORY = {
    "casualties": "grave",
    "food_drug": "grave",
    "enforcement": "grave",
    "accident": "serious",
    "environment": "serious",
    "leak": "serious",
    "fraud": "serious",
    "recall": "product",
    "dignity": "product",
    "arrears": "service",
    "outage": "service",
    "shutdown": "service",
}
CATEGORY_SHARE = 0.1
MEDIA_FILTERS = {"big_account": "big", "none": ""}  # where the posts page's word differs from the index's


@dataclass(frozen=True, slots=True)
class Reading:
    """The measured side of an assessment.

    inputs     what the figures say; what only people know is None
    evidence   item or red line -> the numbers behind it and the query of the posts page that shows their posts
    """

    inputs: severity.Inputs
    evidence: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Attention:
    """The gravest thing a regulator sent about an incident: a key of severity.REGULATOR, how many letters, where."""

    code: str
    letters: int
    url: str


def read(incident: Incident, now: datetime) -> Reading:
    """What the last 24 hours of an incident's posts, and the letters of regulators, say about its severity."""
    return with_letters(reading_of(measured(posts_of(incident), now), now), incident, now)


def with_letters(reading: Reading, incident: Incident, now: datetime) -> Reading:
    """The same with what came in from regulators, as an app above keeps it (settings.REGULATOR_HOOKS)."""
    told: list[Attention | None] = [import_string(name)(incident, now) for name in settings.REGULATOR_HOOKS]
    attention = next(filter(None, told), None)
    if attention is None:
        return reading
    shown = {"number": attention.letters, "url": attention.url}
    red_lines, evidence = set(reading.inputs.red_lines), {**reading.evidence, "regulator": shown}
    if attention.code == "case":
        red_lines.add("regulator_case")
        evidence["regulator_case"] = shown
    inputs = replace(reading.inputs, regulator=attention.code, red_lines=tuple(sorted(red_lines)))
    return Reading(inputs, evidence)


def reading_of(counted: Measured, now: datetime) -> Reading:
    span = {"since": (now - WINDOW).isoformat(), "until": now.isoformat()}
    counts = "organic" if counted.coordinated else ""  # as the numbers do, their posts leave arranged bursts out
    window = {**span, "only": counts}
    nature, category = nature_of(counted)
    media = media_of(counted)
    loudest = [number for number in (counted.reposts, counted.reads, counted.plays) if number is not None]
    media_posts = counted.big_accounts if media == "big_account" else counted.tiers.get(media, 0)
    evidence: dict[str, dict[str, Any]] = {
        "volume": {"number": counted.posts, "query": window},
        "interaction": {"number": max(loudest, default=None), "query": window},
        "platforms": {"number": len(counted.platforms), "names": counted.platforms, "query": window},
        "growth": {"number": counted.last_hour, "base": round(counted.previous_hourly, 2), "query": window},
        "media": {"number": media_posts, "query": narrowed(window, MEDIA_FILTERS.get(media, media))},
        "hot_list": {"number": counted.best_rank, "query": narrowed(window, "hot")},
        "negative_share": {"number": counted.negative_posts, "query": narrowed(window, "neg")},
        "nature": {
            "number": counted.categories.get(category, 0),
            "query": {**narrowed(window, "neg"), "category": category},
        },
        "coordinated": {"number": counted.coordinated, "query": {**span, "only": "arranged"}},
    }
    crossed = red_lines_of(counted)
    for code, (number, only, category) in crossed.items():
        evidence[code] = {"number": number, "query": {**narrowed(window, only), "category": category}}
    inputs = severity.Inputs(
        posts=counted.posts,
        reposts=counted.reposts,
        reads=counted.reads,
        plays=counted.plays,
        platforms=len(counted.platforms),
        last_hour=counted.last_hour,
        previous_hourly=counted.previous_hourly,
        media=media,
        hot_list=None if counted.best_rank is None else hot_list_of(counted.best_rank),
        negative_share=counted.negative_share,
        nature=nature,
        red_lines=tuple(sorted(crossed)),
        coordinated=counted.coordinated,
    )
    return Reading(inputs, evidence)


def narrowed(window: Mapping[str, str], only: str) -> dict[str, str]:
    """The query of a number that counts fewer posts of the window: more words of the posts page's filter."""
    return {**window, "only": f"{only} {window['only']}".strip()}


def media_of(counted: Measured) -> str:
    """The highest tier that reported; KOLs of a million followers stand between national media and the trade press."""
    order = (MediaTier.CENTRAL, MediaTier.NATIONAL, "big_account", MediaTier.TRADE, MediaTier.ORDINARY)
    there = {**counted.tiers, "big_account": counted.big_accounts}
    return next((str(code) for code in order if there.get(code)), "none")


def hot_list_of(rank: int) -> str:
    return "top_10" if rank <= 10 else "top_50" if rank <= HOT_RANK else "none"


def nature_of(counted: Measured) -> tuple[str | None, str]:
    """The gravest nature a fair share of the negative posts speaks of, and the class of terms that says so."""
    if not counted.posts:
        return None, ""
    enough = [
        (severity.NATURE[nature], category, nature)
        for category, number in counted.categories.items()
        if (nature := NATURE_OF_CATEGORY.get(category)) and number >= CATEGORY_SHARE * counted.negative_posts
    ]
    if not enough:
        return "complaint", ""
    _weight, category, nature = max(enough)
    return nature, category


def red_lines_of(counted: Measured) -> dict[str, tuple[int, str, str]]:
    """Red lines the figures alone show: code -> (how many posts, `only` and `category` of the posts page)."""
    leaks = counted.categories.get("leak", 0)
    found = {
        "central_media": (counted.negative_tiers.get(MediaTier.CENTRAL, 0), "neg central", ""),
        "provincial_media": (counted.negative_tiers.get(MediaTier.NATIONAL, 0), "neg national", ""),
        "big_account": (counted.negative_big_accounts, "neg big", ""),
        "hot_list": (1 if counted.best_rank is not None and counted.best_rank <= HOT_RANK else 0, "hot", ""),
        "data_leak": (leaks if leaks >= CATEGORY_SHARE * counted.negative_posts else 0, "neg", "leak"),
    }
    return {code: numbers for code, numbers in found.items() if numbers[0]}
