"""Answering what the desk proposes: one click takes it up, a reason dismisses it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import DeskRequest
from incidents.forms import StepForm
from incidents.models import Incident, LevelProposal
from incidents.permissions import require
from incidents.refusals import Refused
from incidents.selectors.level_proposals import reason_words, what_is_proposed
from incidents.services import level_proposals
from incidents.views.common import now_at


def one_proposal(request: DeskRequest, uuid: UUID) -> LevelProposal:
    rows = LevelProposal.objects.select_related("incident__exercise", "assessment")
    return get_object_or_404(rows.filter(incident__in=Incident.everywhere.visible_to(request.user)), uuid=uuid)


@login_required
@require_POST
def take_up_proposal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    proposal = one_proposal(request, uuid)
    try:
        level_proposals.take_up_proposal(proposal, actor=request.user, now=now_at(proposal.incident))
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Taken up: %(what)s.") % {"what": what_is_proposed(proposal)})
    return redirect(proposal.incident)


@login_required
def dismiss_proposal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Why not: the reason stays on the timeline."""
    proposal = one_proposal(request, uuid)
    require(request.user, "dismiss_proposal", proposal)
    form = StepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            level_proposals.dismiss_proposal(
                proposal, actor=request.user, now=now_at(proposal.incident), note=form.cleaned_data["note"]
            )
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, _("Dismissed; your reason is on the timeline."))
        return redirect(proposal.incident)
    context = {
        "incident": proposal.incident,
        "proposal": proposal,
        "what": what_is_proposed(proposal),
        "reasons": [reason_words(reason) for reason in proposal.reasons],
        "form": form,
        "now": now_at(proposal.incident),
    }
    return render(request, "incidents/dismiss_proposal.html", context, status=422 if form.errors else 200)
