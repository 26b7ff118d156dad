"""分诊: the queue, the reader beside it, and the ways out. Plain forms do it all; htmx only spares a reload."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from accounts.versions import Stale
from monitoring.forms.inbox import FilterForm, LeadForm, SnoozeForm, VersionForm
from monitoring.selectors import inbox as selectors
from monitoring.selectors.situation import last_heard_at
from monitoring.selectors.sources import silent_sources
from opinion.models import Post
from opinion.permissions import may, require
from opinion.selectors.alike import posts_like
from opinion.selectors.quality import correction_in_force
from opinion.services import leads
from opinion.services import triage as services


@login_required
def inbox(request: DeskRequest, uuid: UUID | None = None) -> HttpResponse:
    """The queue with one post open: the one of the address, or the first. An htmx request gets the part it asks for."""
    require(request.user, "see_posts")
    form, now = FilterForm(request.GET), clock.now()
    posts = selectors.queue(request.user, form.filters)
    if request.htmx and request.htmx.target == "more":
        page = selectors.page_of(posts, now=now, after=as_uuid(request.GET.get("after", "")))
        return render(request, "monitoring/inbox.html#more", {"page": page, "filter_form": form, "now": now})
    if request.htmx and request.htmx.target == "reader" and uuid:
        return render(request, "monitoring/inbox.html#reader", reader_context(request, uuid, form, now))
    page = selectors.page_of(posts, now=now, after=as_uuid(request.GET.get("after", "")))
    shown = uuid or (page.rows[0].post.uuid if page.rows else None)
    context = {
        "page": page,
        "filter_form": form,
        "newest": selectors.newest_uuid(posts),
        "watches": selectors.watches_to_filter(),
        "platforms": selectors.platforms(now),
        "is_reading": uuid is not None,
        **(
            reader_context(request, shown, form, now)
            if shown
            else {**queue_context(request, form, now), **empty_context(now)}
        ),
    }
    return render(request, "monitoring/inbox.html", context)


def queue_context(request: DeskRequest, form: FilterForm, now: datetime) -> dict[str, Any]:
    return {
        "state": form.filters["state"],
        "query": form.query,
        "counts": selectors.counts_by_state(request.user),
        "may_triage": may(request.user, "triage"),
        "may_open_original": may(request.user, "open_original"),
        "now": now,
    }


def reader_context(request: DeskRequest, uuid: UUID, form: FilterForm, now: datetime) -> dict[str, Any]:
    visible = Post.objects.visible_to(request.user).select_related("source", "triaged_by", "original")
    post = get_object_or_404(visible, uuid=uuid)
    posts = selectors.queue(request.user, form.filters)
    return {
        "post": post,
        "reading": selectors.reading(post, posts, total=posts.count()),
        "snooze_form": SnoozeForm(),
        "correction": correction_in_force(post),
        "may_correct": may(request.user, "correct_tone"),
        **queue_context(request, form, now),
    }


def empty_context(now: datetime) -> dict[str, Any]:
    """Why the queue is empty, and whether that can be trusted."""
    return {
        "done": selectors.done_today(now),
        "silent": silent_sources(),
        "last_heard_at": last_heard_at(),
    }


@login_required
def fresh(request: DeskRequest) -> HttpResponse:
    """How many posts came in since the list was made; polled, so it answers 304 while nothing has changed."""
    require(request.user, "see_posts")
    form = FilterForm(request.GET)
    posts = selectors.queue(request.user, form.filters)
    count = selectors.fresh_count(posts, as_uuid(request.GET.get("after", "")))
    etag = f'"{count}-{request.LANGUAGE_CODE}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = render(request, "monitoring/inbox.html#fresh", {"fresh": count, "query": form.query})
    response["ETag"] = etag
    response["Cache-Control"] = "no-cache, private"
    return response


# --- the ways out ----------------------------------------------------------------------------------------------------
@login_required
@require_POST
def ignore_post(request: DeskRequest, uuid: UUID) -> HttpResponse:
    post = seen_post(request, uuid)
    try:
        services.ignore(post, actor=request.user, now=clock.now())
    except Stale:
        return stale(request, uuid)
    return done(request, post, _("Ignored: %(title)s") % {"title": str(post)[:30]})


@login_required
@require_POST
def snooze_post(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """稍后关注: until its story heats up, or a time."""
    post = seen_post(request, uuid)
    form, now = SnoozeForm(request.POST), clock.now()
    until = form.cleaned_data["until"] if form.is_valid() else ""
    try:
        services.snooze(post, actor=request.user, now=now, until=time_of(until, now))
    except Stale:
        return stale(request, uuid)
    return done(request, post, _("Put aside: %(title)s") % {"title": str(post)[:30]})


@login_required
@require_POST
def restore_post(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Undo, within ten seconds by the toast or later from the list: the post waits again and is open."""
    post = seen_post(request, uuid)
    try:
        services.restore(post, actor=request.user, now=clock.now())
    except Stale:
        return stale(request, uuid)
    messages.success(request, _("Back among those waiting: %(title)s") % {"title": str(post)[:30]})
    return redirect("monitoring:open-post", uuid)


