"""法律顾问与公关咨询: engagements, the check of their clauses, advice, cost."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from response.clauses import forbidden
from response.forms.outreach import AdviceForm, CostForm, EngagementForm
from response.models import Engagement
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.outreach import engagements_for
from response.services import outreach as services
from response.views.common import both_states, person_of, refused, seen_version

ACTS = ("draft_engagement", "agree_engagement", "end_engagement", "record_advice", "record_cost")


@login_required
def engagements(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    require(person, "see_directory")
    rows = [(each, each.is_over(now.date())) for each in engagements_for(person)[:200]]
    return render(
        request,
        "response/engagements.html",
        {"rows": rows, "may_draft": may(person, "draft_engagement"), "now": now},
    )


def one_engagement(request: HttpRequest, uuid: Any) -> Engagement:
    require(person_of(request), "see_directory")
    return get_object_or_404(engagements_for(person_of(request)), uuid=uuid)


@login_required
def engagement(request: HttpRequest, uuid: Any) -> HttpResponse:
    return show(request, one_engagement(request, uuid))


def show(
    request: HttpRequest,
    found: Engagement,
    advice_form: AdviceForm | None = None,
    cost_form: CostForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    context = {
        "engagement": found,
        "incident": found.incident,
        "findings": forbidden(found.scope),
        "is_over": found.is_over(now.date()),
        "advice": found.advice.select_related("by"),
        "costs": found.costs.select_related("by"),
        "left": found.fee - found.spent,  # type: ignore[attr-defined]
        "may": {act: may(person_of(request), act, found) for act in ACTS},
        "advice_form": advice_form or AdviceForm(),
        "cost_form": cost_form or CostForm(initial={"spent_on": now.date()}),
        "now": now,
    }
    return render(request, "response/engagement.html", context, status=status)


@login_required
def add_engagement(request: HttpRequest) -> HttpResponse:
    return write_engagement(request, None)


@login_required
def edit_engagement(request: HttpRequest, uuid: Any) -> HttpResponse:
    return write_engagement(request, one_engagement(request, uuid))


def write_engagement(request: HttpRequest, found: Engagement | None) -> HttpResponse:
    person = person_of(request)
    require(person, "draft_engagement")
    initial = {"version": found.version} if found else {"incident": request.GET.get("incident")}
    form = EngagementForm(request.POST or None, instance=found, initial=initial, person=person)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        before = Engagement.objects.get(pk=found.pk) if found else None  # the form wrote into the one it was given
        try:
            saved = services.save_engagement(
                before, actor=person, now=clock.now(), seen_version=said["version"] or 0, said=said
            )
        except NotNow as reason:
            form.add_error(None, str(reason))
        except Stale:
            there = Engagement.objects.get(uuid=found.uuid)  # type: ignore[union-attr]
            rows = [(str(form[name].label), str(said[name]), str(getattr(there, name))) for name in form.Meta.fields]
            return both_states(request, rows, there.get_absolute_url())
        else:
            messages.success(request, _("Saved: %(engagement)s") % {"engagement": saved})
            return redirect(saved)
    context = {"form": form, "engagement": found}
    return render(request, "response/edit_engagement.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def agree_engagement(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act(request, uuid, services.agree_engagement, _("Agreed."))


@login_required
@require_POST
def end_engagement(request: HttpRequest, uuid: Any) -> HttpResponse:
    return act(request, uuid, services.end_engagement, _("Ended."))


def act(request: HttpRequest, uuid: Any, service: Any, done: str) -> HttpResponse:
    found = one_engagement(request, uuid)
    try:
        service(found, actor=person_of(request), now=clock.now(), seen_version=seen_version(request))
    except NotNow as reason:
        return refused(request, reason, found.get_absolute_url())
    except Stale:
        return both_states(request, [], found.get_absolute_url())
    messages.success(request, done)
    return redirect(found)


@login_required
@require_POST
def record_advice(request: HttpRequest, uuid: Any) -> HttpResponse:
    found, form = one_engagement(request, uuid), AdviceForm(request.POST)
    if not form.is_valid():
        return show(request, found, advice_form=form, status=422)
    try:
        services.record_advice(found, actor=person_of(request), now=clock.now(), **form.cleaned_data)
    except NotNow as reason:
        return refused(request, reason, found.get_absolute_url())
    messages.success(request, _("Written down."))
    return redirect(found)


@login_required
@require_POST
def record_cost(request: HttpRequest, uuid: Any) -> HttpResponse:
    found, form = one_engagement(request, uuid), CostForm(request.POST)
    if not form.is_valid():
        return show(request, found, cost_form=form, status=422)
    try:
        services.record_cost(found, actor=person_of(request), now=clock.now(), **form.cleaned_data)
    except NotNow as reason:
        form.add_error(None, str(reason))
        return show(request, found, cost_form=form, status=422)
    messages.success(request, _("Written down."))
    return redirect(found)
