"""Notices about contacts and guidance."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.models import Incident
from notices.models import Urgency
from response.messages.common import Message, in_company_language
from response.models import (
    Contact,
    ContactEntry,
)


def outreach_url(incident: Incident) -> str:
    return reverse("response:outreach", args=[incident.number])


def guidance_url(incident: Incident) -> str:
    return reverse("response:guidance", args=[incident.number])


@in_company_language
def next_step_late(entry: ContactEntry) -> Message:
    return {
        "event": "response.next_step_late",
        "subject": _("%(incident)s: the next step with %(contact)s is late")
        % {"incident": entry.incident.public_name, "contact": entry.contact.organisation},
        "body": entry.next_step,
        "url": outreach_url(entry.incident),
        "urgency": Urgency.CALM,
    }


@in_company_language
def contacts_to_check(contacts: Sequence[Contact]) -> Message:
    count = len(contacts)
    subject = ngettext("%(count)s contact of yours to check", "%(count)s contacts of yours to check", count)
    return {
        "event": "response.contacts_to_check",
        "subject": subject % {"count": count},
        "body": "\n".join(contact.organisation for contact in contacts[:20]),
        "url": reverse("response:contacts") + "?check=on&mine=on",
        "urgency": Urgency.CALM,
    }
