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
from response.models import (
    Capture,
    ChannelAccount,
    CheckOverride,
    ClosingForm,
    Contact,
    ContactEntry,
    Fact,
    HoldingText,
    Incoming,
    LegalAction,
    Line,
    PaperVersion,
    PlanVersion,
    ProgressReport,
    Promise,
    Release,
    ReportDuty,
    ReportReply,
    SignOff,
    StatementComment,
    StatementVersion,
    Task,
    Wave,
)

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


def in_waves(tasks: Sequence[Task]) -> str:
    """What is due in the first hour line by line, of the waves after it how many there are: they open all at once, and
    nobody can read twenty lines while the first one is due."""
    parts = []
    for wave in Wave:
        theirs = [task for task in tasks if task.wave == wave]
        if theirs and wave in (Wave.HALF_HOUR, Wave.HOUR):
            parts += [f"{wave.label}:", lines(theirs)]
        elif theirs:
            parts.append(f"{wave.label}: {len(theirs)}")
    return "\n".join(parts)


@in_company_language
def tasks_opened(incident: Incident, tasks: Sequence[Task]) -> Message:
    count = len(tasks)
    subject = ngettext("%(incident)s: %(count)s task for you", "%(incident)s: %(count)s tasks for you", count)
    return {
        "event": "response.tasks_opened",
        "subject": subject % {"incident": incident.public_name, "count": count},
        "body": in_waves(tasks),
        "url": reverse("response:my-tasks"),
        "urgency": URGENCY[Level(incident.level)],
        "about": incident.about,
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
        "about": incident.about,
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
        "about": incident.about,
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
        "about": task.incident.about,
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
        "about": incident.about,
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


# --- releases and the accounts they go out from ----------------------------------------------------------------------
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


@in_company_language
def release_ended(release: Release, channel: str) -> Message:
    """Not out, or nobody knows, or a person must publish it: in words for who can do something about it."""
    sentence = _("%(statement)s was not published on %(channel)s: %(words)s")
    if release.state == Release.State.UNKNOWN:
        sentence = _("Please look whether %(statement)s is on %(channel)s: %(words)s")
    elif release.state == Release.State.QUEUED:
        sentence = _("Please publish %(statement)s on %(channel)s by hand: %(words)s")
    event = "by_hand" if release.state == Release.State.QUEUED else release.state
    return about_release(release, f"response.release_{event}", sentence, channel, release.words)


@in_company_language
def take_it_down(release: Release, channel: str, words: str) -> Message:
    sentence = _("Please take %(statement)s down on %(channel)s by hand: %(words)s")
    return about_release(release, "response.release_to_take_down", sentence, channel, words)


@in_company_language
def second_wanted(release: Release, channel: str) -> Message:
    sentence = _("%(statement)s is to go out on %(channel)s: a second person must agree")
    return about_release(release, "response.release_second_wanted", sentence, channel, "")


@in_company_language
def removed_there(release: Release, channel: str, words: str) -> Message:
    sentence = _("%(statement)s is gone from %(channel)s: %(words)s")
    return about_release(release, "response.release_removed", sentence, channel, words)


def about_release(release: Release, event: str, sentence: str, channel: str, words: str) -> Message:
    statement = release.version.statement
    return {
        "event": event,
        "subject": sentence % {"statement": statement.number, "channel": channel, "words": words},
        "body": "",
        "url": reverse("response:publish", args=[statement.uuid]),
        "urgency": Urgency.NOW,
        "about": statement.incident.about,
        "exercise": release.exercise,
    }


@in_company_language
def account_troubled(account: ChannelAccount) -> Message:
    return {
        "event": "response.account_troubled",
        "subject": _("The account for publishing on %(channel)s does not work: %(words)s")
        % {"channel": account_name(account), "words": account.last_error},
        "url": reverse("response:channel-account", args=[account.kind]),
        "urgency": Urgency.SOON,
    }


@in_company_language
def authorisation_ends(account: ChannelAccount, days: int) -> Message:
    subject = ngettext(
        "The authorisation to publish on %(channel)s ends in %(days)s day",
        "The authorisation to publish on %(channel)s ends in %(days)s days",
        days,
    )
    if days <= 0:
        subject = _("The authorisation to publish on %(channel)s has ended: until it is renewed, publish by hand")
    return {
        "event": "response.authorisation_ends",
        "subject": subject % {"channel": account_name(account), "days": days},
        "url": reverse("response:channel-account", args=[account.kind]),
        "urgency": Urgency.SOON if days > 1 else Urgency.NOW,
    }


def account_name(account: ChannelAccount) -> str:
    from response.channels import account_named  # the channels know the models, the models' words do not know them

    return str(account_named(account.kind).NAME)


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


# --- the plan --------------------------------------------------------------------------------------------------------
@in_company_language
def plan_proposed(plan: PlanVersion) -> Message:
    return {
        "event": "response.plan_proposed",
        "subject": _("%(person)s lays version %(number)s of the plan before you")
        % {"person": plan.proposed_by, "number": plan.number},
        "body": plan.reason,
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def plan_returned(plan: PlanVersion, by: User, reason: str) -> Message:
    return {
        "event": "response.plan_returned",
        "subject": _("%(person)s returned version %(number)s of the plan") % {"person": by, "number": plan.number},
        "body": reason,
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


@in_company_language
def plan_adopted(plan: PlanVersion) -> Message:
    return {
        "event": "response.plan_adopted",
        "subject": _("Version %(number)s of the plan is in force") % {"number": plan.number},
        "body": _("Incidents that are running keep the version they began with. %(reason)s") % {"reason": plan.reason},
        "url": plan.get_absolute_url(),
        "urgency": Urgency.CALM,
    }


# --- 三级 by the department -------------------------------------------------------------------------------------------
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


@in_company_language
def round_missed(task: Task) -> Message:
    return {
        "event": "response.round_missed",
        "subject": _("%(incident)s: a round was missed: %(title)s")
        % {"incident": task.incident.public_name, "title": task.title},
        "body": lines([task]),
        "url": task.get_absolute_url(),
        "urgency": URGENCY[Level(task.level)],
        "exercise": task.incident.exercise,
    }


# --- outreach and guidance -------------------------------------------------------------------------------------------
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


# --- papers, reports to regulators, letters --------------------------------------------------------------------------
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
