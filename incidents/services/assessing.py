"""Measuring what is known of an incident, adding what people know, and keeping the score with its inputs (A2)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from incidents import severity
from incidents.figures import HOT_RANK, WINDOW, Measured, measured
from incidents.models import Assessment, Incident
from incidents.permissions import require
from incidents.refusals import check_reason
from incidents.services.timeline import note_on
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
class Entered:
    """What people know and no feed says. None: not told. `nature` and `hot_list` overrule what was measured."""

    regulator: str | None = None
    fact_state: str | None = None
    nature: str | None = None
    hot_list: str | None = None
    red_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The measured side of an assessment.

    inputs     what the figures say; what only people know is None
    evidence   item or red line -> the numbers behind it and the query of the posts page that shows their posts
    """

    inputs: severity.Inputs
    evidence: dict[str, dict[str, Any]]


def read(incident: Incident, now: datetime) -> Reading:
    """What the last 24 hours of an incident's posts say about its severity."""
    counted = measured(incident, now)
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


def combined(reading: Reading, entered: Entered) -> severity.Inputs:
    """The figures and what people know, as one. What people say wins; red lines come from either side."""
    told = {
        name: value for name in ("regulator", "fact_state", "nature", "hot_list") if (value := getattr(entered, name))
    }
    red_lines = set(entered.red_lines) | ({"regulator_case"} if entered.regulator == "case" else set())
    return severity.Inputs(**{**asdict(reading.inputs), **told, "red_lines": tuple(sorted(red_lines))})


def carried(previous: Assessment | None, reading: Reading) -> Entered:
    """What is taken as told until somebody says otherwise: the last answers, and every red line crossed before or now.

    A line a person cleared stays cleared while no more posts speak for it than did then.
    """
    last = Entered(**{**previous.parts["entered"], "red_lines": ()}) if previous else Entered()
    cleared = previous.parts["cleared"] if previous else {}
    before = set(previous.red_lines) if previous else set()
    now = {code for code in reading.inputs.red_lines if reading.evidence[code]["number"] > cleared.get(code, 0)}
    return Entered(**{**asdict(last), "red_lines": tuple(sorted(before | now))})


@transaction.atomic
def assess(
    incident: Incident,
    *,
    actor: User,
    now: datetime,
    entered: Entered,
    note: str = "",
) -> Assessment:
    """A person assesses: measure, add what they enter, keep score and inputs, write the timeline.

    Raises ReasonNeeded when `note` does not say why something measured is overruled or a red line is cleared.
    """
    require(actor, "assess", incident)
    reading = read(incident, now)
    previous = incident.assessments.first()
    for what in overruled(previous, reading, entered):
        check_reason(note, what)
    assessment = keep(incident, reading, entered, previous, made_by=actor, now=now, note=note)
    note_on(incident, "incidents.assessed", actor=actor, now=now, note=note, detail=as_detail(assessment))
    return assessment


def measure(incident: Incident, now: datetime) -> Assessment:
    """The desk measures by itself, with the last answers of people. No timeline row; call inside a transaction."""
    reading = read(incident, now)
    previous = incident.assessments.first()
    return keep(incident, reading, carried(previous, reading), previous, made_by=None, now=now)


def overruled(previous: Assessment | None, reading: Reading, entered: Entered) -> list[str]:
    """Codes of what the answers go against: a measured item, or a red line that would otherwise be carried on."""
    expected = carried(previous, reading)
    against = []
    for name in ("nature", "hot_list"):
        said, seen = getattr(entered, name), getattr(reading.inputs, name)
        if said and seen and said not in (seen, getattr(expected, name)):
            against.append(name)
    return against + sorted(set(expected.red_lines) - set(combined(reading, entered).red_lines))


def keep(
    incident: Incident,
    reading: Reading,
    entered: Entered,
    previous: Assessment | None,
    *,
    made_by: User | None,
    now: datetime,
    note: str = "",
) -> Assessment:
    inputs = combined(reading, entered)
    result = severity.compute(inputs)
    if result.index is None:
        raise ValueError("posts are always counted, so something is always known")
    cleared = dict(previous.parts["cleared"]) if previous else {}
    for code in set(carried(previous, reading).red_lines) - set(inputs.red_lines):
        cleared[code] = reading.evidence.get(code, {}).get("number", 0)
    return incident.assessments.create(
        at=now,
        made_by=made_by,
        formula=result.formula,
        inputs=inputs.as_stored(),
        severity=result.index,
        confidence=result.confidence,
        parts={
            "factors": result.parts(),
            "evidence": reading.evidence,
            "entered": {**asdict(entered), "red_lines": list(entered.red_lines)},
            "cleared": {code: number for code, number in cleared.items() if code not in inputs.red_lines},
        },
        red_lines=list(result.red_lines),
        suggestion=result.suggestion,
        note=note,
    )


def as_detail(assessment: Assessment) -> Mapping[str, Any]:
    return {
        "severity": round(assessment.severity, 1),
        "suggestion": assessment.suggestion,
        "red_lines": assessment.red_lines,
        "formula": assessment.formula,
    }
