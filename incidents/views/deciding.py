"""待我审批 and the decision: one page for a phone, two taps, and a GET decides nothing."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST
from django_fsm import ConcurrentTransition, TransitionNotAllowed

from accounts import clock
from accounts.fresh import ask_again, is_fresh
from accounts.requests import DeskRequest
from accounts.versions import Stale
from incidents import charts, figures
from incidents.forms import DecisionForm
from incidents.levels import CONSEQUENCES, END_CONSEQUENCES, LEVELS, OVERTURN_WITHIN, TAKE_BACK_WITHIN, Level, is_rise
from incidents.models import LevelRequest
from incidents.permissions import decides_as, may
from incidents.refusals import AlreadyDecided, FreshCredentialNeeded, Refused
from incidents.selectors.approvals import (
    approvals_decided,
    of_my_delegates,
    waiting_for,
)
from incidents.selectors.ladder import deciders_in_words
from incidents.selectors.level_proposals import calm_of, proposals_waiting
from incidents.selectors.people import told_of_decisions
from incidents.services import levels, oral, undoing
from incidents.services.requests import is_grave
from incidents.services.undoing import still_stands
from incidents.views.common import now_at, one_request, page_of
from notices.selectors.receipts import call_to

State, Way = LevelRequest.State, LevelRequest.Way


@login_required
def approvals(request: DeskRequest) -> HttpResponse:
    """待我审批: what waits for me, the most urgent first; what the desk proposes; what I decided lately."""
    context = {
        "waiting": waiting_for(request.user),
        "proposals": proposals_waiting(request.user),
        "decided": approvals_decided(request.user),
        "now": clock.now(),
    }
    return render(request, "incidents/approvals.html", context)


@login_required
def delegates_asked(request: DeskRequest) -> HttpResponse:
    """A part of the page of delegations: what comes from my delegates, who may not decide it in my name."""
    now = clock.now()
    context = {"of_delegates": of_my_delegates(request.user, now), "now": now}
    return render(request, "incidents/_delegates_asked.html", context)


# --- the decision ----------------------------------------------------------------------------------------------------
RETURN_REASONS = (
    gettext_lazy("The facts are thin: please verify first."),
    gettext_lazy("The grounds for this level are thin: please add numbers."),
    gettext_lazy("Please discuss it in the working group first."),
)
REVOKE_REASONS = (
    gettext_lazy("The grounds do not bear this level yet."),
    gettext_lazy("The facts are thin: please verify first."),
    gettext_lazy("Please assess it again and ask the leadership."),
)
DENIAL = gettext_lazy("I did not give this approval.")
# which bar may stand at the foot of the page: the act it leads to, and whether 一级 asks for a proof before it
ASKING = {
    "approve": ("approve_level", True),
    "otherwise": ("decide_level_otherwise", True),
    "return": ("return_level", False),
    "revoke": ("revoke_level", True),
    "countersign": ("countersign_level", True),
    "take-back": ("take_back_level", True),
}


@login_required
@require_GET
def decide(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One request on a phone. `?ask=approve` shows the last step in the same place. A GET decides nothing.

    A link sent on to somebody who may not know of the incident shows a sentence and nothing else.
    """
    try:
        asked = one_request(request, uuid)
    except Http404:
        return render(request, "incidents/not_yours.html", status=404)
    ask = request.GET.get("ask", "")
    act, needs_proof = ASKING.get(ask, ("", False))
    if not act or not may(request.user, act, asked):
        ask = ""
    elif needs_proof and is_grave(asked) and not is_fresh(request):
        return ask_again(request, f"{asked.get_absolute_url()}?ask={ask}")
    context = decision_context(request, asked, ask)
    return render(request, "incidents/decide.html#bar" if request.htmx else "incidents/decide.html", context)


def decision_context(request: DeskRequest, asked: LevelRequest, ask: str = "") -> dict[str, Any]:
    """Everything the decision page shows, whoever looks and however the request stands."""
    incident, now = asked.incident, now_at(asked.incident)
    voice = decides_as(request.user, asked) if asked.is_waiting else None
    assessment = asked.assessment or incident.assessments.first()
    until = asked.decided_at + TAKE_BACK_WITHIN if asked.decided_at else None
    may_take_back = (
        asked.state in (State.APPROVED, State.DECIDED_OTHERWISE)
        and until is not None
        and now <= until
        and still_stands(asked, incident)
        and may(request.user, "take_back_level", asked)
    )
    overturn_until = asked.decided_at + OVERTURN_WITHIN if asked.way == Way.STANDING and asked.decided_at else None
    may_revoke = (overturn_until is None or now <= overturn_until) and may(request.user, "revoke_level", asked)
    return {
        "asked": asked,
        "incident": incident,
        "ask": ask,
        "now": now,
        "act": _("end the response") if asked.is_end else act_words(asked.from_level, asked.to_level),
        "voice": voice,
        "acts_for": voice if voice is not None and voice.pk != request.user.pk else None,
        "called": call_to(request.user, asked.get_absolute_url()),
        "may_decide": voice is not None and may(request.user, "approve_level", asked),
        "may_revoke": may_revoke,
        "revoke_reasons": [str(reason) for reason in REVOKE_REASONS],
        "overturn_until": overturn_until,
        "oral": getattr(asked, "oral", None),
        "may_countersign": may(request.user, "countersign_level", asked),
        "may_record": asked.is_waiting and may(request.user, "record_approval", asked),
        "denial": str(DENIAL),
        "may_withdraw": asked.is_waiting and may(request.user, "withdraw_level", asked),
        "take_back_until": until if may_take_back else None,
        "take_back_left": until - now if until else None,
        "return_reasons": [str(reason) for reason in RETURN_REASONS],
        "others": other_levels(request, asked) if ask == "otherwise" else [],
        "overview": figures.overview(incident, now),
        "consequences": END_CONSEQUENCES if asked.is_end else CONSEQUENCES[Level(asked.to_level)],
        "calm": calm_of(incident, now) if asked.is_end else None,
        "told": len(told_of_decisions(incident)),
        "roles": deciders_in_words(asked.from_level, asked.to_level),
        "assessment": charts.summary(assessment) if assessment else None,
        "facts_url": page_of("response:facts-panel", incident.number),
    }


