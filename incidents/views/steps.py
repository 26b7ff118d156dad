"""Steps of the stage, each behind a page that names its consequences: 解除响应, 误报, 归档 and the others."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.fresh import ask_again, is_fresh
from accounts.requests import DeskRequest
from incidents.forms import MergeForm, StepForm
from incidents.levels import Level
from incidents.models import Incident
from incidents.permissions import require
from incidents.services import merging, stages
from incidents.views.common import now_at, one_incident, says_why_not


@dataclass(frozen=True, slots=True)
class Step:
    """A step as people meet it. `fresh`: 一级 asks for a fresh credential."""

    act: str
    service: Callable[..., Incident]
    label: str | Promise
    question: str | Promise
    consequence: str | Promise
    fresh: bool = False
    danger: bool = False


STEPS = {
    "calm-down": Step(
        "calm_down",
        stages.calm_down,
        gettext_lazy("End the response"),
        gettext_lazy("End the response and go over to observation?"),
        gettext_lazy(
            "What waits for a decision lapses. The incident keeps watching its topics; it can be taken up again."
        ),
    ),
    "relapse": Step(
        "relapse",
        stages.relapse,
        gettext_lazy("Take the response up again"),
        gettext_lazy("Take the response up again?"),
        gettext_lazy("The response goes on at the level it had; its people are told."),
    ),
    "begin-review": Step(
        "begin_review",
        stages.begin_review,
        gettext_lazy("Begin the review"),
        gettext_lazy("Begin the review?"),
        gettext_lazy("The level can no longer be changed; what waits for a decision lapses."),
    ),
    "archive": Step(
        "archive",
        stages.archive,
        gettext_lazy("Archive"),
        gettext_lazy("Archive this incident?"),
        gettext_lazy("It is closed. Taking it up again takes whoever decides its level."),
    ),
    "reopen": Step(
        "reopen",
        stages.reopen,
        gettext_lazy("Reopen"),
        gettext_lazy("Reopen this incident?"),
        gettext_lazy("The response starts again at the level it had; the leadership is told."),
        fresh=True,
    ),
    "dismiss": Step(
        "dismiss",
        stages.dismiss,
        gettext_lazy("Dismiss as a false alarm"),
        gettext_lazy("Dismiss this incident as a false alarm?"),
        gettext_lazy("It is closed for good; open tasks end. The record stays."),
        danger=True,
    ),
    "merge": Step(
        "merge",
        merging.merge,
        gettext_lazy("Merge"),
        gettext_lazy("Merge this incident into another?"),
        gettext_lazy(
            "Its topics, posts and members go on there; its open tasks are cancelled, what waits lapses. "
            "It can be undone for 24 hours, as long as nothing is decided there."
        ),
        danger=True,
    ),
}


@login_required
@says_why_not
def take_step(request: DeskRequest, number: str, step: str) -> HttpResponse:
    """The question, the consequences and the reason; then the step."""
    if step not in STEPS:
        raise Http404(step)
    chosen, incident = STEPS[step], one_incident(request, number)
    require(request.user, chosen.act, incident)
    if chosen.fresh and incident.level == Level.ONE and not is_fresh(request):
        return ask_again(request, reverse("incidents:step", args=[number, step]))
    others = (
        Incident.everywhere.visible_to(request.user).open().filter(exercise=incident.exercise).exclude(pk=incident.pk)
    )
    data = request.POST or None
    form = MergeForm(data, others=others) if step == "merge" else StepForm(data)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        if chosen.fresh:
            values["fresh"] = is_fresh(request)
        chosen.service(incident, actor=request.user, now=now_at(incident), **values)
        messages.success(request, _("Done: %(step)s.") % {"step": chosen.label})
        return redirect(incident)
    context = {"incident": incident, "step": chosen, "form": form, "now": now_at(incident)}
    return render(request, "incidents/step.html", context, status=422 if form.errors else 200)
