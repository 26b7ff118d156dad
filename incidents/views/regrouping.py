"""Splitting an incident, and undoing merges and splits."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import DeskRequest
from incidents.forms import SplitForm
from incidents.models import Incident, IncidentChange
from incidents.permissions import require
from incidents.refusals import Refused
from incidents.services import merging
from incidents.views.common import now_at, one_incident, says_why_not


@login_required
@says_why_not
def split(request: DeskRequest, number: str) -> HttpResponse:
    """拆分: tick the topics and posts that become an incident of their own."""
    incident = one_incident(request, number)
    require(request.user, "split_incident", incident)
    form = SplitForm(request.POST or None, incident=incident)
    if request.method == "POST" and form.is_valid():
        new = merging.split(incident, actor=request.user, now=now_at(incident), **form.cleaned_data)
        messages.success(request, _("%(number)s is open.") % {"number": new.number})
        return redirect(new)
    context = {"incident": incident, "form": form, "now": now_at(incident)}
    return render(request, "incidents/split.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def undo_change(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Undo a merge or a split, from either side."""
    theirs = Incident.everywhere.visible_to(request.user)
    rows = IncidentChange.objects.filter(Q(incident__in=theirs) | Q(other__in=theirs))
    change = get_object_or_404(rows.select_related("incident__exercise", "other", "undone_by"), uuid=uuid)
    try:
        merging.undo(change, actor=request.user, now=now_at(change.incident))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Undone; both are as they were."))
    back = change.other if theirs.filter(pk=change.other_id).exists() else change.incident
    return redirect(back)
