"""三级 by the department: the page on which its head runs the incident and the leaders follow it. Made for a phone."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_fsm import TransitionNotAllowed

from accounts import clock
from incidents.levels import Level, Stage
from incidents.models import Incident
from incidents.refusals import Vetoed
from response.forms.department import AnswerForm, ClosingAnswerForm, ClosingFormForm, HandlingForm, ReportForm
from response.models import ClosingForm, ProgressReport
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.department import owed_reports, reports_of
from response.services import attachments
from response.services import department as services
from response.views.common import incident_or_404, person_of, refused

SAID = ClosingFormForm.Meta.fields


@login_required
def department(request: HttpRequest, number: str) -> HttpResponse:
    return show(request, incident_or_404(request, number))


def show(request: HttpRequest, incident: Incident, status: int = 200, **more: Any) -> HttpResponse:
    """The page; `more` are forms that were refused, shown again with what is wrong."""
    person = person_of(request)
    runs = incident.level == Level.THREE and incident.stage == Stage.RESPONDING
    closing = incident.closing_forms.select_related("written_by", "answered_by").first()
    waits = closing is not None and closing.answered_at is None
    reports = list(reports_of(incident))
    context = {
        **standing(incident),
        "runs": runs,
        "reports": [
            {
                "report": report,
                "answers": may(person, "answer_progress", report),
                "is_read": any(reply.person_id == person.pk for reply in report.replies.all()),
            }
            for report in reports
        ],
        "handlings": list(incident.handlings.select_related("chosen_by")),
        "closing": closing,
        "closing_words": [(ClosingFormForm.base_fields[name].label, getattr(closing, name)) for name in SAID]
        if closing
        else [],
        "may_choose": runs and may(person, "choose_handling", incident),
        "may_report": runs and may(person, "report_progress", incident),
        "may_close": runs and not waits and may(person, "file_closing", incident),
        "may_answer_closing": runs and waits and may(person, "answer_closing", incident),
        "handling_form": HandlingForm(),
        "report_form": ReportForm(),
        "closing_form": ClosingFormForm(),
        "closing_answer_form": ClosingAnswerForm(),
        "answer_form": AnswerForm(auto_id=False),
    }
    return render(request, "response/department.html", {**context, **more}, status=status)


def standing(incident: Incident) -> dict[str, Any]:
    """What is owed to the leaders, and until when."""
    now = clock.now(incident.exercise)
    owed = owed_reports(incident).first()
    return {"incident": incident, "now": now, "owed": owed, "is_late": owed is not None and owed.due_at < now}


@login_required
def department_panel(request: HttpRequest, number: str) -> HttpResponse:
    """On the page of a 三级 incident: the way in, and when the next report is due."""
    incident = incident_or_404(request, number)
    context = {
        **standing(incident),
        "handling": incident.handlings.first(),
        "last": incident.progress_reports.select_related("written_by").first(),
    }
    return render(request, "response/_department_panel.html", context)


def done(request: HttpRequest, incident: Incident, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("response:department", incident.number)


@login_required
@require_POST
def choose_handling(request: HttpRequest, number: str) -> HttpResponse:
    incident, form = incident_or_404(request, number), HandlingForm(request.POST)
    require(person_of(request), "choose_handling", incident)
    if not form.is_valid():
        return show(request, incident, handling_form=form, status=422)
    now = clock.now(incident.exercise)
    try:
        services.choose_handling(incident, actor=person_of(request), now=now, **form.cleaned_data)
    except NotNow as reason:
        return refused(request, reason, services.page(incident))
    return done(request, incident, _("The way of handling is chosen."))


@login_required
@require_POST
def report_progress(request: HttpRequest, number: str) -> HttpResponse:
    incident, form = incident_or_404(request, number), ReportForm(request.POST, request.FILES)
    require(person_of(request), "report_progress", incident)
    if not form.is_valid():
        return show(request, incident, report_form=form, status=422)
    kept = attachments.lay_down(form.cleaned_data["attached"])
    now, text = clock.now(incident.exercise), form.cleaned_data["text"]
    try:
        services.report_progress(incident, actor=person_of(request), now=now, text=text, kept=kept)
    except NotNow as reason:
        return refused(request, reason, services.page(incident))
    return done(request, incident, _("The leadership group is told."))


@login_required
@require_POST
def answer_progress(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """已阅, or a word on it."""
    visible = Incident.everywhere.visible_to(person_of(request))
    found = ProgressReport.objects.filter(incident__in=visible).select_related("incident__exercise", "written_by")
    report = get_object_or_404(found, uuid=uuid)
    require(person_of(request), "answer_progress", report)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return show(request, report.incident, status=422)
    words, now = form.cleaned_data["words"], clock.now(report.incident.exercise)
    try:
        services.answer_progress(report, actor=person_of(request), now=now, words=words)
    except NotNow as reason:
        return refused(request, reason, services.page(report.incident))
    return done(request, report.incident, _("Sent to the department.") if words else _("Marked as read."))


@login_required
@require_POST
def file_closing(request: HttpRequest, number: str) -> HttpResponse:
    incident, form = incident_or_404(request, number), ClosingFormForm(request.POST)
    require(person_of(request), "file_closing", incident)
    if not form.is_valid():
        return show(request, incident, closing_form=form, status=422)
    now = clock.now(incident.exercise)
    try:
        services.file_closing(incident, actor=person_of(request), now=now, **form.cleaned_data)
    except NotNow as reason:
        return refused(request, reason, services.page(incident))
    return done(request, incident, _("The closing form is handed in."))


@login_required
@require_POST
def answer_closing(request: HttpRequest, pk: int) -> HttpResponse:
    """The 工作组组长 accepts the 关闭单, or returns it with a reason."""
    visible = Incident.everywhere.visible_to(person_of(request))
    closing = get_object_or_404(
        ClosingForm.objects.filter(incident__in=visible).select_related("incident__exercise", "written_by"), pk=pk
    )
    require(person_of(request), "answer_closing", closing.incident)
    form = ClosingAnswerForm(request.POST)
    if not form.is_valid():
        return show(request, closing.incident, closing_answer_form=form, status=422)
    actor, now = person_of(request), clock.now(closing.incident.exercise)
    try:
        if "accept" in request.POST:
            services.accept_closing(closing, actor=actor, now=now)
            return done(request, closing.incident, _("The response has ended; the incident is observed."))
        services.return_closing(closing, actor=actor, now=now, reason=form.cleaned_data["reason"])
    except (NotNow, Vetoed) as reason:
        messages.error(request, str(reason))
        return redirect(services.page(closing.incident))
    except TransitionNotAllowed:
        messages.error(request, _("The response has ended already."))
        return redirect(services.page(closing.incident))
    return done(request, closing.incident, _("The closing form goes back."))
