"""The words of this app's notices. In the company's language, whatever language the person who acted reads."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from incidents.levels import Level
from incidents.models import Incident
from notices.models import Urgency
from response.models import Capture, Fact, LegalAction, PlanVersion, Release, SignOff, StatementVersion, Task

Message = dict[str, Any]
P = ParamSpec("P")
URGENCY = {Level.ONE: Urgency.NOW, Level.TWO: Urgency.SOON, Level.THREE: Urgency.SOON, Level.UNSET: Urgency.CALM}


def in_company_language(write: Callable[P, Message]) -> Callable[P, Message]:
    """Write a message in the company's language and with the keywords `notify` wants beside the people."""

    @wraps(write)
    def written(*args: P.args, **kwargs: P.kwargs) -> Message:
        with translation.override(settings.LANGUAGE_CODE):
            return write(*args, **kwargs)

    return written


def clock_time(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%m-%d %H:%M}"


def lines(tasks: Sequence[Task]) -> str:
    return "\n".join(
        _("%(title)s, due %(due)s") % {"title": task.title, "due": clock_time(task.due_at)} for task in tasks
    )


@in_company_language
def tasks_opened(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext("%(incident)s: %(count)s task for you", "%(incident)s: %(count)s tasks for you", count)
    return {
        "event": "response.tasks_opened",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": lines(tasks),
        "url": reverse("response:my-tasks"),
        "urgency": URGENCY[Level(incident.level)],
        "exercise": incident.exercise,
    }


@in_company_language
def tasks_need_owner(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task needs an owner", "%(incident)s: %(count)s tasks need an owner", count
    )
    return {
        "event": "response.tasks_need_owner",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": lines(tasks),
        "url": incident.get_absolute_url(),
        "urgency": URGENCY[Level(incident.level)],
        "exercise": incident.exercise,
    }


@in_company_language
def tasks_cancelled(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task is no longer needed", "%(incident)s: %(count)s tasks are no longer needed", count
    )
    return {
        "event": "response.tasks_cancelled",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": "\n".join(task.title for task in tasks),
        "url": reverse("response:my-tasks"),
        "urgency": Urgency.CALM,
        "exercise": incident.exercise,
    }


@in_company_language
def task_given(task: Task, by: Any) -> Message:
    return {
        "event": "response.task_reassigned",
        "subject": _("%(incident)s: %(person)s gave you a task, due %(due)s")
        % {"incident": task.incident.public_name, "person": by, "due": clock_time(task.due_at)},
        "body": task.title,
        "url": reverse("response:task", args=[task.uuid]),
        "urgency": URGENCY[Level(task.level)],
        "exercise": task.incident.exercise,
    }


@in_company_language
def tasks_running_out(incident: Incident, tasks: Sequence[Task], now: datetime) -> Message:
    """Some of them may be overdue; the subject says so when one is."""
    late = [task for task in tasks if task.due_at <= now]
    count = len(late or tasks)
    subject = ngettext(
        "%(incident)s: %(count)s task is running out of time",
        "%(incident)s: %(count)s tasks are running out of time",
        count,
    )
    if late:
        subject = ngettext(
            "%(incident)s: %(count)s task is overdue", "%(incident)s: %(count)s tasks are overdue", count
        )
    return {
        "event": "response.tasks_overdue" if late else "response.tasks_running_out",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": lines(tasks),
        "url": tasks[0].get_absolute_url()
        if len(tasks) == 1
        else reverse("response:tasks-panel", args=[incident.number]),
        "urgency": URGENCY[Level(incident.level)],
        "exercise": incident.exercise,
    }


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
        "exercise": version.statement.exercise,
    }


@in_company_language
def release_ended(release: Release, channel: str) -> Message:
    sentence = _("%(statement)s was not published on %(channel)s: %(words)s")
    if release.state == Release.State.UNKNOWN:
        sentence = _("Please look whether %(statement)s is on %(channel)s: %(words)s")
    statement = release.version.statement
    return {
        "event": f"response.release_{release.state}",
        "subject": sentence % {"statement": statement.number, "channel": channel, "words": release.words},
        "body": "",
        "url": reverse("response:publish", args=[statement.uuid]),
        "urgency": Urgency.NOW,
        "exercise": release.exercise,
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
        "exercise": fact.incident.exercise,
    }


# --- evidence and law ------------------------------------------------------------------------------------------------
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


@in_company_language
def standing_authority(plan: PlanVersion, actor: User) -> Message:
    subject = _("%(who)s ended the standing authority: level three is decided by the leadership group again")
    if plan.gives_standing_authority:
        subject = _("%(who)s gave the standing authority: the working group head may decide level three alone")
    return {
        "event": "response.standing_authority",
        "subject": subject % {"who": actor},
        "url": reverse("response:plan"),
        "urgency": Urgency.CALM,
    }
