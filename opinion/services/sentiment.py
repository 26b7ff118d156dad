"""Which model the desk scores with, and the act of switching to another."""

import logging
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shutil import copyfile

from django.conf import settings
from django.db import transaction

from accounts.models import User
from audit import services as audit
from opinion.models import SentimentModel
from opinion.permissions import require
from opinion.sentiment import ENGINES, SHIPPED, Engine, engine, model_file
from opinion.sentiment.terms import Term

logger = logging.getLogger(__name__)

SWITCHED = "opinion.model_switched"
TRAINED = tuple(name for name in ENGINES if name != "snownlp-original")


def desk_engine(name: str = "", terms: Sequence[Term] = ()) -> Engine:
    """The engine of that name (the setting's without) with the model the desk uses; the shipped one where none is.

    terms  words of the company's own for the rule layer; they name themselves in the version of a score
    A model file that is gone or damaged must not stop the desk: it is logged, and the shipped model scores.
    """
    name = name or settings.SENTIMENT_ENGINE
    used = SentimentModel.objects.filter(engine=name, is_used=True).first()
    if used is None:
        return engine(name, terms=terms)
    try:
        return engine(name, settings.VAR_DIR / used.path, terms)
    except model_file.ModelUnreadable as error:
        logger.error("sentiment model unreadable version=%s reason=%s", used.version, error)
        return engine(name, terms=terms)


def keep_model(path: Path, *, now: datetime) -> list[SentimentModel]:
    """Keep a copy of a model under VAR_DIR, with its figures: a version for each engine, not in use.

    Raises ModelUnreadable when it is no model, OSError when it cannot be kept.
    """
    model = model_file.load(path)
    versions = dict(zip(TRAINED, (model.hybrid_version, model.snownlp_version), strict=True))
    kept = Path("models") / f"{'_'.join(versions.values())}.npz"
    target = settings.VAR_DIR / kept
    target.parent.mkdir(parents=True, exist_ok=True)
    if path.resolve() != target.resolve():
        copyfile(path, target)
    with transaction.atomic():
        told = {"path": str(kept), "figures": model.figures}
        return [
            SentimentModel.objects.update_or_create(
                version=version, defaults=told, create_defaults={**told, "engine": name, "made_at": now}
            )[0]
            for name, version in versions.items()
        ]


def use_model(path: Path, *, now: datetime, actor: User | None = None) -> list[SentimentModel]:
    """Score with this model from now on; scores given before keep their version. The file is kept under VAR_DIR.

    actor  None where it is done by a command
    Raises ModelUnreadable when it is no model, OSError when it cannot be kept.
    """
    kept = keep_model(path, now=now)
    with transaction.atomic():
        SentimentModel.objects.filter(is_used=True).update(is_used=False)
        for model in kept:
            model.is_used, model.switched_by, model.switched_at = True, actor, now
            model.save(update_fields=["is_used", "switched_by", "switched_at"])
        versions = [model.version for model in kept]
        audit.record(SWITCHED, actor=actor, subject=Path(kept[0].path).stem, detail={"versions": versions})
    return kept


def use_shipped_model(*, actor: User | None = None) -> None:
    """Score with the model that came with the program again."""
    with transaction.atomic():
        SentimentModel.objects.filter(is_used=True).update(is_used=False)
        audit.record(SWITCHED, actor=actor, subject=SHIPPED.stem)


def switch_model(model: SentimentModel | None, *, actor: User, now: datetime) -> None:
    """A person puts a version into use, with the other engine's of the same file; None is the shipped model.

    Raises PermissionDenied, and ModelUnreadable where the file is gone or damaged: then nothing has changed.
    """
    require(actor, "switch_model", model)
    if model is None:
        use_shipped_model(actor=actor)
    else:
        use_model(settings.VAR_DIR / model.path, now=now, actor=actor)
