"""Sign-off: the page on the phone with the full text, and the decision in two taps."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.versions import Stale
from response.checks import checklist
from response.forms.statements import DecideForm
from response.models import SignOff, Statement, StatementImage, StatementVersion
from response.notnow import NotNow
from response.permissions import signs_as
from response.selectors.facts import facts_of
from response.selectors.signoffs import since_last_look
from response.selectors.statements import covered_by, findings_of, is_prepared, open_comments, version_in_full
from response.services import signing
from response.views.common import both_states, person_of, refused
from response.views.statements import texts_by_channel
from response.wording import paragraphs


@login_required
@never_cache
@require_GET
def signoff(request: HttpRequest, uuid: Any) -> HttpResponse:
    """A version to sign. A look is remembered; nothing is decided by a GET."""
    version = version_or_404(request, uuid)
    response = show(request, version)
    signing.look(version, person_of(request), clock.now(version.statement.exercise))
    return response


def version_or_404(request: HttpRequest, uuid: Any) -> StatementVersion:
    visible = Statement.everywhere.visible_to(person_of(request))
    found = get_object_or_404(StatementVersion, uuid=uuid, statement__in=visible)
    return version_in_full(found.pk)


def place_of(request: HttpRequest, version: StatementVersion) -> SignOff | None:
    """The place this person may sign now, if any."""
    if not version.is_in_review or version.is_returned:
        return None
    return next((one for one in version.signoffs.all() if one.is_waiting and signs_as(person_of(request), one)), None)


def show(
    request: HttpRequest, version: StatementVersion, form: DecideForm | None = None, status: int = 200
) -> HttpResponse:
    person, mine = person_of(request), place_of(request, version)
    found = findings_of(version)
    quoted = set(version.facts.values_list("pk", flat=True))
    ask = request.GET.get("ask", "") if mine else ""
    context = {
        "version": version,
        "statement": version.statement,
        "incident": version.statement.incident,
        "mine": mine,
        "acting_for": principal if mine and (principal := signs_as(person, mine)) != person else None,
        "ask": "return" if form is not None else ask,
        "form": form or DecideForm(),
        "compared": since_last_look(version, person),
        "paragraphs": paragraphs(version.text, found),
        "found": found,
        "checks": checklist(found, kind=version.statement.kind, let_pass=covered_by(version, found)),
        "comments": open_comments(version.statement),
        "override": next((one for one in version.overrides.all() if one.text_hash == version.text_hash), None),
        "channels": [row for row in texts_by_channel(version) if row["is_own"]],
        "is_prepared": is_prepared(version, timezone.localdate(clock.now(version.statement.exercise))),
        "facts": [fact for fact in facts_of(version.statement.incident) if fact.pk in quoted],
        "signoffs": version.signoffs.all(),
        "image": StatementImage.objects.filter(version=version).defer("png").first(),
        "newest": version.statement.newest,
        "now": clock.now(version.statement.exercise),
    }
    return render(request, "response/signoff.html", context, status=status)


@login_required
@require_POST
def decide_signoff(request: HttpRequest, uuid: Any) -> HttpResponse:
    """The second tap."""
    version = version_or_404(request, uuid)
    back = reverse("response:signoff", args=[version.uuid])
    place = place_of(request, version)
    if place is None:
        if not any(signs_as(person_of(request), one) for one in version.signoffs.all()):
            raise PermissionDenied("sign_statement")
        return both_states(request, [], back)  # it did wait for this person: somebody was faster, or it was revised
    form = DecideForm(request.POST)
    if not form.is_valid():
        return show(request, version, form, status=400)
    acts = {"approve": signing.approve, "return": signing.send_back}
    decision = form.cleaned_data["decision"]
    try:
        acts[decision](
            place,
            actor=person_of(request),
            now=clock.now(version.statement.exercise),
            seen_hash=form.cleaned_data["text_hash"],
            note=form.words,
        )
    except Stale:
        return both_states(request, [], back)
    except NotNow as reason:
        return refused(request, reason, back)
    messages.success(request, _("Signed.") if decision == "approve" else _("Returned. The writers have been told."))
    return redirect("incidents:approvals")
