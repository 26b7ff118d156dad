"""The statement as a picture: every sign is drawn, or stands as 〓 and is named. No empty box leaves unseen."""

import pytest

from response.services import images
from tests.response.test_publications import needs_font


@needs_font
@pytest.mark.parametrize(
    ("words", "undrawn"),
    [
        ("𠮷野家 ①②㈱ ℃µ 「」…", ""),
        ("é e\u0301 \u200b零宽 软\u00ad连字 \ufeff", ""),  # what clings or shows nothing needs no shape of its own
        ("👨‍👩‍👧家", "👧👨👩"),  # the joiners between them are not named
        ("🇨🇳", "🇨🇳"),
        ("𠀀 עברית", "ברתיע𠀀"),
        ("\U000e0041\U0010fffe", "\U0010fffe"),
    ],
)
def test_a_sign_is_drawn_or_named(words: str, undrawn: str) -> None:
    _png, named = images.drawn("说明", words, "编号")
    assert set(named) == set(undrawn)


@needs_font
def test_a_word_without_end_and_a_heap_of_marks_stay_on_the_paper() -> None:
    png, _named = images.drawn("说" * 120, "a" * 5000 + "\n" + "e" + "\u0301" * 500, "编号")
    assert png.startswith(b"\x89PNG")
