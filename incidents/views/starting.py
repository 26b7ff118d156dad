"""When the leaders cannot be waited for: 先行启动, 三级 alone, an approval by word of mouth; and asking for the end."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.fresh import ask_again, is_fresh
from accounts.models import User
from accounts.requests import DeskRequest
from accounts.versions import Stale
from incidents.forms import OralApprovalForm, ReasonForm
from incidents.levels import CONSEQUENCES, CRITERIA, END_CONSEQUENCES, STARTED_LEVELS, Level
from incidents.permissions import deciders_of, require
from incidents.refusals import Refused
from incidents.selectors.ladder import deciders_in_words
from incidents.selectors.level_proposals import calm_of
from incidents.services import levels, oral, starting
from incidents.services.requests import is_grave
from incidents.views.common import now_at, one_incident, one_request, says_why_not
from opinion.files import ENDINGS
from opinion.services import evidence


@login_required
@says_why_not
def start_level(request: DeskRequest, number: str, level: int) -> HttpResponse:
    """先行启动: one level, its consequences, a reason; 一级 asks for a proof first."""
    incident = one_incident(request, number)
    require(request.user, "start_level", incident)
    if level not in STARTED_LEVELS:
        raise Http404(level)
    if level == Level.ONE and not is_fresh(request):
        return ask_again(request, reverse("incidents:start-level", args=[number, level]))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        started = starting.start(
            incident,
            level,
            actor=request.user,
            now=now_at(incident),
            reason=form.cleaned_data["reason"],
            fresh=is_fresh(request),
        )
        words = _("%(level)s is in force provisionally; the group head and the deputies have been called.")
        messages.success(request, words % {"level": started.get_to_level_display()})
        return redirect(incident)
    context = {
        "incident": incident,
        "form": form,
        "to_level": Level(level),
        "criteria": CRITERIA[Level(level)],
        "consequences": CONSEQUENCES[Level(level)],
        "now": now_at(incident),
    }
    return render(request, "incidents/start_level.html", context, status=422 if form.errors else 200)


@login_required
@says_why_not
def decide_alone(request: DeskRequest, number: str) -> HttpResponse:
    """常设授权: 三级 at once; the leadership is told and may overturn it."""
    incident = one_incident(request, number)
    require(request.user, "decide_level_alone", incident)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        starting.decide_alone(incident, actor=request.user, now=now_at(incident), reason=form.cleaned_data["reason"])
        messages.success(request, _("Level three is set; the leadership group has been told."))
        return redirect(incident)
    context = {
        "incident": incident,
        "form": form,
        "criteria": CRITERIA[Level.THREE],
        "consequences": CONSEQUENCES[Level.THREE],
        "now": now_at(incident),
    }
    return render(request, "incidents/decide_alone.html", context, status=422 if form.errors else 200)


@login_required
@says_why_not
def request_end(request: DeskRequest, number: str) -> HttpResponse:
    """申请解除响应: how calm it is, what ending means, a reason; the leadership decides."""
    incident = one_incident(request, number)
    require(request.user, "request_end", incident)
    form = ReasonForm(request.POST or None)
    now = now_at(incident)
    if request.method == "POST" and form.is_valid():
        levels.request_end(incident, actor=request.user, now=now, reason=form.cleaned_data["reason"])
        messages.success(request, _("The end of the response is requested; the leadership has been asked."))
        return redirect(incident)
    context = {
        "incident": incident,
        "form": form,
        "calm": calm_of(incident, now),
        "consequences": END_CONSEQUENCES,
        "roles": deciders_in_words(incident.level),
        "now": now,
    }
    return render(request, "incidents/request_end.html", context, status=422 if form.errors else 200)


# --- 口头批准 --------------------------------------------------------------------------------------------------------
@login_required
def record_approval(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Put down what a leader said about a waiting request; it is in force at once."""
    asked = one_request(request, uuid)
    require(request.user, "record_approval", asked)
    now = now_at(asked.incident)
    if not asked.is_waiting:
        messages.error(request, _("This request is no longer waiting."))
        return redirect(asked)
    if is_grave(asked) and not is_fresh(request):
        return ask_again(request, reverse("incidents:record-approval", args=[uuid]))
    deciders = User.objects.filter(pk__in=[each.pk for each in deciders_of(asked) if each != request.user])
    form = OralApprovalForm(
        request.POST or None,
        request.FILES or None,
        deciders=deciders,
        initial={"version": asked.version, "given_at": timezone.localtime(now).replace(second=0, microsecond=0)},
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            oral.record(
                asked,
                given_by=said["given_by"],
                given_at=said["given_at"],
                means=said["means"],
                words=said["words"],
                upload=said["file"],
                actor=request.user,
                now=now,
                fresh=is_fresh(request),
                seen_version=said["version"],
            )
        except Stale:
            messages.error(request, _("The request has moved on since you looked at it; nothing was recorded."))
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            words = _("Recorded and in force; %(who)s has been asked to countersign within 24 hours.")
            messages.success(request, words % {"who": said["given_by"]})
        return redirect(asked)
    context = {"asked": asked, "incident": asked.incident, "form": form, "now": now}
    return render(request, "incidents/record_approval.html", context, status=422 if form.errors else 200)


@login_required
def approval_file(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The picture of the chat as it was kept, under a name of ours."""
    asked = one_request(request, uuid)
    approval = getattr(asked, "oral", None)
    if approval is None or not approval.file_sha256:
        raise Http404("no file")
    try:
        content = evidence.read(approval.file_sha256)
    except evidence.Altered:
        messages.error(request, _("The file is gone, or no longer the one that was kept."))
        return redirect(asked)
    response = HttpResponse(content, content_type=approval.file_type)
    name = f"approval-{approval.file_sha256[:12]}.{ENDINGS[approval.file_type]}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
