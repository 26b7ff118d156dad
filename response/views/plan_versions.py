"""The versions of the plan: to read, to compare, to take along as a file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.export import download
from audit.services import record
from incidents.levels import ClockKind, Level
from response import plan_files
from response.files import ENDINGS
from response.forms.plan import CompareForm, PlanFileForm, PlanHeadForm, PlanStepForm, ReturnPlanForm
from response.models import PlanVersion, Wave
from response.models.plan import ROLE_WORDS
from response.permissions import may, require
from response.plan_rules import Change, changes
from response.selectors.plan import plan_versions as versions
from response.services.drafting import unfit_together
from response.views.common import person_of
from response.views.plan import by_level

COMPARED = tuple(name for name, _label in plan_files.COLUMNS.values() if name not in ("level", "key"))


def version_or_404(number: int) -> PlanVersion:
    found = PlanVersion.objects.prefetch_related("tasks", "clocks", "writers").select_related("based_on", "proposed_by")
    return get_object_or_404(found, number=number)


@login_required
def plan_versions(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    require(person, "see_plan")
    context = {"versions": list(versions()), "may_draft": may(person, "draft_plan"), "compare_form": CompareForm()}
    return render(request, "response/plan_versions.html", context)


@login_required
def plan_version(request: HttpRequest, number: int) -> HttpResponse:
    """One version; a draft with the keys to change it for who may."""
    require(person_of(request), "see_plan")
    return show_version(request, version_or_404(number))


def show_version(request: HttpRequest, plan: PlanVersion, status: int = 200, **more: Any) -> HttpResponse:
    """The page of a version; `more` are forms that were refused, shown again with what is wrong."""
    person, seen = person_of(request), {"version": plan.version}
    edits = plan.is_draft and may(person, "draft_plan")
    context = {
        "plan": plan,
        "levels": by_level(plan),
        "edits": edits,
        "drafts": not plan.is_draft and may(person, "draft_plan"),
        "adopts": plan.is_draft and plan.proposed_at is not None and may(person, "adopt_plan", plan),
        "wrong": [says for _line, says in unfit_together(list(plan.tasks.all()))] if edits else [],
        "head_form": PlanHeadForm(initial={"name": plan.name, "reason": plan.reason}),
        "file_form": PlanFileForm(initial=seen),
        "return_form": ReturnPlanForm(initial=seen, prefix="return"),
        "step_form": PlanStepForm(initial=seen),
        "differs": len(differences(plan.based_on, plan)) if plan.based_on else 0,
    }
    return render(request, "response/plan_version.html", {**context, **more}, status=status)


@login_required
def compare_plans(request: HttpRequest) -> HttpResponse:
    """What the later of two versions adds, removes and changes."""
    require(person_of(request), "see_plan")
    form = CompareForm(request.GET)
    numbers = form.cleaned_data if form.is_valid() else {"before": 0, "after": 0}
    before, after = version_or_404(numbers["before"]), version_or_404(numbers["after"])
    context = {"before": before, "after": after, "changes": differences(before, after), "versions": list(versions())}
    return render(request, "response/plan_compare.html", context)


def differences(before: PlanVersion, after: PlanVersion) -> list[dict[str, Any]]:
    """Tasks and clocks that differ, in words."""
    said = [in_words(change) for change in changes(list(before.tasks.all()), list(after.tasks.all()), COMPARED)]
    old = {(clock.level, clock.kind): clock.within_minutes for clock in before.clocks.all()}
    new = {(clock.level, clock.kind): clock.within_minutes for clock in after.clocks.all()}
    for level, kind in sorted({*old, *new}):
        was, now = old.get((level, kind)), new.get((level, kind))
        if was != now:
            title = _("Clock: %(kind)s") % {"kind": ClockKind(kind).label}
            field = (pgettext("minutes of a limit", "minutes"), value("", was), value("", now))
            said.append({"kind": "changed", "level": Level(level), "title": title, "fields": [field]})
    return said


def in_words(change: Change) -> dict[str, Any]:
    labels: dict[str, Any] = {**dict(plan_files.COLUMNS.values()), "order": _("place")}
    fields = [(labels[name], value(name, before), value(name, after)) for name, before, after in change.fields]
    return {"kind": change.kind, "level": Level(change.level), "title": change.title, "fields": fields}


def value(name: str, stored: Any) -> str:
    """A field of a line as people read it."""
    if stored in ("", None, []):
        return "—"
    if isinstance(stored, bool):
        return _("yes") if stored else _("no")
    if name == "roles":
        return " → ".join(str(ROLE_WORDS.get(letter, letter)) for letter in stored.split("/"))
    if name == "wave":
        return str(Wave(stored).label)
    if isinstance(stored, list):
        return pgettext("between items of a list", ", ").join(stored)
    return str(localize(stored)) if isinstance(stored, int) else str(stored)


@login_required
def export_plan(request: HttpRequest, number: int, suffix: str) -> HttpResponse:
    """A version as a file that can be brought back; leaves an audit entry, since it leaves the desk."""
    require(person_of(request), "see_plan")
    plan = version_or_404(number)
    with transaction.atomic():
        detail = {"plan": plan.name, "as": suffix}
        record("response.plan_exported", actor=person_of(request), subject=f"plan:{plan.number}", detail=detail)
    kind = ENDINGS["xlsx"] if suffix == "xlsx" else "application/yaml; charset=utf-8"
    response = download(f"plan-v{plan.number}.{suffix}", kind)
    response.write(plan_files.as_workbook(plan) if suffix == "xlsx" else plan_files.as_yaml(plan))
    return response
