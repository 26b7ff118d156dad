"""The words of a post, twice: as we keep them, and folded, as rules and engines read them. Pure.

What we keep is what was said, without the characters that show nothing. What is read has widths and case folded, and
addresses and the `//@user:` marks of forwarding left out; every folded character knows where it stood.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

TITLE_CAP, TEXT_CAP, AUTHOR_CAP, URL_CAP, ID_CAP, PLATFORM_CAP, REGION_CAP = 500, 100_000, 200, 2_000, 500, 40, 20

# Characters that show nothing, or turn the order of the others: people put them inside words to slip past a watch.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
    "|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200d\ufe00-\ufe0f]"  # but emoji are held together by these
)
_HALVES = re.compile(r"[\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|\u2028|\u2029")

_ADDRESS = r"(?ai:(?:https?://|www\.)[\w\-./?%&=#:~+,;!*'()@]+)"
_FORWARD = r"//\s?@[^\s:：/@]{1,30}[:：]|(?:回复|转发)\s?@[^\s:：/@]{1,30}[:：]"
_LEFT_OUT = re.compile(rf"\s*(?:{_ADDRESS}|{_FORWARD})\s*|\s{{2,}}")
_MAY_LEAVE_OUT = re.compile(r"[@/wW\s](?:(?<=[@/wW])|\s)")  # one of these is in each of them, and in few texts


class _FoldTable(dict[int, int]):
    """Characters that fold to exactly one other: full width to half, upper case to lower, any blank to a space."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        folded = " " if char.isspace() else unicodedata.normalize("NFKC", char).lower()
        self[code] = ord(folded) if len(folded) == 1 else code
        return self[code]


_FOLD = _FoldTable()


def clean(text: str, cap: int) -> str:
    """The text as we keep it: without characters that show nothing, `cap` long at most, with an ellipsis if cut."""
    text = _UNSEEN.sub("", _NEWLINES.sub("\n", _HALVES.sub("\ufffd", text))).strip()
    return text if len(text) <= cap else text[: cap - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True)
class Folded:
    """A text as it is read. origins: the place of each of its characters in the kept text; None where they agree."""

    text: str
    origins: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded characters [start, end) stand in the kept text, half-open too. An empty span stays empty."""
        if self.origins is None or start >= end:
            return start, end
        return self.origins[start], self.origins[end - 1] + 1


def fold(kept: str) -> Folded:
    """A kept text as rules and engines read it. A folded text is read as it stands."""
    folded = _fold_once(kept)
    # What is left out may have stood in the middle of another address, and ｈｔｔｐ： is one only once it is folded.
    while _MAY_LEAVE_OUT.search(folded.text) and _LEFT_OUT.search(folded.text):
        again = _fold_once(folded.text)
        folded = Folded(again.text, [folded.span(place, place + 1)[0] for place in again.origins or ()])
    return folded


def _fold_once(kept: str) -> Folded:
    text = kept.translate(_FOLD)  # as long as `kept`, so places agree
    if not _MAY_LEAVE_OUT.search(kept):
        return Folded(text)
    pieces: list[str] = []
    origins: list[int] = []
    at = 0
    for gap in _LEFT_OUT.finditer(kept):  # before folding: a full-width comma ends an address
        pieces += text[at : gap.start()], " "
        origins += range(at, gap.start() + 1)
        at = gap.end()
    if not at:
        return Folded(text)
    return Folded("".join([*pieces, text[at:]]), [*origins, *range(at, len(text))])


def fold_word(word: str) -> str:
    """A word of a rule, folded the same way, so that it can be found in a folded text."""
    return " ".join(_UNSEEN.sub("", word).translate(_FOLD).split())


def pieces(kept: str, words: Iterable[str]) -> list[tuple[str, bool]]:
    """The kept text cut into pieces, True for those to be marked because one of the words stands there.

    Joined again the pieces are the text. A template prints them escaped, the marked ones in <mark>.
    """
    folded = fold(kept)
    spans = []
    for word in {fold_word(word) for word in words} - {""}:
        start = folded.text.find(word)
        while start >= 0:
            spans.append(folded.span(start, start + len(word)))
            start = folded.text.find(word, start + 1)
    cut: list[tuple[str, bool]] = []
    done = 0
    for start, end in sorted(spans):
        if end <= done:
            continue
        if cut and start <= done:  # words that overlap or touch share one mark
            cut[-1] = (cut[-1][0] + kept[done:end], True)
        else:
            cut += [(kept[done:start], False)] if start > done else []
            cut.append((kept[start:end], True))
        done = end
    return [*cut, (kept[done:], False)] if done < len(kept) else cut


def excerpt(kept: str, words: Iterable[str], length: int = 120) -> str:
    """As much of a text as a row shows: its beginning, or from shortly before the first of the words."""
    line = " ".join(kept.split())
    marked = 0
    for piece, hit in pieces(line, words):
        if hit:
            break
        marked += len(piece)
    start = marked - length // 4 if length * 3 // 4 < marked < len(line) else 0
    return ("…" if start else "") + line[start : start + length] + ("…" if start + length < len(line) else "")
