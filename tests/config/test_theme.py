"""Tokens: the two dark blocks are alike, and text can be read in both themes."""

import re

import pytest
from django.conf import settings

CSS = settings.BASE_DIR / "static" / "css"
TOKENS = (CSS / "tokens.css").read_text("utf-8")


def block(selector: str) -> dict[str, str]:
    """The last colour block under a selector, as name: value."""
    bodies = re.findall(re.escape(selector) + r"\s*\{([^{}]*)\}", TOKENS)
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", bodies[-1]))


LIGHT = block(":root")
DARK = block(':root[data-theme="dark"]')
TEXT = [
    ("ink", "paper"), ("ink", "surface"), ("ink-2", "surface"), ("ink-2", "paper"), ("ink-2", "sunk"),
    ("ink-3", "surface"), ("ink-3", "paper"), ("ink-3", "sunk"), ("accent-ink", "surface"), ("accent-ink", "paper"),
    ("accent-ink", "accent-soft"), ("on-accent", "accent"), ("ink", "accent-soft"), ("ink-2", "accent-soft"),
    *[(f"on-l{n}", f"l{n}") for n in range(4)], *[(f"l{n}-ink", f"l{n}-soft") for n in range(4)],
    *[(f"l{n}-ink", "surface") for n in range(4)], ("ink", "l1-soft"), ("ink", "l2-soft"), ("ink", "mark"),
    ("ink-2", "neg-soft"), ("on-drill", "drill"), ("on-heat-4", "heat-4"), ("paper", "ink"),
]  # fmt: skip
EDGES = [
    ("edge", "surface"),
    ("neg", "surface"),
    ("neu", "surface"),
    ("pos", "surface"),
    ("focus", "surface"),
    ("focus", "paper"),
]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_following_the_system_gives_the_same_dark_as_choosing_it():
    assert block(':root:not([data-theme="light"])') == DARK


def test_both_themes_name_the_same_colours():
    assert set(DARK) == set(LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT, ids=lambda name: name)
def test_text_can_be_read(theme, text, ground):
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), EDGES, ids=lambda name: name)
def test_edges_and_marks_can_be_seen(theme, mark, ground):
    assert contrast(theme[mark], theme[ground]) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_levels_differ_in_lightness_too(theme):
    one, two, three = (luminance(theme[name]) for name in ("l1", "l2", "l3"))
    assert one < two < three


def test_only_the_tokens_and_the_printed_page_name_colours():
    for path in sorted(CSS.glob("*.css")):
        if path.name not in {"tokens.css", "print.css"}:
            assert re.findall(r"#[0-9a-f]{3,8}\b", path.read_text("utf-8")) == [], path.name
