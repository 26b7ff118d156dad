"""What the public asks, and pairs of an untrue claim and what is so, with the table for paper and export."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from audit.export import Cell, table_file
from audit.services import record
from incidents.models import Incident
from opinion.models import Post
from response.forms.facts import AnswerForm, ChangeRumourForm, QuestionForm, RumourForm
from response.models import PublicQuestion, Rumour, RumourPost
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.facts import questions_of, rumours_of
from response.selectors.rumours import Pair, Spread, pairs_of
from response.services import rumours as services
from response.views.common import both_states, incident_or_404, person_of, refused

CHANGED = (*services.FIELDS, "claim_posts", "answer_posts")


# --- what the public asks --------------------------------------------------------------------------------------------
@login_required
def questions(request: HttpRequest, number: str) -> HttpResponse:
    """All questions, the open ones first, and the form for one more."""
    incident, person = incident_or_404(request, number), person_of(request)
    form = QuestionForm(request.POST or None, incident=incident)
    if request.method == "POST":
        require(person, "add_question", incident)
        if form.is_valid():
            try:
                added = services.add_question(
                    incident, actor=person, now=clock.now(incident.exercise), **form.cleaned_data
                )
            except NotNow as reason:
                return refused(request, reason, request.path)
            messages.success(request, _("Q%(number)s is written down.") % {"number": added.number})
            return redirect(request.path)
    asked = list(questions_of(incident))
    context = {
        "incident": incident,
        "form": form,
        "questions": asked,
        "open_count": sum(not question.is_answered for question in asked),
        "may_add": may(person, "add_question", incident),
        "may_answer": may(person, "add_fact", incident),
        "now": clock.now(incident.exercise),
    }
    return render(request, "response/questions.html", context, status=400 if form.errors else 200)


@login_required
def question(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One question: how often it was seen, what we answer."""
    person = person_of(request)
    visible = Incident.everywhere.visible_to(person)
    rows = PublicQuestion.objects.select_related("incident__exercise", "fact")
    asked = get_object_or_404(rows, uuid=uuid, incident__in=visible)
    require(person, "answer_question", asked)
    incident = asked.incident
    seen = {name: getattr(asked, name) for name in ("version", "times_seen", "answer", "fact")}
    form = AnswerForm(request.POST or None, initial=seen, incident=incident)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        try:
            services.save_question(
                asked, actor=person, now=clock.now(incident.exercise), seen_version=typed.pop("version"), **typed
            )
        except Stale:
            there = PublicQuestion.objects.get(pk=asked.pk)
            return both_states(request, [(str(_("answer")), typed["answer"], there.answer)], request.path)
        except NotNow as reason:
            return refused(request, reason, request.path)
        messages.success(request, _("Q%(number)s is saved.") % {"number": asked.number})
        return redirect(services.questions_url(incident))
    context = {"incident": incident, "question": asked, "form": form, "posts": list(asked.posts.all())}
    return render(request, "response/question.html", context, status=400 if form.errors else 200)


# --- pairs -----------------------------------------------------------------------------------------------------------
@login_required
def rumours(request: HttpRequest, number: str) -> HttpResponse:
    """Every pair with the spread of both sides."""
    incident, person = incident_or_404(request, number), person_of(request)
    context = {
        "incident": incident,
        "pairs": pairs_of(incident, list(rumours_of(incident))),
        "may_pair": may(person, "pair_rumour", incident),
        "now": clock.now(incident.exercise),
    }
    return render(request, "response/rumours.html", context)


@login_required
def pair_rumour(request: HttpRequest, number: str) -> HttpResponse:
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "pair_rumour", incident)
    form = RumourForm(request.POST or None, incident=incident)
    if request.method == "POST" and form.is_valid():
        try:
            rumour = services.pair_rumour(incident, actor=person, now=clock.now(incident.exercise), **form.cleaned_data)
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("R%(number)s stands beside what is so.") % {"number": rumour.number})
            return redirect("response:rumours", number)
    context = {"incident": incident, "form": form}
    return render(request, "response/rumour.html", context, status=400 if form.errors else 200)


def rumour_or_404(request: HttpRequest, uuid: UUID) -> Rumour:
    visible = Incident.everywhere.visible_to(person_of(request))
    rows = Rumour.objects.select_related("incident__exercise", "fact")
    return get_object_or_404(rows, uuid=uuid, incident__in=visible)


