"""How good the model is, shown to everybody who reads what it says; trained and switched by the head of the team."""

import csv
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.requests import DeskRequest
from accounts.versions import Stale
from audit.export import BOM, Line, safe_cell
from audit.services import record
from opinion import tasks
from opinion.agreement import Agreement
from opinion.models import SentimentModel, TrainingRun
from opinion.permissions import may, require
from opinion.selectors import quality as selectors
from opinion.selectors.versions import figures, versions
from opinion.sentiment.model_file import ModelUnreadable
from opinion.services import sentiment, training

COLUMNS = ("text", "label", "source", "model_label", "model_version", "source_class", "corrected_by", "corrected_at")


@login_required
@require_GET
def quality(request: DeskRequest) -> HttpResponse:
    """How often people and the model agreed, its own figures, and its versions. A fixed number of queries."""
    require(request.user, "see_quality")
    judgement = selectors.judgement()
    found = versions(judgement.by_version)
    context = {
        "judgement": judgement,
        "chart": selectors.chart(judgement.weeks),
        "chart_label": chart_label(judgement.all),
        "disagreements": selectors.disagreements(),
        "versions": found,
        "figures": figures(found),
        "engine": settings.SENTIMENT_ENGINE,
        "may_switch": may(request.user, "switch_model"),
        **training_context(request),
    }
    return render(request, "opinion/quality.html", context)


def chart_label(agreed: Agreement) -> str:
    return _("Of %(n)d posts that people judged, the model had said the same of %(agreed)d") % {
        "n": agreed.n,
        "agreed": agreed.agreed,
    }


@login_required
@require_GET
def training_state(request: DeskRequest) -> HttpResponse:
    """How far the training is; polled while it lasts."""
    require(request.user, "see_quality")
    return render(request, "opinion/quality.html#training", training_context(request))


def training_context(request: DeskRequest) -> dict[str, Any]:
    run = TrainingRun.objects.select_related("asked_by").first()
    return {
        "run": run,
        "is_training": run is not None and run.state in (TrainingRun.State.WAITING, TrainingRun.State.RUNNING),
        "may_train": may(request.user, "train_model"),
        "now": clock.now(),
    }


@login_required
@require_POST
def train_model(request: DeskRequest) -> HttpResponse:
    """Ask for a training; the worker is rung for, and comes by every minute in any case."""
    require(request.user, "train_model")
    try:
        training.ask(actor=request.user, now=clock.now())
    except Stale:
        messages.info(request, _("A model is being trained already."))
    else:
        transaction.on_commit(tasks.train.delay, robust=True)  # without the bell the sweep finds it
        messages.success(request, _("Asked for. The model that comes of it is used when you switch to it."))
    return redirect(reverse("opinion:quality") + "#training")


@login_required
def switch_model(request: DeskRequest, pk: int | None = None) -> HttpResponse:
    """The check page before another version scores, and the act. Without a number: back to the shipped model."""
    require(request.user, "switch_model")
    model = get_object_or_404(SentimentModel, pk=pk) if pk is not None else None
    used = SentimentModel.objects.filter(is_used=True, engine=settings.SENTIMENT_ENGINE).first()
    if request.method != "POST":
        return render(request, "opinion/switch_model.html", {"model": model, "used": used})
    if request.POST.get("used", "") != (used.version if used else ""):
        return render(request, "errors/409.html", {"back_url": reverse("opinion:quality")}, status=409)
    try:
        sentiment.switch_model(model, actor=request.user, now=clock.now())
    except ModelUnreadable:
        messages.error(request, _("The file of this model is gone or damaged. Nothing was switched."))
    else:
        messages.success(request, _("Switched. Scores given before keep their version."))
    return redirect("opinion:quality")


@login_required
@require_POST
def export_corrections(request: DeskRequest) -> HttpResponseBase:
    """The company's own labelled rows, as `train_sentiment --data` reads them. Taking them is on the record."""
    require(request.user, "train_model")
    with transaction.atomic():
        count = selectors.readable().count()
        record("opinion.corrections_exported", actor=request.user, subject="corrections", detail={"rows": count})
    response = StreamingHttpResponse(_lines(), content_type="text/csv; charset=utf-8")
    name = f"corrections-{timezone.localtime(clock.now()):%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines() -> Iterator[str]:
    writer: Any = csv.writer(Line())
    yield BOM + writer.writerow(COLUMNS)
    found = selectors.readable().select_related("post__source", "by").order_by("at", "pk")
    for said in found.iterator(chunk_size=2000):
        row = (
            said.post.words,
            said.label,
            said.post.said_on,
            said.model_label,
            said.model_version,
            said.post.source.source_class,
            str(said.by),
            timezone.localtime(said.at).isoformat(timespec="seconds"),
        )
        yield writer.writerow([safe_cell(cell) for cell in row])
