"""法律行动台账 of an incident: the register, opening a step, one step with what happened."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import clock
from accounts.versions import Stale
from incidents.models import Incident
from response.forms.evidence import LegalForm, MoveLegalForm
from response.models import LegalAction
from response.notnow import NotNow
from response.permissions import may, require
from response.services import legal as services
from response.services.attachments import lay_down
from response.views.common import both_states, incident_or_404, person_of, refused


@login_required
def legal_actions(request: HttpRequest, number: str) -> HttpResponse:
    """The register, the next deadline first."""
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "see_legal", incident)
    actions = list(incident.legal_actions.select_related("owner"))
    context = {
        "incident": incident,
        "open": [action for action in actions if action.is_open],
        "ended": [action for action in actions if not action.is_open],
        "may_open": may(person, "open_legal_action", incident),
        "now": clock.now(incident.exercise),
    }
    return render(request, "response/legal_actions.html", context)


@login_required
def open_legal_action(request: HttpRequest, number: str) -> HttpResponse:
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "open_legal_action", incident)
    form = LegalForm(request.POST or None, request.FILES or None, incident=incident, initial={"owner": person})
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        files = lay_down(typed.pop("documents"))
        try:
            action = services.open_action(
                incident, actor=person, now=clock.now(incident.exercise), documents=files, **typed
            )
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("%(number)s is on the register.") % {"number": action.number})
            return redirect(action)
    context = {"incident": incident, "form": form}
    return render(request, "response/open_legal_action.html", context, status=400 if form.errors else 200)


@login_required
def legal_action(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One legal step: where it stands, what happened, what comes next."""
    person = person_of(request)
    rows = LegalAction.objects.select_related("incident__exercise", "owner", "added_by")
    action = get_object_or_404(rows, uuid=uuid, incident__in=Incident.everywhere.visible_to(person))
    require(person, "see_legal", action.incident)
    moves = may(person, "move_legal_action", action) and action.is_open
    seen = {name: getattr(action, name) for name in ("version", "state", "owner", "due_at", "reference")}
    form = MoveLegalForm(request.POST or None, request.FILES or None, initial=seen, states=services.NEXT[action.state])
    if request.method == "POST":
        require(person, "move_legal_action", action)
        if form.is_valid():
            typed = dict(form.cleaned_data)
            files = lay_down(typed.pop("documents"))
            try:
                services.move_action(
                    action,
                    actor=person,
                    now=clock.now(action.incident.exercise),
                    seen_version=typed.pop("version"),
                    documents=files,
                    **typed,
                )
            except Stale:
                there = LegalAction.objects.get(pk=action.pk)
                state = str(LegalAction.State(typed["state"]).label)
                return both_states(request, [(str(_("state")), state, str(there.get_state_display()))], request.path)
            except NotNow as reason:
                return refused(request, reason, request.path)
            messages.success(request, _("%(number)s is saved.") % {"number": action.number})
            return redirect(request.path)
    context = {
        "action": action,
        "incident": action.incident,
        "form": form if moves else None,
        "steps": list(action.steps.select_related("by")),
        "documents": list(action.documents.select_related("uploaded_by")),
        "preservations": list(action.preservations.all()),
        "now": clock.now(action.incident.exercise),
    }
    return render(request, "response/legal_action.html", context, status=400 if form.errors else 200)
