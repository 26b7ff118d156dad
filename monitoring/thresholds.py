"""When what was heard is worth a signal, and how bad it may be. Pure: counts in, findings with their numbers out.

A finding says what was seen, never what it means; `suggestion` turns findings into a suggested verdict by the ladder
written there. People decide. Tuned on four real crises in the background of their days; golden cases in
tests/monitoring/test_signal_thresholds.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

WINDOW_HOURS = 6  # a burst is looked for in this hour and the five before it
PAST_DAYS = 14  # what is usual is learnt from so many days
FEWEST_IN_BURST = 4
FEWEST_FOR_SHARE = 5
NEGATIVE_SHARE = 0.6  # of a day's posts about one story
SHARE_ABOVE_USUAL = 0.2
HOT_LIST = 50  # ranks that count as being on a hot list
BIG_ACCOUNT = 1_000_000  # followers
WIDE = 3  # platforms
GRAVE = 3  # severity of a crisis term
# What endangers people, breaks the law or gives away their data (facts: practice.md C4, red lines).
RED = frozenset({"casualties", "food_drug", "enforcement"})

BURST, NEGATIVE, KEY_SOURCE, RISK_WORD = "burst", "negative_share", "key_source", "risk_word"
ATTENTION, LEVEL_3, LEVEL_2, LEVEL_1 = "attention", "3", "2", "1"
RANKS = {"": 0, ATTENTION: 1, LEVEL_3: 2, LEVEL_2: 3, LEVEL_1: 4}


@dataclass(frozen=True, slots=True)
class Telling:
    """A post that may be a reason by itself: it carries a crisis term, or comes from where everybody looks."""

    key: Any  # whatever the caller calls it
    sentiment: str
    risks: Sequence[dict[str, Any]] = ()  # [{term, category, severity}]
    is_key: bool = False
    tier: str = "ordinary"
    rank: int | None = None
    followers: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one story now.

    recent           its posts in the last WINDOW_HOURS
    usual            posts of the whole watch in each past stretch of WINDOW_HOURS, oldest first; empty: no past yet
    day_posts, day_negative   its posts in the last 24 hours, and the negative ones
    usual_share      negative share of the watch's past, None where it has none
    platforms        how many platforms it is on
    telling          its posts that may be reasons by themselves
    """

    recent: int
    usual: Sequence[int]
    day_posts: int
    day_negative: int
    usual_share: float | None = None
    platforms: int = 1
    telling: Sequence[Telling] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was seen: its kind, the numbers that show it, and the posts that are it."""

    kind: str
    numbers: dict[str, Any]
    posts: list[Any] = field(default_factory=list)


# --- what was seen ---------------------------------------------------------------------------------------------------
def find(facts: Facts, *, known_terms: Iterable[str] = ()) -> list[Finding]:
    """Everything worth saying about a story, the heaviest first. known_terms: risk words that are no news any more."""
    found = [
        _risk_words(facts.telling, frozenset(known_terms)),
        _key_sources(facts.telling),
        _negative_share(facts),
        _burst(facts),
    ]
    return [finding for finding in found if finding]


def burst_threshold(usual: Sequence[int]) -> int:
    """How many posts in a stretch are a burst for a watch with this past: mean and three deviations, four at least.

    The deviation is never taken below that of a Poisson stream, so that a quiet past does not make one post a burst.
    """
    if not usual:
        return FEWEST_IN_BURST + 2
    mean = sum(usual) / len(usual)
    spread = sqrt(sum((count - mean) ** 2 for count in usual) / len(usual))
    return max(FEWEST_IN_BURST, int(mean + 3 * max(spread, sqrt(mean))) + 1)


def _burst(facts: Facts) -> Finding | None:
    threshold = burst_threshold(facts.usual)
    if facts.recent < threshold:
        return None
    usual = sum(facts.usual) / len(facts.usual) if facts.usual else None
    numbers = {
        "posts": facts.recent,
        "hours": WINDOW_HOURS,
        "threshold": threshold,
        "usual": None if usual is None else round(usual, 1),
    }
    return Finding(BURST, numbers)


def _negative_share(facts: Facts) -> Finding | None:
    if facts.day_posts < FEWEST_FOR_SHARE:
        return None
    share = facts.day_negative / facts.day_posts
    if share < max(NEGATIVE_SHARE, (facts.usual_share or 0) + SHARE_ABOVE_USUAL):
        return None
    usual = None if facts.usual_share is None else round(facts.usual_share, 2)
    return Finding(
        NEGATIVE,
        {"share": round(share, 2), "negative": facts.day_negative, "posts": facts.day_posts, "usual": usual},
    )


def _key_sources(telling: Sequence[Telling]) -> Finding | None:
    from_key = [post for post in telling if post.is_key]
    negative = sum(post.sentiment == "neg" for post in from_key)
    if not from_key:
        return None
    return Finding(KEY_SOURCE, {"posts": len(from_key), "negative": negative}, [post.key for post in from_key])


def _risk_words(telling: Sequence[Telling], known: frozenset[str]) -> Finding | None:
    """A grave word counts wherever it stands; a lesser one only in a post that sounds negative."""
    seen: dict[str, dict[str, Any]] = {}
    posts = []
    for post in telling:
        said = [
            risk
            for risk in post.risks
            if risk["term"] not in known and (risk["severity"] >= GRAVE or post.sentiment == "neg")
        ]
        if said:
            posts.append(post.key)
            seen |= {risk["term"]: risk for risk in said}
    if not seen:
        return None
    words = sorted(seen.values(), key=lambda risk: (-risk["severity"], risk["term"]))
    numbers = {
        "terms": [risk["term"] for risk in words],
        "severity": words[0]["severity"],
        "categories": sorted({risk["category"] for risk in words}),
        "grave": sorted({risk["category"] for risk in words if risk["severity"] >= GRAVE}),
        "posts": len(posts),
    }
    return Finding(RISK_WORD, numbers, posts)


# --- how bad it may be -----------------------------------------------------------------------------------------------
def suggestion(findings: Sequence[Finding], facts: Facts) -> str:
    """The suggested verdict, "" where nothing was found. The first rung that holds counts:

    一级  people hurt, unsafe food or the authorities at it, and central media say so or it is loud on three platforms
    二级  a grave word, or mostly negative with some risk word, and it carries far: a burst, a hot list, great media
    三级  a grave word; two of mostly negative, some risk word, a burst; something negative from a key source
    关注  anything else that was found

    The tone is a model's estimate, so it never lifts a suggestion by itself.
    """
    if not findings:
        return ""
    found = {finding.kind: finding.numbers for finding in findings}
    loud = BURST in found
    risk = found.get(RISK_WORD)
    grave = set(risk["grave"]) if risk else set()
    negative = NEGATIVE in found
    central = any(post.tier == "central" and _is_bad(post) for post in facts.telling)
    far = loud or any(_carries_far(post) for post in facts.telling if _is_bad(post))
    if RED & grave and (central or (loud and facts.platforms >= WIDE)):
        return LEVEL_1
    if (grave or (negative and risk is not None)) and far:
        return LEVEL_2
    two_of_three = sum([negative, risk is not None, loud]) >= 2
    if grave or two_of_three or found.get(KEY_SOURCE, {}).get("negative"):
        return LEVEL_3
    return ATTENTION


def _is_bad(post: Telling) -> bool:
    return post.sentiment == "neg" or any(risk["severity"] >= GRAVE for risk in post.risks)


def _carries_far(post: Telling) -> bool:
    return (
        post.tier in ("central", "national")
        or (post.rank is not None and post.rank <= HOT_LIST)
        or (post.followers is not None and post.followers >= BIG_ACCOUNT)
    )


def worse(one: str, other: str) -> bool:
    """Whether the first verdict is more serious than the second."""
    return RANKS[one] > RANKS[other]
