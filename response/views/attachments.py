"""Handing out what people attached, so that no browser runs it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from opinion.services import evidence
from opinion.views.evidence import as_download
from response.files import ENDING_OF
from response.selectors.attachments import files_for
from response.views.common import person_of


@login_required
def attachment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file as it was kept, under a name of ours; 410 where it is not the same any more."""
    kept = get_object_or_404(files_for(person_of(request)), uuid=uuid)
    try:
        content = evidence.read(kept.sha256)
    except evidence.Altered:
        return render(request, "opinion/evidence_altered.html", {"kept": kept}, status=410)
    return as_download(content, kept.content_type, f"file-{kept.sha256[:12]}.{ENDING_OF[kept.content_type]}")
