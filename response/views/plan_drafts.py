"""Writing a draft of the plan, laying it before the leadership, adopting it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.fresh import ask_again, is_fresh
from accounts.versions import Stale
from incidents.levels import LEVELS, Level
from response.forms.plan import PlanClocksForm, PlanFileForm, PlanHeadForm, PlanLineForm, PlanStepForm, ReturnPlanForm
from response.models import PlanTask, PlanVersion
from response.notnow import NotNow
from response.permissions import require
from response.plan_files import NotRead, read_plan
from response.services import drafting
from response.views.common import both_states, person_of, refused
from response.views.plan_versions import show_version, version_or_404


def act_on(plan: PlanVersion, request: HttpRequest, act: Callable[[], Any], said: str) -> HttpResponse:
    """Do it and go back to the version: what does not fit is said there, what was overtaken is a 409."""
    try:
        act()
    except Stale:
        return overtaken(request, plan)
    except NotNow as reason:
        return refused(request, reason, plan.get_absolute_url())
    messages.success(request, said)
    return redirect(plan)


def overtaken(request: HttpRequest, plan: PlanVersion) -> HttpResponse:
    there = version_or_404(plan.number)
    rows = [(str(_("state")), "", str(there.get_state_display())), (str(_("name")), "", there.name)]
    return both_states(request, rows, plan.get_absolute_url())


def seen_in(request: HttpRequest) -> int:
    """The version of the draft a button was pressed on; 0, which nothing has, where it cannot be read."""
    form = PlanStepForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else 0


@login_required
def start_draft(request: HttpRequest, number: int) -> HttpResponse:
    """A new version that begins as a copy of this one."""
    require(person_of(request), "draft_plan")
    based_on = version_or_404(number)
    form = PlanHeadForm(request.POST or None, initial={"name": based_on.name})
    form.fields.pop("name")
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        draft = drafting.start_draft(based_on, actor=person_of(request), now=clock.now(), reason=reason)
        messages.success(request, _("Version %(number)s is begun.") % {"number": draft.number})
        return redirect(draft)
    context = {"plan": based_on, "form": form}
    return render(request, "response/start_draft.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def rename_plan(request: HttpRequest, number: int) -> HttpResponse:
    plan, form = version_or_404(number), PlanHeadForm(request.POST)
    if not form.is_valid():
        return show_version(request, plan, head_form=form, status=422)

    def act() -> None:
        drafting.rename(plan, actor=person_of(request), seen_version=seen_in(request), **form.cleaned_data)

    return act_on(plan, request, act, _("Saved."))


@login_required
def plan_line(request: HttpRequest, number: int, level: int = 0, pk: int = 0) -> HttpResponse:
    """One line of a draft, or a new one at the end of a level."""
    require(person_of(request), "draft_plan")
    plan = version_or_404(number)
    line = get_object_or_404(plan.tasks, pk=pk) if pk else PlanTask(plan=plan, level=level_or_404(level))
    others = [(other.key, other.title) for other in plan.tasks.filter(level=line.level).exclude(pk=line.pk)]
    form = PlanLineForm(request.POST or None, instance=line, others=others)
    if request.method == "POST" and form.is_valid():
        try:
            drafting.save_line(plan, form.save(commit=False), actor=person_of(request), seen_version=seen_in(request))
        except Stale:
            return overtaken(request, plan)
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{plan.get_absolute_url()}#level-{line.level}")
    context = {
        "plan": plan,
        "form": form,
        "line": line,
        "level": Level(line.level),
        "step_form": PlanStepForm(initial={"version": request.POST.get("version", plan.version)}),
    }
    return render(request, "response/plan_line.html", context, status=422 if form.errors else 200)


def level_or_404(level: int) -> int:
    if level not in [int(each) for each in LEVELS]:
        raise Http404("no such level")
    return level


@login_required
@require_POST
def remove_line(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    plan = version_or_404(number)
    line = get_object_or_404(plan.tasks, pk=pk)

    def act() -> None:
        drafting.remove_line(plan, line, actor=person_of(request), seen_version=seen_in(request))

    return act_on(plan, request, act, _("“%(title)s” is taken out.") % {"title": line.title})


@login_required
@require_POST
def place_line(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """One place up or down."""
    plan = version_or_404(number)
    line = get_object_or_404(plan.tasks, pk=pk)
    order = line.order + (1 if request.POST.get("to") == "down" else -1)

    def act() -> None:
        drafting.place_line(plan, line, actor=person_of(request), seen_version=seen_in(request), order=order)

    answer = act_on(plan, request, act, _("“%(title)s” is moved.") % {"title": line.title})
    if answer.status_code == 302:
        answer["Location"] += f"#line-{line.pk}"
    return answer


@login_required
def plan_clocks(request: HttpRequest, number: int, level: int) -> HttpResponse:
    """The limits of the procedure at one level."""
    require(person_of(request), "draft_plan")
    plan, level = version_or_404(number), level_or_404(level)
    limits = {each.kind: each.within_minutes for each in plan.clocks.all() if each.level == level}
    form = PlanClocksForm(request.POST or None, initial=limits)
    if request.method == "POST" and form.is_valid():

        def act() -> None:
            seen = seen_in(request)
            drafting.set_clocks(plan, level, form.cleaned_data, actor=person_of(request), seen_version=seen)

        return act_on(plan, request, act, _("The clocks are set."))
    context = {
        "plan": plan,
        "form": form,
        "level": Level(level),
        "step_form": PlanStepForm(initial={"version": plan.version}),
    }
    return render(request, "response/plan_clocks.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def import_plan(request: HttpRequest, number: int) -> HttpResponse:
    """Everything the draft says comes from a file; one that does not fit changes nothing and is told line by line."""
    require(person_of(request), "draft_plan")
    plan, form = version_or_404(number), PlanFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_version(request, plan, file_form=form, status=422)
    file = form.cleaned_data["file"]
    try:
        content = read_plan(file.name, file.read())
    except NotRead as wrong:
        for problem in wrong.problems:
            form.add_error("file", problem)
        return show_version(request, plan, file_form=form, status=422)

    def act() -> None:
        drafting.replace_content(
            plan,
            content.tasks,
            content.clocks,
            name=content.name,
            actor=person_of(request),
            seen_version=form.cleaned_data["version"],
        )

    return act_on(plan, request, act, _("%(count)s tasks are read.") % {"count": len(content.tasks)})


@login_required
@require_POST
def propose_plan(request: HttpRequest, number: int) -> HttpResponse:
    plan = version_or_404(number)

    def act() -> None:
        drafting.propose_plan(plan, actor=person_of(request), now=clock.now(), seen_version=seen_in(request))

    return act_on(plan, request, act, _("The draft lies before the leadership."))


@login_required
@require_POST
def return_plan(request: HttpRequest, number: int) -> HttpResponse:
    plan, form = version_or_404(number), ReturnPlanForm(request.POST, prefix="return")
    if not form.is_valid():
        return show_version(request, plan, return_form=form, status=422)
    seen, reason = form.cleaned_data["version"], form.cleaned_data["reason"]

    def act() -> None:
        drafting.return_plan(plan, actor=person_of(request), seen_version=seen, reason=reason)

    return act_on(plan, request, act, _("The draft goes back."))


@login_required
@require_POST
def adopt_plan(request: HttpRequest, number: int) -> HttpResponse:
    """The leadership puts it in force, with a fresh proof of who one is."""
    plan = version_or_404(number)
    require(person_of(request), "adopt_plan", plan)
    if not is_fresh(request):
        return ask_again(request, reverse("response:plan-version", args=[number]))

    def act() -> None:
        drafting.adopt_plan(plan, actor=person_of(request), now=clock.now(), seen_version=seen_in(request))

    return act_on(plan, request, act, _("Version %(number)s is in force.") % {"number": plan.number})


@login_required
@require_POST
def discard_plan(request: HttpRequest, number: int) -> HttpResponse:
    plan = version_or_404(number)

    def act() -> None:
        drafting.discard_plan(plan, actor=person_of(request), seen_version=seen_in(request))

    return act_on(plan, request, act, _("The draft is put aside."))
