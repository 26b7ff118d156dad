"""自定义词语: the words of the company's own, beside the shipped lists."""

from copy import copy
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from opinion.forms import SwitchForm, TermForm
from opinion.models import CompanyTerm
from opinion.permissions import may, require
from opinion.services import terms as services


@login_required
def terms(request: DeskRequest) -> HttpResponse:
    """Every word of ours: what it is, where it counts, who added it."""
    require(request.user, "see_terms")
    context = {
        "terms": CompanyTerm.objects.select_related("watch", "added_by"),
        "may_edit": may(request.user, "edit_terms"),
    }
    return render(request, "opinion/terms.html", context)


@login_required
def add_term(request: DeskRequest) -> HttpResponse:
    require(request.user, "edit_terms")
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        term = form.save(commit=False)
        term.added_at = clock.now()
        services.add_term(term, actor=request.user)
        messages.success(request, _("The word counts from the next posts on. Scores that were given stay."))
        return redirect("opinion:terms")
    return _form_page(request, form, None)


@login_required
def change_term(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change a word. Where somebody was faster, both states are shown and nothing is saved."""
    require(request.user, "edit_terms")
    shown = get_object_or_404(CompanyTerm, uuid=uuid)
    form = TermForm(request.POST or None, instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, shown)
    try:
        services.change_term(
            form.save(commit=False), seen_version=form.cleaned_data["version"] or 0, actor=request.user
        )
    except Stale:
        current = get_object_or_404(CompanyTerm, uuid=uuid)
        return render(request, "errors/409.html", {"changes": _differences(form, current)}, status=409)
    messages.success(request, _("Saved. It counts from the next posts on; scores that were given stay."))
    return redirect("opinion:terms")


@login_required
@require_POST
def switch_term(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Off or on, as the person saw it."""
    require(request.user, "edit_terms")
    term = get_object_or_404(CompanyTerm, uuid=uuid)
    form = SwitchForm(request.POST)
    if form.is_valid():
        term.is_enabled = form.cleaned_data["on"]
        try:
            services.change_term(term, seen_version=form.cleaned_data["version"], actor=request.user)
        except Stale:
            return render(request, "errors/409.html", {"back_url": reverse("opinion:terms")}, status=409)
    return redirect("opinion:terms")


def _form_page(request: DeskRequest, form: TermForm, term: CompanyTerm | None) -> HttpResponse:
    return render(request, "opinion/term_form.html", {"form": form, "term": term}, status=422 if form.errors else 200)


def _differences(form: TermForm, current: CompanyTerm) -> list[tuple[str, str, str]]:
    """What a person wrote beside what stands there now, by field, where they differ."""
    rows = []
    for name in services.EDITABLE:
        mine, theirs = form.cleaned_data[name], getattr(current, name)
        if mine != theirs:
            rows.append((str(form.fields[name].label), str(mine or ""), str(theirs or "")))
    return rows
