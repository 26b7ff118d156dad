"""Beside the text: comments, the override of the checks, and the promises it makes."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from response.forms.statements import CommentForm, OverrideForm, PromiseForm
from response.models import Promise, Statement, StatementComment
from response.notnow import NotNow
from response.services import promises, reviewing
from response.views.common import person_of, refused
from response.views.statements import show, statement_or_404


@login_required
@require_POST
def comment_statement(request: HttpRequest, uuid: Any) -> HttpResponse:
    statement, form = statement_or_404(request, uuid), CommentForm(request.POST)
    try:
        words = form.cleaned_data["words"] if form.is_valid() else ""
        reviewing.comment(statement.newest, actor=person_of(request), now=clock.now(statement.exercise), words=words)
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    messages.success(request, _("The comment stands beside the text; the writers have been told."))
    return redirect(f"{statement.get_absolute_url()}#comments")


@login_required
@require_POST
def resolve_comment(request: HttpRequest, uuid: Any) -> HttpResponse:
    visible = Statement.everywhere.visible_to(person_of(request))
    remark = get_object_or_404(
        StatementComment.objects.select_related("version__statement__exercise"),
        uuid=uuid,
        version__statement__in=visible,
    )
    statement = remark.version.statement
    try:
        reviewing.resolve_comment(remark, actor=person_of(request), now=clock.now(statement.exercise))
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    return redirect(f"{statement.get_absolute_url()}#comments")


@login_required
@require_POST
def override_checks(request: HttpRequest, uuid: Any) -> HttpResponse:
    statement, form = statement_or_404(request, uuid), OverrideForm(request.POST)
    typed = form.cleaned_data if form.is_valid() else {}
    try:
        override = reviewing.override_checks(
            statement.newest,
            actor=person_of(request),
            now=clock.now(statement.exercise),
            seen_hash=typed.get("text_hash", ""),
            reason=typed.get("reason", ""),
        )
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    done = _("Both have spoken: the text may be submitted like this.")
    messages.success(request, done if override.is_complete else _("Put down. It takes the second person’s word, too."))
    return redirect(statement)


@login_required
@require_POST
def mark_promise(request: HttpRequest, uuid: Any) -> HttpResponse:
    statement, form = statement_or_404(request, uuid), PromiseForm(request.POST)
    version = statement.newest
    if not form.is_valid():
        return show(request, version, status=400, promise_form=form)
    typed = form.cleaned_data
    try:
        promises.mark_promise(
            version,
            actor=person_of(request),
            now=clock.now(statement.exercise),
            sentence=typed["sentence"],
            owner=typed["owner"],
            due_at=typed["due_at"],
        )
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    messages.success(request, _("In the ledger. It becomes a task as soon as the statement is public."))
    return redirect(f"{statement.get_absolute_url()}#promises")


@login_required
@require_POST
def drop_promise(request: HttpRequest, uuid: Any) -> HttpResponse:
    promise = get_object_or_404(
        Promise.objects.visible_to(person_of(request)).select_related("statement__exercise", "incident"), uuid=uuid
    )
    statement = promise.statement
    try:
        promises.drop_promise(promise, actor=person_of(request), now=clock.now(statement.exercise))
    except NotNow as reason:
        return refused(request, reason, statement.get_absolute_url())
    return redirect(f"{statement.get_absolute_url()}#promises")
