"""搜索: one box, a tab for each kind of thing that may be seen, and the searches a person keeps."""

import csv
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest, as_uuid
from audit.export import BOM, Line, safe_cell
from audit.services import record
from config.search.forms import NameForm, SearchForm
from config.search.registry import Asked, Kind, kinds_for, posts_left
from opinion.forms import rule_error
from opinion.models import Post, SavedSearch
from opinion.permissions import may, require
from opinion.rules import RuleError
from opinion.search import Query
from opinion.selectors import search as posts
from opinion.services import searches

MOST_EXPORTED = 5000


@login_required
def search(request: DeskRequest) -> HttpResponse:
    """What was found of the chosen kind, and how much of the others."""
    kinds = kinds_for(request.user)
    if not kinds:
        raise PermissionDenied("search")
    form, now = SearchForm(request.GET), clock.now()
    kind = next((each for each in kinds if each.code == request.GET.get("kind")), kinds[0])
    query, refused = _read(form.rule)
    asks = not refused and bool(query or form.chosen)
    context: dict[str, Any] = {
        "form": form,
        "kind": kind,
        "refused": refused,
        "asks": asks,
        "saved": [(kept, address_of(kept)) for kept in SavedSearch.objects.filter(owner=request.user)],
        "may_edit_watches": may(request.user, "edit_watches"),
        "may_export": kind.code == "posts" and may(request.user, "export_posts"),
        "address": form.address(),
        "name_form": NameForm(initial={"name": form.rule.strip()[:80]}),
        "spans": [(code, label, form.address(span=code)) for code, label in _spans(form)],
        "is_old": bool(request.GET.get("after")),
        "now": now,
        **(_answer(request, form, kinds, kind, query, now) if asks else {}),
    }
    return render(request, "config/search.html", context, status=422 if refused else 200)


def _read(rule: str) -> tuple[Query | None, str]:
    """The words as a query, or the sentence that says why they cannot be read."""
    try:
        return posts.query(rule), ""
    except RuleError as error:
        return None, rule_error(error)


def _spans(form: SearchForm) -> list[tuple[str, str]]:
    return [(code, str(label)) for code, label in form.fields["span"].choices if code]  # type: ignore[attr-defined]


def _answer(
    request: DeskRequest, form: SearchForm, kinds: Iterable[Kind], kind: Kind, query: Query | None, now: datetime
) -> dict[str, Any]:
    filters, after = form.filters(now), as_uuid(request.GET.get("after", ""))
    answers = {each: each.find(Asked(request.user, query, filters, after, is_open=each is kind)) for each in kinds}
    return {
        "tabs": [(each, answer.total, form.address(kind=each.code)) for each, answer in answers.items()],
        "answer": answers[kind],
        "left_out": [str(form.fields[name].label) for name in form.chosen if name not in kind.filters],
        "first_heard": posts.first_heard(),
        "older": form.address(kind=kind.code),
        "words_with_copies": query is not None and bool(form.chosen.get("copies")),
        "make_watch": f"{reverse('opinion:add-watch')}?{urlencode({'rule': form.rule.strip()})}",
    }


# --- export ----------------------------------------------------------------------------------------------------------
@login_required
@require_POST
def export(request: DeskRequest) -> HttpResponseBase:
    """The posts that were found as a spreadsheet, at most 5,000; that it was taken is on the record."""
    require(request.user, "export_posts")
    form, now = SearchForm(request.GET), clock.now()
    query, refused = _read(form.rule)
    if refused:
        return redirect(f"{reverse('search')}?{form.address()}")
    with transaction.atomic():
        detail = {"query": form.rule, "filters": form.as_words, "most": MOST_EXPORTED}
        record("opinion.posts_exported", actor=request.user, subject="posts", detail=detail)
    left = posts.candidates(posts_left(request.user, form.filters(now)), query)
    found = posts.every(left, query, most=MOST_EXPORTED)
    response = StreamingHttpResponse(_csv_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="posts-{timezone.localtime(now):%Y%m%d-%H%M}.csv"'
    return response


def _csv_lines(found: Iterable[Post]) -> Iterator[str]:
    writer: Any = csv.writer(Line())
    names = [_("Published"), _("Platform"), _("Source"), _("Author"), _("Region"), _("Title"), _("Text")]
    yield BOM + writer.writerow([*names, _("Sentiment"), _("Alike"), _("Address")])
    for post in found:
        cells = [
            f"{timezone.localtime(post.published_at):%Y-%m-%d %H:%M:%S}",
            post.said_on,
            post.source.name,
            post.author,
            post.region,
            post.title,
            post.text,
            str(post.get_sentiment_display()),
            str(post.copy_count),
            post.url,
        ]
        yield writer.writerow([safe_cell(cell) for cell in cells])


# --- searches that are kept ------------------------------------------------------------------------------------------
@login_required
@require_POST
def save_search(request: DeskRequest) -> HttpResponse:
    """Keep the search of the address under a name."""
    if not kinds_for(request.user):
        raise PermissionDenied("save_search")
    form, name_form = SearchForm(request.GET), NameForm(request.POST)
    back = redirect(f"{reverse('search')}?{form.address()}")
    _query, refused = _read(form.rule)
    if refused or not name_form.is_valid():
        messages.error(request, refused or _("Give the search a name of up to 80 characters."))
        return back
    name = name_form.cleaned_data["name"]
    try:
        searches.save_search(
            name=name, query=form.rule.strip(), filters=form.as_words, actor=request.user, now=clock.now()
        )
    except searches.NameTaken:
        messages.error(request, _("You keep a search of this name already."))
    except searches.TooMany:
        messages.error(request, _("You keep as many searches as there is room for. Delete one first."))
    else:
        messages.success(request, _("Kept: %(name)s") % {"name": name})
    return back


@login_required
def saved_search(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Call a kept search something else."""
    kept = get_object_or_404(SavedSearch, owner=request.user, uuid=uuid)
    form = NameForm(request.POST or None, instance=SavedSearch.objects.get(pk=kept.pk))
    if request.method == "POST" and form.is_valid():
        try:
            searches.rename_search(kept, name=form.cleaned_data["name"], actor=request.user)
        except searches.NameTaken:
            form.add_error("name", _("You keep a search of this name already."))
        else:
            return redirect("search")
    context = {"kept": kept, "form": form, "address": address_of(kept)}
    return render(request, "config/saved_search.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def delete_search(request: DeskRequest, uuid: UUID) -> HttpResponse:
    kept = get_object_or_404(SavedSearch, owner=request.user, uuid=uuid)
    searches.delete_search(kept, actor=request.user)
    messages.success(request, _("Deleted: %(name)s") % {"name": kept.name})
    return redirect("search")


def address_of(kept: SavedSearch) -> str:
    """Where a kept search leads."""
    return f"{reverse('search')}?{urlencode({'q': kept.query, **kept.filters})}"