def time_of(until: str, now: datetime) -> datetime | None:
    if until in ("1", "4"):
        return now + timedelta(hours=int(until))
    if until == "morning":
        return localtime(now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return None


def seen_post(request: DeskRequest, uuid: UUID) -> Post:
    """The post as the person saw it: its version is the one of the form, so that a later change is noticed."""
    post = get_object_or_404(Post.objects.visible_to(request.user), uuid=uuid)
    form = VersionForm(request.POST if "version" in request.POST else request.GET)
    post.version = form.cleaned_data["version"] if form.is_valid() else 0
    return post


def stale(request: DeskRequest, uuid: UUID) -> HttpResponse:
    back = reverse("monitoring:open-post", args=[uuid])
    return render(request, "errors/409.html", {"back_url": back}, status=409)


def done(request: DeskRequest, post: Post, said: str) -> HttpResponse:
    """The post leaves the list, the next one is open and in focus, and for ten seconds it can be undone."""
    undo = reverse("monitoring:restore-post", args=[post.uuid]) + f"?version={post.version}"
    messages.success(request, said, extra_tags=f"undo:{undo}")
    form, now = FilterForm(request.GET), clock.now()
    following = selectors.next_after(selectors.queue(request.user, form.filters), post)
    if following is None:
        target = reverse("monitoring:inbox") + form.query
        response = HttpResponse(status=204) if request.htmx else redirect(target)
        if request.htmx:
            response["HX-Redirect"] = target
        return response
    target = reverse("monitoring:open-post", args=[following.uuid]) + form.query
    if not request.htmx:
        return redirect(target)
    context = {**reader_context(request, following.uuid, form, now), "gone": post}
    [context["row"]] = selectors.rows([*selectors.with_matches(Post.objects.filter(pk=following.pk))], now=now)
    response = render(request, "monitoring/inbox.html#after", context)
    response["HX-Push-Url"] = target
    return response


# --- by hand ---------------------------------------------------------------------------------------------------------
@login_required
def enter_lead(request: DeskRequest) -> HttpResponse:
    """录入线索: something no source brought goes through the same pipeline."""
    require(request.user, "enter_lead")
    form = LeadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            post, is_new = leads.enter(actor=request.user, now=clock.now(), **form.cleaned_data)
        except leads.NoWatchWantsIt:
            form.add_error("watch", _("The words of no watch occur in it. Choose the watch it belongs to."))
        else:
            messages.success(request, _("Entered") if is_new else _("This was entered before; here it is."))
            return redirect("monitoring:open-post", post.uuid)
    if request.FILES and not form.has_error("screenshots"):
        form.add_error("screenshots", _("Choose or paste them once more: a browser does not keep files."))
    return render(request, "monitoring/lead_form.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def alike(request: DeskRequest) -> HttpResponse:
    """What is here already of something being typed in; asked again whenever the typing pauses."""
    require(request.user, "enter_lead")
    asked = {name: request.POST.get(name, "").strip()[:20_000] for name in ("text", "url")}
    found = posts_like(request.user, **asked)
    return render(request, "monitoring/lead_form.html#alike", {"found": found, "asked": any(asked.values())})
