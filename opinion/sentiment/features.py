"""From texts to numbers: a batch folded in one go, and its hashed character n-grams. Pure Python and numpy."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

BITS = 18
BUCKETS = 1 << BITS
NO_BUCKET = BUCKETS  # where an n-gram would reach over the end of its text
LONGEST_GRAM = 3
TEXT_CAP = 2000  # characters that are read; the tone of a post is in its beginning

_URL = re.compile(r"(?:https?://|www\.)[\w\-./?%&=#:~+,;!*'()]+", re.ASCII | re.IGNORECASE)
_MENTION = re.compile(r"@[\w\-]{1,30}")
_SPACE = 32
_BASIC = 0x10000
_FOLDING = (range(1, 0x3400), range(0xA000, 0xAC00), range(0xF900, _BASIC))  # Han, Hangul, private: as they are

# Odd multipliers; changing one makes every stored model unreadable (raise FORMAT in model_file.py).
_MIX = [np.uint32(n) for n in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)]
_SALT = [np.uint32(n) for n in (0x27D4EB2F, 0x165667B1, 0xD3A2646C)]
_FOLD_DOWN = np.uint32(15)
_SHIFT = np.uint32(32 - BITS)

Codes = NDArray[np.uint32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Batch:
    """Folded texts, one after the other with a NUL before, between and after them.

    joined, codes  the same characters, as a string and as code points
    start, length  where each text stands in them, and how long it is
    """

    joined: str
    codes: Codes
    start: Places
    length: Places

    @property
    def owner(self) -> Places:
        """For each character the number of its text; what a NUL belongs to does not matter."""
        return np.clip(np.cumsum(self.codes == 0) - 1, 0, len(self.start) - 1)

    @property
    def texts(self) -> list[str]:
        return self.joined[1:-1].split("\0")

    @property
    def gram_count(self) -> Places:
        """n-grams in each text."""
        return sum(np.maximum(self.length - n, 0) for n in range(LONGEST_GRAM))  # type: ignore[return-value]


def read(texts: Sequence[str]) -> Batch:
    """Texts (one or more) as the engines read them: capped, width and case folded, digits kept, no URLs, `@` for
    mentions, single spaces.

    Not `opinion.text.fold`: a stored model depends on every detail of this one.
    """
    raw = "\0" + "\0".join([_plain(text) for text in texts]) + "\0"
    codes = np.frombuffer(raw.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    codes = np.where(codes < _BASIC, _fold_table()[codes & 0xFFFF], codes)
    blank = codes == _SPACE
    if blank.any():
        before, after = codes[:-2], codes[2:]
        idle = blank[1:-1] & ((before == _SPACE) | (before == 0) | (after == 0))
        while idle.any():  # again, for a blank at the end that had blanks before it
            codes = np.delete(codes, np.flatnonzero(idle) + 1)
            before, after = codes[:-2], codes[2:]
            idle = (codes[1:-1] == _SPACE) & ((before == _SPACE) | (before == 0) | (after == 0))
    ends = np.flatnonzero(codes == 0)
    joined = codes.tobytes().decode("utf-32-le", "surrogatepass")
    return Batch(joined, codes, ends[:-1] + 1, np.diff(ends) - 1)


def fold(text: str) -> str:
    """One text as the engines read it."""
    return read([text]).texts[0]


def buckets(batch: Batch) -> list[NDArray[np.int64]]:
    """For n = 1 to LONGEST_GRAM the bucket of the n-gram that begins at each character, NO_BUCKET where none does.

    Pieces of Latin words and numbers have none: 320gb and i3 have no tone, whatever stood beside them in our rows.
    """
    codes = batch.codes
    inside = codes != 0
    latin = ((codes >= 48) & (codes <= 57)) | ((codes >= 97) & (codes <= 122))
    only_latin = latin
    codes = np.where((codes >= 48) & (codes <= 57), np.uint32(48), codes)  # any digit is a digit
    found = []
    mixed = codes * _MIX[0]
    for n in range(1, LONGEST_GRAM + 1):
        if n > 1:
            mixed = (mixed[:-1] ^ (codes[n - 1 :] + _SALT[n - 2])) * _MIX[n - 1]
            inside = inside[:-1] & (batch.codes[n - 1 :] != 0)
            only_latin = only_latin[:-1] & latin[n - 1 :]
        spread = (mixed ^ (mixed >> _FOLD_DOWN) ^ _SALT[n - 1]) * _MIX[n - 1]
        bucket = np.empty(len(batch.codes), dtype=np.int64)
        bucket[len(spread) :] = NO_BUCKET
        np.right_shift(spread, _SHIFT, out=bucket[: len(spread)], casting="unsafe")
        bucket[: len(spread)][~inside | only_latin] = NO_BUCKET
        found.append(bucket)
    return found


def _plain(text: str) -> str:
    text = text[:TEXT_CAP]
    if "\0" in text:
        text = text.replace("\0", " ")
    if "@" in text:
        text = _MENTION.sub("@", text)
    if "://" in text or "www" in text:
        text = _URL.sub(" ", text)
    return text


@cache
def _fold_table() -> Codes:
    """What each character of the basic plane folds to, where that is one character."""
    table = np.arange(_BASIC, dtype=np.uint32)
    table[0xD800:0xE000] = 0xFFFD  # halves of a character, alone
    for code in chain(*_FOLDING):
        char = chr(code)
        folded = " " if char.isspace() else unicodedata.normalize("NFKC", char).lower()
        if len(folded) == 1:
            table[code] = ord(folded)
    return table
