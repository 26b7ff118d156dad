"""One incident: where it stands, what was done, who works on it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.dates import is_within_reason
from incidents import charts, figures, words
from incidents.forms import IncidentForm, MemberForm, NoteForm
from incidents.levels import STARTED_LEVELS, Level, is_rise
from incidents.models import Incident
from incidents.permissions import may, require
from incidents.selectors.approvals import unsettled
from incidents.selectors.assessments import age_of
from incidents.selectors.clocks import board, marks, milestones, next_on
from incidents.selectors.ladder import ladder
from incidents.selectors.level_proposals import shown_proposal
from incidents.selectors.lists import waiting_requests
from incidents.selectors.regrouping import changes_of
from incidents.selectors.timeline import folded, newest
from incidents.services import people
from incidents.timeline_words import FIELDS
from incidents.views.common import back_to, now_at, one_incident, page_of, says_why_not
from incidents.views.steps import STEPS
from opinion.permissions import may as may_read

SHOWN_ENTRIES = 30
GROUPS = ("decision", "outward")
STORIES = 3  # whose way through the platforms is shown, the largest
PANELS = (
    "response:tasks-panel",
    "response:papers-panel",
    "response:incoming-panel",
    "response:statements-panel",
    "response:lines-panel",
    "response:facts-panel",
    "response:evidence-panel",
    "response:guidance-panel",
    "response:outreach-panel",
)
DEPARTMENT_PANEL = "response:department-panel"  # at 三级, which the department handles itself


@login_required
def detail(request: DeskRequest, number: str) -> HttpResponse:
    """事件页: how far it is, what comes next and who does it."""
    incident = one_incident(request, number)
    now = now_at(incident)
    group = next((each for each in GROUPS if each == request.GET.get("show")), "")
    context: dict[str, Any] = {
        "incident": incident,
        "now": now,
        "group": group,
        "timeline": folded(newest(incident, group, SHOWN_ENTRIES * 4))[:SHOWN_ENTRIES],
    }
    if request.htmx:
        return render(request, "incidents/detail.html#timeline", context)
    request_waiting = waiting_requests().filter(incident=incident).first()
    assessment = incident.assessments.first()
    curve = figures.curve(incident, now)
    clocks, reached = board(incident, now), milestones(incident)
    acts = acts_of(request.user, incident)
    startable = [level for level in STARTED_LEVELS if is_rise(incident.level, level)]
    if request_waiting is not None and request_waiting.is_provisional:
        acts -= {"request_level", "request_end"}  # the leaders decide on the start first
    if not startable:
        acts.discard("start_level")
    context |= {
        "waiting": request_waiting,
        "decides": request_waiting is not None and may(request.user, "approve_level", request_waiting),
        "withdraws": request_waiting is not None and may(request.user, "withdraw_level", request_waiting),
        "records": request_waiting is not None and may(request.user, "record_approval", request_waiting),
        "unsettled": unsettled(incident, now),
        "proposal": shown_proposal(request.user, incident),
        "startable": startable,
        "clock": next_on(clocks),
        "clocks": clocks,
        "late_clocks": sum(each.state == "late" and not each.clock.ended_at for each in clocks),
        "milestones": reached,
        "overview": figures.overview(incident, now),
        "chart": charts.volume(curve, marks(incident, reached)) if curve else None,
        "assessment": charts.summary(assessment) if assessment else None,
        "changes": changes_of(incident, request.user, now),
        "age": age_of(assessment, now) if assessment else None,
        "may_assess": "assess" in acts,
        "ladder": ladder(incident, request_waiting),
        "members": incident.memberships.current().select_related("person__department"),
        "stories": incident.topics.order_by("-size", "pk")[:STORIES] if may_read(request.user, "see_spread") else [],
        "panels": [url for url in (page_of(name, number) for name in panels_at(incident.level)) if url],
        "draft_url": page_of("response:draft-statement", number) if "begin_statement" in acts else "",
        "last_brief": incident.briefs.first(),
        "acts": acts,
        "steps": [(slug, step.label) for slug, step in STEPS.items() if step.act in acts],
    }
    return render(request, "incidents/detail.html", context)


def panels_at(level: int) -> tuple[str, ...]:
    return (DEPARTMENT_PANEL, *PANELS) if level == Level.THREE else PANELS


ASKED = (
    "edit_incident",
    "split_incident",
    "make_brief",
    "change_members",
    "add_note",
    "assess",
    "request_level",
    "request_end",
    "start_level",
    "decide_level_alone",
    "begin_statement",
)


def acts_of(person: User, incident: Incident) -> set[str]:
    """What this person may do here now: what the table allows and the stage can take."""
    takeable = {step.name for step in incident.get_available_stage_transitions()}  # type: ignore[attr-defined]
    steps = [step.act for step in STEPS.values() if step.act in takeable]
    return {act for act in (*ASKED, *steps) if may(person, act, incident)}


@login_required
def posts(request: DeskRequest, number: str) -> HttpResponse:
    """The posts behind a number. The filters of the address are those of `figures.filtered`."""
    incident = one_incident(request, number)
    query = {name: request.GET.get(name, "") for name in ("only", "platform", "category")}
    times = {name: parsed_time(request.GET.get(name, "")) for name in ("since", "until")}
    theirs = figures.posts_of(incident).visible_to(request.user)  # who may read posts at all
    rows = figures.filtered(theirs, {**query, **times}).order_by("-published_at", "-pk")
    context = {
        "incident": incident,
        "page_obj": Paginator(rows, 50).get_page(request.GET.get("page")),
        "query": query,
        "filter_words": words.in_words(query),
        **times,
        "may_detach": may(request.user, "detach_post", incident),
        "now": now_at(incident),
    }
    return render(request, "incidents/posts.html", context)


def parsed_time(text: str) -> Any:
    try:
        parsed = parse_datetime(text.replace(" ", "+"))  # an unescaped plus of the offset arrives as a blank
    except ValueError:
        return None
    return parsed if parsed is not None and parsed.tzinfo is not None and is_within_reason(parsed) else None


@login_required
@says_why_not
def note(request: DeskRequest, number: str) -> HttpResponse:
    """记一笔."""
    incident = one_incident(request, number)
    require(request.user, "add_note", incident)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people.add_note(incident, form.cleaned_data["words"], actor=request.user, now=now_at(incident))
        messages.success(request, _("Noted."))
        return redirect(back_to(request, incident.get_absolute_url()) if "next" in request.POST else incident)
    return render(
        request, "incidents/note.html", {"incident": incident, "form": form}, status=422 if form.errors else 200
    )


@login_required
@says_why_not
def edit(request: DeskRequest, number: str) -> HttpResponse:
    """Correct what is written about the incident; a stale form shows both states."""
    incident = one_incident(request, number)
    require(request.user, "edit_incident", incident)
    may_hide = may(request.user, "make_confidential", incident)
    form = IncidentForm(
        request.POST or None,
        instance=one_incident(request, number),  # the form writes what was typed onto its own copy
        initial={"version": incident.version},
        may_hide=may_hide,
    )
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        seen_version = values.pop("version") or 0
        try:
            people.edit(incident, actor=request.user, now=now_at(incident), seen_version=seen_version, values=values)
        except Stale:
            changes = [
                (FIELDS[name], form.cleaned_data[name], getattr(incident, name))
                for name in people.EDITABLE
                if name in values and values[name] != getattr(incident, name)
            ]
            context = {"changes": changes, "back_url": incident.get_absolute_url()}
            return render(request, "errors/409.html", context, status=409)
        messages.success(request, _("Corrected."))
        return redirect(incident)
    return render(
        request, "incidents/edit.html", {"incident": incident, "form": form}, status=422 if form.errors else 200
    )


@login_required
@says_why_not
def members(request: DeskRequest, number: str) -> HttpResponse:
    """Who works on it; adding somebody."""
    incident = one_incident(request, number)
    may_change = may(request.user, "change_members", incident)
    form = MemberForm(request.POST or None, incident=incident)
    if request.method == "POST":
        require(request.user, "change_members", incident)
        if form.is_valid():
            people.add_member(incident, form.cleaned_data["person"], actor=request.user, now=now_at(incident))
            return redirect("incidents:members", number)
    rows = incident.memberships.select_related("person__department", "added_by", "removed_by").order_by(
        "added_at", "pk"
    )
    context = {"incident": incident, "members": rows, "form": form, "may_change": may_change, "now": now_at(incident)}
    return render(request, "incidents/members.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@says_why_not
def remove_member(request: DeskRequest, number: str, uuid: Any) -> HttpResponse:
    incident = one_incident(request, number)
    person = get_object_or_404(User, uuid=uuid)
    people.remove_member(incident, person, actor=request.user, now=now_at(incident))
    return redirect("incidents:members", number)
