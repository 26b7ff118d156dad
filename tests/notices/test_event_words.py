"""The ledger says in words what each message was about."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from audit.models import EVENT_WORDS
from incidents.services.move import EVENTS
from notices.event_words import NOTICE_WORDS
from notices.models import DeliveryAttempt

APPS = ("incidents", "monitoring", "response", "notices")
NAMED = re.compile(r'(?:event=|"event": )"([a-z_]+\.[a-z_]+)"')


def events_told() -> set[str]:
    """Every event that a call of `notify` names, and those of the steps of an incident."""
    sources = (path for app in APPS for path in Path(settings.BASE_DIR, app).rglob("*.py"))
    named = {name for path in sources if "notify" in (text := path.read_text()) for name in NAMED.findall(text)}
    messages = "".join(path.read_text() for path in Path(settings.BASE_DIR, "response/messages").glob("*.py"))
    return named | set(NAMED.findall(messages)) | set(EVENTS.values()) - {"incidents.note_added"}


@pytest.mark.parametrize("event", sorted(events_told()))
def test_every_event_has_words(event):
    assert event in NOTICE_WORDS or event in EVENT_WORDS
    assert DeliveryAttempt(event=event).event_words != event


def test_what_nobody_has_words_for_shows_its_code():
    assert DeliveryAttempt(event="test.told").event_words == "test.told"
