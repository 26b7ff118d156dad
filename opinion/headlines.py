"""What a story is called: the best of the headlines that were written about it, never a soup of its words. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FEWEST, MOST = 8, 40  # characters of a headline that reads well
LONGEST = 120
SENTENCE = 12
WEIGHED = 12  # heaviest terms of a story that a headline is held against
KEYWORDS = 8

MEDIA_WRITES, SHORT_OR_LONG, ASKS, SHOUTS, LISTS, CUT_OFF = 0.15, 0.35, 0.3, 0.2, 0.5, 0.2

_BRACKETS = re.compile("【([^【】]{4,80})】")
_HASHTAG = re.compile("#[^#\n]{1,40}#")
_LEFT_OUT = re.compile(
    r"//\s?@[^\s:：/@]{1,30}[:：]|https?://\S+|\[\w{1,8}\]|@[\w-]{1,16}(?![\w-])|(?:轻|快速)?转发微博"
)
_END = re.compile("(?<=[。！？!?…])|\n")
_ASKING = re.compile("[?？]|^(?:如何|怎么|怎样|为什么|有哪些)|(?:吗|呢)$")
_SHOUTING = re.compile("[!！?？]{2,}|[!！].*[!！]")
_MANY_STORIES = re.compile("[；;丨|].*[；;丨|]")
_TRIMMED = " \t，,。；;、：:-—|丨"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One post of a story: what it is headed and what it says; whether a newsroom wrote it."""

    title: str
    text: str
    is_media: bool = False


def headline(post: Candidate) -> str:
    """What could stand as a headline in a post: its title, what stands in 【】, its first sentence; "" if nothing."""
    for said in (_first_of_two(post.title), *_BRACKETS.findall(post.text)[:1], *_END.split(post.text[:500])):
        plain = " ".join(_HASHTAG.sub(" ", _LEFT_OUT.sub(" ", said)).split()).strip(_TRIMMED)
        inside = _BRACKETS.fullmatch(plain)
        if sum(map(str.isalnum, plain)) >= 4:
            return inside.group(1) if inside else plain[:LONGEST]
    return ""


def _first_of_two(title: str) -> str:
    """The first sentence of a title that is more than one, where it is long enough to say what happened."""
    first = _END.split(title)[0]
    return first if len(first) >= SENTENCE else title


def worth(said: str, terms: Mapping[str, float], *, is_media: bool = False) -> float:
    """How well a headline stands for a story with these words: the share of them it names, less what reads badly."""
    heavy = dict(sorted(terms.items(), key=lambda item: (-item[1], item[0]))[:WEIGHED])
    folded, total = said.lower(), sum(heavy.values())
    named = sum(weight for word, weight in heavy.items() if word in folded)
    value = named / total if total else 0.0
    value += MEDIA_WRITES if is_media else 0.0
    value -= 0.0 if FEWEST <= len(said) <= MOST else SHORT_OR_LONG
    value -= ASKS if _ASKING.search(said) else 0.0
    value -= SHOUTS if _SHOUTING.search(said) else 0.0
    value -= LISTS if _MANY_STORIES.search(said) else 0.0
    value -= CUT_OFF if said.endswith(("…", "...")) else 0.0
    return value


def best(posts: Iterable[Candidate], terms: Mapping[str, float]) -> str:
    """The headline that stands best for a story, the earliest of equals; "" where no post has one."""
    chosen, most = "", float("-inf")
    for post in posts:
        said = headline(post)
        value = worth(said, terms, is_media=post.is_media) if said else float("-inf")
        if value > most:
            chosen, most = said, value
    return chosen


def is_due(before: int, after: int) -> bool:
    """Whether a story that grew is to be called anew: at 1, 2, 4, 8 … posts, so that its name is stable and cheap."""
    return before.bit_length() != after.bit_length()


def keywords(terms: Mapping[str, float], most: int = KEYWORDS) -> list[str]:
    """The heaviest words of a story, without the fragments of words that are named anyway."""
    ordered = sorted(terms.items(), key=lambda item: (-item[1], -len(item[0]), item[0]))
    kept: list[str] = []
    for word, _weight in ordered:
        if any(word in other for other in kept):
            continue
        kept = [other for other in kept if other not in word]
        kept.append(word)
        if len(kept) == most:
            break
    return kept
