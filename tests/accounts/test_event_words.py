"""Every event this app writes has words on the auditor's page."""

import re
from pathlib import Path

from django.utils import translation

from accounts.event_words import EVENT_WORDS
from audit.models import Entry


def test_every_recorded_event_has_words():
    folder = Path(__file__).resolve().parents[2] / "accounts"
    sources = [path.read_text() for path in folder.rglob("*.py") if path.name != "event_words.py"]
    recorded = {event for text in sources for event in re.findall(r'"(accounts\.[a-z_]+)"', text)}
    hooks_only = {"accounts.role_change_applied"}  # on the trail it is role_granted or role_taken
    assert recorded - hooks_only - {"accounts.apps"} == set(EVENT_WORDS)


def test_an_entry_says_it_in_words():
    with translation.override("en"):
        assert Entry(event="accounts.signed_in").event_words == "signed in"
    assert Entry(event="somebody.else").event_words == ""
