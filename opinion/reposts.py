"""Which posts say the same thing again: MinHash bands find candidates, their character trigrams decide. Pure, numpy.

32 hashes in 16 bands of two rows: two texts that share one band are compared. Simhash was measured and missed most
edited reposts of posts this short (docs/adr/0009). Figures of this module: bench/pipeline.py.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

HASHES, ROWS = 32, 2
BANDS = HASHES // ROWS
READ = 1500  # characters that are compared
SHORTEST = 6  # a text of fewer letters ("转发微博") is nobody's repost

# How alike is alike. A short text shares trigrams by chance sooner, so it must share more of them.
CONTAINED, JACCARD = 0.5, 0.4
SHORT, CONTAINED_SHORT, JACCARD_SHORT = 14, 0.7, 0.3
FEWEST = 4  # trigrams

# The faces people pull ([泪]) and what the platform writes in their place are not what they say.
_NOT_WORDS = re.compile(r"\[\w{1,8}\]|(?:快速|轻)?转发微博|轉發微博|话题详情|网页链接|查看图片|分享图片|repost|[\W_]+")
_MENTION = re.compile(r"@[\w-]{1,16}(?![\w-])")  # whom somebody calls is not what is said, but it tells two posts apart
_SOUNDS = re.compile(r"^转发(?:了)?$|[\d哈呵嘿嘻嘎呼哎唉啊呀哦喔噢嗯呃额哇呜咦哼嗷]+")
_HIGH, _MIDDLE = np.uint64(42), np.uint64(21)
_seeds = np.random.Generator(np.random.PCG64(20260101))
_A = _seeds.integers(1, 1 << 63, HASHES, dtype=np.uint64) | np.uint64(1)
_B = _seeds.integers(0, 1 << 63, HASHES, dtype=np.uint64)
_BAND_SALT = _seeds.integers(0, 1 << 63, BANDS, dtype=np.uint64)

Grams = NDArray[np.uint64]  # in the order of the text; one that occurs twice stands there twice


def says_something(folded: str) -> bool:
    """Whether a folded text has words of its own; not so an empty repost: 转发微博, //@a: alone, faces, 哈哈哈."""
    return len(_SOUNDS.sub("", _NOT_WORDS.sub("", _MENTION.sub(" ", folded)))) >= 2


def bare(folded: str) -> str:
    """What a folded text says, without punctuation, blanks and what platforms put into it."""
    return _NOT_WORDS.sub("", folded)


def grams(folded: str) -> Grams:
    """The character trigrams of what a folded text says, without punctuation and blanks; empty for one too short."""
    words = bare(folded)[:READ]
    if len(words) < SHORTEST or len(_SOUNDS.sub("", words)) < 2:
        return np.empty(0, dtype=np.uint64)
    codes = np.frombuffer(words.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    found = codes[:-2] << _HIGH | codes[1:-1] << _MIDDLE | codes[2:]
    return found if len(found) > 4 * FEWEST or len(np.unique(found)) >= FEWEST else found[:0]


def bands(texts: Sequence[Grams]) -> NDArray[np.int64]:
    """(texts, BANDS): the band keys of each text; zeros for one without trigrams, which are to be passed over."""
    sizes = np.array([len(each) for each in texts])
    full = [each for each in texts if len(each)]
    keys = np.zeros((len(texts), BANDS), dtype=np.int64)
    if not full:
        return keys
    flat = np.concatenate(full)
    starts = np.concatenate([[0], np.cumsum(sizes[sizes > 0])[:-1]])
    mixed = flat ^ (flat >> np.uint64(31))
    lowest = np.empty((len(full), HASHES), dtype=np.uint64)
    for column in range(HASHES):  # one hash over all texts at a time keeps memory small
        hashed = mixed * _A[column] + _B[column]
        hashed ^= hashed >> np.uint64(29)
        lowest[:, column] = np.minimum.reduceat(hashed, starts)
    pairs = lowest.reshape(len(full), BANDS, ROWS)
    joined = (pairs[:, :, 0] * _A[0]) ^ (pairs[:, :, 1] * _A[1]) ^ _BAND_SALT
    joined ^= joined >> np.uint64(32)
    keys[sizes > 0] = joined.astype(np.int64)
    return keys


def likeness(one: Grams, other: Grams) -> tuple[float, float]:
    """(containment, Jaccard): shared trigrams over those of the smaller text, and over those of both."""
    return _likeness(np.unique(one), np.unique(other))


def _likeness(one: Grams, other: Grams) -> tuple[float, float]:
    smaller = min(len(one), len(other))
    if not smaller:
        return 0.0, 0.0
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared / smaller, shared / (len(one) + len(other) - shared)


def is_repost(one: Grams, other: Grams) -> bool:
    """Whether one text repeats the other, whole or in good part, with what people change when they pass it on."""
    one, other = np.unique(one), np.unique(other)
    contained, jaccard = _likeness(one, other)
    if min(len(one), len(other)) < SHORT:
        return contained >= CONTAINED_SHORT and jaccard >= JACCARD_SHORT
    return contained >= CONTAINED or jaccard >= JACCARD
