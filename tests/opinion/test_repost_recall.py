"""How many reposts are recognised, and how many wrongly: a floor under the figures of bench/pipeline.py."""

import random

import pytest

from opinion import reposts
from opinion.sentiment.rows import our_rows
from opinion.text import fold

TEXTS = sorted({row.text for row in our_rows() if len(row.text) >= 24})[:400]
EDITS = {
    "forwarded": lambda text, dice: f"太可怕了，大家都来看看//@路人:{text}",
    "cut": lambda text, dice: text[: len(text) * 7 // 10],
    "punctuated": lambda text, dice: text.replace("，", "！").replace("。", "…") + "[怒][怒]",
    "edited": lambda text, dice: "".join(char if dice.random() > 0.05 else dice.choice(("", "某")) for char in text),
}


def grams(text):
    return reposts.grams(fold(text).text)


@pytest.mark.parametrize("name", EDITS)
def test_at_least_97_in_a_hundred_are_found_and_at_most_one_in_a_hundred_wrongly(name):
    dice = random.Random(7)
    originals = [grams(text) for text in TEXTS]
    keys = [set(row) for row in reposts.bands(originals).tolist()]
    copies = [grams(EDITS[name](text, dice)) for text in TEXTS]
    found = wrong = 0
    for number, (copy, row) in enumerate(zip(copies, reposts.bands(copies).tolist(), strict=True)):
        shared = [other for other in range(len(TEXTS)) if keys[other] & set(row)]
        alike = [other for other in shared if reposts.is_repost(copy, originals[other])]
        found += number in alike
        wrong += any(other != number and not reposts.is_repost(originals[number], originals[other]) for other in alike)
    assert found / len(TEXTS) >= 0.97
    assert wrong / len(TEXTS) <= 0.01
