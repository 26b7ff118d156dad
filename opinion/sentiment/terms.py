"""Our own crisis terms, polarity words and cues: the lists, and what a company adds to them."""

import csv
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .features import read

DATA = Path(__file__).parent / "data"
FILES = ("crisis_terms.csv", "polarity.csv", "cues.csv")
SEVERITIES = (2, 3)  # 3 is the graver
_SEVERITIES = {str(severity): severity for severity in SEVERITIES}
CUES = (
    "negation",
    "denial",
    "repair",
    "hypothesis",
    "guard",  # a longer word in which a listed one means nothing
    "pending",  # 暂无
    "turn",  # 但
    "overdue",  # 至今未: a negation that blames by itself
    "due",  # 到账: says nothing, and blames where it is negated
    "promise",  # 说好: blames where a later clause negates
    "persist",  # 还有人: after a denial, it is not believed
    "even",  # 见仁见智: both sides are weighed
    "spoken",  # 我, 呢: somebody speaks for himself
    "least",  # 一次, 半点: a negation may follow what it counts
    "ending",  # 取消, 防止: a negation of what it meets, which says nothing alone
    "hearsay",  # 听说: conceded where something is said of one's own after it
)
KINDS = ("pos", "neg", "crisis", *CUES)
(
    POS, NEG, CRISIS, NEGATION, DENIAL, REPAIR, HYPOTHESIS, GUARD, PENDING, TURN, OVERDUE, DUE, PROMISE, PERSIST, EVEN,
    SPOKEN, LEAST, ENDING, HEARSAY,
) = range(len(KINDS))  # fmt: skip


class Term(NamedTuple):
    """One line of the lists. kind: one of KINDS; severity 2 or 3 and a category for crisis terms."""

    text: str
    kind: str
    category: str = ""
    severity: int = 0

    @property
    def is_polar(self) -> bool:
        return self.kind in ("pos", "neg", "crisis")


def read_terms(folder: Path = DATA) -> list[Term]:
    """The lists in `folder`. Raises ValueError naming file and line."""
    terms: dict[str, Term] = {}
    for file in FILES:
        with (folder / file).open(encoding="utf-8", newline="") as lines:
            _, *rows = csv.reader(lines)
        folded = read([text for text, *_ in rows]).texts if rows else []
        for number, ((_, *told), text) in enumerate(zip(rows, folded, strict=True), start=2):
            try:
                if text in terms:
                    raise ValueError(f"{text} is listed twice")
                terms[text] = _term(text, *told)
            except ValueError as error:
                raise ValueError(f"{file} line {number}: {error}") from error
    return list(terms.values())


def with_terms(shipped: Iterable[Term], added: Iterable[Term]) -> list[Term]:
    """The shipped lists and what a company added; of one text the company's term stands."""
    return list({term.text: term for term in (*shipped, *added)}.values())


def terms_version(added: Iterable[Term]) -> str:
    """Names a set of added terms in the version of a score: `+t3fa9c1`, or nothing where none was added."""
    told = sorted(f"{term.text}\t{term.kind}\t{term.category}\t{term.severity}" for term in added)
    return "+t" + hashlib.sha256("\n".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:6] if told else ""


def lists_digest(folder: Path = DATA) -> bytes:
    """Changes whenever a list changes: part of the version of a score."""
    digest = hashlib.sha256()
    for file in FILES:
        digest.update((folder / file).read_bytes())
    return digest.digest()


def _term(text: str, kind: str, severity: str = "") -> Term:
    """Of a line with three cells, a crisis term's, the second is its category."""
    if not text:
        raise ValueError("the term is empty")
    if severity:
        if severity not in _SEVERITIES:
            raise ValueError(f"severity is one of {SEVERITIES}")
        return Term(text, "crisis", kind, _SEVERITIES[severity])
    if kind == "crisis" or kind not in KINDS:
        raise ValueError(f"{kind or 'nothing'} is neither a polarity nor a cue")
    return Term(text, kind)
