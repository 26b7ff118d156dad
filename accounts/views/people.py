"""The directory: people, their accounts, departments."""

from copy import copy
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import clock, lockout
from accounts.forms import (
    IdentityForm,
    NewDepartmentForm,
    NewPersonForm,
    PersonForm,
    RenameDepartmentForm,
    RoleChangeForm,
    posted,
)
from accounts.models import Department, LetterOfAuthority, User
from accounts.permissions import may, require
from accounts.requests import DeskRequest
from accounts.selectors import delegations_in_force, may_speak, people_for_list
from accounts.services import Refused
from accounts.services import people as services
from accounts.versions import Stale

ACTS_ON_A_PERSON = (
    "edit_person",
    "deactivate_person",
    "reactivate_person",
    "reset_password",
    "clear_second_factors",
    "unlock_person",
    "set_identity",
    "request_role_change",
    "see_role_changes",
    "issue_letter",
)


@login_required
def people(request: DeskRequest) -> HttpResponse:
    """Who works at the desk, by department: roles, state, letters, who stands in for whom."""
    require(request.user, "see_people")
    now = clock.now()
    found = people_for_list(request.user, now)
    words = request.GET.get("q", "").strip()[:100]
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(username__icontains=words) | Q(department__name__icontains=words)
        )
    context = {"people": found, "q": words, "may_add": may(request.user, "add_person"), "now": now}
    context["may_change_departments"] = may(request.user, "change_departments")
    return render(request, "accounts/people.html", context)


