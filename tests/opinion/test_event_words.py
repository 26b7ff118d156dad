"""Every event this app writes has words on the auditor's page."""

import re
from pathlib import Path

from django.utils import translation

from audit.models import Entry
from opinion.event_words import EVENT_WORDS


def test_every_recorded_event_has_words():
    root = Path(__file__).resolve().parents[2]
    sources = [*(root / "opinion").rglob("*.py"), *(root / "config" / "search").rglob("*.py")]
    text = "".join(path.read_text() for path in sources if path.name != "event_words.py")
    recorded = set(re.findall(r'"(opinion\.[a-z_]+)"', text))
    tables_and_modules = {"opinion.post", "opinion.urls"}
    assert recorded - tables_and_modules == set(EVENT_WORDS)


def test_an_entry_says_it_in_words():
    with translation.override("en"):
        assert Entry(event="opinion.tone_corrected").event_words == "corrected the tone of a post"
