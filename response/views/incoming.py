"""来函来电台账: the list and its export, one letter and its acts, the panel of an incident."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.versions import Stale
from audit.export import table_file
from audit.services import record
from incidents.refusals import ReasonNeeded
from response.forms.incoming import (
    CloseForm,
    DecideLineForm,
    HandOverForm,
    IncomingFilters,
    IncomingForm,
    LineForm,
    ReplyForm,
)
from response.models import Incoming
from response.notnow import NotNow
from response.permissions import may
from response.selectors.incoming import incoming_for, incoming_of
from response.services import attachments
from response.services import incoming as services
from response.views.common import both_states, incident_or_404, person_of

PAGE = 50
ACTS = ("handle_incoming", "hand_over_incoming", "approve_incoming", "close_incoming")


@login_required
@require_GET
def incoming(request: HttpRequest) -> HttpResponse:
    """The list under its filters, the next due first."""
    person, filters = person_of(request), IncomingFilters(request.GET)
    if not may(person, "see_incoming"):
        raise PermissionDenied("see_incoming")
    letters = filters.apply(incoming_for(person), person)
    context = {
        "page_obj": Paginator(letters, PAGE).get_page(request.GET.get("page")),
        "filters": filters,
        "is_filtered": bool(filters.chosen()),
        "may_enter": may(person, "enter_incoming"),
        "now": clock.now(),
    }
    return render(request, "response/incoming.html", context)


@login_required
@require_GET
def export_incoming(request: HttpRequest, suffix: str = "csv") -> HttpResponse:
    """The list under the filters of the page as a table; leaves an audit entry, since it leaves the desk."""
    person = person_of(request)
    if not may(person, "see_incoming"):
        raise PermissionDenied("see_incoming")
    head = (
        _("Number"), _("Kind"), _("How it came"), _("Who"), _("Their number"), _("What they ask"), _("Incident"),
        _("Received"), _("Answer by"), _("Who answers"), _("State"), pgettext("what everybody says", "Line"),
        _("Approved by"), _("Ended"), _("Proof"),
    )  # fmt: skip
    letters = IncomingFilters(request.GET).apply(incoming_for(person), person).select_related("approved_by")
    rows = [
        (
            letter.number, str(letter.get_kind_display()), str(letter.get_means_display()), letter.sender,
            letter.reference, letter.asks, letter.incident.public_name if letter.incident else "", letter.received_at,
            letter.due_at, str(letter.owner), str(letter.get_state_display()), letter.line,
            str(letter.approved_by or ""), letter.ended_at, letter.end_note or letter.proof_link,
        )
        for letter in letters
    ]  # fmt: skip
    with transaction.atomic():
        detail = {"rows": len(rows), "filters": request.GET.dict()}
        record("response.incoming_exported", actor=person, detail=detail)
    return table_file(suffix, "incoming", clock.now(), head, rows)


@login_required
@require_GET
def incoming_panel(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    now = clock.now(incident.exercise)
    letters = list(incoming_of(incident, person_of(request)))
    context = {
        "incident": incident,
        "letters": letters,
        "open_count": sum(letter.is_open for letter in letters),
        "late_count": sum(letter.is_open and letter.due_at < now for letter in letters),
        "may_enter": may(person_of(request), "enter_incoming"),
        "now": now,
    }
    return render(request, "response/incoming_panel.html", context)


@login_required
def enter_incoming(request: HttpRequest, number: str | None = None) -> HttpResponse:
    """Enter what came in; with an incident's number in the address, for that one, a drill's too."""
    person = person_of(request)
    incident = incident_or_404(request, number) if number else None
    if not may(person, "enter_incoming", incident):
        raise PermissionDenied("enter_incoming")
    now = clock.now(incident.exercise if incident else None)
    initial = {"received_at": localtime(now).replace(second=0), "owner": person.pk}
    form = IncomingForm(request.POST or None, request.FILES or None, person=person, initial=initial)
    if incident is not None:
        del form.fields["incident"]
        form.instance.incident = incident
    if request.method == "POST" and form.is_valid():
        chosen = incident or form.cleaned_data.get("incident")
        kept = attachments.lay_down(form.cleaned_data["brought"])
        try:
            letter = services.enter(
                form.cleaned_data, incident=chosen, owner=form.cleaned_data["owner"], actor=person, now=now, kept=kept
            )
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("%(number)s is entered.") % {"number": letter.number})
            return redirect(letter)
    context = {"form": form, "incident": incident}
    return render(request, "response/incoming_enter.html", context, status=422 if form.errors else 200)


def letter_or_404(request: HttpRequest, uuid: Any) -> Incoming:
    letters = Incoming.everywhere.visible_to(person_of(request)).select_related(
        "incident__exercise", "owner__department", "entered_by", "line_by", "approved_by", "acting_for", "ended_by",
        "original", "proof",
    )  # fmt: skip
    return get_object_or_404(letters, uuid=uuid)


@login_required
def incoming_one(request: HttpRequest, uuid: Any) -> HttpResponse:
    return show(request, letter_or_404(request, uuid))


def show(request: HttpRequest, letter: Incoming, status: int = 200, **bad: forms.Form) -> HttpResponse:
    """One letter with the forms this person may use; `bad` are those that were refused, under their names."""
    person, seen = person_of(request), {"version": letter.version}
    context = {
        "letter": letter,
        "incident": letter.incident,
        "may": {act: may(person, act, letter) for act in ACTS},
        "line_form": LineForm(initial={**seen, "line": letter.line}),
        "reply_form": ReplyForm(initial=seen),
        "close_form": CloseForm(initial=seen),
        "hand_over_form": HandOverForm(initial=seen),
        "decide_form": DecideLineForm(initial=seen),
        "is_late": letter.is_open and letter.due_at < clock.now(letter.exercise),
        "now": clock.now(letter.exercise),
        **bad,
    }
    return render(request, "response/incoming_one.html", context, status=status)


def act(
    request: HttpRequest, letter: Incoming, name: str, form: forms.Form, do: Callable[[dict[str, Any]], Any], done: str
) -> HttpResponse:
    """Read the form, do it, and say how it went, on the letter's page."""
    if not form.is_valid():
        return show(request, letter, 422, **{name: form})
    try:
        do(form.cleaned_data)
    except Stale:
        there = Incoming.everywhere.get(pk=letter.pk)
        rows = [
            (str(_("state")), str(letter.get_state_display()), str(there.get_state_display())),
            (str(pgettext("what everybody says", "Line")), str(form.data.get("line", "")), there.line),
        ]
        return both_states(request, rows, letter.get_absolute_url())
    except (NotNow, ReasonNeeded) as reason:
        messages.error(request, str(reason))
        return redirect(letter)
    messages.success(request, done)
    return redirect(letter)


