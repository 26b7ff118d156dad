"""The statement templates T0 to T6 (practice C6), one file each: what must be in it, and a skeleton with {slots}."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

SLOT = re.compile(r"\{([^{}\n]{1,60})\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One template. `headings` are its required elements as (Chinese, English); `title` and `text` hold the slots."""

    kind: str
    use: tuple[str, str]
    headings: tuple[tuple[str, str], ...]
    title: str
    text: str


@cache
def template(kind: str) -> Template:
    """The template of a kind, read once. Raises FileNotFoundError for a kind there is none of."""
    data = yaml.safe_load((Path(__file__).parent / f"{kind.lower()}.yaml").read_text(encoding="utf-8"))
    return Template(
        kind=kind,
        use=(data["use"], data["use_en"]),
        headings=tuple((heading["zh"], heading["en"]) for heading in data["headings"]),
        title=data["title"],
        text=data["text"].strip(),
    )


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with the slots we know the words for; the others stay open, and the wording check will ask for them."""
    return SLOT.sub(lambda slot: known.get(slot[1]) or slot[0], text)
