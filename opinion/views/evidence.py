"""Evidence of a post: what is kept, adding more, and handing a file out so that no browser runs it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import clock
from accounts.requests import DeskRequest
from opinion.evidence_forms import EvidenceForm
from opinion.files import ENDINGS
from opinion.models import Evidence, Post
from opinion.permissions import may
from opinion.services import evidence as services


@login_required
def evidence(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """What is kept of a post, and the form for more; beside a post in the inbox only that part."""
    post = get_object_or_404(Post.objects.visible_to(request.user).select_related("source"), uuid=uuid)
    form = EvidenceForm(request.POST or None, request.FILES or None) if request.method == "POST" else EvidenceForm()
    if request.method == "POST" and form.is_valid():
        added = services.add(post, form.cleaned_data["screenshots"], actor=request.user, now=clock.now())
        if not request.htmx:
            messages.success(request, in_words(len(added)))
            return redirect("opinion:evidence", uuid)
        form = EvidenceForm()
    context = {
        "post": post,
        "form": form,
        "evidence": list(post.evidence.select_related("added_by")),
        "may_add": may(request.user, "add_evidence", post),
    }
    page = "opinion/evidence.html#kept" if request.htmx else "opinion/evidence.html"
    return render(request, page, context, status=422 if form.errors else 200)


def in_words(added: int) -> str:
    if not added:
        return _("It was kept before.")
    return ngettext("%(n)d file kept as evidence", "%(n)d files kept as evidence", added) % {"n": added}


@login_required
def evidence_file(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The file as it was kept, under a name of ours. Pictures show on our pages; nothing opens as a page of its own."""
    posts = Post.objects.visible_to(request.user)
    kept = get_object_or_404(Evidence.objects.filter(post__in=posts), uuid=uuid)
    try:
        content = services.read(kept.sha256)
    except services.Altered:
        return render(request, "opinion/evidence_altered.html", {"kept": kept}, status=410)
    return as_download(content, kept.content_type, f"evidence-{kept.sha256[:12]}.{ENDINGS[kept.content_type]}")


def as_download(content: bytes, content_type: str, name: str) -> HttpResponse:
    """A file of strangers so that no browser runs it; `name` is ours, never theirs."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=31536000, immutable"
    return response
