"""三级 by the department (H3.1): it chooses a way, tells the leaders how it goes, hands in the closing form.

What is owed and when are tasks of the plan: `report-to-leaders` at once, then `report-progress` again and again; its
reminders and the way up the chain are those of every task. Writing a report does the task it was owed to.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import LEADERS, Role
from accounts.selectors import people_with
from incidents.levels import Level, Stage
from incidents.limits import due
from incidents.models import Incident
from incidents.refusals import check_reason
from incidents.selectors.people import may_see
from incidents.services.requests import locked
from incidents.services.stages import calm_down
from incidents.services.timeline import note_on
from notices.services import notify
from opinion.services.evidence import Kept
from response import messages
from response.models import ClosingForm, Handling, ProgressReport, ReportReply, Task
from response.notnow import NotNow
from response.permissions import require
from response.selectors.department import owed_reports
from response.services.attachments import as_detail, attach
from response.services.opening import open_next

CHOICE, CLOSING = "choose-handling", "learn"  # the plan's keys of the lines these acts do


@transaction.atomic
def choose_handling(incident: Incident, *, actor: User, now: datetime, way: str, reason: str) -> Handling:
    """How the department answers, and why. A later choice replaces it; both stay. Raises PermissionDenied, NotNow."""
    incident = light_flow(incident, actor, "choose_handling")
    if not reason.strip():
        raise NotNow(_("Say why this way."))
    latest = incident.handlings.first()
    if latest and latest.way == way:
        raise NotNow(_("This way is chosen already."))
    chosen = Handling.objects.create(incident=incident, way=way, reason=reason.strip(), chosen_by=actor, chosen_at=now)
    do_task(incident, CHOICE, f"{chosen.get_way_display()}: {chosen.reason}", actor=actor, now=now)
    note_on(
        incident,
        "response.handling_chosen",
        actor=actor,
        now=now,
        note=chosen.reason,
        detail={"way": str(chosen.get_way_display())},
        url=page(incident),
    )
    return chosen


@transaction.atomic
def report_progress(
    incident: Incident, *, actor: User, now: datetime, text: str, kept: Sequence[Kept] = ()
) -> ProgressReport:
    """Tell the leadership group how it goes; does what report is owed, and the next one is owed from then on.

    Raises PermissionDenied, NotNow (nothing was said, or the response is over).
    """
    incident = light_flow(incident, actor, "report_progress")
    if not text.strip():
        raise NotNow(_("Say how it stands."))
    owed = owed_reports(incident).first()
    if owed and owed.every_minutes and owed.due_at >= due(owed.level, now, owed.every_minutes):
        owed = None  # its round has not begun: a word between two reports puts none off
    report = ProgressReport.objects.create(
        incident=incident,
        number=incident.progress_reports.count() + 1,
        text=text.strip(),
        task=owed,
        due_at=owed.due_at if owed else None,
        written_by=actor,
        written_at=now,
    )
    files = attach(incident, kept, actor=actor, now=now)
    report.files.set(files)
    if owed:
        finish_by(owed, report.text[:4000], actor=actor, now=now)
        owed.files.set(files)
    told = [leader for leader in may_see(incident, people_with(*LEADERS)) if leader != actor]
    notify(told, **messages.progress_reported(report))
    detail = {"number": report.number, "late": report.is_late, "files": as_detail(files)}
    note_on(
        incident,
        "response.progress_reported",
        actor=actor,
        now=now,
        note=report.text,
        detail=detail,
        url=page(incident),
    )
    return report


@transaction.atomic
def answer_progress(report: ProgressReport, *, actor: User, now: datetime, words: str = "") -> ReportReply:
    """A leader read it (已阅), or says something to it. Raises PermissionDenied, NotNow (read already)."""
    require(actor, "answer_progress", report)
    try:
        with transaction.atomic():
            reply = ReportReply.objects.create(report=report, person=actor, words=words.strip(), at=now)
    except IntegrityError:
        raise NotNow(_("You marked it as read already.")) from None
    if reply.words:
        notify([report.written_by] if report.written_by != actor else [], **messages.progress_answered(reply))
    note_on(
        report.incident,
        "response.progress_answered" if reply.words else "response.progress_read",
        actor=actor,
        now=now,
        note=reply.words,
        detail={"number": report.number},
        url=page(report.incident),
    )
    return reply


@transaction.atomic
def file_closing(
    incident: Incident, *, actor: User, now: datetime, cause: str, done: str, outcome: str, lesson: str = ""
) -> ClosingForm:
    """Hand in the 关闭单.

    Raises PermissionDenied, ReasonNeeded (`outcome` says too little), NotNow (a way was not chosen, nothing was
    reported, one waits).
    """
    incident = light_flow(incident, actor, "file_closing")
    outcome = check_reason(outcome)  # it is the reason for which the response ends
    if not incident.handlings.exists():
        raise NotNow(_("Choose first how it was handled."))
    if not incident.progress_reports.exists():
        raise NotNow(_("The leadership group was told nothing yet: write a report first."))
    if incident.closing_forms.filter(answered_at=None).exists():
        raise NotNow(_("A closing form waits already."))
    form = ClosingForm.objects.create(
        incident=incident, cause=cause, done=done, outcome=outcome, lesson=lesson, written_by=actor, written_at=now
    )
    heads = [head for head in may_see(incident, people_with(Role.TEAM_HEAD)) if head != actor]
    notify(heads, **messages.closing_filed(form))
    note_on(incident, "response.closing_filed", actor=actor, now=now, note=outcome, url=page(incident))
    return form


@transaction.atomic
def accept_closing(form: ClosingForm, *, actor: User, now: datetime) -> ClosingForm:
    """The 工作组组长 takes the 关闭单: the response ends, observation begins.

    Raises PermissionDenied, NotNow, and what ending a response raises.
    """
    incident = light_flow(form.incident, actor, "answer_closing")
    settle(form, actor, now)
    do_task(incident, CLOSING, form.outcome, actor=actor, now=now)
    calm_down(incident, actor=actor, now=now, note=form.outcome)
    note_on(incident, "response.closing_accepted", actor=actor, now=now, url=page(incident))
    return form


@transaction.atomic
def return_closing(form: ClosingForm, *, actor: User, now: datetime, reason: str) -> ClosingForm:
    """It is not over, or the form does not say enough. Raises PermissionDenied, NotNow."""
    incident = light_flow(form.incident, actor, "answer_closing")
    if not reason.strip():
        raise NotNow(_("Say why it goes back."))
    form.returned_because = reason.strip()
    settle(form, actor, now)
    note_on(incident, "response.closing_returned", actor=actor, now=now, note=reason, url=page(incident))
    return form


def settle(form: ClosingForm, actor: User, now: datetime) -> None:
    waiting = ClosingForm.objects.filter(pk=form.pk, answered_at=None)
    if waiting.update(answered_by=actor, answered_at=now, returned_because=form.returned_because) != 1:
        raise NotNow(_("Somebody was faster: this form is answered."))
    form.answered_by, form.answered_at = actor, now
    notify([form.written_by], **messages.closing_answered(form))


def light_flow(incident: Incident, actor: User, act: str) -> Incident:
    """The incident, locked, if the department runs it and this person may. Raises PermissionDenied, NotNow."""
    incident = locked(incident)
    require(actor, act, incident)
    if incident.level != Level.THREE or incident.stage != Stage.RESPONDING:
        raise NotNow(_("Only a level-three incident that is being responded to is run by its department."))
    return incident


def do_task(incident: Incident, key: str, evidence: str, *, actor: User, now: datetime) -> None:
    """The plan's task this act does, if it is still to do."""
    task = incident.tasks.unfinished().filter(plan_task__key=key).first()
    if task:
        finish_by(task, evidence, actor=actor, now=now)


def finish_by(task: Task, evidence: str, *, actor: User, now: datetime) -> None:
    """Done by another act, which leaves the trace."""
    task.state, task.evidence, task.finished_by, task.finished_at = Task.State.DONE, evidence, actor, now
    task.version += 1
    task.save(update_fields=["state", "evidence", "finished_by", "finished_at", "version"])
    open_next(task, now)


def page(incident: Incident) -> str:
    return reverse("response:department", args=[incident.number])
