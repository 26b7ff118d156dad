"""Putting posts into incidents from wherever they are read, with undo."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from incidents.permissions import may
from incidents.selectors import likely_incidents
from incidents.services import opening
from incidents.views.common import back_to, now_at, one_incident, says_why_not
from monitoring.views import DeskRequest
from opinion.models import Post


@login_required
@require_GET
def likely(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The incidents a post may belong to, the likeliest first; a panel for the reader of the inbox."""
    post = get_object_or_404(Post.everywhere.select_related("source", "original").visible_to(request.user), uuid=uuid)
    found = likely_incidents(request.user, post)
    context = {
        "post": post,
        "likely": found,
        "may_attach": bool(found) and may(request.user, "attach_post", found[0].incident),  # all are open and visible
        "next": request.htmx.current_url_abs_path or "",
    }
    return render(request, "incidents/likely.html", context)


@login_required
@require_POST
@says_why_not
def attach(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    """归入: the post goes in at once; the toast takes it out again, later the list of posts does."""
    incident = one_incident(request, number)
    post = get_object_or_404(Post.everywhere.visible_to(request.user), uuid=uuid)
    opening.attach(incident, post, actor=request.user, now=now_at(incident))
    undo = reverse("incidents:detach", args=[number, uuid])
    messages.success(request, _("Put into %(number)s.") % {"number": number}, extra_tags=f"undo:{undo}")
    return redirect(back_to(request, reverse("incidents:posts", args=[number])))


@login_required
@require_POST
@says_why_not
def detach(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    incident = one_incident(request, number)
    post = get_object_or_404(Post.everywhere, uuid=uuid)
    if opening.detach(incident, post, actor=request.user, now=now_at(incident)):
        messages.success(request, _("Taken out of %(number)s; it is back in the inbox.") % {"number": number})
    return redirect(back_to(request, reverse("incidents:posts", args=[number])))
