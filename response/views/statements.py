"""Statements: the list, starting one, and the desk on which it is written."""

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import as_number
from accounts.versions import Stale
from response.channels import CHANNELS, channel_named, label_of
from response.channels.words import LIMITS, length_on
from response.checks import checklist
from response.diff import changes
from response.forms.statements import DraftForm, PromiseForm, StartStatementForm
from response.models import Statement, StatementKind, StatementVersion
from response.notnow import NotNow
from response.permissions import may, overrides_as, require
from response.selectors.facts import facts_of
from response.selectors.holding import texts_in_force
from response.selectors.promises import promises_of
from response.selectors.signoffs import signers_of
from response.selectors.statements import (
    covered_by,
    findings_of,
    is_prepared,
    statements_for,
    statements_of,
    version_in_full,
)
from response.services import statements as services
from response.services.images import image_of
from response.templates_of_statements import advised, clusters, intensifiers, template
from response.views.common import both_states, incident_or_404, person_of, refused
from response.wording import paragraphs

DRAFT_FIELDS = ("title", "text", "change_note")
SAVED = "response/statement.html#saved"


@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """Every statement this person may see, with where it stands and where it is out."""
    rows = list(statements_for(person_of(request))[:200])
    return render(request, "response/statements.html", {"statements": rows, "now": clock.now()})


@login_required
def statements_panel(request: HttpRequest, number: str) -> HttpResponse:
    """The statements of an incident; for htmx the panel on its page alone."""
    incident = incident_or_404(request, number)
    there = list(statements_of(incident, person_of(request)))
    context = {
        "incident": incident,
        "statements": there,
        "signing_count": sum(each.newest.is_in_review for each in there),
        "may_draft": may(person_of(request), "draft_statement", incident),
        "now": clock.now(incident.exercise),
    }
    panel = "#panel" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"response/statements.html{panel}", context)


@login_required
def draft_statement(request: HttpRequest, number: str) -> HttpResponse:
    """Choose a template; POST makes the first draft."""
    incident = incident_or_404(request, number)
    require(person_of(request), "draft_statement", incident)
    form = StartStatementForm(request.POST or None, initial={"kind": request.GET.get("kind", "T0")})
    now = clock.now(incident.exercise)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            version = services.start_statement(incident, actor=person_of(request), now=now, **chosen)
        except NotNow as reason:
            return refused(request, reason, incident.get_absolute_url())
        return redirect(version.statement)
    code, worse = request.GET.get("cluster", ""), request.GET.getlist("worse")
    advice = stance_of(code, worse)
    suggested = advice["advised"].templates if advice else ()
    kinds = sorted(StatementKind, key=lambda kind: kind.value not in suggested)  # stable: else the plan's order
    context = {
        "incident": incident,
        "form": form,
        "clusters": clusters(),
        "advice": advice,
        "toggles": [(one, one.code in worse, turned(code, worse, one.code)) for one in intensifiers()],
        "kept": turned("", worse),
        "suggested": suggested,
        "templates": [(kind, template(kind.value)) for kind in kinds],
        "holding_texts": texts_in_force(timezone.localdate(now)),
    }
    return render(request, "response/draft_statement.html", context, status=400 if form.errors else 200)


def stance_of(code: str, worse: Collection[str]) -> dict[str, Any] | None:
    """The cluster of that code, what intensifies it, and the cluster whose stance is therefore advised."""
    cluster = next((one for one in clusters() if one.code == code), None)
    if cluster is None:
        return None
    there = [one for one in intensifiers() if one.code in worse]
    return {"cluster": cluster, "worse": there, "advised": advised(cluster, there)}


def turned(code: str, worse: Collection[str], one: str = "") -> str:
    """The address of the page with an intensifier the other way round."""
    there = [each.code for each in intensifiers() if (each.code in worse) != (each.code == one)]
    return urlencode([("cluster", code)] * bool(code) + [("worse", each) for each in there])


def statement_or_404(request: HttpRequest, uuid: Any) -> Statement:
    visible = Statement.everywhere.visible_to(person_of(request))
    return get_object_or_404(visible.select_related("incident__exercise", "drafted_by"), uuid=uuid)


