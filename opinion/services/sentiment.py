"""Which model the desk scores with, and the act of switching to another."""

import logging
from datetime import datetime
from pathlib import Path
from shutil import copyfile

from django.conf import settings
from django.db import transaction

from audit import services as audit
from opinion.models import SentimentModel
from opinion.sentiment import ENGINES, SHIPPED, Engine, engine, model_file

logger = logging.getLogger(__name__)

TRAINED = tuple(name for name in ENGINES if name != "snownlp-original")


def desk_engine(name: str = "") -> Engine:
    """The engine of that name (the setting's without) with the model the desk uses; the shipped one where none is.

    A model file that is gone or damaged must not stop the desk: it is logged, and the shipped model scores.
    """
    name = name or settings.SENTIMENT_ENGINE
    used = SentimentModel.objects.filter(engine=name, is_used=True).first()
    if used is None:
        return engine(name)
    try:
        return engine(name, settings.VAR_DIR / used.path)
    except model_file.ModelUnreadable as error:
        logger.error("sentiment model unreadable version=%s reason=%s", used.version, error)
        return engine(name)


def use_model(path: Path, *, now: datetime) -> list[SentimentModel]:
    """Score with this model from now on; scores given before keep their version. The file is kept under VAR_DIR.

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
        SentimentModel.objects.filter(is_used=True).update(is_used=False)
        used = [
            SentimentModel.objects.update_or_create(
                version=version,
                defaults={"engine": name, "path": str(kept), "figures": model.figures, "is_used": True},
                create_defaults={
                    "engine": name,
                    "path": str(kept),
                    "figures": model.figures,
                    "is_used": True,
                    "made_at": now,
                },
            )[0]
            for name, version in versions.items()
        ]
        audit.record("opinion.model_switched", subject=kept.stem, detail={"versions": list(versions.values())})
    return used


def use_shipped_model() -> None:
    """Score with the model that came with the program again."""
    with transaction.atomic():
        SentimentModel.objects.filter(is_used=True).update(is_used=False)
        audit.record("opinion.model_switched", subject=SHIPPED.stem)
