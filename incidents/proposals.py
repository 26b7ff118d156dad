"""What the desk proposes for a post, topic or signal: 新建, 归入已有 or 忽略, and why (docs/adr/0030). Pure."""

from dataclasses import dataclass, field
from typing import Any

from incidents.severity import ATTENTION, RED_LINES, Severity

OPEN, PUT_IN, IGNORE = "open", "put_in", "ignore"
ALIKE_ENOUGH = 0.3  # cosine of words from which it is proposed to put something into an incident of another topic
FEWEST = 3  # negative posts of a day from which the index alone proposes an incident: of one or two it knows too little

# Whom a class of crisis terms harms (P3): codes of AffectedKind. Where no class speaks, it is the reputation.
HARMED = {
    "food_drug": "quality",
    "recall": "quality",
    "casualties": "quality",
    "accident": "quality",
    "outage": "business",
    "shutdown": "business",
    "arrears": "business",
    "dignity": "brand",
    "outrage": "brand",
}
REPUTATION = "reputation"


@dataclass(frozen=True, slots=True)
class Home:
    """The open incident it most likely belongs to. alike: cosine of words; shares_topic: one topic is in both."""

    incident: int
    shares_topic: bool
    alike: float


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the thing.

    home       None where no open incident comes near
    signal     what its open signal suggests; empty without one
    estimate   severity of its posts of the last day
    posts, negative   of that day, reposts folded        categories  crisis terms: negative posts each was found in
    """

    home: Home | None
    signal: str
    estimate: Severity
    posts: int
    negative: int
    categories: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed:
    """suggestion: the level it would be, "attention" where none; reasons: codes with the numbers that fill them."""

    kind: str
    incident: int | None
    suggestion: str
    reasons: list[tuple[str, dict[str, Any]]]
    harms: tuple[str, ...] = ()


def propose(found: Found) -> Proposed:
    """An incident that is there already comes first, then what is grave enough for one, then nothing."""
    level = estimated_level(found)
    home = found.home
    if home is not None and (home.shares_topic or home.alike >= ALIKE_ENOUGH):
        why = ("same_topic", {}) if home.shares_topic else ("alike", {"share": round(home.alike * 100)})
        return Proposed(PUT_IN, home.incident, level, [why, *numbers(found)])
    if level != ATTENTION:
        signal = [("signal", {"level": found.signal})] if found.signal else []
        return Proposed(OPEN, None, level, [*signal, *numbers(found)], harmed(found.categories))
    return Proposed(IGNORE, None, level, [(why_not(found), {"fewest": FEWEST}), *numbers(found)])


def estimated_level(found: Found) -> str:
    """The gravest of what its signal suggests, its red lines and, from FEWEST negative posts on, the index."""
    levels = [RED_LINES[code] for code in found.estimate.red_lines]
    levels += [int(said) for said in (found.signal,) if said.isdecimal()]
    if found.negative >= FEWEST and found.estimate.suggestion != ATTENTION:
        levels.append(int(found.estimate.suggestion))
    return str(min(levels)) if levels else ATTENTION


def numbers(found: Found) -> list[tuple[str, dict[str, Any]]]:
    red_lines = [("red_line", {"code": code}) for code in found.estimate.red_lines]
    counted = ("posts", {"posts": found.posts, "negative": found.negative})
    index = {"index": round(found.estimate.index or 0, 1), "confidence": round(found.estimate.confidence * 100)}
    return [*red_lines, counted, *([("severity", index)] if found.posts else [])]


def why_not(found: Found) -> str:
    if not found.posts:
        return "nothing_lately"
    if not found.negative:
        return "not_negative"
    return "few" if found.negative < FEWEST else "not_grave"


def harmed(categories: dict[str, int]) -> tuple[str, ...]:
    """The kinds of harm its negative posts speak of, the most spoken of first."""
    kinds: dict[str, int] = {}
    for category, count in categories.items():
        kind = HARMED.get(category, REPUTATION)
        kinds[kind] = kinds.get(kind, 0) + count
    return tuple(sorted(kinds, key=lambda kind: (-kinds[kind], kind))) or (REPUTATION,)
