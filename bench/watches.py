"""What watching costs: 10,000 words in 200 watches, against looking for each word by itself."""

import random

from bench.sentiment import rate, texts
from opinion.rules import Matcher, read
from opinion.text import fold

WORDS, A_WATCH = 10_000, 50


def words(most: int = WORDS) -> list[str]:
    """Words that could be watched: two to four characters of our texts, thrown together; few of them occur."""
    dice = random.Random(20260101)
    letters = sorted({char for text in texts(4096) for char in text if char.isalpha() and not char.isascii()})
    found: dict[str, None] = {}
    while len(found) < most:
        found["".join(dice.choices(letters, k=dice.choice((2, 3, 3, 4))))] = None
    return list(found)


def rules(watched: list[str]) -> dict[int, str]:
    """The words as the rules of watches, fifty to each."""
    return {at: " OR ".join(watched[at : at + A_WATCH]) for at in range(0, len(watched), A_WATCH)}


def run() -> dict[str, float]:
    """Texts a second, the naive loop first. Both must find the same."""
    given = [fold(text).text for text in texts(2048)]
    watched = words()
    matcher = Matcher({key: read(rule) for key, rule in rules(watched).items()})
    few = Matcher({key: read(rule) for key, rule in rules(watched[:1000]).items()})
    found = sum(bool(matcher.match(text)) for text in given)
    assert found == sum(any(word in text for word in watched) for text in given)
    print(f"{len(given)} texts, {WORDS:,} words, {found} texts wanted")
    return {
        "`word in text`, word by word": rate(
            lambda some: [[word in text for word in watched] for text in some], given[::16], 64
        ),
        "all watches in one pass": rate(lambda some: [matcher.match(text) for text in some], given, 256),
        "the same with 1,000 words": rate(lambda some: [few.match(text) for text in some], given, 256),
    }
