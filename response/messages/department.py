"""Notices about 三级, handled by the department."""

from django.urls import reverse
from django.utils.translation import gettext as _

from incidents.models import Incident
from notices.models import Urgency
from response.messages.common import Message, in_company_language
from response.models import (
    ClosingForm,
    ProgressReport,
    ReportReply,
)


def about_department(
    incident: Incident, event: str, subject: str, body: str = "", urgency: int = Urgency.SOON
) -> Message:
    return {
        "event": event,
        "subject": subject,
        "body": "" if incident.is_confidential else body,
        "url": reverse("response:department", args=[incident.number]),
        "urgency": urgency,
        "exercise": incident.exercise,
    }


@in_company_language
def progress_reported(report: ProgressReport) -> Message:
    incident = report.incident
    subject = _("%(incident)s: progress report %(number)s by %(person)s")
    words = {"incident": incident.public_name, "number": report.number, "person": report.written_by}
    return about_department(incident, "response.progress_reported", subject % words, report.text)


@in_company_language
def progress_answered(reply: ReportReply) -> Message:
    incident = reply.report.incident
    subject = _("%(incident)s: %(person)s on progress report %(number)s")
    words = {"incident": incident.public_name, "number": reply.report.number, "person": reply.person}
    return about_department(incident, "response.progress_answered", subject % words, reply.words)


@in_company_language
def closing_filed(form: ClosingForm) -> Message:
    subject = _("%(incident)s: %(person)s hands in the closing form")
    words = {"incident": form.incident.public_name, "person": form.written_by}
    return about_department(form.incident, "response.closing_filed", subject % words, form.outcome)


@in_company_language
def closing_answered(form: ClosingForm) -> Message:
    subject = (
        _("%(incident)s: the closing form is accepted, the response ends")
        if form.is_accepted
        else _("%(incident)s: the closing form comes back")
    )
    words = {"incident": form.incident.public_name}
    return about_department(form.incident, "response.closing_answered", subject % words, form.returned_because)