@login_required
def change_rumour(request: HttpRequest, uuid: UUID) -> HttpResponse:
    person, rumour = person_of(request), rumour_or_404(request, uuid)
    require(person, "change_rumour", rumour)
    incident = rumour.incident
    seen = {name: getattr(rumour, name) for name in ("version", *services.FIELDS)}
    form = ChangeRumourForm(request.POST or None, initial=seen, incident=incident)
    if request.method == "POST" and form.is_valid():
        typed: dict[str, Any] = dict(form.cleaned_data)
        try:
            services.change_rumour(
                rumour, actor=person, now=clock.now(incident.exercise), seen_version=typed.pop("version"), **typed
            )
        except Stale:
            there = Rumour.objects.get(pk=rumour.pk)
            changes = [
                (str(form.fields[name].label), str(typed[name]), str(getattr(there, name)))
                for name in ("claim", "clarification")
            ]
            return both_states(request, changes, request.path)
        except NotNow as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("R%(number)s is saved.") % {"number": rumour.number})
            return redirect("response:rumours", incident.number)
    context = {
        "incident": incident,
        "form": form,
        "rumour": Rumour.objects.get(pk=rumour.pk),
        "linked": list(rumour.linked.select_related("post__source")),
    }
    return render(request, "response/rumour.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def link_rumour_post(request: HttpRequest, uuid: UUID, post_uuid: UUID, side: str) -> HttpResponse:
    """Put one post on a side: what 撤销 after taking it off does."""
    rumour = rumour_or_404(request, uuid)
    if side not in RumourPost.Side.values:
        raise Http404(side)
    post = get_object_or_404(Post.everywhere.filter(exercise=rumour.incident.exercise), uuid=post_uuid)
    try:
        services.link_post(rumour, post, side, actor=person_of(request), now=clock.now(rumour.incident.exercise))
    except Stale:
        return both_states(request, [], rumour_url(rumour))
    except NotNow as reason:
        return refused(request, reason, rumour_url(rumour))
    return redirect(rumour_url(rumour))


@login_required
@require_POST
def unlink_rumour_post(request: HttpRequest, uuid: UUID, post_uuid: UUID) -> HttpResponse:
    """Take a wrongly linked post off the pair; both sides are counted anew."""
    rumour = rumour_or_404(request, uuid)
    post = get_object_or_404(Post.everywhere, uuid=post_uuid, pk__in=rumour.linked.values("post"))
    try:
        side = services.unlink_post(rumour, post, actor=person_of(request), now=clock.now(rumour.incident.exercise))
    except Stale:
        return both_states(request, [], rumour_url(rumour))
    if side:
        back = reverse("response:link-rumour-post", args=[rumour.uuid, post.uuid, side])
        messages.success(request, _("Taken off; both sides are counted anew."), extra_tags=f"undo:{back}")
    return redirect(rumour_url(rumour))


def rumour_url(rumour: Rumour) -> str:
    return reverse("response:change-rumour", args=[rumour.uuid])


@login_required
def rumour_table(request: HttpRequest, number: str) -> HttpResponse:
    """谣言—事实对照表, for paper."""
    incident = incident_or_404(request, number)
    context = {
        "incident": incident,
        "pairs": pairs_of(incident, list(rumours_of(incident))),
        "cut_off": clock.now(incident.exercise),
    }
    return render(request, "response/rumour_table.html", context)


@login_required
def export_pairs(request: HttpRequest, number: str, suffix: str = "csv") -> HttpResponse:
    """The same as a table; leaves an audit entry, since it leaves the desk."""
    incident, now = incident_or_404(request, number), clock.now()
    pairs = pairs_of(incident, list(rumours_of(incident)))
    head = (
        _("No."),
        _("Called"),
        _("Untrue claim"),
        _("Authority that called it so"),
        _("On which day"),
        _("Its document"),
        _("Fact"),
        _("State of the fact"),
        _("Clarification"),
        _("Statement"),
        _("Posts with the claim"),
        _("Interactions with the claim"),
        _("Claim first seen"),
        _("Posts with the clarification"),
        _("Interactions with the clarification"),
        _("Minutes from the claim to our first word"),
    )
    with transaction.atomic():
        record(
            "response.pairs_exported", actor=person_of(request), subject=incident.number, detail={"rows": len(pairs)}
        )
    return table_file(suffix, f"rumours-{incident.number}", now, head, [row_of(pair) for pair in pairs])


def row_of(pair: Pair) -> list[Cell]:
    rumour = pair.rumour
    fact = rumour.fact
    return [
        f"R{rumour.number}",
        str(rumour.get_wording_display()),
        rumour.claim,
        rumour.authority,
        rumour.authority_on.isoformat() if rumour.authority_on else "",
        rumour.authority_document,
        f"F{fact.number} {fact.claim}" if fact else "",
        str(fact.get_state_display()) if fact else "",
        rumour.clarification,
        rumour.statement.number if rumour.statement else "",
        *measured(pair.claim),
        pair.claim.first_at if pair.claim else "",
        *measured(pair.answer),
        int(pair.delay.total_seconds() // 60) if pair.delay is not None else "",
    ]


def measured(side: Spread | None) -> list[Cell]:
    """Posts and interactions; what cannot be measured is said, and is no zero."""
    unknown = _("cannot be measured")
    if side is None:
        return [unknown, unknown]
    return [side.posts, unknown if side.interactions is None else side.interactions]
