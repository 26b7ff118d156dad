"""快报: putting what is known into at most three hundred characters. Pure words, no database."""

from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 300  # characters of a brief, line breaks included
MUST_STAY = 9


@dataclass(frozen=True, slots=True)
class Part:
    """One line, and how much it matters: the lightest is left out first, MUST_STAY never."""

    text: str
    weight: int = MUST_STAY


def fitted(parts: Sequence[Part], limit: int = LIMIT) -> str:
    """The lines in their order, as many as fit into `limit` characters; the lightest go first, of equals the last.

    Raises ValueError when what must stay is too long by itself: its writer has to shorten it.
    """
    kept = list(parts)
    while len(text := "\n".join(part.text for part in kept)) > limit:
        lightest = min(kept, key=lambda part: (part.weight, -kept.index(part)))
        if lightest.weight == MUST_STAY:
            raise ValueError(f"{len(text)} characters must stay, {limit} are allowed")
        kept.remove(lightest)
    return text


def shortened(text: str, length: int) -> str:
    """At most `length` characters on one line, with an ellipsis where something is missing."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"
