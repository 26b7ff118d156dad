"""Saying what a post sounds like, from the reader of the inbox. A plain form; htmx follows the redirect by itself."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from opinion.forms import ToneForm
from opinion.models import Correction, Post
from opinion.services import corrections as services


@login_required
@require_POST
def correct_tone(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One key: the model was right, or this is how it sounds. Ten seconds to undo."""
    post = get_object_or_404(Post.objects.visible_to(request.user), uuid=uuid)
    form, back = ToneForm(request.POST), back_to(request)
    if not form.is_valid():
        return render(request, "errors/400.html", {"back_url": back}, status=400)
    post.version = form.cleaned_data["version"]
    try:
        said = services.correct(post, form.cleaned_data["label"], actor=request.user, now=clock.now())
    except Stale:
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    undo = f"{reverse('opinion:take-back-correction', args=[said.uuid])}?next={quote(back)}"
    messages.success(request, in_words(said), extra_tags=f"undo:{undo}")
    return redirect(back)


@login_required
@require_POST
def take_back_correction(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Undo, within ten seconds by the toast or later from the reader."""
    correction = get_object_or_404(Correction.objects.select_related("post"), uuid=uuid)
    back = back_to(request)
    try:
        lead = services.take_back(correction, actor=request.user, now=clock.now())
    except Stale:
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    messages.success(request, _("Taken back: it counts as %(tone)s again.") % {"tone": lead.get_sentiment_display()})
    return redirect(back)


def in_words(said: Correction) -> str:
    if said.label == said.model_label:
        return _("Confirmed: %(tone)s") % {"tone": said.get_label_display()}
    words: dict[str, Any] = {"tone": said.get_label_display(), "n": said.post.copy_count}
    if not said.post.copy_count:
        return _("Corrected: %(tone)s") % words
    return (
        ngettext("Corrected: %(tone)s, with %(n)d repost", "Corrected: %(tone)s, with %(n)d reposts", words["n"])
        % words
    )


def back_to(request: DeskRequest) -> str:
    """Where the reader stood; the quality page where the form does not say, or says another desk."""
    back = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return back
    return reverse("opinion:quality")
