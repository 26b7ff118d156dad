"""Every event this app writes into the trail has words on the auditor's page."""

import re
from pathlib import Path

from monitoring.event_words import EVENT_WORDS

NOTICES = {  # told to people, never written into the trail
    "monitoring.roster",
    "monitoring.signal_raised",
    "monitoring.source_gone",
    "monitoring.sources_in_trouble",
}


def test_every_recorded_event_has_words():
    root = Path(__file__).resolve().parents[2] / "monitoring"
    text = "".join(path.read_text() for path in root.rglob("*.py") if path.name != "event_words.py")
    recorded = set(re.findall(r'"(monitoring\.[a-z_]+)"', text))
    assert recorded - NOTICES == set(EVENT_WORDS)
