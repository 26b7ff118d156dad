"""Letters of authority, break-glass, delegations."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.forms import BreakGlassForm, DelegationForm, LetterForm, posted
from accounts.models import BreakGlass, Delegation, LetterOfAuthority
from accounts.permissions import may, require
from accounts.requests import DeskRequest
from accounts.selectors import delegations_in_force, speakers
from accounts.services import Refused
from accounts.services import authority as services

HISTORY = 20  # delegations that are over and still shown


# --- letters of authority --------------------------------------------------------------------------------------------
@login_required
def letters(request: DeskRequest) -> HttpResponse:
    """Who speaks for the company, on what, until when; 组长 and 副组长 issue and revoke here."""
    require(request.user, "see_people")
    now = clock.now()
    signs = may(request.user, "revoke_letter")
    form = LetterForm(posted(request), initial={"starts_on": timezone.localdate(now)}) if signs else None
    if request.method == "POST":
        require(request.user, "revoke_letter")  # whoever may not sign at all; `issue_letter` asks about the person, too
        if form and form.is_valid():
            try:
                services.issue_letter(actor=request.user, now=now, **form.cleaned_data)
                messages.success(request, _("The letter of authority is issued."))
                return redirect("accounts:letters")
            except Refused as refused:
                form.add_error(None, str(refused))
    rows = LetterOfAuthority.objects.select_related("person", "issued_by", "revoked_by").prefetch_related(
        "person__groups"
    )
    context = {
        "form": form,
        "letters": [(letter, letter.state_on(timezone.localdate(now))) for letter in rows[:50]],
        "speakers": speakers(now),
        "signs": signs,
        "now": now,
    }
    return render(request, "accounts/letters.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def revoke_letter(request: DeskRequest, uuid: UUID) -> HttpResponse:
    letter = get_object_or_404(LetterOfAuthority.objects.select_related("person"), uuid=uuid)
    try:
        services.revoke_letter(letter, actor=request.user, now=clock.now())
        messages.success(request, _("The letter of authority is revoked."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:letters")


# --- break-glass -----------------------------------------------------------------------------------------------------
@login_required
def break_glass(request: DeskRequest) -> HttpResponse:
    """Speak because neither spokesperson can be reached; and what was taken before."""
    require(request.user, "see_people")
    now = clock.now()
    may_take = may(request.user, "take_break_glass")
    form = BreakGlassForm(posted(request)) if may_take else None
    if request.method == "POST":
        require(request.user, "take_break_glass")
        if form and form.is_valid():
            try:
                services.take_break_glass(actor=request.user, now=now, **form.cleaned_data)
                messages.success(request, _("You may speak for the company now. The leadership group has been told."))
                return redirect("accounts:break-glass")
            except Refused as refused:
                form.add_error(None, str(refused))
    taken = [
        {
            "glass": glass,
            "runs": glass.ends_at > now,
            "may_end": glass.ends_at > now and may(request.user, "end_break_glass", glass),
        }
        for glass in BreakGlass.objects.select_related("person", "ended_by")[:20]
    ]
    context = {"form": form, "taken": taken, "speakers": speakers(now), "now": now}
    return render(request, "accounts/break_glass.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def end_break_glass(request: DeskRequest, uuid: UUID) -> HttpResponse:
    glass = get_object_or_404(BreakGlass.objects.select_related("person"), uuid=uuid)
    try:
        services.end_break_glass(glass, actor=request.user, now=clock.now())
        messages.success(request, _("The break-glass is over."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:break-glass")


# --- delegations -----------------------------------------------------------------------------------------------------
@login_required
def delegation(request: DeskRequest) -> HttpResponse:
    """My delegation: who decides for me while I am away, and for whom I decide."""
    now = clock.now()
    may_delegate = may(request.user, "delegate")
    initial = {"starts_on": timezone.localdate(now)}
    form = DelegationForm(posted(request), principal=request.user, initial=initial) if may_delegate else None
    if request.method == "POST":
        require(request.user, "delegate")
        if form and form.is_valid():
            starts_at, ends_at = form.times(now)
            try:
                services.delegate(
                    form.cleaned_data["delegate"],
                    reason=form.cleaned_data["reason"],
                    starts_at=starts_at,
                    ends_at=ends_at,
                    actor=request.user,
                    now=now,
                )
                messages.success(request, _("Your delegation is written down."))
                return redirect("accounts:delegation")
            except Refused as refused:
                form.add_error(None, str(refused))
    rows = Delegation.objects.select_related("principal", "delegate")
    alive = rows.filter(revoked_at__isnull=True, ends_at__gt=now)
    signs = may(request.user, "revoke_letter")
    over = rows.filter(Q(revoked_at__isnull=False) | Q(ends_at__lte=now))
    context = {
        "form": form,
        "mine": alive.filter(principal=request.user),
        "held": delegations_in_force(now).filter(delegate=request.user).select_related("principal"),
        "others": alive.exclude(principal=request.user) if signs else [],
        "over": (over if signs else over.filter(Q(principal=request.user) | Q(delegate=request.user)))[:HISTORY],
        "now": now,
    }
    return render(request, "accounts/delegation.html", context, status=422 if form and form.errors else 200)


@login_required
@require_POST
def revoke_delegation(request: DeskRequest, uuid: UUID) -> HttpResponse:
    row = get_object_or_404(Delegation.objects.select_related("principal", "delegate"), uuid=uuid)
    try:
        services.revoke_delegation(row, actor=request.user, now=clock.now())
        messages.success(request, _("The delegation is over."))
    except Refused as refused:
        messages.error(request, str(refused))
    return redirect("accounts:delegation")
