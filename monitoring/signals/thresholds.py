"""When what was heard is worth a signal, and how bad it may be. Pure: counts in, findings with their numbers out.

A finding says what was seen, never what it means; `suggestion` turns findings into a suggested verdict by the ladder
written there. People decide. Tuned on four real crises in the background of their days (docs/adr/0019); golden cases in
tests/monitoring/test_signal_thresholds.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

WINDOW_HOURS = 6  # a burst is looked for in this hour and the five before it
PAST_DAYS = 14  # what is usual is learnt from so many days
FEWEST_IN_BURST = 2  # where we know how quiet it usually is
FEWEST_UNKNOWN = 6  # where we do not
FEWEST_WINDOWS = 4  # a day of listening, before a past says anything
QUIET = 0.5  # posts in WINDOW_HOURS, of a watch that is rarely spoken of
LOUD = 4  # posts from which a burst is loud
FEWEST_FOR_SHARE = 5
NEGATIVE_SHARE = 0.6  # of a day's posts about one story
CALM = 0.25  # of its busiest day: talk has calmed down
TROUBLED_SHARE = 0.25  # negative posts of a day: with a risk word among them, a crowd is no celebration
RISKY_SHARE = 0.1  # of a story's posts: fewer with risk words are by the way
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
    copies: int = 0  # reposts of it


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about one story now.

    recent           its posts in the last WINDOW_HOURS
    recent_of_watch  those of its whole watch: where that is usually quiet, all that is said at once is one affair
    usual            posts of the whole watch in each past stretch of WINDOW_HOURS, oldest first; empty: no past yet
    day_posts, day_negative   its posts in the last 24 hours, and the negative ones
    two_days         its posts in the last 48 hours
    days             posts of the whole watch in each stretch of 24 hours, this one first
    usual_share      negative share of the watch's past, None where it has none
    platforms        how many platforms it is on
    telling          its posts of the last two days that may be reasons by themselves
    burst_from       posts in WINDOW_HOURS that the company calls a burst; None: worked out from the past
    """

    recent: int
    usual: Sequence[int]
    day_posts: int
    day_negative: int
    usual_share: float | None = None
    platforms: int = 1
    telling: Sequence[Telling] = ()
    two_days: int = 0
    days: Sequence[int] = ()
    burst_from: int | None = None
    recent_of_watch: int = 0


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
        _risk_words(facts.telling, max(facts.two_days, facts.day_posts), frozenset(known_terms)),
        _key_sources(facts.telling),
        _negative_share(facts),
        _burst(facts),
    ]
    return [finding for finding in found if finding]


def calm_stretches(usual: Sequence[int]) -> list[int]:
    """The stretches that were no bursts themselves, half of them at least: one affair is not to hide the next."""
    calm = sorted(usual)
    while len(calm) > max(FEWEST_WINDOWS, len(usual) / 2) and calm[-1] >= _threshold(calm):
        calm.pop()
    return calm


def burst_threshold(usual: Sequence[int]) -> int:
    """How many posts in a stretch are a burst for a watch with this past: mean and three deviations, two at least.

    The deviation is never taken below that of a Poisson stream, and one post is added to the past, so that silence does
    not make a single post a burst: a brand mentioned less than once a day bursts with two posts in six hours, one
    mentioned every hour with fourteen.
    """
    return _threshold(calm_stretches(usual)) if len(usual) >= FEWEST_WINDOWS else FEWEST_UNKNOWN


def _threshold(calm: Sequence[int]) -> int:
    mean = (sum(calm) + 1) / len(calm)
    spread = sqrt(sum((count - mean) ** 2 for count in calm) / len(calm))
    return max(FEWEST_IN_BURST, int(mean + 3 * max(spread, sqrt(mean))) + 1)


