"""The catalogue check counts an entry as translated only when all of it is, and finished."""

import runpy
from pathlib import Path

import pytest
from django.conf import settings

HEADER = (
    'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=1; plural=0;\\n"\n\n'
)
catalogue = runpy.run_path(str(Path(settings.BASE_DIR) / "scripts" / "catalogue.py"))


@pytest.mark.parametrize(
    ("entry", "translated"),
    [
        ('msgid "Sign in"\nmsgstr "登录"\n', True),
        ('msgid "Sign in"\nmsgstr ""\n', False),
        ('#, fuzzy\nmsgid "Sign in"\nmsgstr "登录"\n', False),
        ('msgid "one post"\nmsgid_plural "%d posts"\nmsgstr[0] "%d 条"\n', True),
        ('msgid "one post"\nmsgid_plural "%d posts"\nmsgstr[0] ""\n', False),
    ],
)
def test_what_counts_as_translated(tmp_path: Path, entry: str, translated: bool) -> None:
    po = tmp_path / "django.po"
    po.write_text(HEADER + entry)
    (found,) = catalogue["entries"](po).values()
    assert catalogue["is_translated"](found) is translated


def test_two_meanings_of_one_word_are_two_entries(tmp_path: Path) -> None:
    po = tmp_path / "django.po"
    po.write_text(
        HEADER + 'msgctxt "level"\nmsgid "Open"\nmsgstr "未定"\n\nmsgctxt "task"\nmsgid "Open"\nmsgstr "待办"\n'
    )
    assert set(catalogue["entries"](po)) == {("level", "Open"), ("task", "Open")}
