"""新建 / 归入已有 / 忽略: the proposal beside a post, topic or signal, and taking it up with one click."""

from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from accounts.versions import Stale
from incidents.permissions import may, require
from incidents.proposals import OPEN
from incidents.selectors.origins import Origin, where_it_went
from incidents.selectors.proposing import DAYS, precision_of_proposals, proposal_for
from incidents.services import opening
from incidents.views.common import back_to, now_at, one_incident, says_why_not
from monitoring.models import Signal
from monitoring.permissions import may as may_monitor
from opinion.models import Post, Topic
from opinion.permissions import may as may_opine
from opinion.permissions import require as require_opinion


@login_required
@require_GET
def proposal(request: DeskRequest) -> HttpResponse:
    """What is proposed for `?post=`, `?topic=` or `?signal=`: a panel on its page, or a page by itself."""
    require_opinion(request.user, "see_posts")
    origin = asked_origin(request)
    if origin is None:
        raise Http404("nothing named")
    page = "incidents/proposal.html#panel" if request.htmx else "incidents/proposal.html"
    return render(request, page, proposal_context(request, origin))


def proposal_context(request: DeskRequest, origin: Origin) -> dict[str, object]:
    shown = proposal_for(origin, request.user, clock.now(origin.exercise))
    following = request.htmx.current_url_abs_path or request.get_full_path()
    return {
        "proposal": shown,
        "may_open": may(request.user, "open_incident"),
        "may_put_in": shown.incident is not None and may(request.user, "attach_post", shown.incident),
        "may_ignore": (origin.post is not None and may_opine(request.user, "triage", origin.post))
        or (origin.signal is not None and may_monitor(request.user, "judge_signal", origin.signal)),
        "next": following,
        "next_query": f"?{query}" if (query := urlsplit(following).query) and request.htmx else "",
    }


@login_required
@require_POST
def open_proposed(request: DeskRequest) -> HttpResponse:
    """Accept 新建: an incident is open, with the title and kinds that were proposed; they can be corrected."""
    require(request.user, "open_incident")
    origin = asked_origin(request)
    if origin is None:
        raise Http404("nothing named")
    if not origin.title:  # what it said was erased: somebody has to find a title
        return redirect(f"{reverse('incidents:open')}?post={origin.row.uuid}")
    now = clock.now(origin.exercise)
    shown = proposal_for(origin, request.user, now)
    if shown.kind != OPEN:
        messages.error(request, _("Meanwhile something else is proposed; no incident was opened."))
        return redirect(back_to(request, reverse("incidents:list")))
    try:
        incident = opening.open_incident(
            actor=request.user,
            title=origin.title,
            now=now,
            post=origin.post,
            topic=origin.topic,
            signal=origin.signal,
            affects=shown.harms,
        )
    except Stale:
        reason = _("Somebody judged this signal or sorted its posts at the same moment; no incident was opened.")
        return render(request, "errors/409.html", {"reason": reason, "back_url": reverse("incidents:list")}, status=409)
    messages.success(
        request, _("%(number)s is open. Check its title and what it affects.") % {"number": incident.number}
    )
    return redirect(incident)


@login_required
@require_POST
@says_why_not
def attach_topic(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    """归入 a topic, or a signal with its topic; the toast takes it out again."""
    incident = one_incident(request, number)
    topic = get_object_or_404(Topic.everywhere.select_related("merged_into"), uuid=uuid, exercise=incident.exercise)
    asked = as_uuid(request.POST.get("signal", ""))
    signal = get_object_or_404(Signal.everywhere.visible_to(request.user), uuid=asked, topic=topic) if asked else None
    opening.attach_topic(incident, topic, actor=request.user, now=now_at(incident), signal=signal)
    undo = reverse("incidents:detach-topic", args=[number, where_it_went(topic).uuid])
    messages.success(request, _("Put into %(number)s.") % {"number": number}, extra_tags=f"undo:{undo}")
    return redirect(back_to(request, incident.get_absolute_url()))


@login_required
@require_POST
@says_why_not
def detach_topic(request: DeskRequest, number: str, uuid: UUID) -> HttpResponse:
    incident = one_incident(request, number)
    topic = get_object_or_404(Topic.everywhere, uuid=uuid)
    if opening.detach_topic(incident, topic, actor=request.user, now=now_at(incident)):
        messages.success(request, _("Taken out of %(number)s; its posts are back in the inbox.") % {"number": number})
    return redirect(back_to(request, incident.get_absolute_url()))


@login_required
@require_GET
def precision(request: DeskRequest) -> HttpResponse:
    """How often people did what was proposed: a panel on the page of the rules, or a page by itself."""
    require_opinion(request.user, "see_posts")
    page = "incidents/precision.html#panel" if request.htmx else "incidents/precision.html"
    now = clock.now()
    return render(request, page, {"records": precision_of_proposals(now), "days": DAYS, "now": now})


def asked_origin(request: DeskRequest) -> Origin | None:
    """What the address (or form) names by its UUID; None where it names nothing, 404 where it is not there."""
    named = {name: as_uuid(request.GET.get(name) or request.POST.get(name, "")) for name in ("post", "topic", "signal")}
    if named["signal"]:
        signals = Signal.everywhere.visible_to(request.user).select_related("topic__merged_into", "exercise")
        return Origin(signal=get_object_or_404(signals, uuid=named["signal"]))
    if named["topic"]:
        topics = Topic.everywhere.select_related("merged_into", "exercise")
        return Origin(topic=get_object_or_404(topics, uuid=named["topic"]))
    if named["post"]:
        posts = Post.everywhere.visible_to(request.user).select_related("source", "original", "exercise")
        return Origin(post=get_object_or_404(posts, uuid=named["post"]))
    return None
