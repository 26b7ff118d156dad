"""话题: stories, the list and one of them; putting together, taking apart, and posts that say the same."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_number, as_uuid
from accounts.versions import Stale
from opinion.models import Fold, Post, Topic, TopicChange
from opinion.permissions import may, require
from opinion.selectors import topics as selectors
from opinion.selectors.curves import chart_of
from opinion.services import folding, regrouping
from opinion.topic_forms import OtherTopicForm, TitleForm, TopicFilterForm

PAGE, POSTS = 30, 20


@login_required
@require_GET
def topics(request: DeskRequest) -> HttpResponse:
    """What is talked about, watch by watch, the latest first."""
    require(request.user, "see_topics")
    form, now = TopicFilterForm(request.GET), clock.now()
    page = Paginator(selectors.topics_for_list(form.filters, now=now), PAGE).get_page(request.GET.get("page"))
    context = {
        "filter_form": form,
        "is_filtered": any(request.GET.get(name) for name in form.fields),
        "page_obj": page,
        "rows": selectors.rows(list(page.object_list), now=now),
        "now": now,
    }
    return render(request, "opinion/topics.html", context)


@login_required
@require_GET
def topic(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One story: how loud, where, by whom, what was said, and what people did to it."""
    require(request.user, "see_topics")
    shown = one_topic(uuid)
    return render(request, "opinion/topic.html", topic_context(request, shown, TitleForm(instance=shown)))


def topic_context(request: DeskRequest, shown: Topic, form: TitleForm) -> dict[str, Any]:
    now = clock.now(shown.exercise)
    posts = Paginator(selectors.originals_of(shown), POSTS).get_page(request.GET.get("page"))
    page = selectors.topic_page(shown, now=now)
    may_regroup = may(request.user, "regroup", shown) and shown.merged_into_id is None
    return {
        "topic": shown,
        "exercise": shown.exercise,
        "page": page,
        "chart": chart_of(page.curve),
        "chart_label": _("Posts about it by hour, by sentiment"),
        "page_obj": posts,
        "groups": selectors.groups_of(list(posts.object_list)),
        "may_regroup": may_regroup,
        "nearby": selectors.stories_nearby(shown) if may_regroup else [],
        "title_form": form,
        "now": now,
    }


def one_topic(uuid: UUID) -> Topic:
    rows = Topic.everywhere.select_related("watch", "exercise", "merged_into", "titled_by")
    return get_object_or_404(rows, uuid=uuid)


# --- putting together, taking apart ----------------------------------------------------------------------------------
@login_required
@require_POST
def rename_topic(request: DeskRequest, uuid: UUID) -> HttpResponse:
    shown = one_topic(uuid)
    require(request.user, "regroup", shown)
    called = shown.title
    form = TitleForm(request.POST, instance=shown)
    if not form.is_valid():
        shown.title = called
        return render(request, "opinion/topic.html", topic_context(request, shown, form), status=422)
    title, seen = form.cleaned_data["title"], form.cleaned_data["seen"]
    try:
        regrouping.rename(shown, title, actor=request.user, seen_title=seen)
    except Stale:
        changes = [(_("Title"), title, one_topic(uuid).title)]
        context = {"changes": changes, "back_url": reverse("opinion:topic", args=[uuid])}
        return render(request, "errors/409.html", context, status=409)
    messages.success(request, _("It is called that from now on."))
    return redirect("opinion:topic", uuid)


