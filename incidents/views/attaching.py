"""Putting posts into incidents from wherever they are read, with undo."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import DeskRequest, as_uuid
from incidents.models import Incident
from incidents.permissions import may
from incidents.selectors.likeness import likely_incidents
from incidents.selectors.origins import Origin
from incidents.services import opening
from incidents.views.common import back_to, now_at, one_incident, says_why_not
from incidents.views.proposing import proposal_context
from monitoring.forms.inbox import FilterForm
from monitoring.selectors import inbox
from opinion.models import Post, Topic

OFFERED = 30
MOST_LINES = 100


@login_required
@require_GET
def likely(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Where a post may belong, the likeliest first: a panel beside its reader, or a page of all open incidents."""
    posts = Post.everywhere.select_related("source", "original").visible_to(request.user)
    post = get_object_or_404(posts, uuid=uuid)
    found = likely_incidents(request.user, post)
    known = [each.incident.pk for each in found]
    others = Incident.everywhere.visible_to(request.user).open().filter(exercise=post.exercise_id).exclude(pk__in=known)
    offered = [] if request.htmx else list(others[:OFFERED])
    any_incident = found[0].incident if found else next(iter(offered), None)
    context = {
        **proposal_context(request, Origin(post=post)),
        "post": post,
        "likely": found,
        "others": offered,
        # all of them are open and visible, so what goes for one goes for all
        "may_attach": any_incident is not None and may(request.user, "attach_post", any_incident),
        "may_open": may(request.user, "open_incident"),
        "next": request.htmx.current_url_abs_path or reverse("monitoring:open-post", args=[uuid]),
    }
    return render(request, "incidents/likely.html#panel" if request.htmx else "incidents/likely.html", context)


@login_required
@require_GET
def of_topic(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The incidents that hold a story, for its line and its page: those this person may see."""
    found = Incident.everywhere.visible_to(request.user).filter(topics__uuid=uuid).order_by("-opened_at")
    page = "incidents/of_topic.html#panel" if request.htmx else "incidents/of_topic.html"
    return render(request, page, {"incidents": found})


@login_required
def of_topics(request: DeskRequest) -> HttpResponse:
    """The same for every line of a list of stories, in one answer: each part finds its own line."""
    uuids = [uuid for uuid in map(as_uuid, request.GET.getlist("topic")[:MOST_LINES]) if uuid]
    holding = Incident.everywhere.visible_to(request.user).prefetch_related(
        Prefetch("topics", Topic.everywhere.filter(uuid__in=uuids))
    )
    lines: dict[UUID, list[Incident]] = {uuid: [] for uuid in uuids}
    for incident in holding.filter(topics__uuid__in=uuids).distinct().order_by("-opened_at"):
        for topic in incident.topics.all():
            lines[topic.uuid].append(incident)
    return render(request, "incidents/of_topic.html#lines", {"lines": lines.items()})


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
    return redirect(following(request, post, back_to(request, reverse("incidents:posts", args=[number]))))


@login_required
@require_POST
@says_why_not
def detach(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    """Take it out; from the inbox the way leads back to the post itself."""
    incident = one_incident(request, number)
    post = get_object_or_404(Post.everywhere, uuid=uuid)
    if opening.detach(incident, post, actor=request.user, now=now_at(incident)):
        messages.success(request, _("Taken out of %(number)s; it is back in the inbox.") % {"number": number})
    back = back_to(request, reverse("incidents:posts", args=[number]))
    return redirect(reverse("monitoring:open-post", args=[uuid]) if is_inbox(back) else back)


def is_inbox(url: str) -> bool:
    return urlsplit(url).path.startswith(reverse("monitoring:inbox"))


def following(request: DeskRequest, post: Post, url: str) -> str:
    """Where to go on: in the inbox the post below the one that was just handled, with the same filters; else back."""
    if not is_inbox(url):
        return url
    filters = FilterForm(QueryDict(urlsplit(url).query))
    below = inbox.next_after(inbox.queue(request.user, filters.filters), post)
    target = reverse("monitoring:open-post", args=[below.uuid]) if below else reverse("monitoring:inbox")
    return target + filters.query
