"""What changed between two texts, by paragraph and then by character. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

_TOKEN = re.compile(r"[A-Za-z0-9_.%]+|\s+|.", re.DOTALL)
# Character by character only within paragraphs of this size: the comparison grows with the square.
FINE_CHARS = 2000

Change = Literal["same", "added", "removed"]


@dataclass(frozen=True, slots=True)
class Piece:
    change: Change
    words: str


def changes(before: str, after: str) -> list[Piece]:
    """The later text with what was taken out and put in, in reading order; neighbours of one kind are joined.

    Taking the added pieces away gives `before`, the removed ones away gives `after`.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    pieces: list[Piece] = []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        if step == "replace" and len(gone) <= FINE_CHARS and len(come) <= FINE_CHARS:
            pieces += _steps(_TOKEN.findall(gone), _TOKEN.findall(come))
        elif step == "equal":
            pieces.append(Piece("same", come))
        else:
            pieces += [Piece("removed", gone), Piece("added", come)]
    return _joined(pieces)


def _steps(old: Sequence[str], new: Sequence[str]) -> list[Piece]:
    pieces = []
    for step, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step == "equal":
            pieces.append(Piece("same", "".join(new[c:d])))
        else:
            pieces += [Piece("removed", "".join(old[a:b])), Piece("added", "".join(new[c:d]))]
    return pieces


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    joined: list[Piece] = []
    for piece in pieces:
        if not piece.words:
            continue
        if joined and joined[-1].change == piece.change:
            joined[-1] = Piece(piece.change, joined[-1].words + piece.words)
        else:
            joined.append(piece)
    return joined