def other_levels(request: DeskRequest, asked: LevelRequest) -> list[dict[str, Any]]:
    """What 改级 offers: each other level this person may decide, with the reason printed on its button."""
    return [
        {"level": level, "preset": reason_for(asked, level)}
        for level in LEVELS
        if level != asked.to_level
        and not (asked.is_end and is_rise(asked.to_level, level))  # who asks for the end is not told to do more
        and decides_as(request.user, asked, level) is not None
    ]


def reason_for(asked: LevelRequest, level: int) -> str:
    if asked.is_end:
        return _("Not the end yet: what is left can be handled at a lower level.")
    if level == asked.from_level:
        return _("It stays as it is: what is known does not bear the level asked for.")
    if is_rise(asked.to_level, level):
        return _("It already goes beyond the level asked for.")
    return _("What is known does not yet bear the level asked for.")


def act_words(before: int, after: int) -> str:
    """What approval does, as the object of a verb: "raise to level one"."""
    level = {"level": Level(after).label}
    if before == Level.UNSET:
        return _("set to %(level)s") % level
    return _("raise to %(level)s") % level if is_rise(before, after) else _("lower to %(level)s") % level


def answers_decisions(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """An act that cannot be done is answered with 409 and both states, with a proof asked for, or with a sentence."""

    @wraps(view)
    def wrapped(request: DeskRequest, uuid: UUID) -> HttpResponse:
        asked = one_request(request, uuid)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Something was missing; nothing was decided."))
            return redirect(asked)
        try:
            return view(request, asked, form)
        except FreshCredentialNeeded:
            return ask_again(request, asked.get_absolute_url())
        except AlreadyDecided as late:
            if late.request.decided_by_id == request.user.pk:
                return redirect(asked)  # the same tap twice
            return too_late(request, asked, str(late))
        except (Stale, ConcurrentTransition, TransitionNotAllowed):
            return too_late(request, asked, _("The incident has moved on since you looked at it."))
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect(asked)

    return wrapped


def too_late(request: DeskRequest, asked: LevelRequest, reason: str) -> HttpResponse:
    """409: the request as this person saw it, and as it stands."""
    context = {
        **decision_context(request, one_request(request, asked.uuid)),
        "too_late": reason,
        "wanted": request.POST,
    }
    return render(request, "incidents/decide.html", context, status=409)


@login_required
@require_POST
@answers_decisions
def approve(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    levels.approve(
        asked,
        actor=request.user,
        now=now_at(asked.incident),
        fresh=is_fresh(request),
        seen_version=form.cleaned_data["version"],
        note=form.cleaned_data["note"],
    )
    return redirect(asked)


@login_required
@require_POST
@answers_decisions
def decide_otherwise(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    level = form.cleaned_data["level"]
    if level not in LEVELS or level == asked.to_level:
        messages.error(request, _("Please choose another level."))
        return redirect(f"{asked.get_absolute_url()}?ask=otherwise")
    levels.decide_otherwise(
        asked,
        level,
        actor=request.user,
        now=now_at(asked.incident),
        fresh=is_fresh(request),
        seen_version=form.cleaned_data["version"],
        note=form.reason(reason_for(asked, level)),
    )
    return redirect(asked)


@login_required
@require_POST
@answers_decisions
def return_request(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    levels.return_request(
        asked,
        actor=request.user,
        now=now_at(asked.incident),
        seen_version=form.cleaned_data["version"],
        note=form.reason(form.cleaned_data["preset"]),
    )
    messages.success(request, _("Returned; %(who)s has been told why.") % {"who": asked.requested_by})
    return redirect("incidents:approvals")


@login_required
@require_POST
@answers_decisions
def withdraw(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    levels.withdraw(asked, actor=request.user, now=now_at(asked.incident), seen_version=form.cleaned_data["version"])
    messages.success(request, _("The request is withdrawn."))
    return redirect(asked.incident)


@login_required
@require_POST
@answers_decisions
def take_back(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    undoing.take_back(
        asked,
        actor=request.user,
        now=now_at(asked.incident),
        fresh=is_fresh(request),
        note=form.cleaned_data["note"],
    )
    messages.success(request, _("The decision is taken back; the same people have been told."))
    return redirect(asked)


@login_required
@require_POST
@answers_decisions
def revoke(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    """撤销 a provisional start, overturn a standing decision, or deny an approval by word of mouth."""
    undoing.revoke(
        asked,
        actor=request.user,
        now=now_at(asked.incident),
        fresh=is_fresh(request),
        seen_version=form.cleaned_data["version"],
        note=form.reason(form.cleaned_data["preset"]),
    )
    messages.success(request, _("Done; level and stage have returned, the same people have been told."))
    return redirect(asked)


@login_required
@require_POST
@answers_decisions
def countersign(request: DeskRequest, asked: LevelRequest, form: DecisionForm) -> HttpResponse:
    oral.countersign(
        asked,
        actor=request.user,
        now=now_at(asked.incident),
        fresh=is_fresh(request),
        seen_version=form.cleaned_data["version"],
    )
    messages.success(request, _("Countersigned."))
    return redirect("incidents:approvals")
