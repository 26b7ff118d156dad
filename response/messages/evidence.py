"""Notices about captured pages and legal actions."""

from typing import Any

from django.utils.translation import gettext as _

from notices.models import Urgency
from response.messages.common import Message, clock_time, in_company_language
from response.models import (
    Capture,
    LegalAction,
)


@in_company_language
def capture_ended(capture: Capture) -> Message:
    """The page could not be kept: whoever asked should bring a screenshot."""
    preservation = capture.preservation
    return {
        "event": "response.capture_ended",
        "subject": _("The page of %(number)s was not kept: %(state)s. Please bring a screenshot.")
        % {"number": preservation.number, "state": capture.get_state_display()},
        "body": capture.words,
        "url": preservation.get_absolute_url(),
        "urgency": Urgency.SOON,
        "exercise": preservation.incident.exercise,
    }


@in_company_language
def legal_action_given(action: LegalAction, by: Any) -> Message:
    return {
        "event": "response.legal_opened",
        "subject": _("%(incident)s: %(person)s gave you a legal step, due %(due)s")
        % {"incident": action.incident.public_name, "person": by, "due": clock_time(action.due_at)},
        "body": f"{action.number} {action.title}",
        "url": action.get_absolute_url(),
        "urgency": Urgency.SOON,
        "exercise": action.incident.exercise,
    }


@in_company_language
def legal_overdue(action: LegalAction) -> Message:
    return {
        "event": "response.legal_overdue",
        "subject": _("%(incident)s: the legal step %(number)s is overdue since %(due)s")
        % {"incident": action.incident.public_name, "number": action.number, "due": clock_time(action.due_at)},
        "body": action.title,
        "url": action.get_absolute_url(),
        "urgency": Urgency.SOON,
        "exercise": action.incident.exercise,
    }
