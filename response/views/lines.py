"""口径: what everybody who is asked may say about an incident."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from incidents.models import Incident
from response.forms.lines import LineForm, as_typed
from response.models import Line
from response.notnow import NotNow
from response.permissions import may
from response.selectors.lines import lines_of, lines_url
from response.services import lines as services
from response.views.common import both_states, incident_or_404, person_of, refused, seen_version

USUAL_LIFE = timedelta(hours=12)


@login_required
def lines(request: HttpRequest, number: str) -> HttpResponse:
    """The line in force, the draft of the next, the earlier ones; for htmx the panel on the incident's page alone."""
    panel = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return show(request, incident_or_404(request, number), f"response/lines.html{panel}")


def show(
    request: HttpRequest,
    incident: Incident,
    template: str = "response/lines.html",
    form: LineForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person, now = person_of(request), clock.now(incident.exercise)
    every = list(lines_of(incident))
    draft = next((line for line in every if line.is_draft), None)
    current = next((line for line in every if line.is_approved), None)
    writes = may(person, "write_line", incident)
    context = {
        "incident": incident,
        "current": current,
        "is_expired": current is not None and current.is_expired(now),
        "draft": draft if writes or (draft and may(person, "approve_line", draft)) else None,
        "may_approve": draft is not None and may(person, "approve_line", draft),
        "earlier": [line for line in every if line.state == Line.State.SUPERSEDED],
        "form": (form or LineForm(initial=first_words(draft or current, draft, now))) if writes else None,
        "now": now,
    }
    return render(request, template, context, status=status)


def first_words(words: Line | None, draft: Line | None, now: Any) -> dict[str, Any]:
    if words is None:
        return {"version": 0, "expires_at": now + USUAL_LIFE}
    return {
        "version": draft.version if draft else 0,
        "words": words.words,
        "questions": as_typed(words.questions),
        "expires_at": draft.expires_at if draft else now + USUAL_LIFE,
    }


@login_required
@require_POST
def write_line(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the draft, or begin the next version."""
    incident, form = incident_or_404(request, number), LineForm(request.POST)
    if not form.is_valid():
        return show(request, incident, form=form, status=400)
    typed = form.cleaned_data
    draft = lines_of(incident).filter(state=Line.State.DRAFT).first()
    try:
        services.write_line(
            incident,
            draft,
            actor=person_of(request),
            now=clock.now(incident.exercise),
            seen_version=typed["version"],
            words=typed["words"],
            questions=typed["questions"],
            expires_at=typed["expires_at"],
        )
    except Stale:
        assert draft is not None
        rows = [
            (str(form.fields["words"].label), typed["words"], draft.words),
            (str(form.fields["questions"].label), form.data["questions"], as_typed(draft.questions)),
        ]
        return both_states(request, rows, lines_url(incident))
    except NotNow as reason:
        return refused(request, reason, lines_url(incident))
    messages.success(request, _("Written. It holds once it is approved."))
    return redirect(lines_url(incident))


@login_required
@require_POST
def approve_line(request: HttpRequest, uuid: Any) -> HttpResponse:
    visible = Incident.everywhere.visible_to(person_of(request))
    line = get_object_or_404(
        Line.objects.select_related("incident__exercise").prefetch_related("writers__groups"),
        uuid=uuid,
        incident__in=visible,
    )
    try:
        services.approve_line(
            line,
            actor=person_of(request),
            now=clock.now(line.incident.exercise),
            seen_version=seen_version(request),
        )
    except Stale:
        return both_states(request, [], lines_url(line.incident))
    except NotNow as reason:
        return refused(request, reason, lines_url(line.incident))
    messages.success(request, _("In force: everybody who may see the incident can read it."))
    return redirect(lines_url(line.incident))
