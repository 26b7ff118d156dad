"""Posts of one watch about the same story, gathered in a single pass over their words. Pure.

A topic is a bag of weighted words, the mean of its posts. How alike a post must be to join depends on how likely it is
that somebody says something else about us just now: where a brand is mentioned twice a week, two mentions within the
hour are one story though they share few words; where it is mentioned every ten minutes, they must say the same.

While one story is most of what is said about us (loud), the next post is about it unless its words are nearer to
another: hundreds of headlines about one affair share few words with each other, but the affair is why they are written.
Measured on four crises in the background of their days (docs/adr/0009).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, sqrt
from typing import Any

ALIKE, LEAST = 0.4, 0.1  # cosine needed where mentions are common; never less than LEAST
LIVES = timedelta(hours=48)  # a topic nobody spoke of for so long takes no more posts
KEPT = 40  # words a topic remembers
HEAVY = 12  # of a post's words; a topic that has none of them is not compared
SETTLES = 30  # posts after which a topic moves no slower: a long story may still turn
LOUD = 12  # posts from which a story may be loud
SURE = 0.05  # share of unrelated talk under which a post needs no word in common
LOUD_SHARE = 1 / 7  # share under which it needs less in common: the story is six times what is usual
FAINTEST = 0.01  # cosine that tells a loud story from another
OWN_WORDS_WEIGH = 0.4  # the watch's own words are in most of its posts and say little

Terms = dict[str, float]


@dataclass(slots=True)
class Group:
    """A topic while posts are being gathered. `key` is whatever the caller calls it.

    before  posts an hour of its watch in the week before the story began; None where that is not known, or it is small
    lately  its posts in the last day
    title   what it is to be called from now on; "" where that stays
    """

    key: Any
    terms: Terms
    size: int
    first_at: datetime
    last_at: datetime
    before: float | None = None
    lately: int = 0
    title: str = ""

    def gap(self, at: datetime) -> timedelta:
        """How far a time lies outside of the time the topic has been spoken of."""
        return max(at - self.last_at, self.first_at - at, timedelta(0))


def bag(keywords: Mapping[str, float], own: Iterable[str]) -> Terms:
    """The words of a post for comparison, of length one; those of the watch itself weigh less.

    A search looks for `iphone` in iphone15 too; two launches of one brand are not one story for it.
    """
    own = list(own)
    latin = [word for word in keywords if word.isascii()]
    weighed = {
        word: weight * (OWN_WORDS_WEIGH if any(word in mine or mine in word for mine in own) else 1.0)
        for word, weight in keywords.items()
        if not (word.isascii() and any(word in other and word != other for other in latin))
    }
    length = sqrt(sum(weight * weight for weight in weighed.values()))
    return {word: weight / length for word, weight in weighed.items()} if length else {}


def likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Cosine of two bags of words, 0 to 1; 0 where one is empty."""
    if len(one) > len(other):
        one, other = other, one
    shared = sum(weight * other[word] for word, weight in one.items() if word in other)
    if not shared:
        return 0.0
    return shared / sqrt(sum(w * w for w in one.values()) * sum(w * w for w in other.values()))


def needed(gap: timedelta, usual_per_hour: float) -> float:
    """How alike a post must be to a topic last spoken of `gap` ago: ALIKE times the chance that it is unrelated.

    That chance is the one of a Poisson stream with the watch's usual rate to have brought a post by now.
    """
    hours = gap.total_seconds() / 3600 + 1
    return max(LEAST, ALIKE * (1 - exp(-usual_per_hour * hours)))


def unrelated(group: Group) -> float:
    """Share of the talk about us that is not about this story, 0 to 1; 1 where that is not known."""
    if group.before is None or group.size < LOUD:
        return 1.0
    return group.before / (group.before + group.lately / 24)


def enough(group: Group, alike: float, asked: float) -> bool:
    """Whether a post joins this group: as alike as is asked, or less where the group is what everybody talks about."""
    share = unrelated(group)
    if share <= SURE:
        return True
    return alike >= (max(FAINTEST, asked * share) if share <= LOUD_SHARE else asked)


def nearest(terms: Mapping[str, float], groups: Iterable[Group], at: datetime, usual_per_hour: float) -> Group | None:
    """The group a post with these words, published at `at`, belongs to; None where it opens its own."""
    best, best_ratio = None, -1.0
    for group in groups:
        gap = group.gap(at)
        if gap > LIVES or not terms:
            continue
        asked = needed(gap, usual_per_hour if group.before is None else group.before)
        alike = likeness(terms, group.terms)
        if alike / asked >= best_ratio and enough(group, alike, asked):
            best, best_ratio = group, alike / asked
    return best


def join(group: Group, terms: Mapping[str, float], at: datetime) -> None:
    """Take a post in: the topic's words move towards it, the more the smaller it is; a repost ({}) moves nothing."""
    group.size += 1
    group.lately += 1
    group.first_at, group.last_at = min(group.first_at, at), max(group.last_at, at)
    if not terms:
        return
    share = 1 / min(group.size, SETTLES)
    moved = {word: weight * (1 - share) for word, weight in group.terms.items()}
    for word, weight in terms.items():
        moved[word] = moved.get(word, 0.0) + weight * share
    heaviest = sorted(moved.items(), key=lambda item: (-item[1], item[0]))[:KEPT]
    group.terms = {word: round(weight, 4) for word, weight in heaviest}


class Stories:
    """The topics of one watch that still take posts, found by the words they share with a post."""

    def __init__(self) -> None:
        self._by_word: dict[str, dict[int, Group]] = defaultdict(dict)
        self._loud: dict[int, Group] = {}

    def add(self, group: Group) -> None:
        if unrelated(group) <= SURE:
            self._loud[id(group)] = group
        for word in group.terms:
            self._by_word[word][id(group)] = group

    def take(self, terms: Mapping[str, float], at: datetime, usual_per_hour: float) -> Group:
        """The group a post joins: the nearest, or one of its own."""
        heavy = sorted(terms, key=lambda word: (-terms[word], word))[:HEAVY]
        candidates = self._loud | {key: group for word in heavy for key, group in self._by_word[word].items()}
        group = nearest(terms, candidates.values(), at, usual_per_hour) or Group(None, {}, 0, at, at)
        join(group, terms, at)
        for word in terms:
            self._by_word[word][id(group)] = group
        return group