@login_required
def person(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One person: what they may do, on the strength of what, and what can be done with the account."""
    return render(request, "accounts/person.html", person_context(request, one_person(request, uuid)))


def one_person(request: DeskRequest, uuid: UUID) -> User:
    return get_object_or_404(User.objects.visible_to(request.user).select_related("department"), uuid=uuid)


def person_context(request: DeskRequest, shown: User) -> dict[str, object]:
    now = clock.now()
    acts = {act for act in ACTS_ON_A_PERSON if may(request.user, act, shown)}
    context: dict[str, object] = {
        "person": shown,
        "acts": acts,
        "speaks": may_speak(shown, now),
        "letters": LetterOfAuthority.objects.filter(person=shown).select_related("issued_by", "revoked_by")[:10],
        "given": delegations_in_force(now).filter(principal=shown).select_related("delegate").first(),
        "held": delegations_in_force(now).filter(delegate=shown).select_related("principal"),
        "now": now,
    }
    if "see_role_changes" in acts:
        context["changes"] = shown.role_changes.select_related("requested_by", "decided_by")[:20]
        context["factors"] = (
            Authenticator.objects.filter(user=shown).exclude(type=Authenticator.Type.RECOVERY_CODES).count()
        )
    identities = [
        (identity, {act for act in ("confirm_identity", "remove_identity") if may(request.user, act, identity)})
        for identity in shown.identities.select_related("person", "set_by", "confirmed_by")
    ]
    context["identities"] = identities
    context["sees_identities"] = shown == request.user or "set_identity" in acts or any(its for _one, its in identities)
    if "set_identity" in acts:
        context["identity_form"] = IdentityForm(person=shown, auto_id="identity_%s")
    if "unlock_person" in acts:
        context["locks"] = lockout.locks_of(shown.username, now)
    if "request_role_change" in acts:
        context["grant_form"] = RoleChangeForm(person=shown, grants=True, auto_id="grant_%s")
        context["take_form"] = RoleChangeForm(person=shown, grants=False, auto_id="take_%s")
    return context


@login_required
@never_cache
def add_person(request: DeskRequest) -> HttpResponse:
    """Open an account; the answer shows its one-time password, once."""
    require(request.user, "add_person")
    form = NewPersonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            added, password = services.add_person(actor=request.user, now=clock.now(), **form.cleaned_data)
            return password_shown(request, added, password)
        except Refused as refused:
            form.add_error("username", str(refused))
    return render(request, "accounts/add_person.html", {"form": form}, status=422 if form.errors else 200)


def password_shown(request: DeskRequest, shown: User, password: str) -> HttpResponse:
    """The one page on which a one-time password stands; the caller forbids caching it."""
    return render(request, "accounts/password_shown.html", {"person": shown, "password": password})


@login_required
def edit_person(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Change the directory entry. A stale form comes back with both states side by side."""
    shown = one_person(request, uuid)
    require(request.user, "edit_person", shown)
    form = PersonForm(posted(request), instance=copy(shown), initial={"version": shown.version})
    if request.method != "POST" or not form.is_valid():
        return render(
            request, "accounts/edit_person.html", {"form": form, "person": shown}, status=422 if form.errors else 200
        )
    try:
        services.edit_person(shown, actor=request.user, version=form.cleaned_data["version"], changes=form.cleaned_data)
    except Stale:
        return stale_person(request, one_person(request, uuid), form)
    messages.success(request, _("Saved"))
    return redirect("accounts:person", uuid)


def stale_person(request: DeskRequest, current: User, form: PersonForm) -> HttpResponse:
    """409: what stands there now beside what was typed; the form now carries the version that was shown."""
    fresh_form = PersonForm({**request.POST.dict(), "version": current.version}, instance=copy(current))
    differences = [
        (field.label, current_value(current, field.name), form.cleaned_data.get(field.name) or "")
        for field in form.visible_fields()
        if current_value(current, field.name) != (form.cleaned_data.get(field.name) or "")
    ]
    context = {"form": fresh_form, "person": current, "differences": differences}
    return render(request, "accounts/edit_person.html", context, status=409)


def current_value(row: User, name: str) -> object:
    return getattr(row, name) or ""


# --- acts of one button ----------------------------------------------------------------------------------------------
def act_on_person(request: DeskRequest, uuid: UUID, words: str, act: str, **kwargs: object) -> HttpResponse:
    """Do one act that needs nothing typed, and go back to the person with its outcome in words."""
    shown = one_person(request, uuid)
    try:
        getattr(services, act)(shown, actor=request.user, **kwargs)
        messages.success(request, words)
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:person", uuid)


@login_required
@require_POST
def deactivate_person(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return act_on_person(
        request, uuid, _("The account is off, its sessions have ended."), "deactivate_person", now=clock.now()
    )


@login_required
@require_POST
def unlock_person(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return act_on_person(request, uuid, _("Unlocked"), "unlock_person")


@login_required
@require_POST
def clear_second_factors(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return act_on_person(
        request, uuid, _("The second factors are gone, the sessions have ended."), "clear_second_factors"
    )


@login_required
@require_POST
@never_cache
def reset_password(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return act_with_password(request, uuid, "reset_password")


@login_required
@require_POST
@never_cache
def reactivate_person(request: DeskRequest, uuid: UUID) -> HttpResponse:
    return act_with_password(request, uuid, "reactivate_person")


def act_with_password(request: DeskRequest, uuid: UUID, act: str) -> HttpResponse:
    shown = one_person(request, uuid)
    try:
        password = getattr(services, act)(shown, actor=request.user, now=clock.now())
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("accounts:person", uuid)
    return password_shown(request, shown, password)


# --- departments -----------------------------------------------------------------------------------------------------
@login_required
def departments(request: DeskRequest) -> HttpResponse:
    """The departments, and a form for a new one."""
    require(request.user, "change_departments")
    form = NewDepartmentForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.add_department(actor=request.user, **form.cleaned_data)
            return redirect("accounts:departments")
        except Refused as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "departments": Department.objects.all()}
    return render(request, "accounts/departments.html", context, status=422 if form.errors else 200)


@login_required
def rename_department(request: DeskRequest, code: str) -> HttpResponse:
    require(request.user, "change_departments")
    department = get_object_or_404(Department, code=code)
    form = RenameDepartmentForm(posted(request), initial={"name": department.name, "version": department.version})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.rename_department(copy(department), actor=request.user, **form.cleaned_data)
                return redirect("accounts:departments")
            except Refused as refused:
                form.add_error("name", str(refused))
            except Stale:
                form = RenameDepartmentForm({"name": form.cleaned_data["name"], "version": department.version})
                status = 409
    context = {"form": form, "department": department, "stale": status == 409}
    return render(request, "accounts/rename_department.html", context, status=status)
