"""应对方案 and reports as papers: the panel, the page, writing, signing on the phone, printing, DOCX."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.models import User
from accounts.versions import Stale
from audit.export import download
from incidents.permissions import may as may_on_incident
from response.diff import changes
from response.forms.papers import (
    ROWS,
    AnswerForm,
    DecidePaperForm,
    FileReportForm,
    PaperForm,
    WorkFormSet,
    people_of_the_desk,
    rows_of,
)
from response.models import Paper, PaperVersion, PlannedWork
from response.notnow import NotNow
from response.paper_docx import DOCX, docx_of
from response.papers import sections
from response.permissions import may, signs_paper_as
from response.selectors.papers import papers_of, whole
from response.selectors.reporting import duties_of
from response.services import attachments, papers, reporting
from response.services.papers import Row
from response.services.statements import tidy
from response.views.common import both_states, incident_or_404, person_of, refused

SAVED, INVALID = "response/paper.html#saved", "response/paper.html#invalid"


def paper_or_404(request: HttpRequest, uuid: Any) -> Paper:
    return get_object_or_404(whole(Paper.everywhere.visible_to(person_of(request))), uuid=uuid)


def version_or_404(request: HttpRequest, uuid: Any) -> PaperVersion:
    """A version of a paper this person may see, with all that the rules on signing look at."""
    found = get_object_or_404(PaperVersion, uuid=uuid)
    paper = paper_or_404(request, Paper.everywhere.get(pk=found.paper_id).uuid)
    return next(version for version in paper.versions.all() if version.pk == found.pk)


@login_required
@require_GET
def papers_panel(request: HttpRequest, number: str) -> HttpResponse:
    """For the incident's page: the response plan, the duties to report, and the working group."""
    incident, person = incident_or_404(request, number), person_of(request)
    there, now = list(papers_of(incident, person)), clock.now(incident.exercise)
    duties = [(duty, duty.is_late(now)) for duty in duties_of(incident, person)]
    context = {
        "incident": incident,
        "plan": next((paper for paper in there if paper.is_plan), None),
        "duties": duties,
        "late_count": sum(is_late for _duty, is_late in duties),
        "may_write": may(person, "write_paper", incident),
        "may_form": may_on_incident(person, "change_members", incident),
        "now": now,
    }
    return render(request, "response/papers_panel.html", context)


@login_required
@require_POST
def begin_plan(request: HttpRequest, number: str) -> HttpResponse:
    incident = incident_or_404(request, number)
    try:
        version = papers.begin_plan(incident, actor=person_of(request), now=clock.now(incident.exercise))
    except NotNow as reason:
        return refused(request, reason, incident.get_absolute_url())
    return redirect(version.paper)


@login_required
@never_cache
def paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    """One paper: its newest version, being written or to be read; its versions, and what became of it."""
    return show(request, paper_or_404(request, uuid))


