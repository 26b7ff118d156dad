"""存证 of an incident: list, preserving a post, more files, numbers from outside, index and ZIP for a notary."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from incidents.figures import posts_of, with_reposts
from incidents.models import Incident
from incidents.services.timeline import note_on
from opinion.services.evidence import Altered, read
from opinion.views.evidence import as_download
from response.capturing.browser import browser_path
from response.files import ENDING_OF
from response.forms.evidence import ExhibitForm, NumberForm, PreserveForm
from response.models import Exhibit, Preservation
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.evidence import as_zip, index_of, not_preserved, preserved
from response.services import evidence as services
from response.views.common import incident_or_404, person_of, refused

OFFERED = 20  # posts that are still to be preserved


@login_required
def evidence(request: HttpRequest, number: str) -> HttpResponse:
    """What is preserved, and the loudest posts that are not; for htmx the panel on the incident's page alone."""
    incident, person = incident_or_404(request, number), person_of(request)
    if request.htmx and not may(person, "see_evidence", incident):  # type: ignore[attr-defined]
        return HttpResponse()  # the incident's page does without the panel
    require(person, "see_evidence", incident)
    waiting = not_preserved(incident)
    context = {
        "incident": incident,
        "preserved": list(preserved(incident)),
        "waiting": list(waiting[:OFFERED]),
        "waiting_count": waiting.count(),
        "may_preserve": may(person, "preserve_post", incident),
        "may_export": may(person, "export_evidence", incident),
        "now": clock.now(incident.exercise),
    }
    panel = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"response/evidence.html{panel}", context)


@login_required
def preserve_post(request: HttpRequest, number: str, post_uuid: UUID) -> HttpResponse:
    """One post with what would be kept of it, and the form for screenshots."""
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "preserve_post", incident)
    post = get_object_or_404(with_reposts(posts_of(incident)).select_related("key"), uuid=post_uuid)
    form = PreserveForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            kept = services.preserve_post(
                incident,
                post,
                actor=person,
                now=clock.now(incident.exercise),
                uploads=typed["uploads"],
                note=typed["note"],
                captures=typed["captures"],
            )
        except NotNow as reason:
            return refused(request, reason, request.path)
        messages.success(request, _("Preserved as %(number)s.") % {"number": kept.number})
        return redirect(kept)
    context = {
        "incident": incident,
        "post": post,
        "form": form,
        "earlier": list(incident.preservations.filter(post=post)),
        "known_files": list(post.evidence.all()),
        "has_browser": bool(browser_path()),
        "now": clock.now(incident.exercise),
    }
    return render(request, "response/preserve_post.html", context, status=400 if form.errors else 200)


def preservation_or_404(request: HttpRequest, uuid: UUID) -> Preservation:
    person = person_of(request)
    rows = Preservation.objects.select_related("incident__exercise", "post", "added_by")
    row = get_object_or_404(rows, uuid=uuid, incident__in=Incident.everywhere.visible_to(person))
    require(person, "see_evidence", row.incident)
    return row


@login_required
def preservation(request: HttpRequest, uuid: UUID) -> HttpResponse:
    return show(request, preservation_or_404(request, uuid))


def show(
    request: HttpRequest,
    row: Preservation,
    file_form: ExhibitForm | None = None,
    number_form: NumberForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """One preserved post: its words as kept, its files, its numbers, whether all of it is still what was sealed."""
    person, captures = person_of(request), list(row.captures.select_related("asked_by"))
    context = {
        "row": row,
        "incident": row.incident,
        "published_at": datetime.fromisoformat(row.record["published_at"]),
        "lines": index_of(list(preserved(row.incident).filter(pk=row.pk))),
        "numbers": list(row.numbers.select_related("added_by")),
        "captures": captures,
        "is_rendering": any(capture.state in capture.UNFINISHED for capture in captures),
        "actions": list(row.legal_actions.all()),
        "may_preserve": may(person, "preserve_post", row.incident),
        "may_number": may(person, "number_evidence", row),
        "has_browser": bool(browser_path()),
        "file_form": file_form or ExhibitForm(),
        "number_form": number_form or NumberForm(),
        "now": clock.now(row.incident.exercise),
    }
    return render(request, "response/preservation.html", context, status=status)


@login_required
@require_POST
def add_exhibits(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = preservation_or_404(request, uuid)
    require(person_of(request), "preserve_post", row.incident)
    form = ExhibitForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, row, file_form=form, status=400)
    try:
        services.add_exhibits(
            row,
            form.cleaned_data["uploads"],
            actor=person_of(request),
            now=clock.now(row.incident.exercise),
        )
    except NotNow as reason:
        return refused(request, reason, row.get_absolute_url())
    messages.success(request, _("Kept with %(number)s.") % {"number": row.number})
    return redirect(row)


@login_required
@require_POST
def capture_again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = preservation_or_404(request, uuid)
    try:
        services.capture_again(row, actor=person_of(request), now=clock.now(row.incident.exercise))
    except NotNow as reason:
        return refused(request, reason, row.get_absolute_url())
    messages.success(request, _("The page will be rendered within a minute."))
    return redirect(row)


@login_required
@require_POST
def note_number(request: HttpRequest, uuid: UUID) -> HttpResponse:
    row = preservation_or_404(request, uuid)
    require(person_of(request), "number_evidence", row)
    form = NumberForm(request.POST)
    if not form.is_valid():
        return show(request, row, number_form=form, status=400)
    try:
        services.note_number(row, actor=person_of(request), now=clock.now(row.incident.exercise), **form.cleaned_data)
    except NotNow as reason:
        return refused(request, reason, row.get_absolute_url())
    messages.success(request, _("The number is on record."))
    return redirect(row)


@login_required
def exhibit_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    person = person_of(request)
    visible = Incident.everywhere.visible_to(person)
    row = get_object_or_404(Exhibit, uuid=uuid, preservation__incident__in=visible)
    require(person, "see_evidence", row)
    try:
        content = read(row.sha256)
    except Altered:
        return render(request, "opinion/evidence_altered.html", {"kept": row}, status=410)
    return as_download(content, row.content_type, f"evidence-{row.sha256[:12]}.{ENDING_OF[row.content_type]}")


# --- for a notary ----------------------------------------------------------------------------------------------------
@login_required
def evidence_index(request: HttpRequest, number: str) -> HttpResponse:
    """The index with all hashes, for paper."""
    incident = incident_or_404(request, number)
    require(person_of(request), "see_evidence", incident)
    rows = list(preserved(incident).order_by("pk"))
    context = {"incident": incident, "lines": index_of(rows), "cut_off": clock.now(incident.exercise)}
    return render(request, "response/evidence_index.html", context)


@login_required
@require_POST
def export_evidence(request: HttpRequest, number: str) -> HttpResponseBase:
    """Everything that is preserved as one ZIP; it leaves a trace, since it leaves the desk."""
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "export_evidence", incident)
    now = clock.now(incident.exercise)
    rows = list(preserved(incident).order_by("pk"))
    if not rows:
        return refused(request, NotNow(_("Nothing is preserved yet.")), reverse("response:preserved", args=[number]))
    packed = as_zip(incident, rows, now)
    with transaction.atomic():
        note_on(incident, "response.evidence_exported", actor=person, now=now, detail={"count": len(rows)})
    name = f"evidence-{incident.number}-{localtime(now):%Y%m%d-%H%M}.zip"
    return FileResponse(packed, as_attachment=True, filename=name, content_type="application/zip")
