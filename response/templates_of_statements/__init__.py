"""The statement templates T0 to T6 (practice C6), one file each: what must be in it, and a skeleton with {slots}."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

SLOT = re.compile(r"\{([^{}\n]{1,60})\}")
HERE = Path(__file__).parent
SLOT_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Element:
    """Something a template must say. `pattern` finds it in folded text; without one another rule looks after it."""

    zh: str
    en: str
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `elements` are what it must say; `title` and `text` hold the slots."""

    kind: str
    use: tuple[str, str]
    elements: tuple[Element, ...]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A kind of crisis by who is held responsible, and the templates that fit it. Words as (Chinese, English)."""

    code: str
    name: tuple[str, str]
    what: tuple[str, str]
    why: tuple[str, str]
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intensifier:
    """Something that makes the public hold the company more responsible. Words as (Chinese, English)."""

    code: str
    name: tuple[str, str]
    what: tuple[str, str]


@cache
def template(kind: str) -> Template:
    """The template of a kind, read once. Raises FileNotFoundError for a kind there is none of."""
    data = yaml.safe_load((HERE / f"{kind.lower()}.yaml").read_text(encoding="utf-8"))
    return Template(
        kind=kind,
        use=(data["use"], data["use_en"]),
        elements=tuple(
            Element(one["zh"], one["en"], re.compile(one["pattern"]) if "pattern" in one else None)
            for one in data["headings"]
        ),
        title=data["title"],
        text=data["text"].strip(),
    )


@cache
def clusters() -> tuple[Cluster, ...]:
    """The three clusters, from the least to the gravest."""
    return tuple(
        Cluster(
            code=one["code"],
            name=(one["zh"], one["en"]),
            what=(one["what"], one["what_en"]),
            why=(one["why"], one["why_en"]),
            templates=tuple(one["templates"]),
        )
        for one in yaml.safe_load((HERE / "clusters.yaml").read_text(encoding="utf-8"))
    )


@cache
def intensifiers() -> tuple[Intensifier, ...]:
    rows = yaml.safe_load((HERE / "intensifiers.yaml").read_text(encoding="utf-8"))
    return tuple(Intensifier(one["code"], (one["zh"], one["en"]), (one["what"], one["what_en"])) for one in rows)


def advised(cluster: Cluster, worse: Collection[Intensifier]) -> Cluster:
    """Whose stance to take: with any intensifier that of the next graver cluster, one step however many there are."""
    order = clusters()
    return order[min(order.index(cluster) + bool(worse), len(order) - 1)]


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with the slots we know the words for; the others stay open, and the wording check will ask for them."""
    return SLOT.sub(lambda slot: known.get(slot[1]) or slot[0], text)


def slots_of(text: str) -> list[str]:
    """The names of its open slots, in order, each once."""
    return list(dict.fromkeys(SLOT.findall(text)))


def fits_skeleton(skeleton: str, text: str) -> bool:
    """Whether the text is the skeleton with its slots filled, each on one line with 1 to SLOT_LENGTH characters.

    Each slot ends where the next fixed words first stand: one pass, however odd the text.
    """
    fixed = SLOT.split(skeleton)[::2]
    if not text.startswith(fixed[0]) or not text.endswith(fixed[-1]):
        return False
    at, end = len(fixed[0]), len(text) - len(fixed[-1])
    for words in fixed[1:-1]:
        place = text.find(words, at + 1, end)
        if place < 0 or not fills_slot(text[at:place]):
            return False
        at = place + len(words)
    return fills_slot(text[at:end]) if len(fixed) > 1 else text == skeleton


def fills_slot(words: str) -> bool:
    return 0 < len(words) <= SLOT_LENGTH and "\n" not in words