@login_required
@require_GET
def statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    """The desk: its newest version, or with ?v= an older one to read."""
    found = statement_or_404(request, uuid)
    versions = found.versions.readable_by(person_of(request))
    wanted = request.GET.get("v", "")
    version = get_object_or_404(versions, number=as_number(wanted)) if wanted else versions[0]
    return show(request, version)


def show(
    request: HttpRequest,
    version: StatementVersion,
    form: DraftForm | None = None,
    status: int = 200,
    template_name: str = "response/statement.html",
    promise_form: PromiseForm | None = None,
) -> HttpResponse:
    """The three columns. Only the newest version can be worked on."""
    version = version_in_full(version.pk)
    statement, incident, person = version.statement, version.statement.incident, person_of(request)
    versions = list(statement.versions.readable_by(person))
    is_newest = version.number == versions[0].number
    found = findings_of(version)
    facts = list(facts_of(incident))
    compared = compared_with(request, version, versions)
    let_pass = covered_by(version, [one for one in found if one.blocks])
    checks = checklist(found, kind=statement.kind, let_pass=let_pass)
    writes = is_newest and version.is_draft and may(person, "edit_statement", version)
    context = {
        "statement": statement,
        "version": version,
        "versions": versions,
        "incident": incident,
        "is_newest": is_newest,
        "writes": writes,
        "revises": is_newest
        and (version.is_in_review or version.is_releasable)
        and may(person, "revise_statement", version),
        "may_publish": version.is_releasable and may(person, "publish_statement", version),
        "is_out": services.is_out(statement),
        "form": form or DraftForm(initial=as_stands(version)),
        "kept_words": "\n".join(filter(None, [version.title, version.text])),
        "facts": [fact for fact in facts if fact.state == fact.State.VERIFIED],
        "other_facts": [fact for fact in facts if fact.state != fact.State.VERIFIED],
        "paragraphs": paragraphs(version.text, found),
        "found": found,
        "checks": checks,
        "passed": sum(check.passed for check in checks),
        "elements": template(statement.kind).elements,
        "advice": stance_of(statement.cluster, statement.intensifiers),
        "channels": texts_by_channel(version),
        "may_edit": may(person, "edit_statement", version),
        "comments": version.comments.all(),
        "may_comment": version.state != version.State.SUPERSEDED and may(person, "comment_statement", version),
        "may_resolve": may(person, "edit_statement", version),
        "person": person,
        "blockers": [one for one in found if one.blocks and one not in let_pass] if writes else [],
        "override": next((one for one in version.overrides.all() if one.text_hash == version.text_hash), None),
        "override_place": overrides_as(person, version) if is_newest and version.is_draft else None,
        "promises": list(promises_of(statement)),
        "promise_form": promise_form or (PromiseForm() if may(person, "mark_promise", version) else None),
        "is_prepared": is_prepared(version, timezone.localdate(clock.now(incident.exercise))),
        "ladder": ladder(version) if template_name == "response/statement.html" else [],
        "compared": compared,
        "now": clock.now(incident.exercise),
    }
    return render(request, template_name, context, status=status)


def as_stands(version: StatementVersion) -> dict[str, Any]:
    """What the form begins with."""
    own = {f"words_{name}": words for name, words in version.channel_words.items()}
    return {**{name: getattr(version, name) for name in ("version", *DRAFT_FIELDS)}, **own}


def texts_by_channel(version: StatementVersion) -> list[dict[str, Any]]:
    """For each channel what would be published there, whose words they are, and how long it is in its counting."""
    rows = []
    for name in CHANNELS:
        words = channel_named(name).words_for(version)
        rows.append(
            {
                "name": name,
                "label": label_of(name),
                "field": f"words_{name}" if name in services.OWN_WORDS else "",
                "is_own": bool(version.channel_words.get(name)),
                "words": words,
                "count": length_on(name, words),
                "limit": LIMITS.get(name),
                "is_over": length_on(name, words) > LIMITS.get(name, len(words)),
            }
        )
    return rows


