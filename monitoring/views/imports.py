"""Files of posts: bring one, name its columns, watch it being taken in, look at what became of it, take it back."""

import csv
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.export import csv_file, safe_cell
from monitoring import tasks
from monitoring.forms.imports import BringForm, ImportFilterForm, MappingForm
from monitoring.forms.inbox import VersionForm
from monitoring.models import Import
from monitoring.permissions import require
from monitoring.reading.rows import PRESETS, REASONS, UNREADABLE
from monitoring.reading.tables import Unreadable
from monitoring.selectors import imports as selectors
from monitoring.services import imports as services
from monitoring.services.previewing import preview

PAGE = 50
BUSY = (Import.State.WAITING, Import.State.RUNNING, Import.State.UNDOING)


@login_required
def imports(request: DeskRequest) -> HttpResponse:
    """Every file that was brought: by whom, how far it is, what it brought."""
    require(request.user, "import_posts")
    form = ImportFilterForm(request.GET)
    page = Paginator(selectors.imports(form.chosen), PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "form": form, "is_filtered": bool(form.chosen), "now": clock.now()}
    return render(request, "monitoring/imports.html", context)


@login_required
def add_import(request: DeskRequest) -> HttpResponse:
    """Bring a file. Nothing of it is stored before its columns were named."""
    require(request.user, "import_posts")
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        source = said["source"] or services.source_for(
            said["name"], source_class=said["source_class"], platform=said["platform"]
        )
        try:
            brought = services.bring(
                said["file"].name,
                said["file"].read(),
                preset=said["preset"],
                source=source,
                watch=said["watch"],
                actor=request.user,
                now=clock.now(),
            )
        except services.Refused as refused:
            form.add_error("file", str(UNREADABLE[refused.reason]))
        else:
            return redirect("monitoring:import", brought.uuid)
    elif request.FILES and not form.has_error("file"):
        form.add_error("file", _("Choose the file once more: a browser does not keep it."))
    context = {"form": form, "presets": PRESETS}
    return render(request, "monitoring/import_form.html", context, status=422 if form.errors else 200)


@login_required
def import_template(request: DeskRequest, preset: str) -> HttpResponse:
    """An empty table with the columns we know by name."""
    require(request.user, "import_posts")
    if preset not in PRESETS:
        raise Http404
    response = csv_file(f"template-{preset}", clock.now())
    csv.writer(response).writerow(PRESETS[preset].columns)
    return response


@login_required
def one_import(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One file, as far as it is: its columns to be named, or how far it is, or what became of it."""
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid)
    if one.state == Import.State.MAPPING:
        return _mapping_page(request, one)
    page = "monitoring/import.html#state" if request.htmx else "monitoring/import.html"
    return render(request, page, _context(request, one))


def _context(request: DeskRequest, one: Import) -> dict[str, Any]:
    going_back = one.state in (Import.State.UNDOING, Import.State.UNDONE)
    went_back = selectors.went_back(one) if going_back else 0
    return {
        "one": one,
        "is_busy": one.state in BUSY,
        "done": went_back if one.state == Import.State.UNDOING else one.done,
        "all": one.stored if one.state == Import.State.UNDOING else max(one.rows, one.done),
        "went_back": went_back,
        "kept": selectors.kept_posts(one, request.user) if one.state == Import.State.UNDONE else [],
        "rejected": [(row, REASONS.get(row.reason, row.reason)) for row in one.rejected_rows.all()[:20]],
        "failure": UNREADABLE.get(one.words, one.words),
        "may_go_back": one.started_at and one.state in (Import.State.DONE, Import.State.FAILED),
        "now": clock.now(),
    }


# --- naming the columns ----------------------------------------------------------------------------------------------
def _mapping_page(
    request: DeskRequest, one: Import, form: MappingForm | None = None, problem: str = ""
) -> HttpResponse:
    try:
        columns, rows = preview(one, clock.now())
    except Unreadable as unreadable:
        columns, rows, problem = [], [], str(UNREADABLE[unreadable.reason])
    context = {
        "one": one,
        "form": form or MappingForm(None, columns=columns, mapping=one.mapping, version=one.version),
        "columns": columns,
        "rows": [(row, REASONS.get(row.problem.reason, "") if row.problem else "") for row in rows],
        "problem": problem,
        "now": clock.now(),
    }
    page = "monitoring/import_mapping.html#preview" if request.htmx else "monitoring/import_mapping.html"
    return render(request, page, context, status=422 if problem and not request.htmx else 200)


@login_required
def preview_import(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The first rows under the columns chosen in the form; nothing is saved."""
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid, state=Import.State.MAPPING)
    form = _mapping_form(request, one, request.GET)
    if form is not None:
        one.mapping = form.mapping
    return _mapping_page(request, one, form)


def _mapping_form(request: DeskRequest, one: Import, data: Any) -> MappingForm | None:
    try:
        columns = services.columns_of(one)
    except Unreadable:
        return None
    return MappingForm(data, columns=columns, mapping=one.mapping, version=one.version)


@login_required
@require_POST
def start_import(request: DeskRequest, uuid: UUID) -> HttpResponse:
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid)
    if one.state != Import.State.MAPPING:
        return redirect("monitoring:import", uuid)
    form = _mapping_form(request, one, request.POST)
    if form is None or not form.is_valid():
        return _mapping_page(request, one, form, _("Choose the columns again."))
    try:
        services.start(
            one,
            form.mapping,
            seen_version=form.cleaned_data["version"],
            actor=request.user,
            now=clock.now(),
        )
    except services.Refused:
        one.mapping = form.mapping
        return _mapping_page(request, one, form, _("Say in which column the title or the text stands."))
    except Stale:
        return _stale(request, uuid)
    transaction.on_commit(tasks.work_imports.delay, robust=True)  # without the bell the sweep finds it
    return redirect("monitoring:import", uuid)


# --- what became of it -----------------------------------------------------------------------------------------------
@login_required
@require_POST
def take_back_import(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """The undo of a whole import."""
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid)
    form = VersionForm(request.POST)
    try:
        services.ask_to_take_back(
            one,
            seen_version=form.cleaned_data["version"] if form.is_valid() else 0,
            actor=request.user,
            now=clock.now(),
        )
    except (services.Refused, Stale):
        return _stale(request, uuid)
    transaction.on_commit(tasks.work_imports.delay, robust=True)
    messages.success(request, _("It is being taken back."))
    return redirect("monitoring:import", uuid)


def _stale(request: DeskRequest, uuid: UUID) -> HttpResponse:
    back = reverse("monitoring:import", args=[uuid])
    return render(request, "errors/409.html", {"back_url": back}, status=409)


@login_required
def import_posts(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """What a file brought."""
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid)
    page = Paginator(selectors.posts_of(one, request.user), PAGE).get_page(request.GET.get("page"))
    return render(request, "monitoring/import_posts.html", {"one": one, "page_obj": page, "now": clock.now()})


@login_required
def rejected_rows(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Every row that was refused: its number in the file, the column, why. Its words are not kept."""
    require(request.user, "import_posts")
    one = get_object_or_404(selectors.imports(), uuid=uuid)
    response = csv_file("rejected-rows", clock.now())
    writer = csv.writer(response)
    writer.writerow([_("Row"), _("Column"), _("Why")])
    for row in one.rejected_rows.all().iterator(chunk_size=2000):
        writer.writerow([row.number, safe_cell(row.column), str(REASONS.get(row.reason, row.reason))])
    return response
