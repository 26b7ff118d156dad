"""What must be reported to whom: the duties of an incident, and the table they come from."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from incidents.models import AffectedKind, Incident
from incidents.refusals import ReasonNeeded
from incidents.words import RED_LINES
from response.forms.reporting import AddDutyForm, RuleForm, WaiveDutyForm
from response.models import ReportDuty, ReportRule
from response.notnow import NotNow
from response.papers import FINAL, FIRST, FOLLOW_UP, REPORTS
from response.permissions import may
from response.selectors.reporting import duties_of, rules_in_force
from response.services import reporting
from response.views.common import both_states, incident_or_404, person_of, refused


@login_required
def reports(request: HttpRequest, number: str) -> HttpResponse:
    """上报: who must be told of it by when, the reports so far, and what is due next."""
    return show(request, incident_or_404(request, number))


def show(
    request: HttpRequest, incident: Incident, bad_form: WaiveDutyForm | None = None, status: int = 200
) -> HttpResponse:
    person, now = person_of(request), clock.now(incident.exercise)
    writes, handles = may(person, "write_paper", incident), may(person, "handle_reports", incident)
    cards = []
    for duty in duties_of(incident, person):
        unfiled = [paper for paper in duty.papers.all() if paper.filed_at is None]
        filed = [paper for paper in duty.papers.all() if paper.filed_at is not None]
        form = WaiveDutyForm(initial={"version": duty.version}, prefix=f"d{duty.pk}")
        cards.append(
            {
                "duty": duty,
                "unfiled": unfiled,
                "reports": [*filed, *unfiled],
                "may_begin": writes and duty.is_open and not unfiled,
                "kinds": [(FOLLOW_UP, _("Write a follow-up")), (FINAL, _("Write the final report"))]
                if filed
                else [(FIRST, _("Write the first report"))],
                "may_waive": duty.is_open and not filed and may(person, "waive_duty", duty),
                "form": bad_form if bad_form and bad_form.prefix == f"d{duty.pk}" else form,
                "is_late": duty.is_late(now),
            }
        )
    known = [card["duty"].rule.key for card in cards]  # type: ignore[attr-defined]
    context = {
        "incident": incident,
        "cards": cards,
        "add_form": AddDutyForm(rules=rules_in_force(now).exclude(key__in=known)) if handles else None,
        "may_handle": handles,
        "now": now,
    }
    return render(request, "response/reports.html", context, status=status)


@login_required
@require_POST
def propose_duties(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    back = reverse("response:reports", args=[number])
    try:
        duties = reporting.propose_duties(incident, actor=person_of(request), now=clock.now(incident.exercise))
    except NotNow as reason:
        messages.info(request, str(reason))
        return redirect(back)
    count = len(duties)
    words = ngettext("%(n)s more authority proposed.", "%(n)s more authorities proposed.", count)
    messages.success(request, words % {"n": count})
    return redirect(back)


@login_required
@require_POST
def add_duty(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    back, now = reverse("response:reports", args=[number]), clock.now(incident.exercise)
    form = AddDutyForm(request.POST, rules=rules_in_force(now))
    if not form.is_valid():
        messages.error(request, _("Choose a line of the table."))
        return redirect(back)
    try:
        reporting.add_duty(incident, form.cleaned_data["rule"], actor=person_of(request), now=now)
    except NotNow as reason:
        return refused(request, reason, back)
    return redirect(back)


def duty_or_404(request: HttpRequest, uuid: Any) -> ReportDuty:
    duties = ReportDuty.objects.visible_to(person_of(request)).select_related("incident__exercise", "rule")
    return get_object_or_404(duties, uuid=uuid)


@login_required
@require_POST
def waive_duty(request: HttpRequest, uuid: Any) -> HttpResponse:
    duty = duty_or_404(request, uuid)
    back = reverse("response:reports", args=[duty.incident.number])
    if not may(person_of(request), "waive_duty", duty):
        raise PermissionDenied("waive_duty")
    form = WaiveDutyForm(request.POST, prefix=f"d{duty.pk}")
    if not form.is_valid():
        return show(request, duty.incident, bad_form=form, status=422)
    try:
        reporting.waive_duty(
            duty,
            actor=person_of(request),
            now=clock.now(duty.incident.exercise),
            seen_version=form.cleaned_data["version"],
            reason=form.cleaned_data["reason"],
        )
    except Stale:
        return both_states(request, [], back)
    except ReasonNeeded as short:
        messages.error(request, str(short))
        return redirect(back)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("Put down as not to be reported, with your reason."))
    return redirect(back)


@login_required
@require_POST
def begin_report(request: HttpRequest, uuid: Any, kind: str) -> HttpResponse:
    duty = duty_or_404(request, uuid)
    if kind not in REPORTS:
        raise Http404
    back = reverse("response:reports", args=[duty.incident.number])
    try:
        version = reporting.begin_report(duty, kind, actor=person_of(request), now=clock.now(duty.incident.exercise))
    except NotNow as reason:
        return refused(request, reason, back)
    return redirect(version.paper)


# --- the table -------------------------------------------------------------------------------------------------------
@login_required
def rules(request: HttpRequest) -> HttpResponse:
    """The table in force; with `?all=1` what held before too."""
    if not may(person_of(request), "see_plan"):
        raise PermissionDenied("see_plan")
    now = clock.now()
    shows_all = "all" in request.GET
    rows = ReportRule.objects.select_related("made_by") if shows_all else rules_in_force(now).select_related("made_by")
    affects = {kind.code: str(kind) for kind in AffectedKind.objects.all()}
    shown = [
        (rule, [affects.get(code, code) for code in rule.affects] + [str(RED_LINES[code]) for code in rule.red_lines])
        for rule in rows
    ]
    context = {
        "rows": shown,
        "shows_all": shows_all,
        "may_edit": may(person_of(request), "edit_report_rules"),
        "now": now,
    }
    return render(request, "response/report_rules.html", context)


@login_required
def edit_rule(request: HttpRequest, uuid: Any = None) -> HttpResponse:
    """A new line, or the next version of one."""
    person = person_of(request)
    if not may(person, "edit_report_rules"):
        raise PermissionDenied("edit_report_rules")
    rule = get_object_or_404(ReportRule, uuid=uuid, valid_until__isnull=True) if uuid else None
    initial = {"version": rule.version} if rule else {}
    copy = ReportRule.objects.get(pk=rule.pk) if rule else None
    form = RuleForm(request.POST or None, instance=copy, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {name: form.cleaned_data[name] for name in reporting.RULE_FIELDS}
        now = clock.now()
        try:
            if rule is None:
                reporting.add_rule(values, actor=person, now=now)
            elif "retire" in request.POST:
                reporting.retire_rule(rule, actor=person, now=now, seen_version=form.cleaned_data["version"] or 0)
            else:
                reporting.change_rule(
                    rule, values, actor=person, now=now, seen_version=form.cleaned_data["version"] or 0
                )
        except Stale:
            return both_states(request, [], reverse("response:report-rules"))
        messages.success(request, _("Kept. Duties that began earlier keep the line they began with."))
        return redirect("response:report-rules")
    context = {"form": form, "rule": rule}
    return render(request, "response/report_rule.html", context, status=422 if form.errors else 200)
