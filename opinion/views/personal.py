"""个人信息请求: what a person asked, what is kept about them, and the answer. And the original of one masked post."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.fresh import ask_again, is_fresh
from accounts.requests import DeskRequest, as_number
from accounts.versions import Stale
from audit.export import BOM, safe_cell
from opinion import tasks
from opinion.models import PersonalRequest, Post, PostOriginal
from opinion.permissions import may, require
from opinion.personal_forms import OpenOriginalForm, RequestForm
from opinion.selectors import personal as selectors
from opinion.services import erasure
from opinion.services import personal as services

PAGE = 30
COLUMNS = ("kind", "platform", "published_at", "author", "title", "text", "url", "first_seen_at")


def _says_who_was_faster(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: DeskRequest, uuid: UUID) -> HttpResponse:
        try:
            return view(request, uuid)
        except Stale:
            context = {"back_url": reverse("opinion:personal-request", args=[uuid])}
            return render(request, "errors/409.html", context, status=409)

    return wrapped


def _version(request: DeskRequest) -> int:
    return as_number(request.POST.get("version", ""))


@login_required
def personal(request: DeskRequest) -> HttpResponse:
    """Every request, the newest first; who they are about is on the page of each, for those who answer."""
    require(request.user, "see_personal_requests")
    page = Paginator(selectors.requests(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(asked, selectors.state_of(asked)) for asked in page],
        "may_answer": may(request.user, "answer_personal_requests"),
        "kept_for": selectors.kept_for(),
    }
    return render(request, "opinion/personal.html", context)


@login_required
def enter_personal(request: DeskRequest) -> HttpResponse:
    require(request.user, "answer_personal_requests")
    form = RequestForm(request.POST or None, initial={"asked_on": localdate()})
    if request.method == "POST" and form.is_valid():
        asked = services.enter_request(**form.cleaned_data, actor=request.user, now=clock.now())
        transaction.on_commit(tasks.look_for_people.delay)
        return redirect("opinion:personal-request", asked.uuid)
    return render(request, "opinion/personal_enter.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
def personal_request(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """What was found about one person, and the answer to give."""
    require(request.user, "answer_personal_requests")
    context = _context(uuid)
    part = "#findings" if request.htmx else ""
    return render(request, f"opinion/personal_request.html{part}", context)


def _context(uuid: UUID) -> dict[str, Any]:
    asked = get_object_or_404(selectors.requests(), uuid=uuid)
    return {"asked": asked, "found": selectors.findings(asked), "now": clock.now()}


@login_required
@require_POST
@_says_who_was_faster
def look_again(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "answer_personal_requests")
    asked = get_object_or_404(PersonalRequest, uuid=uuid)
    services.look_again(asked, seen_version=_version(request), actor=request.user)
    transaction.on_commit(tasks.look_for_people.delay)
    return redirect("opinion:personal-request", uuid)


@login_required
@require_POST
@never_cache
@_says_who_was_faster
def export_personal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The copy, once: a ZIP with the same rows as JSON and as a table."""
    require(request.user, "answer_personal_requests")
    asked = get_object_or_404(PersonalRequest, uuid=uuid)
    copy = services.answer_with_copy(asked, seen_version=_version(request), actor=request.user, now=clock.now())
    response = HttpResponse(_zipped(copy), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="personal-{asked.asked_on:%Y%m%d}-{asked.pk}.zip"'
    return response


def _zipped(copy: dict[str, Any]) -> bytes:
    table, packed = io.StringIO(), io.BytesIO()
    writer = csv.writer(table)
    writer.writerow(COLUMNS)
    for kind, rows in (("own", copy["posts"]), ("mention", copy["mentions"])):
        writer.writerows([kind, *(safe_cell(row[name]) for name in COLUMNS[1:])] for row in rows)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("posts.json", json.dumps(copy, ensure_ascii=False, indent=1))
        file.writestr("posts.csv", BOM + table.getvalue())
    return packed.getvalue()


@login_required
@never_cache
@_says_who_was_faster
def erase_personal(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The check page with the numbers, then the erasure itself. Both need a fresh credential."""
    require(request.user, "answer_personal_requests")
    if not is_fresh(request):
        return ask_again(request, reverse("opinion:erase-personal", args=[uuid]))
    context = _context(uuid)
    asked = context["asked"]
    if context["found"].state != "found" or asked.kind != PersonalRequest.Kind.ERASE:
        return redirect("opinion:personal-request", uuid)
    if request.method == "POST" and request.POST.get("confirm") == "yes":
        erasure.order_erasure(asked, seen_version=_version(request), actor=request.user, fresh=is_fresh(request))
        transaction.on_commit(tasks.erase_people.delay)
        messages.success(request, _("Ordered. The worker erases now; the answer is written down when it is done."))
        return redirect("opinion:personal-request", uuid)
    return render(request, "opinion/personal_erase.html", context)


@login_required
@never_cache
def open_original(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Ask why, write it down, show it once: the page with the original answers the form and has no address."""
    require(request.user, "open_original")
    post = get_object_or_404(Post.everywhere.visible_to(request.user).select_related("source"), uuid=uuid)
    form = OpenOriginalForm(request.POST or None)
    context: dict[str, Any] = {"post": post, "form": form, "now": clock.now()}
    context["is_there"] = PostOriginal.objects.filter(post=post).exists()
    if request.method == "POST" and context["is_there"] and form.is_valid():
        context["said"] = services.open_original(post, actor=request.user, reason=form.cleaned_data["reason"])
    return render(request, "opinion/personal_original.html", context, status=422 if form.errors else 200)