def how(request: HttpRequest, letter: Incoming, typed: dict[str, Any]) -> dict[str, Any]:
    return {"actor": person_of(request), "now": clock.now(letter.exercise), "seen_version": typed["version"]}


@login_required
@require_POST
def propose_line(request: HttpRequest, uuid: Any) -> HttpResponse:
    letter = letter_or_404(request, uuid)
    return act(
        request, letter, "line_form", LineForm(request.POST),
        lambda typed: services.propose_line(letter, typed["line"], **how(request, letter, typed)),
        _("The line waits for approval."),
    )  # fmt: skip


@login_required
@require_POST
def decide_line(request: HttpRequest, uuid: Any) -> HttpResponse:
    letter = letter_or_404(request, uuid)

    def do(typed: dict[str, Any]) -> None:
        if typed["decision"] == "approve":
            services.approve_line(letter, **how(request, letter, typed))
        else:
            services.return_line(letter, typed["note"], **how(request, letter, typed))

    return act(request, letter, "decide_form", DecideLineForm(request.POST), do, _("Decided. They have been told."))


@login_required
@require_POST
def reply_incoming(request: HttpRequest, uuid: Any) -> HttpResponse:
    letter = letter_or_404(request, uuid)
    if not may(person_of(request), "handle_incoming", letter):
        raise PermissionDenied("handle_incoming")
    form = ReplyForm(request.POST, request.FILES)

    def do(typed: dict[str, Any]) -> None:
        kept = attachments.lay_down(typed["brought"])
        services.reply(letter, note=typed["note"], link=typed["link"], kept=kept, **how(request, letter, typed))

    return act(request, letter, "reply_form", form, do, _("Answered. The proof is kept."))


@login_required
@require_POST
def close_incoming(request: HttpRequest, uuid: Any) -> HttpResponse:
    letter = letter_or_404(request, uuid)
    return act(
        request, letter, "close_form", CloseForm(request.POST),
        lambda typed: services.close(letter, typed["reason"], **how(request, letter, typed)),
        _("Closed without an answer, with your reason."),
    )  # fmt: skip


@login_required
@require_POST
def hand_over_incoming(request: HttpRequest, uuid: Any) -> HttpResponse:
    letter = letter_or_404(request, uuid)
    return act(
        request, letter, "hand_over_form", HandOverForm(request.POST),
        lambda typed: services.hand_over(letter, typed["owner"], **how(request, letter, typed)),
        _("Handed over. They have been told."),
    )  # fmt: skip


@login_required
def correct_incoming(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Put right what was entered."""
    letter = letter_or_404(request, uuid)
    if not may(person_of(request), "handle_incoming", letter):
        raise PermissionDenied("handle_incoming")
    copy = Incoming.everywhere.get(pk=letter.pk)
    form = IncomingForm(
        request.POST or None,
        instance=copy,
        person=person_of(request),
        is_new=False,
        initial={"version": letter.version},
    )
    if request.method == "POST" and form.is_valid():
        now = clock.now(letter.exercise)
        try:
            services.correct(
                letter,
                form.cleaned_data,
                actor=person_of(request),
                now=now,
                seen_version=form.cleaned_data["version"] or 0,
            )
        except Stale:
            return both_states(request, [], letter.get_absolute_url())
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            return redirect(letter)
    context = {"form": form, "letter": letter, "incident": letter.incident}
    return render(request, "response/incoming_enter.html", context, status=422 if form.errors else 200)
