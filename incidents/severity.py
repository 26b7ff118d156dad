"""The severity index, formula v1: how grave an incident is, from 0 to 100, with every point accounted for.

S = 0.40 · spread + 0.30 · influence + 0.30 · harm, each of them a weighted mean of items scored 0 to 100. What is not
known leaves with its own weight, and the rest is scaled up to a whole: nothing unknown counts as zero, and
`confidence` says how much of the weight was known. An old score is the same to the last bit when computed again from
its stored inputs by the formula it names. Source: practice.md C4; worked by hand in tests/incidents/test_severity.py.

Posts in arranged bursts (opinion.coordination) are left out before the counting, and their number is kept beside the
inputs. That is still v1: the formula is the same function of the same inputs, which have always meant what people say
of their own accord (C4, tamper note); `coordinated` is no part of the sum. Inputs stored before it was known lack the
key and are read as "unknown". A factor that a person overruled enters the same sum with the score they gave it.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FORMULA = "v1"
DIGITS = 6  # of every stored figure: beyond the libraries' differences in the last bit of a logarithm

SPREAD, INFLUENCE, HARM = "spread", "influence", "harm"
FACTOR_WEIGHTS = {SPREAD: 0.40, INFLUENCE: 0.30, HARM: 0.30}
ITEM_WEIGHTS = {
    SPREAD: {"volume": 0.35, "interaction": 0.35, "platforms": 0.15, "growth": 0.15},
    INFLUENCE: {"media": 0.45, "hot_list": 0.25, "regulator": 0.30},
    HARM: {"negative_share": 0.35, "nature": 0.40, "fact_state": 0.25},
}
THRESHOLDS = ((70.0, 1), (40.0, 2), (15.0, 3))  # at or above which index which level is suggested; below all: attention
ATTENTION = "attention"

MEDIA = {"central": 100, "national": 75, "big_account": 60, "trade": 50, "ordinary": 25, "none": 0}
HOT_LIST = {"top_10": 100, "top_50": 70, "none": 0}
REGULATOR = {"case": 100, "inquiry": 80, "forwarded": 40, "none": 0}
NATURE = {"grave": 100, "serious": 85, "product": 70, "service": 50, "complaint": 25}
FACT_STATE = {"confirmed": 100, "suspected": 60, "doubtful": 30, "refuted": 20}

# Rules that lift the suggestion whatever the index says; they never lower it. Code: level.
RED_LINES = {
    "casualties": 1,
    "central_media": 1,
    "regulator_case": 1,
    "unrest": 1,
    "serious_breach": 1,
    "provincial_media": 2,
    "hot_list": 2,
    "share_price": 2,
    "data_leak": 2,
    "big_account": 2,
}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is known of an incident. None is unknown, never zero.

    posts           near-duplicate-folded posts of the last 24 hours
    reposts, reads, plays   the interactions of those posts: Weibo reposts, article reads, video plays
    platforms       how many platforms carry it
    last_hour       posts in the last hour; previous_hourly: mean per hour of the six hours before, 0 is "no base to
                    compare with"
    media           key of MEDIA: the highest tier that reported
    hot_list        key of HOT_LIST
    regulator       key of REGULATOR
    negative_share  weighted by engagement, 0 to 1
    nature          key of NATURE
    fact_state      key of FACT_STATE
    red_lines       keys of RED_LINES that were crossed
    coordinated     posts of arranged bursts that all of these numbers leave out; weighs nothing
    overruled       factor: score from 0 to 100 that a person gives it instead of what its items say; as good as known
    """

    posts: int | None = None
    reposts: int | None = None
    reads: int | None = None
    plays: int | None = None
    platforms: int | None = None
    last_hour: int | None = None
    previous_hourly: float | None = None
    media: str | None = None
    hot_list: str | None = None
    regulator: str | None = None
    negative_share: float | None = None
    nature: str | None = None
    fact_state: str | None = None
    red_lines: tuple[str, ...] = ()
    coordinated: int | None = None
    overruled: Mapping[str, float] = field(default_factory=dict)

    def as_stored(self) -> dict[str, Any]:
        return {**asdict(self), "red_lines": list(self.red_lines)}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was weighed. score 0 to 100 or None where unknown; points: what it adds to the index."""

    code: str
    score: float | None
    weight: float  # of the whole index, 0 to 1
    points: float


@dataclass(frozen=True, slots=True)
class Factor:
    """Spread, influence or harm. score is None when none of its items is known."""

    code: str
    score: float | None
    points: float
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Severity:
    """What the formula says. `index` is None when nothing at all is known; then only a red line suggests a level."""

    formula: str
    index: float | None
    confidence: float  # share of the weights that was known, 0 to 1
    factors: tuple[Factor, ...]
    red_lines: tuple[str, ...]
    suggestion: str  # "1", "2", "3" or "attention"

    def parts(self) -> list[dict[str, Any]]:
        """Factors and items as they are stored."""
        return [asdict(factor) for factor in self.factors]


def compute(inputs: Inputs) -> Severity:
    """Formula v1. Raises KeyError for a word that is in none of the tables, ValueError for a number that cannot be."""
    check(inputs)
    scores = {
        SPREAD: {
            "volume": None if inputs.posts is None else logarithmic(inputs.posts, 1_000),
            "interaction": interaction(inputs),
            "platforms": None if inputs.platforms is None else min(20.0 * inputs.platforms, 100.0),
            "growth": growth(inputs.last_hour, inputs.previous_hourly),
        },
        INFLUENCE: {
            "media": looked_up(MEDIA, inputs.media),
            "hot_list": looked_up(HOT_LIST, inputs.hot_list),
            "regulator": looked_up(REGULATOR, inputs.regulator),
        },
        HARM: {
            "negative_share": None
            if inputs.negative_share is None
            else clip((inputs.negative_share - 0.3) / 0.5 * 100),
            "nature": looked_up(NATURE, inputs.nature),
            "fact_state": looked_up(FACT_STATE, inputs.fact_state),
        },
    }
    known = math.fsum(
        FACTOR_WEIGHTS[factor] * ITEM_WEIGHTS[factor][item]
        for factor, items in scores.items()
        for item, score in items.items()
        if score is not None or factor in inputs.overruled
    )
    factors = tuple(weigh(factor, items, known, inputs.overruled.get(factor)) for factor, items in scores.items())
    index = round(math.fsum(factor.points for factor in factors), DIGITS) if known else None
    return Severity(
        formula=FORMULA,
        index=index,
        confidence=round(known, DIGITS),
        factors=factors,
        red_lines=inputs.red_lines,
        suggestion=suggest(index, inputs.red_lines),
    )


FORMULAS = {"v1": compute}


def recompute(formula: str, stored: Mapping[str, Any]) -> Severity:
    """The score of stored inputs by the formula that gave it. KeyError when that formula is no longer known."""
    return FORMULAS[formula](Inputs(**{**stored, "red_lines": tuple(stored["red_lines"])}))


def shown_points(index: float, points: list[float]) -> list[float]:
    """Each factor's points to one digit, so that they add up to the index as it is shown: 36.2 = 18.3 + 3.4 + 14.5."""
    tenths = [math.floor(round(each * 10, DIGITS)) for each in points]
    missing = round(round(index, 1) * 10) - sum(tenths)
    by_remainder = sorted(range(len(points)), key=lambda place: tenths[place] - points[place] * 10)
    for place in by_remainder[: max(missing, 0)]:
        tenths[place] += 1
    return [each / 10 for each in tenths]


