"""Learning from people: what they corrected as rows, and a model trained on the desk, aside, in a process of its own.

A run is a row. A worker takes it by a lease that it makes new while the training lasts; a dead worker's lease runs out
and another one trains anew. What was trained is kept with its figures and used by nobody until a person switches to it.
"""

import json
import logging
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.versions import Stale
from audit import services as audit
from opinion.models import TrainingRun
from opinion.permissions import require
from opinion.selectors.quality import readable
from opinion.sentiment.model_file import ModelUnreadable
from opinion.sentiment.rows import Row
from opinion.services.sentiment import keep_model

logger = logging.getLogger(__name__)

CORRECTIONS = "corrections"  # the source these rows are told by in the figures
LEASE = timedelta(seconds=90)
RENEW_SECONDS = 10
LONGEST = timedelta(minutes=20)
WORDS_CAP = 300
State = TrainingRun.State


class TrainingFailed(Exception):
    """The training came to no model; the words say why, for a person."""


def corrected_rows() -> list[Row]:
    """Each corrected or confirmed post as a labelled row, the newest word last: it stands where two say different."""
    said = readable().select_related("post").order_by("at", "pk")
    return [Row(one.post.words, one.label, CORRECTIONS) for one in said.iterator(chunk_size=2000) if one.post.words]


# --- asking ----------------------------------------------------------------------------------------------------------
def ask(*, actor: User, now: datetime) -> TrainingRun:
    """Have a model trained. One at a time: Stale, with the other one, while one waits or runs."""
    require(actor, "train_model")
    open_ = TrainingRun.objects.filter(state__in=(State.WAITING, State.RUNNING))
    with transaction.atomic():
        other = open_.first()
        if other is not None:
            raise Stale(other)
        try:
            with transaction.atomic():
                run = TrainingRun.objects.create(asked_by=actor, asked_at=now)
        except IntegrityError as error:  # somebody asked in the same moment
            raise Stale(open_.get()) from error
        audit.record("opinion.training_asked", actor=actor, subject=f"training:{run.uuid}")
    return run


# --- the worker ------------------------------------------------------------------------------------------------------
def claim(now: datetime) -> TrainingRun | None:
    """The run whose turn it is, leased to whoever calls; None where nothing waits or another worker has it."""
    running = TrainingRun.objects.filter(state=State.RUNNING)
    free = TrainingRun.objects.filter(Q(state=State.WAITING) | Q(state=State.RUNNING, leased_until__lt=now))
    run = (free & running).first() if running.exists() else free.first()
    if run is None or free.filter(pk=run.pk).update(state=State.RUNNING, leased_until=now + LEASE) != 1:
        return None
    run.state, run.leased_until = State.RUNNING, now + LEASE
    return run


def train(run: TrainingRun, *, clock: Callable[[], datetime], command: Sequence[str] = ()) -> bool:
    """Train in a process of its own, keep the model and its figures, write down what came of it.

    clock    tells the time: this takes minutes        command  instead of `manage.py train_sentiment`
    False where the lease was lost: the run is somebody else's and is left as it is.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "trained.npz"
        given = [*(command or _command()), "--out", str(out), "--json"]
        try:
            told = _run(given, run, clock)
            kept = keep_model(out, now=clock()) if told is not None else []
        except (TrainingFailed, ModelUnreadable, OSError) as error:
            return _end(run, State.FAILED, words=str(error)[:WORDS_CAP], now=clock())
    if told is None:
        logger.warning("training lease lost run=%s", run.pk)
        return False
    with transaction.atomic():
        run.models_made.set(kept)
        return _end(run, State.DONE, rows=told.get("corrections", {}).get("learned", 0), now=clock())


def _command() -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), "train_sentiment"]


def _run(command: Sequence[str], run: TrainingRun, clock: Callable[[], datetime]) -> dict[str, Any] | None:
    """What the process told on stdout, or None where the lease was lost meanwhile. Raises TrainingFailed."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
        while True:
            try:
                out, err = process.communicate(timeout=RENEW_SECONDS)
                break
            except subprocess.TimeoutExpired:
                is_ours = _renew(run, clock())
                is_late = time.monotonic() - began > LONGEST.total_seconds()
                if is_late or not is_ours:
                    process.kill()
                    process.communicate()
                if is_late:
                    raise TrainingFailed(_("It took longer than it may.")) from None
                if not is_ours:
                    return None
    if process.returncode != 0:
        said = err.strip().splitlines()
        raise TrainingFailed(
            said[-1] if said else _("The training ended by itself (%(code)s).") % {"code": process.returncode}
        )
    try:
        told: dict[str, Any] = json.loads(out)
    except json.JSONDecodeError as error:
        raise TrainingFailed(_("The training told no figures.")) from error
    return told


def _renew(run: TrainingRun, now: datetime) -> bool:
    """Keep the lease; False where it is not ours any more."""
    ours = TrainingRun.objects.filter(pk=run.pk, state=State.RUNNING, leased_until=run.leased_until)
    if ours.update(leased_until=now + LEASE) != 1:
        return False
    run.leased_until = now + LEASE
    return True


def _end(run: TrainingRun, state: str, *, now: datetime, words: str = "", rows: int = 0) -> bool:
    """Close a run that is still ours, with its entry on the trail."""
    with transaction.atomic():
        ours = TrainingRun.objects.filter(pk=run.pk, state=State.RUNNING, leased_until=run.leased_until)
        if ours.update(state=state, ended_at=now, leased_until=None, words=words, rows=rows) != 1:
            return False
        detail = {"state": state, "corrections": rows}
        audit.record("opinion.training_ended", subject=f"training:{run.uuid}", detail=detail)
    logger.info("training ended run=%s state=%s corrections=%s", run.pk, state, rows)
    return True
