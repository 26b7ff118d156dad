"""Roles asked for, and the second person's word on those that need one."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.forms import DecisionForm, RoleChangeForm
from accounts.models import RoleChange
from accounts.permissions import may, require
from accounts.requests import DeskRequest
from accounts.selectors import role_changes_waiting
from accounts.services import Refused
from accounts.services import roles as services
from accounts.views.people import one_person, person_context


@login_required
@require_POST
def request_role_change(request: DeskRequest, uuid: UUID, grants: bool) -> HttpResponse:
    """Grant or take a role: at once, or after a second person's word."""
    person = one_person(request, uuid)
    form = RoleChangeForm(request.POST, person=person, grants=grants, auto_id="grant_%s" if grants else "take_%s")
    if form.is_valid():
        try:
            change = services.request_role_change(
                person, grants=grants, actor=request.user, now=clock.now(), **form.cleaned_data
            )
            waits = change.state == RoleChange.State.WAITING
            messages.success(
                request, _("A second person must agree; the leadership group knows.") if waits else _("Done")
            )
            return redirect("accounts:person", uuid)
        except Refused as refused:
            form.add_error(None, str(refused))
    else:
        require(request.user, "request_role_change", person)
    context = {**person_context(request, person), "grant_form" if grants else "take_form": form}
    return render(request, "accounts/person.html", context, status=422)


@login_required
def role_changes(request: DeskRequest) -> HttpResponse:
    """What waits for a second person, with the buttons of those who may be it, and what was decided lately."""
    require(request.user, "see_role_changes")
    waiting = [
        {
            "change": change,
            "may_decide": may(request.user, "decide_role_change", change),
            "may_withdraw": may(request.user, "withdraw_role_change", change),
        }
        for change in role_changes_waiting()
    ]
    decided = RoleChange.objects.exclude(state=RoleChange.State.WAITING).select_related(
        "person", "requested_by", "decided_by"
    )
    context = {"waiting": waiting, "decided": decided[:20], "now": clock.now()}
    return render(request, "accounts/role_changes.html", context)


@login_required
@require_POST
def decide_role_change(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "see_role_changes")
    change = get_object_or_404(RoleChange.objects.select_related("person", "requested_by"), uuid=uuid)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say yes or no, and keep the note under 500 characters."))
        return redirect("accounts:role-changes")
    try:
        services.decide_role_change(change, actor=request.user, now=clock.now(), **form.cleaned_data)
        messages.success(
            request, _("Agreed: the role has changed.") if form.cleaned_data["approves"] else _("Refused.")
        )
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:role-changes")


@login_required
@require_POST
def withdraw_role_change(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "see_role_changes")
    change = get_object_or_404(RoleChange.objects.select_related("person", "requested_by"), uuid=uuid)
    try:
        services.withdraw_role_change(change, actor=request.user, now=clock.now())
        messages.success(request, _("Withdrawn."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:role-changes")
