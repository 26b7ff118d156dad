"""Notices about papers and what is reported to regulators."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from incidents.levels import Level
from incidents.models import Incident
from notices.models import Urgency
from response.messages.common import URGENCY, Message, clock_time, in_company_language
from response.models import (
    PaperVersion,
    ReportDuty,
)


def of_paper(version: PaperVersion, event: str, subject: str, url: str, urgency: Any, body: str = "") -> Message:
    paper = version.paper
    words = {
        "paper": f"{paper.get_kind_display()} {paper.number} v{version.number}",
        "incident": paper.incident.public_name,
        "person": version.decided_by,
    }
    return {
        "event": event,
        "subject": subject % words,
        "body": body,
        "url": url,
        "urgency": urgency,
        "exercise": paper.exercise,
    }


@in_company_language
def paper_signature_wanted(version: PaperVersion) -> Message:
    urgency = URGENCY[Level(version.paper.incident.level)]
    subject = _("Please sign %(paper)s (%(incident)s)")
    return of_paper(version, "response.paper_submitted", subject, version.sign_url, urgency)


@in_company_language
def paper_returned(version: PaperVersion) -> Message:
    subject, url = _("%(person)s returned %(paper)s"), version.paper.get_absolute_url()
    return of_paper(version, "response.paper_returned", subject, url, Urgency.SOON, version.note)


@in_company_language
def paper_signed(version: PaperVersion) -> Message:
    urgency = URGENCY[Level(version.paper.incident.level)]
    subject, url = _("%(person)s signed %(paper)s (%(incident)s)"), version.paper.get_absolute_url()
    return of_paper(version, "response.paper_signed", subject, url, urgency)


@in_company_language
def duties_proposed(incident: Incident, duties: Sequence[ReportDuty]) -> Message:
    count = len(duties)
    subject = ngettext(
        "%(incident)s: probably to be reported to %(count)s authority",
        "%(incident)s: probably to be reported to %(count)s authorities",
        count,
    )
    return {
        "event": "response.duties_proposed",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": "\n".join(
            f"{duty.rule.authority}: {clock_time(duty.due_at)}" if duty.due_at else duty.rule.authority
            for duty in duties
        ),
        "url": reverse("response:reports", args=[incident.number]),
        "urgency": URGENCY[Level(incident.level)],
        "exercise": incident.exercise,
    }


@in_company_language
def report_due(duty: ReportDuty, now: datetime) -> Message:
    is_late = duty.due_at is not None and duty.due_at <= now
    subject = _("%(incident)s: the report to %(authority)s is due %(due)s")
    if is_late:
        subject = _("%(incident)s: the report to %(authority)s is overdue since %(due)s")
    words = {
        "incident": duty.incident.public_name,
        "authority": duty.rule.authority,
        "due": clock_time(duty.due_at) if duty.due_at else "",
    }
    return {
        "event": "response.report_overdue" if is_late else "response.report_running_out",
        "subject": subject % words,
        "body": duty.rule.law,
        "url": duty.get_absolute_url(),
        "urgency": Urgency.NOW,
        "exercise": duty.incident.exercise,
    }