@login_required
@require_POST
def merge_topics(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Put another story into this one; the toast and the history take it back."""
    shown = one_topic(uuid)
    require(request.user, "regroup", shown)
    form = OtherTopicForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose the topic to put into this one."))
        return redirect("opinion:topic", uuid)
    other = form.cleaned_data["other"]
    try:
        change = regrouping.merge(shown, other, actor=request.user, now=now_at(shown))
    except regrouping.CannotRegroup:
        messages.error(request, _("Only two topics of one watch can be put together."))
        return redirect("opinion:topic", uuid)
    except Stale:
        return stale(request, uuid)
    said = _("Put together: %(title)s went into this topic.") % {"title": other.title[:30]}
    messages.success(request, said, extra_tags=undo_tag(change))
    return redirect("opinion:topic", uuid)


@login_required
@require_POST
def split_topic(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Take the ticked posts out into a story of their own."""
    shown = one_topic(uuid)
    require(request.user, "regroup", shown)
    ticked = [found for found in map(as_uuid, request.POST.getlist("post")) if found]
    posts = list(selectors.originals_of(shown).filter(uuid__in=ticked))
    try:
        change = regrouping.split(shown, posts, actor=request.user, now=now_at(shown))
    except regrouping.CannotRegroup:
        messages.error(request, _("Tick the posts that are about something else, and leave at least one."))
        return redirect("opinion:topic", uuid)
    except Stale:
        return stale(request, uuid)
    number = len(posts)
    said = ngettext("%(n)d post is a topic of its own now.", "%(n)d posts are a topic of their own now.", number)
    messages.success(request, said % {"n": number}, extra_tags=undo_tag(change))
    return redirect("opinion:topic", change.other.uuid)


@login_required
@require_POST
def undo_topic_change(request: DeskRequest, uuid: UUID) -> HttpResponse:
    change = get_object_or_404(TopicChange.objects.select_related("topic__exercise", "other"), uuid=uuid)
    require(request.user, "regroup", change.topic)
    try:
        regrouping.undo(change, actor=request.user, now=now_at(change.topic))
    except Stale:
        return stale(request, change.topic.uuid)
    messages.success(request, _("Undone: the posts are where they were."))
    return redirect("opinion:topic", change.topic.uuid)


def now_at(shown: Topic) -> datetime:
    return clock.now(shown.exercise)


def undo_tag(change: TopicChange) -> str:
    return f"undo:{reverse('opinion:undo-topic-change', args=[change.uuid])}"


def stale(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return render(request, "errors/409.html", {"back_url": reverse("opinion:topic", args=[uuid])}, status=409)


# --- 合并同类 --------------------------------------------------------------------------------------------------------
@login_required
def fold_post(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Same as …: the likely originals of a post; choosing one folds it. What was folded by hand is taken apart here."""
    require(request.user, "see_posts")
    posts = Post.everywhere.visible_to(request.user).select_related("source", "original__source", "exercise")
    post = get_object_or_404(posts, uuid=uuid)
    if request.method == "POST":
        return fold_into(request, post)
    may_fold = may(request.user, "fold", post)
    now = clock.now(post.exercise)
    context = {
        "post": post,
        "likely": folding.likely_originals(post, now=now) if may_fold and post.original_id is None else [],
        "folds": selectors.folds_of(post),
        "may_fold": may_fold,
        "next": back_to(request, reverse("monitoring:open-post", args=[uuid])),
        "now": now,
    }
    return render(request, "opinion/fold.html#panel" if request.htmx else "opinion/fold.html", context)


def fold_into(request: DeskRequest, post: Post) -> HttpResponse:
    require(request.user, "fold", post)
    into = get_object_or_404(Post.everywhere.visible_to(request.user), uuid=as_uuid(request.POST.get("into", "")))
    post.version = as_number(request.POST.get("version", ""))
    here = reverse("opinion:fold", args=[post.uuid])
    try:
        fold = folding.fold_by_hand(post, into, actor=request.user, now=clock.now(post.exercise))
    except folding.CannotFold:
        messages.error(
            request, _("It cannot be folded into that post: one of them is a copy, or belongs to an incident.")
        )
        return redirect(here)
    except Stale:
        return render(request, "errors/409.html", {"back_url": here}, status=409)
    undo = reverse("opinion:unfold", args=[fold.uuid])
    said = _("Folded into: %(title)s") % {"title": str(into)[:30]}
    messages.success(request, said, extra_tags=f"undo:{undo}")
    return redirect(back_to(request, reverse("monitoring:inbox")))


@login_required
@require_POST
def unfold_post(request: DeskRequest, uuid: UUID) -> HttpResponse:
    fold = get_object_or_404(Fold.objects.select_related("post__exercise", "into"), uuid=uuid)
    require(request.user, "fold", fold.post)
    back = reverse("monitoring:open-post", args=[fold.post.uuid])
    try:
        folding.unfold(fold, actor=request.user, now=clock.now(fold.post.exercise))
    except Stale:
        return render(request, "errors/409.html", {"back_url": back}, status=409)
    messages.success(request, _("It stands for itself again: %(title)s") % {"title": str(fold.post)[:30]})
    return redirect(back)


def back_to(request: DeskRequest, otherwise: str) -> str:
    """Where the person came from, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if is_ours else otherwise