def suggest(index: float | None, red_lines: tuple[str, ...]) -> str:
    """The level the index reaches, lifted by the gravest red line; "attention" where neither asks for one."""
    reached = [level for threshold, level in THRESHOLDS if index is not None and index >= threshold]
    crossed = [RED_LINES[code] for code in red_lines]
    return str(min([*reached, *crossed])) if reached or crossed else ATTENTION


def weigh(factor: str, scores: Mapping[str, float | None], known: float, said: float | None) -> Factor:
    """`said`: a person's score for the factor; its items are then shown as they were found and add nothing."""
    share, weights = FACTOR_WEIGHTS[factor], ITEM_WEIGHTS[factor]
    items = tuple(
        Item(
            code=code,
            score=None if score is None else round(score, DIGITS),
            weight=round(share * weights[code], DIGITS),
            points=0.0 if score is None or said is not None else round(share * weights[code] * score / known, DIGITS),
        )
        for code, score in scores.items()
    )
    if said is not None:
        return Factor(factor, round(said, DIGITS), round(share * said / known, DIGITS), items)
    there = math.fsum(weights[code] for code, score in scores.items() if score is not None)
    total = math.fsum(weights[code] * score for code, score in scores.items() if score is not None)
    return Factor(
        code=factor,
        score=round(total / there, DIGITS) if there else None,
        points=round(math.fsum(item.points for item in items), DIGITS),
        items=items,
    )


def logarithmic(number: float, reference: float) -> float:
    """100 · ln(1 + number) / ln(1 + reference), at most 100."""
    return clip(100 * math.log1p(number) / math.log1p(reference))


def interaction(inputs: Inputs) -> float | None:
    measured = ((inputs.reposts, 10_000), (inputs.reads, 100_000), (inputs.plays, 100_000))
    known = [logarithmic(number, reference) for number, reference in measured if number is not None]
    return max(known) if known else None


def growth(last_hour: int | None, previous_hourly: float | None) -> float | None:
    """100 · log2(g) / 3 where g compares the last hour with the six before it; no growth is 0, no base is unknown."""
    if last_hour is None or not previous_hourly:
        return None
    ratio = last_hour / previous_hourly
    return clip(100 * math.log2(ratio) / 3) if ratio > 1 else 0.0


def looked_up(table: Mapping[str, int], word: str | None) -> float | None:
    return None if word is None else float(table[word])


def clip(score: float) -> float:
    return min(max(score, 0.0), 100.0)


def check(inputs: Inputs) -> None:
    for name in ("posts", "reposts", "reads", "plays", "platforms", "last_hour", "previous_hourly", "coordinated"):
        number = getattr(inputs, name)
        if number is not None and number < 0:
            raise ValueError(f"{name} is {number}; it cannot be below 0")
    for factor, score in inputs.overruled.items():
        if factor not in FACTOR_WEIGHTS or not 0 <= score <= 100:
            raise ValueError(f"{factor} cannot be overruled with {score}")
    if inputs.negative_share is not None and not 0 <= inputs.negative_share <= 1:
        raise ValueError(f"negative_share is {inputs.negative_share}; it is a share of 0 to 1")
