"""Forgetting: the heard buffer after a week, unmasked originals after half a year unless their post is held."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from opinion.models import Heard, PostBand, PostOriginal
from opinion.services.placing import FOLDS_WITHIN

logger = logging.getLogger(__name__)

AT_ONCE = 200  # rows in one transaction


def prune(now: datetime) -> dict[str, int]:
    """Delete what is due, in small steps; returns how many of each kind. An exercise keeps its rows while it runs."""
    gone = {
        "heard": _delete(Heard.objects.filter(heard_at__lt=now - timedelta(days=settings.HEARD_DAYS))),
        "bands": _delete(PostBand.objects.filter(published_at__lt=now - FOLDS_WITHIN - timedelta(days=1))),
        "originals": _delete(PostOriginal.objects.filter(purge_after__lt=now, post__is_held=False)),
    }
    drilled = {"exercise__ended_at__lt": now - timedelta(days=settings.HEARD_DAYS)}
    gone["heard"] += _delete(Heard.everywhere.filter(**drilled))
    gone["bands"] += _delete(PostBand.everywhere.filter(**drilled))
    logger.info("pruned heard=%s bands=%s originals=%s", gone["heard"], gone["bands"], gone["originals"])
    return gone


def _delete(rows: "QuerySet[Heard] | QuerySet[PostBand] | QuerySet[PostOriginal]") -> int:
    count = 0
    while due := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        count += rows.filter(pk__in=due).delete()[0]
    return count
