"""Notices about statements, what they promise and quote, holding texts and lines."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from incidents.levels import Level
from notices.models import Urgency
from response.messages.common import URGENCY, Message, clock_time, in_company_language
from response.models import (
    CheckOverride,
    Fact,
    HoldingText,
    Line,
    Promise,
    SignOff,
    StatementComment,
    StatementVersion,
)


@in_company_language
def signature_wanted(version: StatementVersion) -> Message:
    incident = version.statement.incident
    return {
        "event": "response.statement_submitted",
        "subject": _("Please sign off %(statement)s (%(incident)s), version %(number)s")
        % {"statement": version.statement.number, "incident": incident.public_name, "number": version.number},
        "body": "",
        "url": reverse("response:signoff", args=[version.uuid]),
        "urgency": URGENCY[Level(version.level)],
        "about": incident.about,
        "exercise": incident.exercise,
    }


@in_company_language
def statement_returned(signoff: SignOff) -> Message:
    version = signoff.version
    return {
        "event": "response.statement_returned",
        "subject": _("%(person)s returned %(statement)s, version %(number)s")
        % {"person": signoff.person, "statement": version.statement.number, "number": version.number},
        "body": signoff.note,
        "url": reverse("response:statement", args=[version.statement.uuid]),
        "urgency": Urgency.SOON,
        "about": version.statement.incident.about,
        "exercise": version.statement.exercise,
    }


@in_company_language
def statement_releasable(version: StatementVersion) -> Message:
    return {
        "event": "response.statement_releasable",
        "subject": _("%(statement)s is signed and may be published")
        % {"statement": f"{version.statement.number} v{version.number}"},
        "body": "",
        "url": reverse("response:publish", args=[version.statement.uuid]),
        "urgency": URGENCY[Level(version.level)],
        "about": version.statement.incident.about,
        "exercise": version.statement.exercise,
    }


@in_company_language
def statement_commented(comment: StatementComment) -> Message:
    version = comment.version
    return {
        "event": "response.statement_commented",
        "subject": _("%(person)s commented on %(statement)s")
        % {"person": comment.author, "statement": f"{version.statement.number} v{version.number}"},
        "body": comment.words,
        "url": version.statement.get_absolute_url(),
        "urgency": Urgency.CALM,
        "exercise": version.statement.exercise,
    }


@in_company_language
def override_wanted(override: CheckOverride, by: User) -> Message:
    version = override.version
    return {
        "event": "response.override_asked",
        "subject": _("%(person)s would let %(statement)s pass the checks: a second word is needed")
        % {"person": by, "statement": f"{version.statement.number} v{version.number}"},
        "body": override.reason,
        "url": version.statement.get_absolute_url(),
        "urgency": Urgency.SOON,
        "exercise": version.statement.exercise,
    }


@in_company_language
def promise_to_keep(promise: Promise) -> Message:
    return {
        "event": "response.promise_public",
        "subject": _("%(incident)s: a public promise is yours, until %(due)s")
        % {"incident": promise.incident.public_name, "due": clock_time(promise.due_at)},
        "body": promise.sentence,
        "url": promise.task.get_absolute_url() if promise.task else promise.statement.get_absolute_url(),
        "urgency": Urgency.SOON,
        "exercise": promise.incident.exercise,
    }


@in_company_language
def quoted_fact_changed(fact: Fact, versions: Sequence[StatementVersion]) -> Message:
    return {
        "event": "response.quoted_fact_changed",
        "subject": (
            _("F%(number)s is verified in other words, and %(statements)s quotes it")
            if fact.may_be_quoted
            else _("F%(number)s is no longer verified, and %(statements)s quotes it")
        )
        % {"number": fact.number, "statements": ", ".join(str(version) for version in versions)},
        "body": fact.claim,
        "url": reverse("response:facts", args=[fact.incident.number]),
        "urgency": Urgency.NOW,
        "about": fact.incident.about,
        "exercise": fact.incident.exercise,
    }


@in_company_language
def holding_to_sign(text: HoldingText) -> Message:
    return {
        "event": "response.holding_submitted",
        "subject": _("Please sign the holding text “%(name)s”") % {"name": text.name},
        "url": text.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def holding_returned(text: HoldingText, by: User, note: str) -> Message:
    return {
        "event": "response.holding_returned",
        "subject": _("%(person)s returned the holding text “%(name)s”") % {"person": by, "name": text.name},
        "body": note,
        "url": text.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def line_to_approve(line: Line) -> Message:
    return {
        "event": "response.line_written",
        "subject": _("%(incident)s: please approve line %(number)s")
        % {"incident": line.incident.public_name, "number": line.number},
        "body": line.words,
        "url": reverse("response:lines", args=[line.incident.number]),
        "urgency": Urgency.SOON,
        "exercise": line.incident.exercise,
    }