def show(
    request: HttpRequest,
    paper: Paper,
    *,
    form: PaperForm | None = None,
    rows: Any = None,
    file_form: FileReportForm | None = None,
    answer_form: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person, incident, version = person_of(request), paper.incident, paper.newest
    now = clock.now(incident.exercise)
    writes = may(person, "write_paper", incident)
    handles = may(person, "handle_reports", incident)
    seen = {"version": version.version}
    if version.is_draft and writes and form is None:
        form = PaperForm(paper=paper, initial={**seen, **version.content})
        rows = work_rows(version) if paper.is_plan else None
    context = {
        "paper": paper,
        "version": version,
        "incident": incident,
        "versions": list(paper.versions.all()),
        "form": form if version.is_draft and writes else None,
        "rows": rows,
        **words_of(version),
        "person": person,
        "seen": seen,
        "may_write": writes,
        "may_sign": may(person, "sign_paper", version),
        "may_revise": writes and not version.is_draft and paper.filed_at is None,
        "may_file": handles and not paper.is_plan and version.is_signed and paper.filed_at is None,
        "may_answer": handles and paper.filed_at is not None and paper.answered_at is None,
        "may_make_tasks": version.is_signed
        and may(person, "make_tasks_of_plan", incident)
        and any(row.task_id is None for row in version.rows.all()),
        "file_form": file_form
        or FileReportForm(initial={"version": paper.version, "filed_at": localtime(now).replace(second=0)}),
        "answer_form": answer_form or AnswerForm(initial={"version": paper.version}),
        "now": now,
    }
    return render(request, "response/paper.html", context, status=status)


def words_of(version: PaperVersion) -> dict[str, str]:
    """The words of a version and the fields they are typed in, to be held against what a browser kept."""
    codes = [code for code, _heading, _help in sections(version.paper.kind)]
    rows = [f"work-{place}-what" for place in range(ROWS)] if version.paper.is_plan else []
    words = [*(version.content.get(code, "") for code in codes), *(row.what for row in version.rows.all())]
    return {"kept_fields": " ".join([*codes, *rows]), "kept_words": "\n".join(filter(None, words))}


def work_rows(version: PaperVersion, data: Any = None) -> Any:
    """The rows of the division of work. What was sent is read by itself: beside the rows that stand there, one that the
    page saved a moment ago would look untouched, and be left out."""
    rows = [{"what": row.what, "who": str(row.who_id), "due_at": localtime(row.due_at)} for row in version.rows.all()]
    people = {str(person.pk): person for person in people_of_the_desk()}
    initial = rows if data is None else None
    return WorkFormSet(data, initial=initial, prefix="work", form_kwargs={"people": people})


@login_required
@require_POST
def save_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Save the draft, and with `then_submit` ask for the signature at once. For htmx (autosave) only the time and the
    new version number come back."""
    paper = paper_or_404(request, uuid)
    version, back = paper.newest, paper.get_absolute_url()
    form = PaperForm(request.POST, paper=paper)
    rows = work_rows(version, request.POST) if paper.is_plan else None
    if not form.is_valid() or (rows is not None and not rows.is_valid()):
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, INVALID, {"form": form, "rows": rows}, status=422)
        return show(request, paper, form=form, rows=rows, status=422)
    now, work = clock.now(paper.exercise), rows_of(rows) if rows is not None else []
    try:
        saved = keep(version, form, work, actor=person_of(request), now=now)
        if "then_submit" in request.POST:
            papers.submit(saved, actor=person_of(request), now=now, seen_version=saved.version)
            messages.success(request, _("Submitted. Who signs has been told."))
    except Stale:
        return both_states(request, differences(form, work, paper_or_404(request, uuid).newest), back)
    except NotNow as reason:
        return refused(request, reason, back)
    return saved_answer(request, saved)


def keep(version: PaperVersion, form: PaperForm, work: list[Row], *, actor: User, now: datetime) -> PaperVersion:
    """Save what was typed; what this person saved already, word for word, is no conflict: only the answer was lost."""
    try:
        seen = form.cleaned_data["version"]
        return papers.save_draft(version, actor=actor, now=now, seen_version=seen, content=form.content(), rows=work)
    except Stale:
        there = whole(Paper.everywhere.filter(pk=version.paper_id)).get().newest
        if not there.is_draft or there.written_by_id != actor.pk or differences(form, work, there):
            raise
        return there


def saved_answer(request: HttpRequest, version: PaperVersion) -> HttpResponse:
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, SAVED, {"version": version, "now": clock.now(version.paper.exercise)})
    if version.is_draft:
        messages.success(request, _("Saved."))
    return redirect(version.paper)


def differences(form: PaperForm, work: list[Row], there: PaperVersion) -> list[tuple[str, str, str]]:
    """What was typed and what stands there, section by section and for the rows, where the two differ once tidied."""
    typed = [
        (str(form.fields[code].label), words, there.content.get(code, ""))
        for code, words in form.content().items()
        if tidy(words) != there.content.get(code, "")
    ]
    mine = [PlannedWork(what=tidy(what), who=who, due_at=due_at).in_words for what, who, due_at in work]
    theirs = there.row_words
    return typed if mine == theirs else [*typed, (str(_("Division of work")), "\n".join(mine), "\n".join(theirs))]


@login_required
@require_POST
def revise_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    paper = paper_or_404(request, uuid)
    try:
        papers.revise(paper.newest, actor=person_of(request), now=clock.now(paper.exercise))
    except Stale:
        return both_states(request, [], paper.get_absolute_url())
    except NotNow as reason:
        return refused(request, reason, paper.get_absolute_url())
    return redirect(paper)


@login_required
@require_POST
def make_tasks(request: HttpRequest, uuid: Any) -> HttpResponse:
    paper = paper_or_404(request, uuid)
    try:
        made = papers.make_tasks(paper.newest, actor=person_of(request), now=clock.now(paper.exercise))
    except NotNow as reason:
        return refused(request, reason, paper.get_absolute_url())
    messages.success(request, _("%(n)s tasks are open; their owners have been told.") % {"n": len(made)})
    return redirect(paper)


@login_required
@require_GET
def compare_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    """What changed from one version to a later one: `?before=` and `?after=`, their numbers."""
    paper = paper_or_404(request, uuid)
    by_number = {str(version.number): version for version in paper.versions.all()}
    newest = paper.newest.number
    before = by_number.get(request.GET.get("before", str(newest - 1)))
    after = by_number.get(request.GET.get("after", str(newest)))
    context = {
        "paper": paper,
        "incident": paper.incident,
        "versions": list(paper.versions.all()),
        "before": before,
        "after": after,
        "pieces": changes(before.as_text, after.as_text) if before and after else [],
        "now": clock.now(paper.exercise),
    }
    return render(request, "response/paper_compare.html", context)


# --- signing ---------------------------------------------------------------------------------------------------------
@login_required
@never_cache
@require_GET
def sign_paper_page(request: HttpRequest, uuid: Any) -> HttpResponse:
    """A version to sign, on the phone with its full text. Nothing is decided by a GET."""
    return show_to_sign(request, version_or_404(request, uuid))


def show_to_sign(
    request: HttpRequest, version: PaperVersion, form: DecidePaperForm | None = None, status: int = 200
) -> HttpResponse:
    person, paper = person_of(request), version.paper
    signs = may(person, "sign_paper", version)
    principal = signs_paper_as(person, version) if signs else None
    earlier = [each for each in paper.versions.all() if each.number < version.number and each.submitted_at]
    before = earlier[0] if earlier else None
    context = {
        "version": version,
        "paper": paper,
        "incident": paper.incident,
        "signs": signs,
        "acting_for": principal if principal != person else None,
        "ask": request.GET.get("ask", "") if signs else "",
        "form": form or DecidePaperForm(),
        "before": before,
        "pieces": changes(before.as_text, version.as_text) if before else [],
        "newest": paper.newest,
        "now": clock.now(paper.exercise),
    }
    return render(request, "response/paper_sign.html", context, status=status)


@login_required
@require_POST
def decide_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    """The second tap."""
    version = version_or_404(request, uuid)
    form = DecidePaperForm(request.POST)
    if not form.is_valid():
        return show_to_sign(request, version, form, status=422)
    typed = form.cleaned_data
    how: dict[str, Any] = {
        "actor": person_of(request),
        "now": clock.now(version.paper.exercise),
        "seen_hash": typed["text_hash"],
    }
    if signs_paper_as(person_of(request), version) is None:
        raise PermissionDenied("sign_paper")
    try:
        if typed["decision"] == "sign":
            papers.sign(version, **how)
        else:
            papers.send_back(version, note=typed["note"], **how)
    except Stale:
        return both_states(request, [], version.sign_url)
    except NotNow as reason:
        return refused(request, reason, version.sign_url)
    signed = typed["decision"] == "sign"
    messages.success(request, _("Signed.") if signed else _("Returned. The writers have been told."))
    return redirect("incidents:approvals")


# --- on paper --------------------------------------------------------------------------------------------------------
@login_required
@require_GET
def print_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    version = version_or_404(request, uuid)
    context = {"version": version, "paper": version.paper, "incident": version.paper.incident}
    return render(request, "response/paper_print.html", context)


@login_required
@require_GET
def docx_paper(request: HttpRequest, uuid: Any) -> HttpResponse:
    version = version_or_404(request, uuid)
    response = download(f"{version.paper.number}-v{version.number}.docx", DOCX)
    response.write(docx_of(version))
    return response


# --- filing ----------------------------------------------------------------------------------------------------------
@login_required
@require_POST
def file_report(request: HttpRequest, uuid: Any) -> HttpResponse:
    paper = paper_or_404(request, uuid)
    back = paper.get_absolute_url()
    if not may(person_of(request), "handle_reports", paper.incident) or paper.is_plan:
        raise PermissionDenied("handle_reports")
    form = FileReportForm(request.POST, request.FILES)
    if not form.is_valid():
        return show(request, paper, file_form=form, status=422)
    typed = form.cleaned_data
    kept = attachments.lay_down(typed["brought"])
    try:
        reporting.file_report(
            paper,
            actor=person_of(request),
            now=clock.now(paper.exercise),
            seen_version=typed["version"],
            filed_at=typed["filed_at"],
            receiver=typed["receiver"],
            receipt_number=typed["receipt_number"],
            proof_note=typed["proof_note"],
            kept=kept,
        )
    except Stale:
        return both_states(request, [], back)
    except NotNow as reason:
        form.add_error(None, str(reason))
        return show(request, paper, file_form=form, status=422)
    messages.success(request, _("Filed. The proof is kept."))
    return redirect("response:reports", paper.incident.number)


@login_required
@require_POST
def answer_report(request: HttpRequest, uuid: Any) -> HttpResponse:
    paper = paper_or_404(request, uuid)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return show(request, paper, answer_form=form, status=422)
    try:
        reporting.keep_answer(
            paper,
            actor=person_of(request),
            now=clock.now(paper.exercise),
            seen_version=form.cleaned_data["version"],
            answer=form.cleaned_data["answer"],
        )
    except Stale:
        return both_states(request, [], paper.get_absolute_url())
    except NotNow as reason:
        return refused(request, reason, paper.get_absolute_url())
    return redirect(paper)