def _burst(facts: Facts) -> Finding | None:
    """More than usual: of the story in six hours; where its watch is quiet, of the watch in six hours, or in a day."""
    calm = calm_stretches(facts.usual)
    usual = sum(calm) / len(calm) if len(calm) >= FEWEST_WINDOWS else None
    threshold = facts.burst_from or burst_threshold(facts.usual)
    is_quiet = usual is not None and usual < QUIET
    if facts.recent >= threshold and not (is_quiet and facts.recent_of_watch > facts.recent):
        return _more(facts.recent, WINDOW_HOURS, threshold, usual)
    if is_quiet and facts.recent_of_watch >= threshold:
        return _more(facts.recent_of_watch, WINDOW_HOURS, threshold, usual, of_watch=True)
    days = facts.days[1 : 1 + len(facts.usual) * WINDOW_HOURS // 24]
    is_known = len(days) >= FEWEST_WINDOWS and facts.burst_from is None
    if is_quiet and is_known and facts.days[0] >= burst_threshold(days):
        calm = calm_stretches(days)
        return _more(facts.days[0], 24, burst_threshold(days), sum(calm) / len(calm), of_watch=True)
    return None


def _more(posts: int, hours: int, threshold: int, usual: float | None, *, of_watch: bool = False) -> Finding:
    numbers = {
        "posts": posts,
        "hours": hours,
        "threshold": threshold,
        "usual": None if usual is None else round(usual, 1),
    }
    return Finding(BURST, {**numbers, "of_watch": True} if of_watch else numbers)


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


def _risk_words(telling: Sequence[Telling], said: int, known: frozenset[str]) -> Finding | None:
    """A grave word counts in any post; a lesser one only in a post that sounds negative."""
    seen: dict[str, dict[str, Any]] = {}
    posts, voices = [], 0
    for post in telling:
        new = [
            risk
            for risk in post.risks
            if risk["term"] not in known and (risk["severity"] >= GRAVE or post.sentiment == "neg")
        ]
        if new:
            posts.append(post.key)
            voices += 1 + post.copies
            seen |= {risk["term"]: risk for risk in new}
    if not seen:
        return None
    words = sorted(seen.values(), key=lambda risk: (-risk["severity"], risk["term"]))
    numbers = {
        "terms": [risk["term"] for risk in words],
        "severity": words[0]["severity"],
        "categories": sorted({risk["category"] for risk in words}),
        "grave": sorted({risk["category"] for risk in words if risk["severity"] >= GRAVE}),
        "posts": len(posts),
        "voices": voices,
        "of": max(said, voices),
    }
    return Finding(RISK_WORD, numbers, posts)


# --- how bad it may be -----------------------------------------------------------------------------------------------
def suggestion(findings: Sequence[Finding], facts: Facts) -> str:
    """The suggested verdict, "" where nothing was found. The first rung that holds counts:

    一级  people hurt, unsafe food or the authorities at it, and central media say so or it is loud on three platforms
    二级  a grave word that carries far (loud, a hot list, great media); or mostly negative, loud, with some risk word
    三级  a grave word; two of loud, mostly negative, some risk word; something negative from a key source
    关注  anything else that was found

    A risk word lifts a suggestion where it is what the story is about: two posts of it at least, reposts included, and
    a tenth of all; in a crowd, one will do where a quarter is negative. One post alone lifts it only where a great
    medium or a big account says a grave word. The tone is a model's estimate, so it never lifts a suggestion by itself;
    nor does a crowd, which comes to a launch as well.
    """
    if not findings:
        return ""
    found = {finding.kind: finding.numbers for finding in findings}
    loud = BURST in found and found[BURST]["hours"] == WINDOW_HOURS and found[BURST]["posts"] >= LOUD
    negative = NEGATIVE in found
    risk = found.get(RISK_WORD)
    risky = risk is not None and risk["voices"] >= 2 and risk["voices"] >= RISKY_SHARE * risk["of"]
    troubled = risk is not None and facts.day_negative >= max(2, TROUBLED_SHARE * facts.day_posts)
    heard = risk is not None and any(_is_great(post) and _is_grave(post) for post in facts.telling)
    grave = set(risk["grave"]) if risk and (risky or heard) else set()
    central = any(post.tier == "central" and _is_bad(post) for post in facts.telling)
    far = loud or heard or any(_is_listed(post) for post in facts.telling if _is_bad(post))
    if RED & grave and (central or (loud and facts.platforms >= WIDE)):
        return LEVEL_1
    if (grave and far) or (risky and negative and loud):
        return LEVEL_2
    if grave or sum([negative, risky or (loud and troubled), loud]) >= 2 or found.get(KEY_SOURCE, {}).get("negative"):
        return LEVEL_3
    return ATTENTION


def _is_grave(post: Telling) -> bool:
    return any(risk["severity"] >= GRAVE for risk in post.risks)


def _is_bad(post: Telling) -> bool:
    return post.sentiment == "neg" or _is_grave(post)


def _is_great(post: Telling) -> bool:
    return post.tier in ("central", "national") or (post.followers is not None and post.followers >= BIG_ACCOUNT)


def _is_listed(post: Telling) -> bool:
    return post.rank is not None and post.rank <= HOT_LIST


def worse(one: str, other: str) -> bool:
    """Whether the first verdict is more serious than the second."""
    return RANKS[one] > RANKS[other]


# --- waves -----------------------------------------------------------------------------------------------------------
def calm_days(days: Sequence[int]) -> int | None:
    """How many days ago talk had calmed down before it came back, None where it did not: then it is one wave.

    days  posts in each stretch of 24 hours, this one first

    It calmed down on a day with a quarter at most of the busiest day before; it is back when this day is loud and has
    twice that. Of several such days the calmest counts, the latest of those.
    """
    today = days[0] if days else 0
    calm = [
        (posts, ago)
        for ago, posts in enumerate(days[1:], start=1)
        if max(days[ago + 1 :], default=0) >= max(LOUD, posts / CALM) and today >= max(LOUD, 2 * posts)
    ]
    return min(calm)[1] if calm else None
