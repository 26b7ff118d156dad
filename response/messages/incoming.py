"""Notices about letters that came in."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from notices.models import Urgency
from response.messages.common import Message, clock_time, in_company_language
from response.models import (
    Incoming,
)


def of_letter(letter: Incoming, event: str, subject: str, urgency: Any, **words: Any) -> Message:
    return {
        "event": event,
        "subject": subject % {"letter": letter.public_name, "due": clock_time(letter.due_at), **words},
        "url": letter.get_absolute_url(),
        "urgency": urgency,
        "exercise": letter.exercise,
    }


@in_company_language
def incoming_given(letter: Incoming, by: Any) -> Message:
    subject = _("%(person)s gave you %(letter)s to answer by %(due)s")
    return of_letter(letter, "response.incoming_given", subject, Urgency.SOON, person=by)


@in_company_language
def line_waits(letter: Incoming) -> Message:
    subject = _("Please approve the line for %(letter)s, to be answered by %(due)s")
    return of_letter(letter, "response.incoming_line_waits", subject, Urgency.SOON)


@in_company_language
def line_decided(letter: Incoming) -> Message:
    subject = _("The line for %(letter)s is approved: it may be answered")
    if letter.line_returned:
        subject = _("The line for %(letter)s was returned: %(why)s")
    return of_letter(letter, "response.incoming_line_decided", subject, Urgency.SOON, why=letter.line_returned)


@in_company_language
def incoming_due(letter: Incoming, now: datetime) -> Message:
    is_late = letter.due_at <= now
    subject = _("%(letter)s is overdue since %(due)s") if is_late else _("%(letter)s is to be answered by %(due)s")
    event = "response.incoming_overdue" if is_late else "response.incoming_running_out"
    return of_letter(letter, event, subject, Urgency.NOW if is_late else Urgency.SOON)
