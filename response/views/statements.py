"""Statements: the list, starting one, and the desk on which it is written."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.versions import Stale
from response.checks import checklist
from response.diff import changes
from response.forms.statements import DraftForm, StartStatementForm
from response.models import Statement, StatementKind, StatementVersion
from response.notnow import NotNow
from response.permissions import may, require
from response.selectors.facts import facts_of
from response.selectors.signoffs import signers_of
from response.selectors.statements import findings_of, statements_for, statements_of, version_in_full
from response.services import statements as services
from response.templates_of_statements import template
from response.views.common import both_states, incident_or_404, person_of, refused
from response.wording import paragraphs

DRAFT_FIELDS = ("title", "text", "change_note")


@login_required
def statements(request: HttpRequest) -> HttpResponse:
    """Every statement this person may see, with where it stands and where it is out."""
    rows = list(statements_for(person_of(request))[:200])
    return render(request, "response/statements.html", {"statements": rows, "now": clock.now()})


@login_required
def statements_panel(request: HttpRequest, number: str) -> HttpResponse:
    """The statements of an incident; for htmx the panel on its page alone."""
    incident = incident_or_404(request, number)
    context = {
        "incident": incident,
        "statements": list(statements_of(incident, person_of(request))),
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
    if request.method == "POST" and form.is_valid():
        kind, now = form.cleaned_data["kind"], clock.now(incident.exercise)
        try:
            version = services.start_statement(incident, kind=kind, actor=person_of(request), now=now)
        except NotNow as reason:
            return refused(request, reason, incident.get_absolute_url())
        return redirect(version.statement)
    templates = [(kind, template(kind.value)) for kind in StatementKind]
    context = {"incident": incident, "form": form, "templates": templates}
    return render(request, "response/draft_statement.html", context, status=400 if form.errors else 200)


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
    version = get_object_or_404(versions, number=wanted) if wanted.isdecimal() else versions[0]
    return show(request, version)


def show(
    request: HttpRequest,
    version: StatementVersion,
    form: DraftForm | None = None,
    status: int = 200,
    template_name: str = "response/statement.html",
) -> HttpResponse:
    """The three columns. Only the newest version can be worked on."""
    version = version_in_full(version.pk)
    statement, incident, person = version.statement, version.statement.incident, person_of(request)
    versions = list(statement.versions.readable_by(person))
    is_newest = version.number == versions[0].number
    found = findings_of(version)
    facts = list(facts_of(incident))
    compared = compared_with(request, version, versions)
    checks = checklist(found)
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
        "form": form or DraftForm(initial={name: getattr(version, name) for name in ("version", *DRAFT_FIELDS)}),
        "facts": [fact for fact in facts if fact.state == fact.State.VERIFIED],
        "other_facts": [fact for fact in facts if fact.state != fact.State.VERIFIED],
        "paragraphs": paragraphs(version.text, found),
        "found": found,
        "checks": checks,
        "passed": sum(check.passed for check in checks),
        "headings": template(statement.kind).headings,
        "ladder": ladder(version) if template_name == "response/statement.html" else [],
        "compared": compared,
        "now": clock.now(incident.exercise),
    }
    return render(request, template_name, context, status=status)


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
        return stale(request, uuid, form)
    except NotNow as reason:
        return refused(request, reason, version.statement.get_absolute_url())
    if request.htmx:  # type: ignore[attr-defined]
        return show(request, version, template_name="response/statement.html#saved")
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
    )


def stale(request: HttpRequest, uuid: Any, form: DraftForm) -> HttpResponse:
    """Both texts, so that nothing typed is lost."""
    there = statement_or_404(request, uuid).newest
    rows = [
        (str(form.fields[name].label), form.cleaned_data[name], getattr(there, name))
        for name in DRAFT_FIELDS
        if form.cleaned_data[name] != getattr(there, name)
    ]
    return both_states(request, rows, there.statement.get_absolute_url())


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
        services.submit(
            version, actor=person_of(request), now=clock.now(statement.exercise), seen_version=version.version
        )
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
