"""Figures as Chinese pages write them: 4562 万热度, 1.2亿, 1,234,567. Read exactly, or not at all."""

import re
from decimal import Decimal

MOST = 2**63 - 1  # what a column holds
UNITS = {"": 1, "千": 10**3, "k": 10**3, "万": 10**4, "w": 10**4, "千万": 10**7, "亿": 10**8}
NUMBER = r"(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,18})(?P<part>\.\d{1,9})?\s*(?P<unit>千万|[千万亿kKwW])?\+?"
FIGURE = re.compile(NUMBER)
SCIENTIFIC = re.compile(r"\d(?:\.\d{1,15})?[eE]\+?\d{1,2}")
# A count of something else is no heat: 热度 3 天.
ENDS = r"(?![\d.%％])(?!\s*[年月天日周小时分秒个次条位名家倍])"
WORD_FIRST = re.compile(rf"(?:(?:热度|热力|人气|热搜|搜索)(?:值|指数|量)?|热(?=\s*[:：]))\s*[:：为]?\s*{NUMBER}{ENDS}")
NUMBER_FIRST = re.compile(rf"(?<![\d.,]){NUMBER}\s*的?\s*(?:热度|热力|人气)(?:值|指数)?")
NEAR_THE_BEGINNING = 300  # characters; further on an article only talks about heat


def figure(text: str) -> int | None:
    """The whole text as a number; None where it is anything else."""
    text = text.strip()
    if SCIENTIFIC.fullmatch(text):
        return _kept(Decimal(text))
    found = FIGURE.fullmatch(text)
    return _number(found) if found else None


def heat_told(text: str) -> tuple[int | None, str]:
    """The heat a text tells ("热度 123万", "4562 万热度") and the text without it; (None, text) where it tells none."""
    head = text[:NEAR_THE_BEGINNING]
    found = NUMBER_FIRST.search(head) or WORD_FIRST.search(head)
    if found is None:
        return None, text
    return _number(found), f"{text[: found.start()].rstrip()}\n{text[found.end() :].lstrip()}".strip()


def _number(found: re.Match[str]) -> int | None:
    written = found["whole"].replace(",", "") + (found["part"] or "")
    return _kept(Decimal(written) * UNITS[(found["unit"] or "").lower()])


def _kept(number: Decimal) -> int | None:
    return int(number) if number <= MOST else None