def ladder(version: StatementVersion) -> list[dict[str, Any]]:
    """Every signature it needs, and who may still give it."""
    return [
        {
            "signoff": signoff,
            "people": signers_of(signoff) if signoff.is_waiting and version.is_in_review else [],
        }
        for signoff in version.signoffs.all()
    ]


def compared_with(
    request: HttpRequest, version: StatementVersion, versions: list[StatementVersion]
) -> dict[str, Any] | None:
    """With ?compare=2: what changed since version 2."""
    wanted = request.GET.get("compare", "")
    before = next((one for one in versions if str(one.number) == wanted and one.number < version.number), None)
    if before is None:
        return None
    return {"since": before, "pieces": changes(f"{before.title}\n{before.text}", f"{version.title}\n{version.text}")}


@login_required
@require_POST
def save_statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Keep the draft. For htmx (autosave) only the checks and the new version number come back."""
    version = statement_or_404(request, uuid).newest
    form = DraftForm(request.POST)
    if not form.is_valid():
        return show(request, version, form, status=400, template_name=page_or_checks(request))
    try:
        save(request, version, form)
    except Stale:
        there = statement_or_404(request, uuid).newest
        if not differences(form, there) and there.written_by_id == person_of(request).pk:
            return show(request, there, template_name=SAVED)  # it arrived, and only the answer was lost
        return stale(request, uuid, form)
    except NotNow as reason:
        return refused(request, reason, version.statement.get_absolute_url())
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, version, template_name=SAVED)
    messages.success(request, _("The draft is saved."))
    return redirect(version.statement)


def page_or_checks(request: HttpRequest) -> str:
    return "response/statement.html#invalid" if request.htmx else "response/statement.html"  # type: ignore[attr-defined]


def save(request: HttpRequest, version: StatementVersion, form: DraftForm) -> StatementVersion:
    typed = form.cleaned_data
    return services.save_draft(
        version,
        actor=person_of(request),
        now=clock.now(version.statement.exercise),
        seen_version=typed["version"],
        title=typed["title"],
        text=typed["text"],
        change_note=typed["change_note"] if "change_note" in form.data else None,
        channel_words=form.channel_words,
    )


def stale(request: HttpRequest, uuid: Any, form: DraftForm) -> HttpResponse:
    """Both texts, so that nothing typed is lost."""
    there = statement_or_404(request, uuid).newest
    return both_states(request, differences(form, there), there.statement.get_absolute_url())


def differences(form: DraftForm, there: StatementVersion) -> list[tuple[str, str, str]]:
    """Field by field what was typed and what stands there, where the two differ once tidied."""
    now = as_stands(there)
    return [
        (str(form.fields[name].label), typed, now.get(name, ""))
        for name, typed in form.cleaned_data.items()
        if name != "version" and name in form.data and services.tidy(typed) != now.get(name, "")
    ]


@login_required
@require_POST
def submit_statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Keep what was typed, then ask for the signatures."""
    statement = statement_or_404(request, uuid)
    version, form = statement.newest, DraftForm(request.POST)
    if not form.is_valid():
        return show(request, version, form, status=400)
    try:
        version = save(request, version, form)
        version = services.submit(
            version, actor=person_of(request), now=clock.now(statement.exercise), seen_version=version.version
        )
        image_of(version, clock.now())  # after the act: drawing is slow, and its hash is signed with the text
    except Stale:
        return stale(request, uuid, form)
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    messages.success(request, _("Submitted. Those who sign have been told."))
    return redirect(statement)


@login_required
@require_POST
def revise_statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Go on writing a submitted version: the next one, a draft."""
    statement = statement_or_404(request, uuid)
    version = statement.newest
    try:
        services.revise(version, actor=person_of(request), now=clock.now(statement.exercise))
    except (Stale, NotNow):
        return both_states(request, [], statement.get_absolute_url())
    messages.success(request, _("You are writing the next version. The signatures of the last one are void."))
    return redirect(statement)
